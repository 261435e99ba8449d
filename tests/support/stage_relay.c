/* SPDX-License-Identifier: Apache-2.0 */
/* An MTA, played by a test. */
#include "tests/support/stage.h"

#include "lib/mhs/contexts.h"
#include "tests/support/check.h"

#include <time.h>

/* --- it takes transfers --- */

static void take(struct relay *relay, struct bytes apdu)
{
	enum p1_kind kind;

	apdu = arena_dup(relay->arena, apdu);
	assert_ok(p1_kind_of(apdu, &kind));
	if (kind == P1_REPORT) {
		assert_ok(report_p1_decode(relay->arena, apdu, &relay->report));
		relay->reports++;
	} else {
		assert_ok(p1_decode(relay->arena, apdu, &relay->taken));
		relay->messages++;
		/* As a real MTA does it. */
		relay->new_messages += stage_is_new(relay->arena, &relay->taken_ids,
						    mts_id_text(relay->arena, relay->taken->id));
	}
}

static void transfer(void *user, struct link *link, struct bytes apdu, struct buf *octets)
{
	(void)octets;
	take(user, apdu);
	assert_ok(assoc_transfer_rsp(link_assoc(link)));
}

static void receiving_closed(void *user, struct link *link, const struct status *why)
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
	static const struct link_user user = { .transfer = transfer, .closed = receiving_closed };

	(void)link;
	(void)claim;
	*out_user = &user;
	*out_user_data = data;
}

static const struct link_server_user relay_server = { expect, accepted };

/* --- it transfers --- */

static void transferred(void *user, struct link *link, const struct status *failed)
{
	struct relay *relay = user;

	(void)link;
	relay->confirmed += !failed;
	relay->refused += failed != NULL;
	relay->busy = false;
}

static void sender_closed(void *user, struct link *link, const struct status *why)
{
	struct relay *relay = user;

	(void)link;
	(void)why;
	relay->sender = NULL;
	relay->closed = true;
}

static void sender_opened(void *user, struct link *link)
{
	struct relay *relay = user;

	relay->sender = link;
}

static bool bound(void *arg)
{
	struct relay *relay = arg;

	return relay->sender || relay->closed;
}

void relay_connect(struct relay *relay, const char *mta)
{
	static const struct link_user user = { .transferred = transferred, .closed = sender_closed };
	const struct link_target target = {
		.address = stage_socket(mta),
		.context = &context_mts_transfer,
		.role = LINK_MTA,
		.mta_name = mta,
		.expected = { .scope = SCOPE_MTA, .password = "secret", .own_password = "secret" },
		.connect_timeout_ms = 5000,
	};

	relay->closed = relay->busy = false;
	link_connect(&relay->env, &target, sender_opened, &user, relay);
	assert_true(loop_run_until(stage_loop, bound, relay, STAGE_TIMEOUT_MS));
}

struct envelope *relay_envelope(struct relay *relay, const struct letter *letter, const char *id)
{
	struct envelope *env = envelope_new(stage_arena);
	AUTO(buf_free) struct buf identifier = { 0 };

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
			.flags = letter->flags,
			.explicit_conversion = -1,
		};
	assert_ok(mts_id_encode(relay->identity, id, &identifier));
	assert_ok(envelope_accept(env, relay->identity, buf_view(&identifier), time(NULL)));
	if (letter->more)
		letter->more(env);
	return env;
}

static bool is_idle(void *arg)
{
	const struct relay *relay = arg;

	return !relay->busy;
}

void relay_transfer(struct relay *relay, const struct envelope *env)
{
	AUTO(buf_free) struct buf head = { 0 };

	assert_true(loop_run_until(stage_loop, is_idle, relay, STAGE_TIMEOUT_MS));
	relay->busy = true;
	assert_ok(p1_encode(env, &head));
	const struct bytes parts[] = { buf_view(&head), env->content };
	assert_ok(assoc_transfer_req(link_assoc(relay->sender), parts, env->probe ? 1 : 2));
}

/* --- its life --- */

void relay_open(struct relay *relay, const char *name, const char *domain)
{
	static const struct app_context *const contexts[] = { &context_mts_transfer, NULL };

	*relay = (struct relay){ .name = name, .arena = arena_new() };
	assert_ok(mta_identity_from_text(relay->arena, domain, name, &relay->identity));
	domain_encode(relay->identity, &relay->domain);
	relay->env = (struct link_env){
		.loop = stage_loop,
		.clock = &clock_real,
		.self = { .role = LINK_MTA, .mta_name = name, .domain = buf_view(&relay->domain) },
		.limits = &stage_limits,
		.bind_timeout_ms = 10000,
	};
	assert_ok(link_listen(&relay->env, stage_socket(name), contexts, 10, &relay_server, relay,
			      &relay->server));
}

static bool is_closed(void *arg)
{
	const struct relay *relay = arg;

	return relay->closed;
}

void relay_close(struct relay *relay)
{
	if (relay->sender) {
		link_abort(relay->sender, OK);
		assert_true(loop_run_until(stage_loop, is_closed, relay, STAGE_TIMEOUT_MS));
	}
	link_server_close(&relay->server);
	buf_free(&relay->domain);
	arena_free(&relay->arena);
}
