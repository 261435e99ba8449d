/* SPDX-License-Identifier: Apache-2.0 */
/* Several entries in one round trip, from a real server; skipped where there is no slapd. */
#include "directory/directory.h"

#include "asn1/dn.h"
#include "tests/support/check.h"
#include "tests/support/slapd.h"

enum { PEOPLE = 3 };

static const char *const people[PEOPLE] = { "CN=Anna,C=FR", "CN=Nobody,C=FR", "CN=Carl,C=FR" };

static struct slapd slapd;
static struct buf names[PEOPLE];

static void publish(const char *name, const char *mail)
{
	AUTO(directory_free) struct directory *dir = NULL;
	struct bytes value = bytes_text(mail);
	struct directory_change change = { DIRECTORY_OR_ADDRESS, DIRECTORY_REPLACE, &value, 1 };

	assert_ok(directory_new(&slapd.config, &dir));
	assert_ok(directory_publish(dir, name, DIRECTORY_USER, &change, 1));
}

static const char *address_of(const struct directory_answer *answer)
{
	return (const char *)answer->entry.values[DIRECTORY_OR_ADDRESS].list[0].data;
}

static void each_has_its_own_answer(struct directory *dir)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct directory_answer answers[PEOPLE] = { 0 };
	struct bytes wanted[PEOPLE];

	for (size_t i = 0; i < PEOPLE; i++)
		wanted[i] = buf_view(&names[i]);
	assert_ok(directory_get_many(dir, wanted, PEOPLE, NULL, arena, answers));
	assert_null(answers[0].failed);
	assert_string_equal(address_of(&answers[0]), "/S=Anna/ADMD=Net/C=FR/");
	assert_int_equal(answers[1].failed->kind, ST_NOT_FOUND);
	assert_fails(answers[1].failed, "cannot read CN=Nobody,C=FR in the directory");
	assert_null(answers[2].failed);
	assert_string_equal(address_of(&answers[2]), "/S=Carl/ADMD=Net/C=FR/");
}

/* The same after the server was away while the connection was open. */
static void several_at_once(void **state)
{
	AUTO(directory_free) struct directory *dir = NULL;

	(void)state;
	assert_ok(directory_new(&slapd.config, &dir));
	each_has_its_own_answer(dir);
	assert_int_equal(slapd_searches(&slapd), PEOPLE);
	slapd_stop(&slapd);
	slapd_start(&slapd);
	each_has_its_own_answer(dir);
}

static void nobody_answers(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(directory_free) struct directory *dir = NULL;
	struct directory_answer answers[1] = { 0 };
	struct bytes wanted = buf_view(&names[0]);

	(void)state;
	assert_ok(directory_new(&slapd.config, &dir));
	assert_ok(directory_connect(dir));
	slapd_stop(&slapd);
	struct status *failed = directory_get_many(dir, &wanted, 1, NULL, arena, answers);
	assert_int_equal(failed->kind, ST_LATER);
	assert_fails(failed, "cannot read 1 entries in the directory");
	assert_null(answers[0].failed);
	slapd_start(&slapd);
}

/* What is to be done while the answers are on their way, which are not there yet then. */
struct chore {
	const struct directory_answer *answers;
	int times;
};

static void count_chore(void *arg)
{
	struct chore *chore = arg;

	chore->times++;
	assert_null(chore->answers[0].entry.name);
}

static void something_else_is_done_meanwhile(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(directory_free) struct directory *dir = NULL;
	struct bytes wanted = buf_view(&names[0]);

	(void)state;
	assert_ok(directory_new(&slapd.config, &dir));
	assert_ok(directory_connect(dir));
	/* Once, though what was sent over the old connection has to be sent again. */
	slapd_stop(&slapd);
	slapd_start(&slapd);
	for (int round = 0; round < 2; round++) {
		struct directory_answer answers[1] = { 0 };
		struct chore chore = { answers, 0 };
		struct meanwhile work = { .run = count_chore, .arg = &chore };

		assert_ok(directory_get_many(dir, &wanted, 1, &work, arena, answers));
		assert_string_equal(address_of(&answers[0]), "/S=Anna/ADMD=Net/C=FR/");
		assert_int_equal(chore.times, 1);
	}
}

/* One that is beyond a bound does not spoil the others. */
static void bounds_are_for_each(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(directory_free) struct directory *dir = NULL;
	struct directory_config small = slapd.config;
	struct directory_answer answers[2] = { 0 };
	struct bytes wanted[] = { buf_view(&names[2]), buf_view(&names[0]) };

	(void)state;
	publish(people[2], "/S=Carl/O=A name that is longer than what we want to read/ADMD=Net/C=FR/");
	small.max_value = 40;
	assert_ok(directory_new(&small, &dir));
	assert_ok(directory_get_many(dir, wanted, 2, NULL, arena, answers));
	assert_fails(answers[0].failed, "octets, more than 40");
	assert_null(answers[1].failed);
	assert_string_equal(address_of(&answers[1]), "/S=Anna/ADMD=Net/C=FR/");
}

static int setup(void **state)
{
	(void)state;
	slapd_init(&slapd);
	for (size_t i = 0; i < PEOPLE; i++)
		assert_ok(dn_from_text(people[i], &names[i]));
	publish(people[0], "/S=Anna/ADMD=Net/C=FR/");
	publish(people[2], "/S=Carl/ADMD=Net/C=FR/");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < PEOPLE; i++)
		buf_free(&names[i]);
	slapd_cleanup(&slapd);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(several_at_once),
		cmocka_unit_test(nobody_answers),
		cmocka_unit_test(something_else_is_done_meanwhile),
		cmocka_unit_test(bounds_are_for_each),
	};

	if (!slapd_is_installed())
		return 0;
	return cmocka_run_group_tests(tests, setup, teardown);
}
