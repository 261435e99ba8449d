/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two MTAs, each a process, with the stores of both domains played by this
 * program: submission, transfer, delivery, reports, and what is refused.
 */
#include "asn1/asn.h"
#include "lib/mhs/contexts.h"
#include "lib/mhs/delivery.h"
#include "lib/mhs/link.h"
#include "lib/mhs/operations.h"
#include "lib/mhs/orname.h"
#include "lib/mhs/report.h"
#include "tests/support/check.h"
#include "tests/support/process.h"
#include "tests/support/scratch.h"

#include <OriginatorAndDLExpansionHistory.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { TIMEOUT_MS = 20000 };

/* A store of one domain: takes deliveries from its MTA, and submits to it. */
struct store {
	struct loop *loop;
	struct link_env env;
	struct buf or_name;
	struct link_server *server;
	struct link *submitter;		/* our link to the MTA */
	struct arena *arena;		/* what was delivered and answered */
	struct delivery *delivered;
	struct report *report;
	int deliveries, reports, results, errors;
	int last_error;
	bool closed;
	struct status *why;		/* our link to the MTA ended */
};

static struct loop *loop;
static struct arena *arena;
static struct process north, south;
static struct store a, b;

/* Where a party of that name listens. */
static const char *socket_of(const char *name)
{
	char *folder = realpath(scratch_path("."), NULL);
	const char *address = arena_printf(arena, "unix:%s/%s", folder, name);

	free(folder);
	return address;
}

/* --- the store as its MTA sees it --- */

static void take_delivery(struct store *store, struct link *link, int32_t id,
			  struct bytes argument)
{
	AUTO(buf_free) struct buf result = { 0 };

	store->deliveries++;
	argument = arena_dup(store->arena, argument);
	assert_ok(delivery_decode(store->arena, argument, &store->delivered));
	delivery_result_encode(&(struct delivery_result){ 0 }, &result);
	const struct bytes part = buf_view(&result);
	assert_ok(assoc_result_req(link_assoc(link), id, OP_MESSAGE_DELIVERY, &part, 1));
}

static void take_report(struct store *store, struct link *link, int32_t id, struct bytes argument)
{
	const struct bytes null = BYTES("\x05\x00");

	store->reports++;
	argument = arena_dup(store->arena, argument);
	assert_ok(report_delivery_decode(store->arena, argument, &store->report));
	assert_ok(assoc_result_req(link_assoc(link), id, OP_REPORT_DELIVERY, &null, 1));
}

static void invoke(void *user, struct link *link, int32_t id, int operation, struct bytes argument,
		   struct buf *apdu)
{
	(void)apdu;
	if (operation == OP_MESSAGE_DELIVERY)
		take_delivery(user, link, id, argument);
	else
		take_report(user, link, id, argument);
}

static void delivering_closed(void *user, struct link *link, const struct status *why)
{
	(void)user;
	(void)link;
	(void)why;
}

static FALLIBLE expect(void *data, const struct link_claim *claim, struct link_expected *out)
{
	(void)data;
	assert_int_equal(claim->role, LINK_MTA);
	out->password = "secret";
	out->own_password = "secret";
	return OK;
}

static void accepted(void *data, struct link *link, const struct link_claim *claim,
		     const struct link_user **out_user, void **out_user_data)
{
	static const struct link_user user = { .invoke = invoke, .closed = delivering_closed };

	(void)link;
	(void)claim;
	*out_user = &user;
	*out_user_data = data;
}

static const struct link_server_user store_server = { expect, accepted };

/* --- the store as it submits --- */

static void submit_result(void *user, struct link *link, int32_t id, struct bytes result,
			  struct buf *apdu)
{
	struct store *store = user;

	(void)link;
	(void)id;
	(void)result;
	(void)apdu;
	store->results++;
}

static void submit_error(void *user, struct link *link, int32_t id, int error,
			 struct bytes parameter, struct buf *apdu)
{
	struct store *store = user;

	(void)link;
	(void)id;
	(void)parameter;
	(void)apdu;
	store->errors++;
	store->last_error = error;
}

static void submitter_closed(void *user, struct link *link, const struct status *why)
{
	struct store *store = user;

	(void)link;
	status_free(&store->why);
	store->why = status_copy(why);
	store->submitter = NULL;
	store->closed = true;
}

static void submitter_opened(void *user, struct link *link)
{
	struct store *store = user;

	store->submitter = link;
}

static bool bound(void *arg)
{
	struct store *store = arg;

	return store->submitter || store->closed;
}

static void store_connect(struct store *store, const char *mta, const char *password)
{
	static const struct link_user user = {
		.result = submit_result, .error = submit_error, .closed = submitter_closed,
	};
	const struct link_target target = {
		.address = socket_of(mta),
		.context = &context_mts_access,
		.role = LINK_MTA,
		.mta_name = mta,
		.expected = { .scope = SCOPE_MTA, .password = "secret", .own_password = password },
		.connect_timeout_ms = 5000,
	};

	store->closed = false;
	link_connect(&store->env, &target, submitter_opened, &user, store);
	assert_true(loop_run_until(loop, bound, store, TIMEOUT_MS));
}

