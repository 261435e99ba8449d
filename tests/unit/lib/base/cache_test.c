/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/cache.h"

#include "lib/base/memory.h"
#include "tests/support/check.h"

static int released;

static void release(void *value)
{
	released++;
	mem_free(&value);
}

static void copy(const void *value, void *arg)
{
	*(int *)arg = *(const int *)value;
}

static void put(struct cache *cache, const char *key, int value, time_t until)
{
	cache_put(cache, bytes_text(key), mem_dup(&value, sizeof value), 10, until);
}

static int find(struct cache *cache, const char *key, time_t now)
{
	int value = -1;

	return cache_find(cache, bytes_text(key), now, copy, &value) ? value : -1;
}

static struct cache *new_cache(size_t max_items, size_t max_cost)
{
	released = 0;
	return cache_new(&(struct cache_options){ max_items, max_cost, release });
}

static void believed_for_a_while(void **state)
{
	struct cache *cache = new_cache(10, 0);

	(void)state;
	put(cache, "a", 1, 100);
	assert_int_equal(find(cache, "a", 99), 1);
	assert_int_equal(find(cache, "b", 99), -1);
	assert_int_equal(find(cache, "a", 100), -1);
	assert_int_equal(released, 1);
	cache_free(&cache);
	assert_null(cache);
	assert_int_equal(released, 1);
}

static void replaced(void **state)
{
	struct cache *cache = new_cache(10, 0);

	(void)state;
	put(cache, "a", 1, 100);
	put(cache, "a", 2, 200);
	assert_int_equal(find(cache, "a", 150), 2);
	cache_free(&cache);
	assert_int_equal(released, 2);
}

static void bounded_in_number(void **state)
{
	struct cache *cache = new_cache(2, 0);

	(void)state;
	put(cache, "a", 1, 100);
	put(cache, "b", 2, 200);
	assert_int_equal(find(cache, "a", 0), 1);
	put(cache, "c", 3, 300);
	assert_int_equal(find(cache, "b", 0), -1);
	assert_int_equal(find(cache, "a", 0), 1);
	assert_int_equal(find(cache, "c", 0), 3);
	put(cache, "a", 4, 100);
	put(cache, "d", 5, 100);
	assert_int_equal(find(cache, "c", 0), -1);
	assert_int_equal(find(cache, "a", 0), 4);
	cache_free(&cache);
	assert_int_equal(released, 5);
}

static void bounded_in_cost(void **state)
{
	struct cache *cache = new_cache(100, 25);

	(void)state;
	put(cache, "a", 1, 100);
	put(cache, "b", 2, 200);
	put(cache, "c", 3, 300);
	assert_int_equal(find(cache, "a", 0), -1);
	assert_int_equal(find(cache, "c", 0), 3);
	cache_free(&cache);
}

static bool is_odd(const void *value, void *arg)
{
	(void)arg;
	return *(const int *)value % 2;
}

static void forgotten(void **state)
{
	struct cache *cache = new_cache(100, 0);

	(void)state;
	for (int i = 0; i < 20; i++) {
		char key[] = { (char)('a' + i), 0 };

		put(cache, key, i, 100);
	}
	cache_forget(cache, is_odd, NULL);
	assert_int_equal(released, 10);
	assert_int_equal(find(cache, "b", 0), -1);
	assert_int_equal(find(cache, "c", 0), 2);
	cache_free(&cache);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(believed_for_a_while),
		cmocka_unit_test(replaced),
		cmocka_unit_test(bounded_in_number),
		cmocka_unit_test(bounded_in_cost),
		cmocka_unit_test(forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
