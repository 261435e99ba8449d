/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A message store as a process, with passwords: delivery, list, fetch, delete,
 * alert, submission, and a kill.
 */
#include "asn1/asn.h"
#include "asn1/ms_attributes.h"
#include "asn1/oid.h"
#include "asn1/x400_oids.h"
#include "lib/mhs/operations.h"
#include "lib/mhs/report.h"
#include "tests/support/check.h"
#include "tests/support/ms_scene.h"
#include "tests/support/scratch.h"

#include <FetchResult.h>
#include <ListResult.h>
#include <SummarizeResult.h>

ASN_CLEANUP(ListResult)
ASN_CLEANUP(FetchResult)
ASN_CLEANUP(SummarizeResult)

static void start_and_bind(void)
{
	const char *secret = scene_file("password", "secret\n");

	scene_start(arena_printf(arena,
		"mailbox = " ALICE " password-file=%s\nmailbox = " BOB " password-file=%s\n"
		"mta = mta %s domain=" DOMAIN " password-file=%s own-password-file=%s\n",
		secret, secret, scene_socket("mta"), secret, secret));
	bind_mta();
	bind_ua();
	assert_non_null(mta.link);
	assert_non_null(ua.link);
}

static int setup(void **state)
{
	scratch_setup(state);
	scene_open();
	mta.expected = (struct link_expected){ .password = "secret", .own_password = "secret" };
	ua.expected = (struct link_expected){ .password = "", .own_password = "secret" };
	start_and_bind();
	return 0;
}

static int teardown(void **state)
{
	scene_close();
	return scratch_teardown(state);
}

/* --- arguments and results --- */

static void put_oid(struct buf *out, const char *dotted)
{
	AUTO(buf_free) struct buf oid = { 0 };

	assert_ok(oid_from_text(dotted, &oid));
	ber_put(out, BER_UNIVERSAL(BER_OID), buf_view(&oid));
}

/* A Selector: those with a retrieval-status, or (-1) all. */
static void put_selector(struct buf *out, int status)
{
	size_t from = out->len;

	if (status >= 0) {
		put_oid(out, ID_ATT_RETRIEVAL_STATUS);
		ber_put_integer(out, BER_UNIVERSAL(BER_INTEGER), status);
		ber_wrap(out, from, BER_UNIVERSAL(BER_SEQUENCE));
		ber_wrap(out, from, BER_CONTEXT(0));	/* equality */
		ber_wrap(out, from, BER_CONTEXT(0));	/* item */
		ber_wrap(out, from, BER_CONTEXT(2));	/* filter */
	}
	ber_wrap(out, from, BER_UNIVERSAL(BER_SET));
	ber_wrap(out, from, BER_CONTEXT(1));
}

static void put_wanted(struct buf *out, const char *const *oids, size_t count)
{
	size_t from = out->len;

	for (size_t i = 0; i < count; i++) {
		size_t one = out->len;

		put_oid(out, oids[i]);
		ber_wrap(out, one, BER_UNIVERSAL(BER_SET));
	}
	ber_wrap(out, from, BER_UNIVERSAL(BER_SET));
	ber_wrap(out, from, BER_CONTEXT(3));
}

/* Lists with originator and priority: "1(2) 3(2) ", the attributes' count in parentheses. */
static const char *list(int status)
{
	static const char *const wanted[] = { ID_ATT_ORIGINATOR_NAME, ID_ATT_PRIORITY };
	AUTO(buf_free) struct buf argument = { 0 };
	AUTO(ListResult_cleanup) ListResult_t *result = NULL;
	const char *text = "";

	put_selector(&argument, status);
	put_wanted(&argument, wanted, 2);
	ber_wrap(&argument, 0, BER_UNIVERSAL(BER_SET));
	ask(&ua, OP_LIST, &argument);
	assert_ok(asn_decode(&asn_DEF_ListResult, buf_view(&ua.result), (void **)&result));
	for (int i = 0; result->requested && i < result->requested->list.count; i++) {
		const EntryInformation_t *info = result->requested->list.array[i];

		text = arena_printf(arena, "%s%ld(%d) ", text, (long)info->sequence_number,
				    info->attributes ? info->attributes->list.count : 0);
	}
	return text;
}

static void put_precise(struct buf *out, int number)
{
	ber_put_integer(out, BER_UNIVERSAL(BER_INTEGER), number);
	ber_wrap(out, 0, BER_CONTEXT(2));
	ber_wrap(out, 0, BER_UNIVERSAL(BER_SET));
}

