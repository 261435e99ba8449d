/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/store/uastore.h"

#include "lib/store/query.h"
#include "lib/store/seqstate.h"
#include "tests/support/check.h"
#include "tests/support/scratch.h"

static struct db *open_store(void)
{
	struct db *db = NULL;

	assert_ok(db_open(scratch_path("ua.db"), &uastore_schema, DB_SHARED, &db));
	return db;
}

static const struct ua_message received = {
	.folder = UA_INBOX, .ms_number = 7, .date = 100, .mts_id = "m1", .ipm_id = "i1",
	.originator = "/S=Alice/C=FR/", .subject = "Hello", .verdict = "verified",
};

static FALLIBLE add(struct db *db, const struct ua_message *m, int64_t *id, bool *duplicate)
{
	return uastore_add(db, m, BYTES("envelope"), BYTES("content"), id, duplicate);
}

static int64_t write_to_two(struct db *db, const char *subject)
{
	struct ua_message m = { .folder = UA_OUTBOX, .state = UA_QUEUED, .date = 50,
				.subject = subject, .ipm_id = subject };
	struct ua_recipient r = { .number = 1, .address = "/S=Bob/C=DE/", .state = UA_QUEUED,
				  .reason = -1, .diagnostic = -1 };
	int64_t id;
	bool duplicate;

	assert_ok(add(db, &m, &id, &duplicate));
	assert_ok(uastore_add_recipient(db, id, &r));
	r.number = 2;
	r.address = "/S=Eve/C=DE/";
	assert_ok(uastore_add_recipient(db, id, &r));
	return id;
}

static void collect_message(void *arg, const struct ua_message *m)
{
	buf_printf(arg, "%s(%s%s) ", m->subject, ua_state_names[m->state], m->read ? ", read" : "");
}

static void assert_lists(struct db *db, int folder, bool unread, const char *wanted)
{
	const struct ua_select select = { .folder = folder, .unread = unread, .state = -1 };
	AUTO(buf_free) struct buf text = { 0 };

	assert_ok(uastore_list(db, &select, collect_message, &text));
	assert_bytes(buf_view(&text), bytes_text(wanted));
}

static void what_was_received_is_kept_once(void **state)
{
	(void)state;
	AUTO(db_close) struct db *db = open_store();
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(buf_free) struct buf envelope = { 0 }, content = { 0 };
	struct ua_message m = received;
	int64_t id, other;
	bool duplicate;

	assert_ok(add(db, &m, &id, &duplicate));
	assert_false(duplicate);
	assert_ok(add(db, &m, &other, &duplicate));
	assert_true(duplicate);
	m.ms_number = 8;		/* the store was set up anew: its numbers differ */
	assert_ok(add(db, &m, &other, &duplicate));
	assert_true(duplicate);
	assert_ok(uastore_get(db, id, arena, &m));
	assert_int_equal(m.ms_number, 7);
	assert_int_equal(m.octets, 7);
	assert_string_equal(m.verdict, "verified");
	assert_null(m.facts);
	assert_ok(uastore_read(db, id, &envelope, &content));
	assert_bytes(buf_view(&envelope), BYTES("envelope"));
	assert_bytes(buf_view(&content), BYTES("content"));
	assert_fails(uastore_get(db, 99, arena, &m), "there is no message 99");
}

static void what_an_mta_delivered_is_known_when_it_comes_again(void **state)
{
	(void)state;
	AUTO(db_close) struct db *db = open_store();
	struct ua_message m = received, report = received;
	int64_t id;
	bool duplicate;

	m.ms_number = report.ms_number = 0;
	m.delivery = "message m1";
	assert_ok(add(db, &m, &id, &duplicate));
	assert_false(duplicate);
	assert_ok(uastore_delete(db, id));
	assert_ok(add(db, &m, &id, &duplicate));
	assert_true(duplicate);
	/* A report has no identifier of its own. */
	report.kind = UA_REPORT;
	report.mts_id = NULL;
	report.delivery = "report m2 to bob";
	assert_ok(add(db, &report, &id, &duplicate));
	assert_false(duplicate);
	assert_ok(add(db, &report, &id, &duplicate));
	assert_true(duplicate);
	report.delivery = "report m2 to carol";
	assert_ok(add(db, &report, &id, &duplicate));
	assert_false(duplicate);
}