static void store_open(struct store *store, const char *name, const char *address)
{
	static const struct app_context *const contexts[] = { &context_mts_forced_access, NULL };
	struct orname *orname = NULL;

	*store = (struct store){ .loop = loop, .arena = arena_new() };
	assert_ok(orname_from_text(arena, address, &orname));
	assert_ok(orname_encode(orname, &store->or_name));
	store->env = (struct link_env){
		.loop = loop,
		.clock = &clock_real,
		.self = { .role = LINK_MS, .or_name = buf_view(&store->or_name) },
		.limits = &assoc_limits_default,
		.bind_timeout_ms = 10000,
	};
	assert_ok(link_listen(&store->env, socket_of(name),
			      contexts, 10, &store_server, store, &store->server));
}

/* --- the scene --- */

static void write_file(const char *name, const char *text)
{
	FILE *file = fopen(scratch_path(name), "we");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(scratch_path(name), 0600), 0);
}

static void start_mta(struct process *process, const char *name, const char *domain,
		      const char *other, const char *other_domain, const char *store)
{
	const char *config = arena_printf(arena, "%s.conf", name);

	write_file(config, arena_printf(arena,
		"name = %s\n"
		"domain = %s\n"
		"listen = %s\n"
		"queue = %s\n"
		"mta = %s %s domain=%s password-file=%s own-password-file=%s\n"
		"store = %s %s address=%s password-file=%s own-password-file=%s\n"
		"route = %s %s\n"
		"route = %s %s\n"
		"retry-first = 1s\n"
		"content-max = 100K\n",
		name, domain, socket_of(name), scratch_path(arena_printf(arena, "%s.db", name)),
		other, socket_of(other), other_domain, scratch_path("password"),
		scratch_path("password"), store, socket_of(store), domain,
		scratch_path("password"), scratch_path("password"), domain, store, other_domain,
		other));
	process_start(process, "postern-mta", scratch_path(config),
		      scratch_path(arena_printf(arena, "%s.log", name)));
}

#define NORTH "/PRMD=North/ADMD=Net/C=FR/"
#define SOUTH "/PRMD=South/ADMD=Net/C=NO/"

static int setup(void **state)
{
	scratch_setup(state);
	loop = loop_new();
	arena = arena_new();
	write_file("password", "secret\n");
	store_open(&a, "store-a", NORTH);
	store_open(&b, "store-b", SOUTH);
	start_mta(&north, "mta-a", NORTH, "mta-b", SOUTH, "store-a");
	start_mta(&south, "mta-b", SOUTH, "mta-a", NORTH, "store-b");
	return 0;
}

static int teardown(void **state)
{
	process_stop(&north);
	process_stop(&south);
	link_server_close(&a.server);
	link_server_close(&b.server);
	loop_free(&loop);
	buf_free(&a.or_name);
	buf_free(&b.or_name);
	status_free(&a.why);
	status_free(&b.why);
	arena_free(&a.arena);
	arena_free(&b.arena);
	arena_free(&arena);
	return scratch_teardown(state);
}

static struct bytes or_name(const char *text)
{
	struct bytes name = { 0 };

	assert_ok(orname_tlv_from_text(arena, text, &name));
	return name;
}

/* Submits a content to recipients, from a user of the store, asking for reports. */
static void submit(struct store *store, const char *from, const char *const *to, size_t count,
		   struct bytes content)
{
	struct envelope *env = envelope_new(arena);
	AUTO(buf_free) struct buf head = { 0 };
	int32_t id;

	env->originator = or_name(from);
	env->content_type = content_type_tlv(arena, CONTENT_TYPE_P22);
	env->content = content;
	env->recipients = arena_new_array(arena, struct recipient, count);
	env->recipient_count = count;
	for (size_t i = 0; i < count; i++)
		env->recipients[i] = (struct recipient){
			.name = or_name(to[i]),
			.number = (unsigned)i + 1,
			.flags = RCPT_ORIGINATOR_REPORT | RCPT_ORIGINATOR_NON_DELIVERY_REPORT,
			.explicit_conversion = -1,
		};
	assert_ok(submission_encode(env, &head));
	const struct bytes parts[] = { buf_view(&head), env->content };
	assert_ok(assoc_invoke_req(link_assoc(store->submitter), OP_MESSAGE_SUBMISSION, parts, 2,
				   &id));
}