/* The content of an entry, fetched with the defaults. */
static struct bytes fetch_content(int number)
{
	AUTO(buf_free) struct buf argument = { 0 };
	AUTO(FetchResult_cleanup) FetchResult_t *result = NULL;
	struct bytes content = bytes_none();

	put_precise(&argument, number);
	ask(&ua, OP_FETCH, &argument);
	assert_ok(asn_decode(&asn_DEF_FetchResult, buf_view(&ua.result), (void **)&result));
	assert_non_null(result->entry_information);
	const MSAttributes_t *attributes = result->entry_information->attributes;
	assert_int_equal(attributes->list.count, 2);
	for (int i = 0; i < attributes->list.count; i++) {
		const MSAttribute_t *attribute = attributes->list.array[i];
		struct ber_tlv value;

		if (!oid_is(oid_bytes(&attribute->attribute_type), ID_ATT_CONTENT))
			continue;
		assert_ok(ber_only(asn_bytes(attribute->attribute_values.list.array[0]), &value));
		content = arena_dup(arena, value.contents);
	}
	return content;
}

static void put_delete(struct buf *out, int number)
{
	ber_put_integer(out, BER_UNIVERSAL(BER_INTEGER), number);
	ber_wrap(out, 0, BER_UNIVERSAL(BER_SET));
	ber_wrap(out, 0, BER_CONTEXT(2));
	ber_wrap(out, 0, BER_UNIVERSAL(BER_SET));
}

/* --- the stories --- */

static void a_message_is_listed_fetched_and_deleted(void **state)
{
	AUTO(buf_free) struct buf first = { 0 };
	AUTO(buf_free) struct buf second = { 0 };
	AUTO(buf_free) struct buf third = { 0 };

	(void)state;
	deliver("m1", BYTES("what bob reads"));
	deliver("m2", BYTES("x"));
	assert_string_equal(list(-1), "1(2) 2(2) ");
	deliver("m3", BYTES("later"));
	assert_bytes(fetch_content(1), BYTES("what bob reads"));
	assert_bytes(fetch_content(2), BYTES("x"));
	put_delete(&first, 1);
	ask(&ua, OP_DELETE, &first);
	put_delete(&third, 3);
	ask_in_vain(&ua, OP_DELETE, &third, ERR_DELETE_ERROR);
	ask_in_vain(&ua, OP_DELETE, &first, ERR_SEQUENCE_NUMBER_ERROR);
	assert_string_equal(list(0), "3(2) ");
	assert_string_equal(list(-1), "2(2) 3(2) ");
	put_precise(&second, 1);
	ask_in_vain(&ua, OP_FETCH, &second, ERR_SEQUENCE_NUMBER_ERROR);
}

static void a_large_content_is_returned_unharmed(void **state)
{
	enum { LEN = 8 << 20 };
	uint8_t *octets = arena_alloc(arena, LEN, 1);

	(void)state;
	for (size_t i = 0; i < LEN; i++)
		octets[i] = (uint8_t)(i * 2654435761u >> 24);
	deliver("large", bytes_of(octets, LEN));
	assert_true(bytes_equal(fetch_content(1), bytes_of(octets, LEN)));
}

/* Killed after the commit: the MTA, who has heard nothing, delivers again. */
static void what_comes_again_after_a_kill_is_stored_once(void **state)
{
	(void)state;
	deliver("m1", BYTES("once"));
	process_kill(&store);
	wait_for_end(&mta);
	wait_for_end(&ua);
	start_and_bind();
	deliver("m1", BYTES("once"));
	deliver("m2", BYTES("more"));
	assert_string_equal(list(-1), "1(2) 2(2) ");
}

static void a_bound_user_is_alerted(void **state)
{
	AUTO(buf_free) struct buf argument = { 0 };

	(void)state;
	deliver("m1", BYTES("not yet registered"));
	put_oid(&argument, ID_ACT_AUTO_ALERT);
	ber_wrap(&argument, 0, BER_UNIVERSAL(BER_SEQUENCE));
	ber_wrap(&argument, 0, BER_UNIVERSAL(BER_SET));
	ber_wrap(&argument, 0, BER_CONTEXT(0));
	ber_wrap(&argument, 0, BER_UNIVERSAL(BER_SET));
	ask(&ua, OP_REGISTER_MS, &argument);
	deliver("m2", BYTES("registered"));
	WAIT_FOR(ua.alerts, 1);
	assert_int_equal(ua.alerts, 1);
}