static void folders_are_listed(void **state)
{
	(void)state;
	AUTO(db_close) struct db *db = open_store();
	struct ua_message second = received;
	int64_t first_id, id;
	bool duplicate;

	assert_ok(add(db, &received, &first_id, &duplicate));
	second.ms_number = 8;
	second.mts_id = "m2";
	second.subject = "Again";
	assert_ok(add(db, &second, &id, &duplicate));
	write_to_two(db, "One");
	write_to_two(db, "Two");
	assert_ok(uastore_set_read(db, first_id, true));
	assert_lists(db, UA_INBOX, false, "Again(none) Hello(none, read) ");
	assert_lists(db, UA_INBOX, true, "Again(none) ");
	assert_lists(db, UA_OUTBOX, false, "One(queued) Two(queued) ");
	assert_lists(db, UA_ANY_FOLDER, false,
		     "Two(queued) One(queued) Again(none) Hello(none, read) ");
	assert_ok(uastore_set_verdict(db, id, "refused", "{}"));
	assert_ok(uastore_delete(db, id));
	assert_fails(uastore_delete(db, id), "there is no message");
	assert_fails(uastore_set_read(db, id, true), "there is no message");
	assert_lists(db, UA_INBOX, false, "Hello(none, read) ");
}

static void collect_recipient(void *arg, const struct ua_recipient *r)
{
	buf_printf(arg, "%d %s at %d read %d %s; ", r->number, ua_state_names[r->state],
		   (int)r->at, (int)r->read_at, r->words ? r->words : "-");
}

static void a_sent_message_is_followed(void **state)
{
	(void)state;
	AUTO(db_close) struct db *db = open_store();
	AUTO(buf_free) struct buf text = { 0 };
	struct ua_recipient result = { .number = 1, .state = UA_DELIVERED, .at = 80,
				       .reason = -1, .diagnostic = -1 };
	int64_t id = write_to_two(db, "One"), found;

	assert_fails(uastore_find_sent(db, "m9", NULL, &found), "there is no sent message m9");
	assert_ok(uastore_set_octets(db, id, BYTES("e"), BYTES("c")));
	assert_ok(uastore_submitted(db, id, "m9", 60));
	assert_fails(uastore_submitted(db, id, "m9", 60), "in the outbox");
	assert_ok(uastore_find_sent(db, "m9", NULL, &found));
	assert_int_equal(found, id);
	assert_ok(uastore_find_sent(db, NULL, "One", &found));
	assert_int_equal(found, id);
	assert_lists(db, UA_SENT, false, "One(submitted) ");
	assert_ok(uastore_report(db, id, &result));
	assert_lists(db, UA_SENT, false, "One(submitted) ");
	result.number = 2;
	assert_ok(uastore_report(db, id, &result));
	assert_lists(db, UA_SENT, false, "One(delivered) ");
	result.state = UA_FAILED;
	result.words = "no such user";
	assert_ok(uastore_report(db, id, &result));
	assert_lists(db, UA_SENT, false, "One(failed) ");
	result.number = 3;
	assert_fails(uastore_report(db, id, &result), "has no recipient 3");
	assert_ok(uastore_receipt(db, id, "/s=bob/c=de/", 90));
	assert_fails(uastore_receipt(db, id, "/S=Carol/C=FR/", 90), "was not sent to");
	assert_ok(uastore_recipients(db, id, collect_recipient, &text));
	assert_bytes(buf_view(&text), BYTES("1 delivered at 80 read 90 -; "
					    "2 failed at 80 read 0 no such user; "));
}

