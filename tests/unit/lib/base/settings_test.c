/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/settings.h"

#include "lib/base/memory.h"
#include "tests/support/check.h"
#include "tests/support/scratch.h"

#include <stdio.h>
#include <stdlib.h>

struct sample {
	char *listen, *key;
	int64_t most, size, retry, any;
	bool strict;
	int level;
	struct text_list routes, spots;
};

#define AT(field) offsetof(struct sample, field)

static const char *const levels[] = { "low", "high", NULL };

static const struct setting table[] = {
	{ "listen", SET_STR, AT(listen), "localhost:102", 0, 40, "Where to listen." },
	{ "key", SET_STR, AT(key), NULL, 0, 0, "The key file." },
	{ "most", SET_INT, AT(most), "10", 1, 512, "How many." },
	{ "size", SET_SIZE, AT(size), "64M", 1, 1 << 30, "How big." },
	{ "retry-after", SET_SECS, AT(retry), "15m", 1, 86400, "How long." },
	{ "any", SET_INT, AT(any), "0", 0, 0, "Any number." },
	{ "strict", SET_BOOL, AT(strict), "yes", 0, 0, "Whether." },
	{ "level", SET_ENUM, AT(level), "low", 0, 0, "Which.", levels },
	{ "route", SET_LIST, AT(routes), NULL, 1, 3, "The routes." },
	{ "spot", SET_LIST, AT(spots), "here", 0, 0, "The spots." },
	{ 0 }
};

static const char *path;

static int file_make(void **state)
{
	if (scratch_setup(state))
		return -1;
	path = scratch_path("sample.conf");
	return 0;
}

static void octets_write(const char *octets, size_t len)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_int_equal(fwrite(octets, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void file_write(const char *text)
{
	octets_write(text, strlen(text));
}

static void cleanup(struct sample *s)
{
	settings_cleanup(table, s);
}

static void defaults_are_those_of_the_table(void **state)
{
	(void)state;
	AUTO(cleanup) struct sample s = { 0 };

	settings_init(table, &s);
	assert_string_equal(s.listen, "localhost:102");
	assert_int_equal(s.size, 64 << 20);
	assert_int_equal(s.retry, 900);
	assert_true(s.strict);
	assert_fails(settings_finish(table, &s), "the setting \"key\" must be set: The key file.");
	assert_ok(settings_set(table, &s, "key=k"));
	assert_fails(settings_finish(table, &s), "\"route\" must be given at least 1 times");
	assert_ok(settings_set(table, &s, "route = a"));
	assert_ok(settings_finish(table, &s));
	assert_int_equal(s.spots.count, 1);
	assert_string_equal(s.spots.items[0], "here");
}

static void a_file_is_read(void **state)
{
	(void)state;
	AUTO(cleanup) struct sample s = { 0 };

	/* With the mark and the line ends of other systems. */
	file_write("\xef\xbb\xbf# a comment\r\n\n  listen = [::1]:0 \nkey=/a b#c\nmost =512\nsize = 3K\nretry-after = 2h\n"
		   "strict = no\r\nlevel = high\nroute = C=FR; = x\nroute = second\nspot=there");
	settings_init(table, &s);
	assert_ok(settings_read(table, &s, path));
	assert_ok(settings_set(table, &s, "most=7"));
	assert_ok(settings_finish(table, &s));
	assert_string_equal(s.listen, "[::1]:0");
	assert_string_equal(s.key, "/a b#c");
	assert_int_equal(s.most, 7);
	assert_int_equal(s.size, 3072);
	assert_int_equal(s.retry, 7200);
	assert_false(s.strict);
	assert_int_equal(s.level, 1);
	assert_int_equal(s.routes.count, 2);
	assert_string_equal(s.routes.items[0], "C=FR; = x");
	assert_string_equal(s.spots.items[0], "there");
}

static const struct {
	const char *text, *words;
} mistakes[] = {
	{ "most = 0", ":1: most: \"0\" is not a number from 1 to 512" },
	{ "\n\nmost = 513", ":3: most: \"513\" is not a number from 1 to 512" },
	{ "most = ten", "\"ten\" is not a number" },
	{ "most =", "\"\" is not a number" },
	{ "most = 1K", "\"1K\" is not a number" },
	{ "any = -1", "any: \"-1\" is not a number of at least 0" },
	{ "any = 99999999999999999999", "is not a number of at least 0" },
	{ "size = 2G", "size: \"2G\" is not a number from 1 to 1G octets, with K, M or G" },
	{ "size = 9999999999999G", "is not a number from 1 to 1G" },
	{ "size = 1KK", "is not a number" },
	{ "retry-after = 2d", "retry-after: \"2d\" is not a number from 1s to 1d seconds, with m, h or d" },
	{ "strict = maybe", "strict: \"maybe\" is neither \"yes\" nor \"no\"" },
	{ "level = middle", "level: \"middle\" is none of low, high" },
	{ "route =", "route: the value is empty" },
	{ "route=1\nroute=2\nroute=3\nroute=4", ":4: route: is given more than 3 times" },
	{ "listen = 12345678901234567890123456789012345678901", "has 41 characters; 40 are the most" },
	{ "colour = red", "there is no setting \"colour\"" },
	{ "listen", ":1: \"listen\" is not \"key = value\"" },
	{ "most = 1\nmost = 2", ":2: \"most\" is already set in line 1" },
};

static void a_mistake_says_where_and_what_would_do(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(*mistakes); i++) {
		AUTO(cleanup) struct sample s = { 0 };

		settings_init(table, &s);
		file_write(mistakes[i].text);
		assert_fails(settings_read(table, &s, path), mistakes[i].words);
	}
	struct sample s = { 0 };
	octets_write("most = 1\nmost\0 = 2\n", 20);
	assert_fails(settings_read(table, &s, path), ":2: there is a zero octet");
	assert_fails(settings_read(table, &s, "/nowhere.conf"), "cannot read the settings in /nowhere.conf");
}

static char *shown(const struct sample *s, bool json)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	settings_show(table, s, f, json);
	fclose(f);
	return text;
}

