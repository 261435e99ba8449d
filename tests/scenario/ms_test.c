/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A message store as a process; its MTA and a user agent are played by this
 * program: delivery, list, fetch, delete, alert, submission, and a kill.
 */
#include "asn1/asn.h"
#include "asn1/ms_attributes.h"
#include "asn1/oid.h"
#include "asn1/x400_oids.h"
#include "lib/mhs/contexts.h"
#include "lib/mhs/delivery.h"
#include "lib/mhs/link.h"
#include "lib/mhs/operations.h"
#include "lib/mhs/orname.h"
#include "lib/mhs/report.h"
#include "tests/support/check.h"
#include "tests/support/process.h"
#include "tests/support/scratch.h"

#include <FetchResult.h>
#include <ListResult.h>
#include <SummarizeResult.h>
#include <stdlib.h>
#include <sys/stat.h>

ASN_CLEANUP(ListResult)
ASN_CLEANUP(FetchResult)
ASN_CLEANUP(SummarizeResult)

enum { TIMEOUT_MS = 20000 };

#define DOMAIN "/PRMD=North/ADMD=Net/C=FR/"
#define ALICE "/S=Alice" DOMAIN
#define BOB "/S=Bob" DOMAIN

/* One of those who talk to the store. */
struct peer {
	struct link_env env;
	struct link *link;
	bool closed;
	int results, errors, rejects, alerts;
	int last_error;
	struct buf result;		/* the last */
};

static struct loop *loop;
static struct arena *arena;
static struct process store;
static const char *store_address;
static struct peer mta, ua;
static struct link_server *mta_server;
static int submissions;

/* --- what is told --- */

static void on_result(void *user, struct link *link, int32_t id, struct bytes result,
		      struct buf *apdu)
{
	struct peer *peer = user;

	(void)link, (void)id, (void)apdu;
	buf_clear(&peer->result);
	buf_put(&peer->result, result);
	peer->results++;
}

static void on_error(void *user, struct link *link, int32_t id, int error, struct bytes parameter,
		     struct buf *apdu)
{
	struct peer *peer = user;

	(void)link, (void)id, (void)parameter, (void)apdu;
	peer->last_error = error;
	peer->errors++;
}

static void on_reject(void *user, struct link *link, int32_t id, const struct status *why)
{
	struct peer *peer = user;

	(void)link, (void)id, (void)why;
	peer->rejects++;
}

static void on_alert(void *user, struct link *link, int32_t id, int operation,
		     struct bytes argument, struct buf *apdu)
{
	struct peer *peer = user;
	const struct bytes null = BYTES("\x05\x00");

	(void)argument, (void)apdu;
	assert_int_equal(operation, OP_ALERT);
	peer->alerts++;
	assert_ok(assoc_result_req(link_assoc(link), id, operation, &null, 1));
}

static void on_closed(void *user, struct link *link, const struct status *why)
{
	struct peer *peer = user;

	(void)link, (void)why;
	peer->link = NULL;
	peer->closed = true;
}

static const struct link_user peer_user = {
	.invoke = on_alert, .result = on_result, .error = on_error, .reject = on_reject,
	.closed = on_closed,
};

static void on_opened(void *user, struct link *link)
{
	((struct peer *)user)->link = link;
}

/* --- the MTA that takes what the store submits --- */

static struct buf identifier(const char *local)
{
	const struct mta_identity identity = { "FR", "Net", "North", "mta" };
	struct buf tlv = { 0 };

	assert_ok(mts_id_encode(&identity, local, &tlv));
	return tlv;
}

static void on_submission(void *user, struct link *link, int32_t id, int operation,
			  struct bytes argument, struct buf *apdu)
{
	AUTO(buf_free) struct buf tlv = identifier("submitted");
	AUTO(buf_free) struct buf result = { 0 };
	struct envelope *envelope = NULL;

	(void)user, (void)apdu;
	assert_ok(submission_decode(arena, argument, &envelope));
	assert_bytes(envelope->content, BYTES("what bob writes"));
	submissions++;
	assert_ok(submission_result_encode(&(struct submission_result){
		.id = buf_view(&tlv), .time = clock_now(&clock_real) }, &result));
	const struct bytes part = buf_view(&result);
	assert_ok(assoc_result_req(link_assoc(link), id, operation, &part, 1));
}

