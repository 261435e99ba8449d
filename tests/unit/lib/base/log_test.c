/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/log.h"

#include "tests/support/check.h"
#include "tests/support/scratch.h"

#include <pthread.h>
#include <stdio.h>

#define HEAD "1994-03-02T09:00:05.000Z mta "

static struct test_clock clock_then;
static const char *path, *audit_path;

static int logs_open(void **state)
{
	if (scratch_setup(state))
		return -1;
	path = scratch_path("log");
	audit_path = scratch_path("audit");
	test_clock_init(&clock_then, 762598805);
	assert_ok(log_open(&(struct log_options){ .program = "mta", .path = path, .audit_path = audit_path,
						  .level = LOG_LV_INFO, .clock = &clock_then.clock }));
	return 0;
}

static int logs_close(void **state)
{
	log_close();
	return scratch_teardown(state);
}

static struct buf file_octets(const char *name)
{
	struct buf all = { 0 };
	FILE *f = fopen(name, "re");
	int c;

	assert_non_null(f);
	while ((c = fgetc(f)) != EOF)
		buf_put_u8(&all, (uint8_t)c);
	fclose(f);
	return all;
}

static void expect_file(const char *name, const char *text)
{
	AUTO(buf_free) struct buf all = file_octets(name);

	buf_put_u8(&all, 0);
	assert_string_equal((char *)all.data, text);
}

static void the_association_and_the_message_come_first(void **state)
{
	(void)state;
	log_event(LOG_LV_INFO, "rtse transferred", log_text("peer", "north"), log_msg("1994-17"),
		  log_num("octets", 18220), log_assoc(7));
	expect_file(path, HEAD "info  msg=1994-17 assoc=7 rtse transferred peer=north octets=18220\n");
}

static void only_what_is_wanted_is_written(void **state)
{
	(void)state;
	log_event(LOG_LV_DEBUG, "detail");
	log_event(LOG_LV_WARN, "odd");
	assert_false(log_wants(LOG_LV_OCTETS));
	expect_file(path, HEAD "warn  odd\n");
}

static void nothing_a_peer_sends_forges_a_line(void **state)
{
	(void)state;
	log_event(LOG_LV_INFO, "bound",
		  log_text("peer", "x\n1994-03-02T09:00:05.000Z mta audit user=root bind allowed"),
		  log_text("title", "a b=c \"d\" \\ \x1b[2J \xc3\xa9"), log_text("empty", ""));
	expect_file(path, HEAD "info  bound peer=\"x\\x0a1994-03-02T09:00:05.000Z mta audit user=root bind"
		    " allowed\" title=\"a b=c \\\"d\\\" \\\\ \\x1b[2J \\xc3\\xa9\" empty=\"\"\n");
}

static void octets_and_reasons(void **state)
{
	(void)state;
	uint8_t octets[65] = { 0xab };
	AUTO(status_free) struct status *why =
		status_doing(FAIL(ST_PEER, 0, "the length is wrong"), "cannot read the PDU");

	log_event(LOG_LV_ERROR, "aborted", log_octets("head", BYTES("\x01\x02")), log_why(why),
		  log_why(OK), log_text("absent", NULL));
	log_event(LOG_LV_ERROR, "cut", log_octets("head", bytes_of(octets, sizeof(octets))));
	AUTO(buf_free) struct buf all = file_octets(path);
	static const char first[] = HEAD "error aborted head=0102"
		" why=\"cannot read the PDU; because: the length is wrong\"\n";
	assert_memory_equal(all.data, first, sizeof(first) - 1);
	assert_memory_equal(all.data + all.len - 6, "00...\n", 6);
}

static void decisions_go_to_the_audit_log(void **state)
{
	(void)state;
	AUTO(status_free) struct status *why = FAIL(ST_REFUSED, 0, "the token expired on %s",
						    time_text(762598805).s);

	log_audit(&(struct audit_event){ .msg = "1994-17", .user = "bob", .what = "verify",
					 .diag = "secure-messaging-error", .why = why });
	log_audit(&(struct audit_event){ .assoc = 7, .user = "eve\nmallory", .what = "bind", .allowed = true });
	expect_file(path, "");
	expect_file(audit_path,
		    HEAD "audit msg=1994-17 user=bob verify refused diag=secure-messaging-error"
		    " why=\"the token expired on 1994-03-02 09:00:05 UTC\"\n"
		    HEAD "audit assoc=7 user=\"eve\\x0amallory\" bind allowed\n");
}

static void a_rotated_log_is_opened_again(void **state)
{
	(void)state;
	const char *old = scratch_path("log.old");

	log_event(LOG_LV_INFO, "before");
	assert_int_equal(rename(path, old), 0);
	log_event(LOG_LV_INFO, "still before");
	assert_ok(log_reopen());
	log_event(LOG_LV_INFO, "after");
	expect_file(old, HEAD "info  before\n" HEAD "info  still before\n");
	expect_file(path, HEAD "info  after\n");
}

static void a_log_that_cannot_be_opened_leaves_the_old_one(void **state)
{
	(void)state;
	assert_fails(log_open(&(struct log_options){ .program = "ms", .path = "/nowhere/log" }),
		     "cannot open the log /nowhere/log");
	log_event(LOG_LV_INFO, "here");
	expect_file(path, HEAD "info  here\n");
}

static void *write_a_hundred(void *arg)
{
	(void)arg;
	for (int i = 0; i < 100; i++)
		log_event(LOG_LV_INFO, "abcdefghijklmnopqrstuvwxyz", log_num("n", 1));
	return NULL;
}

static void threads_do_not_mix_their_lines(void **state)
{
	(void)state;
	static const char line[] = HEAD "info  abcdefghijklmnopqrstuvwxyz n=1\n";
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, write_a_hundred, NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	AUTO(buf_free) struct buf all = file_octets(path);
	assert_int_equal(all.len, 400 * (sizeof(line) - 1));
	for (size_t at = 0; at < all.len; at += sizeof(line) - 1)
		assert_memory_equal(all.data + at, line, sizeof(line) - 1);
}

#define with_logs(test) cmocka_unit_test_setup_teardown(test, logs_open, logs_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_logs(the_association_and_the_message_come_first),
		with_logs(only_what_is_wanted_is_written),
		with_logs(nothing_a_peer_sends_forges_a_line),
		with_logs(octets_and_reasons),
		with_logs(decisions_go_to_the_audit_log),
		with_logs(a_rotated_log_is_opened_again),
		with_logs(a_log_that_cannot_be_opened_leaves_the_old_one),
		with_logs(threads_do_not_mix_their_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