static void a_refused_message_stays_in_the_outbox(void **state)
{
	(void)state;
	AUTO(db_close) struct db *db = open_store();
	AUTO(buf_free) struct buf text = { 0 };
	int64_t id = write_to_two(db, "One");

	assert_ok(uastore_refused(db, id, "too many recipients", 60));
	assert_lists(db, UA_OUTBOX, false, "One(failed) ");
	assert_ok(uastore_delete(db, id));
	assert_ok(uastore_recipients(db, id, collect_recipient, &text));
	assert_int_equal(text.len, 0);
}

static void collect_name(void *arg, const struct ua_name *n)
{
	buf_printf(arg, "%s=%s ", n->nickname, n->address ? n->address : n->directory_name);
}

static void nicknames_are_kept(void **state)
{
	(void)state;
	AUTO(db_close) struct db *db = open_store();
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(buf_free) struct buf text = { 0 };
	struct ua_name bob = { "bob", "/S=Bob/C=DE/", NULL }, carol = { "carol", NULL, "CN=Carol" };
	struct ua_name found;

	assert_ok(uastore_set_name(db, &carol));
	assert_ok(uastore_set_name(db, &bob));
	bob.address = "/S=Bob/C=AT/";
	assert_ok(uastore_set_name(db, &bob));
	assert_ok(uastore_names(db, collect_name, &text));
	assert_bytes(buf_view(&text), BYTES("bob=/S=Bob/C=AT/ carol=CN=Carol "));
	assert_ok(uastore_get_name(db, "BOB", arena, &found));
	assert_string_equal(found.address, "/S=Bob/C=AT/");
	assert_ok(uastore_delete_name(db, "Bob"));
	assert_fails(uastore_get_name(db, "bob", arena, &found), "there is no nickname bob");
	assert_fails(uastore_delete_name(db, "bob"), "there is no nickname bob");
}

static void numbers_are_kept(void **state)
{
	(void)state;
	AUTO(db_close) struct db *db = open_store();
	int64_t number = 9;

	assert_ok(uastore_number(db, "last-number", &number));
	assert_int_equal(number, 0);
	assert_ok(uastore_set_number(db, "last-number", 7));
	assert_ok(uastore_set_number(db, "last-number", 8));
	assert_ok(uastore_number(db, "last-number", &number));
	assert_int_equal(number, 8);
}

static void the_last_sequence_number_is_kept_for_each_pair(void **state)
{
	(void)state;
	struct db *db = open_store();
	uint64_t number = 1;

	assert_ok(seqstate_last(db, "alice", "bob", &number));
	assert_int_equal(number, 0);
	assert_ok(seqstate_set_last(db, "alice", "bob", 7));
	assert_ok(seqstate_set_last(db, "alice", "bob", INT64_MAX));
	assert_ok(seqstate_set_last(db, "alice", "eve", 1));
	db_close(&db);
	db = open_store();
	assert_ok(seqstate_last(db, "alice", "bob", &number));
	assert_true(number == INT64_MAX);
	db_close(&db);
}

static void a_window_is_kept_for_each_device_of_a_pair(void **state)
{
	(void)state;
	AUTO(db_close) struct db *db = open_store();
	AUTO(buf_free) struct buf out = { 0 };

	assert_ok(seqstate_window(db, "bob", "alice", 1, &out));
	assert_int_equal(out.len, 0);
	assert_ok(seqstate_set_window(db, "bob", "alice", 1, BYTES("one")));
	assert_ok(seqstate_set_window(db, "bob", "alice", 2, BYTES("other")));
	assert_ok(seqstate_set_window(db, "bob", "alice", 1, BYTES("two")));
	assert_ok(seqstate_window(db, "bob", "alice", 1, &out));
	assert_bytes(buf_view(&out), BYTES("two"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_received_is_kept_once),
		TEST(what_an_mta_delivered_is_known_when_it_comes_again),
		TEST(folders_are_listed),
		TEST(a_sent_message_is_followed),
		TEST(a_refused_message_stays_in_the_outbox),
		TEST(nicknames_are_kept),
		TEST(numbers_are_kept),
		TEST(the_last_sequence_number_is_kept_for_each_pair),
		TEST(a_window_is_kept_for_each_device_of_a_pair),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