static void submitter_closed(void *user, struct link *link, const struct status *why)
{
	(void)user, (void)link, (void)why;
}

static FALLIBLE expect_store(void *data, const struct link_claim *claim, struct link_expected *out)
{
	(void)data;
	assert_int_equal(claim->role, LINK_MS);
	out->password = out->own_password = "secret";
	return OK;
}

static void accept_store(void *data, struct link *link, const struct link_claim *claim,
			 const struct link_user **out_user, void **out_user_data)
{
	static const struct link_user user = { .invoke = on_submission,
					       .closed = submitter_closed };

	(void)link, (void)claim;
	*out_user = &user;
	*out_user_data = data;
}

static const struct link_server_user mta_serves = { expect_store, accept_store };

/* --- the scene --- */

static struct bytes or_name(const char *text)
{
	struct orname *name = NULL;
	AUTO(buf_free) struct buf der = { 0 };

	assert_ok(orname_from_text(arena, text, &name));
	assert_ok(orname_encode(name, &der));
	return arena_dup(arena, buf_view(&der));
}

static const char *socket_of(const char *name)
{
	char *folder = realpath(scratch_path("."), NULL);
	const char *address = arena_printf(arena, "unix:%s/%s", folder, name);

	free(folder);
	return address;
}

static const char *write_file(const char *name, const char *text)
{
	FILE *file = fopen(scratch_path(name), "we");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(scratch_path(name), 0600), 0);
	return scratch_path(name);
}

static void start_store(void)
{
	const char *secret = write_file("password", "secret\n");
	const char *config = write_file("ms.conf", arena_printf(arena,
		"listen = %s\naddress = " DOMAIN "\nstore = %s\nlog-level = debug\n"
		"mailbox = " ALICE " password-file=%s\nmailbox = " BOB " password-file=%s\n"
		"mta = mta %s domain=" DOMAIN " password-file=%s own-password-file=%s\n",
		store_address, scratch_path("ms.db"), secret, secret, socket_of("mta"), secret,
		secret));

	process_start(&store, "postern-ms", config, scratch_path("ms.log"));
}

static bool is_bound(void *arg)
{
	struct peer *peer = arg;

	return peer->link || peer->closed;
}

static bool is_alone(void *arg)
{
	return !((struct peer *)arg)->link;
}

static void bind_peer(struct peer *peer, const struct app_context *context, const char *password,
		      struct bytes store_name)
{
	const struct link_target target = {
		.address = store_address,
		.context = context,
		.role = LINK_MS,
		.or_name = store_name,
		.expected = { .scope = SCOPE_MS, .password = peer == &mta ? "secret" : "",
			      .own_password = password },
		.connect_timeout_ms = 5000,
	};

	peer->closed = false;
	link_connect(&peer->env, &target, on_opened, &peer_user, peer);
	assert_true(loop_run_until(loop, is_bound, peer, TIMEOUT_MS));
}

static void bind_mta(void)
{
	bind_peer(&mta, &context_mts_forced_access, "secret", or_name(DOMAIN));
	assert_non_null(mta.link);
}

static void bind_ua(const char *password)
{
	bind_peer(&ua, &context_ms_access, password, ua.env.self.or_name);
}

static struct link_env env_of(enum link_role role)
{
	return (struct link_env){
		.loop = loop, .clock = &clock_real, .self = { .role = role },
		.limits = &assoc_limits_default, .bind_timeout_ms = 10000,
	};
}

static int setup(void **state)
{
	static const struct app_context *const contexts[] = { &context_mts_access, NULL };
	const struct mta_identity identity = { "FR", "Net", "North", "mta" };
	AUTO(buf_free) struct buf domain = { 0 };

	scratch_setup(state);
	loop = loop_new();
	arena = arena_new();
	store_address = socket_of("ms");
	domain_encode(&identity, &domain);
	mta = (struct peer){ .env = env_of(LINK_MTA) };
	mta.env.self.mta_name = "mta";
	mta.env.self.domain = arena_dup(arena, buf_view(&domain));
	ua = (struct peer){ .env = env_of(LINK_UA) };
	ua.env.self.or_name = or_name(BOB);
	submissions = 0;
	assert_ok(link_listen(&mta.env, socket_of("mta"), contexts, 10, &mta_serves, NULL,
			      &mta_server));
	start_store();
	bind_mta();
	bind_ua("secret");
	assert_non_null(ua.link);
	return 0;
}