#define WAIT_FOR(field, wanted)                                                        \
	do {                                                                           \
		struct wait wait_ = { &(field), (wanted) };                            \
		if (!loop_run_until(loop, reached, &wait_, TIMEOUT_MS)) {              \
			process_show_log(&north);                                      \
			process_show_log(&south);                                      \
			fail_msg("%s is %d, not %d", #field, (field), (wanted));       \
		}                                                                      \
	} while (0)

struct wait {
	const int *value;
	int wanted;
};

static bool reached(void *arg)
{
	const struct wait *wait = arg;

	return *wait->value >= wait->wanted;
}

#define ALICE "/G=Alice/S=Martin" NORTH
#define BOB "/G=Bob/S=Nilsen" SOUTH

static void a_message_is_relayed_and_its_delivery_reported(void **state)
{
	static const char *const to[] = { BOB };

	(void)state;
	store_connect(&a, "mta-a", "secret");
	submit(&a, ALICE, to, 1, BYTES("what bob reads"));
	WAIT_FOR(a.results, 1);
	WAIT_FOR(b.deliveries, 1);
	assert_bytes(b.delivered->content, BYTES("what bob reads"));
	assert_string_equal(orname_tlv_text(arena, b.delivered->originator), ALICE);
	WAIT_FOR(a.reports, 1);
	assert_int_equal(a.report->recipient_count, 1);
	assert_true(a.report->recipients[0].delivered);
	assert_int_equal(a.report->recipients[0].user_type, USER_MS);
	/* The store learns whose report it is. */
	OriginatorAndDLExpansionHistory_t *history = NULL;
	assert_ok(ext_get(&a.report->extensions, EXT_ORIGINATOR_AND_DL_EXPANSION_HISTORY,
			  (void **)&history));
	assert_non_null(history);
	assert_int_equal(history->list.count, 1);
	asn_free(&asn_DEF_OriginatorAndDLExpansionHistory, &history);
}

static void nobody_there_is_reported(void **state)
{
	static const char *const to[] = { "/S=Nobody/PRMD=East/ADMD=Net/C=SE/" };
	int before = a.reports;

	(void)state;
	submit(&a, ALICE, to, 1, BYTES("to nobody"));
	WAIT_FOR(a.reports, before + 1);
	assert_false(a.report->recipients[0].delivered);
	assert_int_equal(a.report->recipients[0].reason, REASON_UNABLE_TO_TRANSFER);
	assert_int_equal(a.report->recipients[0].diagnostic, DIAG_UNRECOGNISED_OR_NAME);
}

static void nobody_submits_for_others(void **state)
{
	static const char *const to[] = { BOB };
	int before = a.errors;

	(void)state;
	submit(&a, BOB, to, 1, BYTES("not bob's"));
	WAIT_FOR(a.errors, before + 1);
	assert_int_equal(a.last_error, ERR_ORIGINATOR_INVALID);
}

static void a_content_over_the_limit_is_refused(void **state)
{
	static const char *const to[] = { BOB };
	uint8_t *large = arena_alloc(arena, (100 << 10) + 1, 1);
	int before = a.errors;

	(void)state;
	submit(&a, ALICE, to, 1, bytes_of(large, (100 << 10) + 1));
	WAIT_FOR(a.errors, before + 1);
	assert_int_equal(a.last_error, ERR_CONTROL_VIOLATED);
}

static void many_recipients(size_t count)
{
	const char **to = arena_new_array(arena, const char *, count);

	for (size_t i = 0; i < count; i++)
		to[i] = arena_printf(arena, "/S=User%zu%s", i, SOUTH);
	submit(&a, ALICE, to, count, BYTES("to all"));
}

static void five_hundred_and_twelve_recipients_are_served(void **state)
{
	int before = b.deliveries, reports = a.reports;

	(void)state;
	many_recipients(512);
	WAIT_FOR(b.deliveries, before + 512);
	WAIT_FOR(a.reports, reports + 1);
	assert_int_equal(a.report->recipient_count, 512);
}

static void five_hundred_and_thirteen_are_refused(void **state)
{
	int before = a.errors;

	(void)state;
	many_recipients(513);
	WAIT_FOR(a.errors, before + 1);
	assert_int_equal(a.last_error, ERR_INCONSISTENT_REQUEST);
}

static void a_message_survives_the_death_of_its_mta(void **state)
{
	static const char *const to[] = { BOB };
	int results = a.results, deliveries = b.deliveries;

	(void)state;
	process_kill(&south);
	submit(&a, ALICE, to, 1, BYTES("through a crash"));
	WAIT_FOR(a.results, results + 1);
	process_kill(&north);
	assert_int_equal(b.deliveries, deliveries);
	start_mta(&south, "mta-b", SOUTH, "mta-a", NORTH, "store-b");
	start_mta(&north, "mta-a", NORTH, "mta-b", SOUTH, "store-a");
	WAIT_FOR(b.deliveries, deliveries + 1);
	assert_bytes(b.delivered->content, BYTES("through a crash"));
}

static void a_wrong_password_is_refused(void **state)
{
	(void)state;
	store_connect(&a, "mta-a", "guess");
	assert_null(a.submitter);
	assert_fails(TAKE(a.why), "does not accept our credentials");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_relayed_and_its_delivery_reported),
		cmocka_unit_test(nobody_there_is_reported),
		cmocka_unit_test(nobody_submits_for_others),
		cmocka_unit_test(a_content_over_the_limit_is_refused),
		cmocka_unit_test(five_hundred_and_twelve_recipients_are_served),
		cmocka_unit_test(five_hundred_and_thirteen_are_refused),
		cmocka_unit_test(a_message_survives_the_death_of_its_mta),
		cmocka_unit_test(a_wrong_password_is_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
