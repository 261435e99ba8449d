/* SPDX-License-Identifier: Apache-2.0 */
/* A message store, played by a test. */
#include "tests/support/stage.h"

#include "lib/mhs/contexts.h"
#include "lib/mhs/operations.h"
#include "lib/mhs/orname.h"
#include "tests/support/check.h"

#include <string.h>

/* --- the store as its MTA sees it --- */

/* An answer that is none of success; false where it is to be taken. */
static bool decline(const struct store *store, struct link *link, int32_t id)
{
	AUTO(buf_free) struct buf parameter = { 0 };

	if (store->answer == STORE_PUTS_OFF)
		error_null(&parameter);
	else if (store->answer == STORE_REFUSES)
		error_security(SECURITY_UNAUTHORISED_USER_NAME, &parameter);
	if (parameter.len)
		assert_ok(assoc_error_req(link_assoc(link), id, store->answer == STORE_PUTS_OFF
					  ? ERR_CONTROL_VIOLATED : ERR_SECURITY_ERROR,
					  buf_view(&parameter)));
	return store->answer != STORE_TAKES;
}

static void take_delivery(struct store *store, struct link *link, int32_t id,
			  struct bytes argument)
{
	AUTO(buf_free) struct buf result = { 0 };

	if (decline(store, link, id)) {
		store->deliveries++;
		return;
	}
	argument = arena_dup(store->arena, argument);
	assert_ok(delivery_decode(store->arena, argument, &store->delivered));
	store->deliveries++;
	if (store->delivered->content.len > store->largest)
		store->largest = store->delivered->content.len;
	/* As a real store does it: a message is known by its identifier and recipient. */
	store->new_deliveries += stage_is_new(store->arena, &store->delivered_ids,
		arena_printf(store->arena, "%s for %s",
			     mts_id_text(store->arena, store->delivered->id),
			     orname_tlv_text(store->arena, store->delivered->this_recipient)));
	delivery_result_encode(&(struct delivery_result){ 0 }, &result);
	const struct bytes part = buf_view(&result);
	assert_ok(assoc_result_req(link_assoc(link), id, OP_MESSAGE_DELIVERY, &part, 1));
}

static void take_report(struct store *store, struct link *link, int32_t id, struct bytes argument)
{
	const struct bytes null = BYTES("\x05\x00");

	argument = arena_dup(store->arena, argument);
	assert_ok(report_delivery_decode(store->arena, argument, &store->report));
	store->reports++;
	store->new_reports += stage_is_new(store->arena, &store->reported_ids,
					   mts_id_text(store->arena, store->report->subject_id));
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
	store->last_error = error;
	store->errors++;
}

static void submit_reject(void *user, struct link *link, int32_t id, const struct status *why)
{
	struct store *store = user;

	(void)link;
	(void)id;
	(void)why;
	store->rejects++;
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
	store->waiting = *link_waiting(link);
}

static bool bound(void *arg)
{
	struct store *store = arg;

	return store->submitter || store->closed;
}

void store_connect(struct store *store, const char *mta, const char *password)
{
	static const struct link_user user = {
		.invoke = invoke,
		.result = submit_result, .error = submit_error, .reject = submit_reject,
		.closed = submitter_closed,
	};
	const struct link_target target = {
		.address = stage_socket(mta),
		.context = &context_mts_access,
		.role = LINK_MTA,
		.mta_name = mta,
		.expected = { .scope = SCOPE_MTA, .password = "secret", .own_password = password },
		.connect_timeout_ms = 5000,
	};

	store->closed = false;
	link_connect(&store->env, &target, submitter_opened, &user, store);
	assert_true(loop_run_until(stage_loop, bound, store, STAGE_TIMEOUT_MS));
}

static bool is_closed(void *arg)
{
	const struct store *store = arg;

	return store->closed;
}

void store_leave(struct store *store)
{
	if (!store->submitter)
		return;
	link_release(store->submitter);
	assert_true(loop_run_until(stage_loop, is_closed, store, STAGE_TIMEOUT_MS));
}

void store_break(struct store *store)
{
	if (!store->submitter)
		return;
	link_abort(store->submitter, OK);
	assert_true(loop_run_until(stage_loop, is_closed, store, STAGE_TIMEOUT_MS));
}

static struct envelope *store_envelope(const struct letter *letter)
{
	struct envelope *env = envelope_new(stage_arena);

	env->originator = stage_or_name(letter->from);
	env->content_type = content_type_tlv(stage_arena, CONTENT_TYPE_P22);
	env->content = letter->content;
	env->deferred_until = letter->deferred_until;
	env->recipients = arena_new_array(stage_arena, struct recipient, letter->count);
	env->recipient_count = letter->count;
	for (size_t i = 0; i < letter->count; i++)
		env->recipients[i] = (struct recipient){
			.name = stage_or_name(letter->to[i]),
			.number = (unsigned)i + 1,
			.flags = letter->flags ? letter->flags
				: RCPT_ORIGINATOR_REPORT | RCPT_ORIGINATOR_NON_DELIVERY_REPORT,
			.explicit_conversion = -1,
		};
	if (letter->more)
		letter->more(env);
	return env;
}

void store_submit(struct store *store, const struct letter *letter)
{
	struct envelope *env = store_envelope(letter);
	AUTO(buf_free) struct buf head = { 0 };
	int32_t id;

	assert_ok(submission_encode(env, &head));
	const struct bytes parts[] = { buf_view(&head), env->content };
	assert_ok(assoc_invoke_req(link_assoc(store->submitter),
				   env->probe ? OP_PROBE_SUBMISSION : OP_MESSAGE_SUBMISSION, parts,
				   env->probe ? 1 : 2, &id));
}

void store_invoke(struct store *store, int operation, struct bytes argument)
{
	int32_t id;

	assert_non_null(store->submitter);
	assert_ok(assoc_invoke_req(link_assoc(store->submitter), operation, &argument, 1, &id));
}

/* --- its life --- */

void store_open(struct store *store, const char *name, const char *address)
{
	static const struct app_context *const contexts[] = { &context_mts_forced_access, NULL };

	*store = (struct store){ .arena = arena_new() };
	store->or_name = buf_copy(stage_or_name(address));
	store->env = (struct link_env){
		.loop = stage_loop,
		.clock = &clock_real,
		.self = { .role = LINK_MS, .or_name = buf_view(&store->or_name) },
		.limits = &stage_limits,
		.bind_timeout_ms = 10000,
	};
	assert_ok(link_listen(&store->env, stage_socket(name), contexts, 10, &store_server, store,
			      &store->server));
}

void store_open_agent(struct store *store, const char *name, const char *address)
{
	store_open(store, name, address);
	store->env.self.role = LINK_UA;
}

void store_close(struct store *store)
{
	store_break(store);
	link_server_close(&store->server);
	buf_free(&store->or_name);
	status_free(&store->why);
	arena_free(&store->arena);
}