static int teardown(void **state)
{
	process_stop(&store);
	link_server_close(&mta_server);
	loop_free(&loop);
	buf_free(&mta.result);
	buf_free(&ua.result);
	arena_free(&arena);
	return scratch_teardown(state);
}

/* --- asking --- */

struct wait {
	const int *value;
	int wanted;
};

static bool reached(void *arg)
{
	const struct wait *wait = arg;

	return *wait->value >= wait->wanted;
}

static void wait_for(const int *value, int wanted, const char *what)
{
	struct wait wait = { value, wanted };

	if (loop_run_until(loop, reached, &wait, TIMEOUT_MS))
		return;
	process_show_log(&store);
	fail_msg("%s is %d, not %d", what, *value, wanted);
}
#define WAIT_FOR(field, wanted) wait_for(&(field), (wanted), #field)

static void invoke(struct peer *peer, int operation, struct bytes head, struct bytes content)
{
	const struct bytes parts[] = { head, content };
	int32_t id;

	assert_non_null(peer->link);
	assert_ok(assoc_invoke_req(link_assoc(peer->link), operation, parts, 2, &id));
}

/* Invokes and waits for the result. */
static void ask(struct peer *peer, int operation, const struct buf *argument)
{
	int results = peer->results;

	invoke(peer, operation, buf_view(argument), bytes_none());
	WAIT_FOR(peer->results, results + 1);
}

/* Invokes and waits for that error. */
static void ask_in_vain(struct peer *peer, int operation, const struct buf *argument, int error)
{
	int errors = peer->errors;

	invoke(peer, operation, buf_view(argument), bytes_none());
	WAIT_FOR(peer->errors, errors + 1);
	assert_int_equal(peer->last_error, error);
}

static void deliver_to(const char *local, const char *recipient, struct bytes content)
{
	AUTO(buf_free) struct buf tlv = identifier(local);
	AUTO(buf_free) struct buf head = { 0 };
	struct delivery delivery = {
		.arena = arena, .id = buf_view(&tlv), .time = 1790000000,
		.content_type = content_type_tlv(arena, CONTENT_TYPE_P22),
		.originator = or_name(ALICE), .this_recipient = or_name(recipient),
		.priority = PRIORITY_URGENT, .submission_time = 1790000000, .content = content,
	};

	assert_ok(delivery_encode(&delivery, &head));
	invoke(&mta, OP_MESSAGE_DELIVERY, buf_view(&head), content);
}

static void deliver(const char *local, struct bytes content)
{
	int results = mta.results;

	deliver_to(local, BOB, content);
	WAIT_FOR(mta.results, results + 1);
}

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
	assert_true(loop_run_until(loop, is_alone, &mta, TIMEOUT_MS));
	assert_true(loop_run_until(loop, is_alone, &ua, TIMEOUT_MS));
	start_store();
	bind_mta();
	bind_ua("secret");
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
	AUTO(buf_free) struct buf tlv = identifier(local);
	AUTO(buf_free) struct buf argument = { 0 };
	struct report_recipient recipient = { .name = or_name(ALICE), .number = 1,
					      .delivered = true, .delivery_time = 1790000000 };
	struct report report = { .arena = arena, .subject_id = buf_view(&tlv),
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
	deliver_report("submitted");
	WAIT_FOR(mta.results, results + 1);
	deliver_report("nobody's");
	WAIT_FOR(mta.errors, 1);
	assert_string_equal(list(-1), "1(0) ");
}

static void strangers_are_refused(void **state)
{
	(void)state;
	deliver_to("m1", "/S=Nobody" DOMAIN, BYTES("to nobody"));
	WAIT_FOR(mta.errors, 1);
	assert_int_equal(mta.last_error, ERR_SECURITY_ERROR);
	link_release(ua.link);
	assert_true(loop_run_until(loop, is_alone, &ua, TIMEOUT_MS));
	bind_ua("wrong");
	assert_null(ua.link);
	ua.env.self.or_name = or_name("/S=Nobody" DOMAIN);
	bind_ua("secret");
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