static void entries_are_counted(void **state)
{
	AUTO(buf_free) struct buf argument = { 0 };
	AUTO(SummarizeResult_cleanup) SummarizeResult_t *result = NULL;
	size_t from;

	(void)state;
	deliver("m1", BYTES("one"));
	deliver("m2", BYTES("two"));
	put_selector(&argument, -1);
	from = argument.len;
	put_oid(&argument, ID_ATT_PRIORITY);
	put_oid(&argument, ID_ATT_RETRIEVAL_STATUS);
	ber_wrap(&argument, from, BER_UNIVERSAL(BER_SEQUENCE));
	ber_wrap(&argument, from, BER_CONTEXT(2));
	ber_wrap(&argument, 0, BER_UNIVERSAL(BER_SET));
	ask(&ua, OP_SUMMARIZE, &argument);
	assert_ok(asn_decode(&asn_DEF_SummarizeResult, buf_view(&ua.result), (void **)&result));
	assert_int_equal(result->count, 2);
	assert_int_equal(result->span->highest, 2);
	assert_int_equal(result->summaries->list.count, 2);
	assert_int_equal(result->summaries->list.array[0]->present->list.array[0]->count, 2);
}

static void put_submission(struct buf *out, const char *from)
{
	struct envelope *envelope = envelope_new(arena);

	envelope->originator = or_name(from);
	envelope->content_type = content_type_tlv(arena, CONTENT_TYPE_P22);
	envelope->content = BYTES("what bob writes");
	envelope->recipients = arena_new_of(arena, struct recipient);
	envelope->recipients[0] = (struct recipient){ .name = or_name(ALICE), .number = 1,
						      .explicit_conversion = -1 };
	envelope->recipient_count = 1;
	assert_ok(submission_encode(envelope, out));
	buf_put(out, envelope->content);
}

static void deliver_report(const char *local)
{
	AUTO(buf_free) struct buf argument = { 0 };
	struct report_recipient recipient = { .name = or_name(ALICE), .number = 1,
					      .delivered = true, .delivery_time = 1790000000 };
	struct report report = { .arena = arena, .subject_id = identifier(local),
				 .recipients = &recipient, .recipient_count = 1 };

	assert_ok(report_delivery_encode(&report, &argument));
	invoke(&mta, OP_REPORT_DELIVERY, buf_view(&argument), bytes_none());
}

static void what_is_submitted_is_passed_on_and_its_report_kept(void **state)
{
	AUTO(buf_free) struct buf argument = { 0 };
	AUTO(buf_free) struct buf forged = { 0 };
	struct submission_result result;
	int results;

	(void)state;
	put_submission(&argument, BOB);
	ask(&ua, OP_MESSAGE_SUBMISSION, &argument);
	assert_int_equal(submissions, 1);
	assert_ok(submission_result_decode(arena, buf_view(&ua.result), &result));
	put_submission(&forged, ALICE);
	ask_in_vain(&ua, OP_MESSAGE_SUBMISSION, &forged, ERR_ORIGINATOR_INVALID);
	results = mta.results;
	deliver_report("submitted-1");
	WAIT_FOR(mta.results, results + 1);
	deliver_report("nobody's");
	WAIT_FOR(mta.errors, 1);
	assert_string_equal(list(-1), "1(0) ");
}

static void strangers_are_refused(void **state)
{
	(void)state;
	deliver_to("m1", "/S=Nobody" DOMAIN, BYTES("to nobody"), false);
	WAIT_FOR(mta.errors, 1);
	assert_int_equal(mta.last_error, ERR_SECURITY_ERROR);
	link_release(ua.link);
	wait_for_end(&ua);
	ua.expected.own_password = "wrong";
	bind_ua();
	assert_null(ua.link);
	ua.env.self.or_name = or_name("/S=Nobody" DOMAIN);
	ua.expected.own_password = "secret";
	bind_ua();
	assert_null(ua.link);
}

static void what_makes_no_sense_is_rejected(void **state)
{
	AUTO(buf_free) struct buf argument = hex("31 05 a1 03 02 01 00");

	(void)state;
	invoke(&ua, OP_LIST, buf_view(&argument), bytes_none());
	WAIT_FOR(ua.rejects, 1);
	invoke(&ua, OP_REGISTER, buf_view(&argument), bytes_none());
	WAIT_FOR(ua.rejects, 2);
	deliver("m1", BYTES("still here"));
	assert_string_equal(list(-1), "1(2) ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_message_is_listed_fetched_and_deleted),
		TEST(a_large_content_is_returned_unharmed),
		TEST(what_comes_again_after_a_kill_is_stored_once),
		TEST(a_bound_user_is_alerted),
		TEST(entries_are_counted),
		TEST(what_is_submitted_is_passed_on_and_its_report_kept),
		TEST(strangers_are_refused),
		TEST(what_makes_no_sense_is_rejected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
