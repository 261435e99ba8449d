/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/status.h"

#include "lib/base/memory.h"
#include "tests/support/check.h"

#include <errno.h>
#include <stdlib.h>
#include <sysexits.h>

static FALLIBLE expired(void)
{
	return FAIL(ST_REFUSED, 29, "the token expired on %s", "1994-03-02");
}

static FALLIBLE open_message(void)
{
	TRY_DOING(expired(), "cannot trust message %d", 17);
	return OK;
}

static FALLIBLE pass_on(void)
{
	TRY(open_message());
	return OK;
}

static void the_kind_and_the_number_travel_outward(void **state)
{
	(void)state;
	AUTO(status_free) struct status *st = pass_on();

	assert_int_equal(st->kind, ST_REFUSED);
	assert_int_equal(st->diag, 29);
	assert_string_equal(st->words, "cannot trust message 17");
	assert_string_equal(st->cause->words, "the token expired on 1994-03-02");
	assert_null(st->cause->cause);
}

static void the_story_is_told(void **state)
{
	(void)state;
	AUTO(status_free) struct status *st = open_message();
	AUTO(mem_free) char *line = status_text(st);
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_string_equal(line, "cannot trust message 17; because: the token expired on 1994-03-02");
	status_print(f, "ua", st);
	fclose(f);
	assert_string_equal(text, "ua: cannot trust message 17\n"
				  "  because: the token expired on 1994-03-02\n");
	free(text);
}

static void names_of_others_do_nothing_to_a_terminal(void **state)
{
	(void)state;
	AUTO(status_free) struct status *st = FAIL(ST_REFUSED, 0, "nobody is called %s", "a\x1b[2J\nb");
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	status_print(f, "ua", st);
	fclose(f);
	assert_string_equal(text, "ua: nobody is called a?[2J?b\n");
	free(text);
}

static void a_copy_outlives_the_original(void **state)
{
	(void)state;
	struct status *st = open_message(), *copy = status_copy(st);

	status_free(&st);
	assert_null(st);
	assert_string_equal(copy->cause->words, "the token expired on 1994-03-02");
	assert_int_equal(copy->cause->diag, 29);
	status_free(&copy);
	assert_null(status_copy(OK));
	status_free(&copy);
}

static void a_new_reason_keeps_its_cause(void **state)
{
	(void)state;
	AUTO(status_free) struct status *st =
		status_new(expired(), ST_NEVER, 0, "the message cannot be delivered");

	assert_int_equal(st->kind, ST_NEVER);
	assert_int_equal(st->cause->kind, ST_REFUSED);
}

static const struct {
	int error;
	enum status_kind kind;
} errnos[] = {
	{ ENOENT, ST_NOT_FOUND }, { ENOSPC, ST_LATER }, { ECONNREFUSED, ST_LATER }, { EACCES, ST_USAGE },
};

static void errno_has_a_kind(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(errnos) / sizeof(*errnos); i++) {
		AUTO(status_free) struct status *st = status_errno(errnos[i].error, "cannot open %s", "x");

		assert_int_equal(st->kind, errnos[i].kind);
		assert_string_equal(st->words, "cannot open x");
		assert_non_null(st->cause);
	}
}

static void scripts_can_tell_failures_apart(void **state)
{
	(void)state;
	static const int codes[] = {
		[ST_USAGE] = EX_USAGE, [ST_NOT_FOUND] = EX_NOINPUT, [ST_REFUSED] = EX_NOPERM,
		[ST_LATER] = EX_TEMPFAIL, [ST_NEVER] = EX_UNAVAILABLE, [ST_PEER] = EX_PROTOCOL,
	};

	assert_int_equal(status_exit_code(OK), 0);
	for (enum status_kind k = ST_USAGE; k <= ST_PEER; k++) {
		AUTO(status_free) struct status *st = FAIL(k, 0, "no");

		assert_int_equal(status_exit_code(st), codes[k]);
		assert_true(*status_kind_name(k));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kind_and_the_number_travel_outward),
		cmocka_unit_test(the_story_is_told),
		cmocka_unit_test(names_of_others_do_nothing_to_a_terminal),
		cmocka_unit_test(a_copy_outlives_the_original),
		cmocka_unit_test(a_new_reason_keeps_its_cause),
		cmocka_unit_test(errno_has_a_kind),
		cmocka_unit_test(scripts_can_tell_failures_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