static void what_is_shown_can_be_read_again(void **state)
{
	(void)state;
	AUTO(cleanup) struct sample s = { 0 }, again = { 0 };

	settings_init(table, &s);
	assert_ok(settings_set(table, &s, "key=k"));
	assert_ok(settings_set(table, &s, "size=1536"));
	assert_ok(settings_set(table, &s, "route=a"));
	assert_ok(settings_set(table, &s, "route=b"));
	assert_ok(settings_finish(table, &s));
	AUTO(mem_free) char *text = shown(&s, false);
	assert_non_null(strstr(text, "# How long.\nretry-after = 15m\n"));
	assert_non_null(strstr(text, "\nsize = 1536\n"));
	file_write(text);
	settings_init(table, &again);
	assert_ok(settings_read(table, &again, path));
	assert_ok(settings_finish(table, &again));
	AUTO(mem_free) char *second = shown(&again, false);
	assert_string_equal(text, second);
}

static void json_has_types(void **state)
{
	(void)state;
	AUTO(cleanup) struct sample s = { 0 };

	settings_init(table, &s);
	assert_ok(settings_set(table, &s, "key=a \"b\""));
	assert_ok(settings_set(table, &s, "route=a"));
	AUTO(mem_free) char *text = shown(&s, true);
	assert_non_null(strstr(text, "\"retry-after\": 900"));
	assert_non_null(strstr(text, "\"strict\": true"));
	assert_non_null(strstr(text, "\"key\": \"a \\\"b\\\"\""));
	assert_non_null(strstr(text, "\"level\": \"low\""));
}

#define with_file(test) cmocka_unit_test_setup_teardown(test, file_make, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_those_of_the_table),
		with_file(a_file_is_read),
		with_file(a_mistake_says_where_and_what_would_do),
		with_file(what_is_shown_can_be_read_again),
		cmocka_unit_test(json_has_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
