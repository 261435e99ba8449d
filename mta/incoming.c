/* SPDX-License-Identifier: Apache-2.0 */
/* Associations that others open: who may, messages from other MTAs, and what waits for collectors. */
#include "mta/incoming.h"

#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/mhs/binds.h"
#include "lib/mhs/contexts.h"
#include "lib/mhs/operations.h"
#include "lib/store/submitted.h"
#include "mta/administration.h"
#include "mta/hop.h"
#include "mta/intake.h"

#include <stdlib.h>

const struct app_context *const incoming_contexts[] = {
	&context_mts_transfer, &context_mts_access, &context_mts_reliable_access, NULL,
};

/* --- who may --- */

static FALLIBLE expect_mta(const struct mta *mta, const struct link_claim *claim,
			   struct link_expected *out)
{
	const struct peer *peer = claim->mta_name
		? peers_find(mta->peers, PEER_MTA, claim->mta_name) : NULL;

	if (!peer)
		return FAIL(ST_REFUSED, 0, "no MTA called %s is known here", claim->text);
	*out = peer->expected;
	return OK;
}

static FALLIBLE expect_store(const struct mta *mta, const struct link_claim *claim,
			     struct link_expected *out)
{
	const struct peer *peer = peers_find_store(mta->peers, claim->or_name);

	if (!peer)
		return FAIL(ST_REFUSED, 0, "no message store called %s is known here", claim->text);
	const struct mts_user user = mts_user_of_store(claim->arena, peer);
	*out = peer->expected;
	return mts_user_expect(mta, &user, claim->arena, out);
}

/* A user whose mail ends in a store of ours, or waits here for him; his certificate has his address.
 * Without a line in the settings he has no password. */
static FALLIBLE expect_agent(const struct mta *mta, const struct link_claim *claim,
			     struct link_expected *out)
{
	struct orname *name = NULL;
	AUTO(buf_free) struct buf address = { 0 };

	TRY(orname_decode(claim->arena, claim->or_name, &name));
	const struct peer *to = peers_route(mta->peers, name);
	if (!to || to->kind == PEER_MTA)
		return FAIL(ST_REFUSED, 0, "%s is not a user here", orname_text(claim->arena, name));
	const struct mts_user user = mts_user_of_agent(mta, claim->arena, name);
	if (user.peer)
		*out = user.peer->expected;
	TRY(oraddress_encode(name, &address));
	out->scope = SCOPE_UA;
	out->or_address = arena_dup(claim->arena, buf_view(&address));
	return mts_user_expect(mta, &user, claim->arena, out);
}

static FALLIBLE expect(void *data, const struct link_claim *claim, struct link_expected *out)
{
	const struct mta *mta = data;

	if (claim->context == &context_mts_transfer)
		return expect_mta(mta, claim, out);
	switch (claim->role) {
	case LINK_MS:
		return expect_store(mta, claim, out);
	case LINK_UA:
		return expect_agent(mta, claim, out);
	case LINK_MTA:
		break;
	}
	return FAIL(ST_REFUSED, 0, "an MTA binds for transfer, not for submission");
}

/* --- what they are served --- */

static void incoming_free(struct incoming *incoming)
{
	arena_free(&incoming->arena);
	free(incoming);
}

void incoming_answered(struct incoming *incoming)
{
	if (--incoming->answers == 0 && !incoming->link)
		incoming_free(incoming);
}

struct ending {
	int64_t session;
	bool released;
};

static FALLIBLE store_ending(struct db *db, void *arg)
{
	const struct ending *ending = arg;

	return ending->released ? submitted_released(db, ending->session)
				: submitted_broke(db, ending->session);
}

static void ending_stored(void *arg, const struct status *failed)
{
	if (failed)
		log_event(LOG_LV_WARN, "the end of an association is not stored", log_why(failed));
	free(arg);
}

/* What was submitted on it, and whether the answers arrived: behind it in the writer's queue. */
static void remember_ending(const struct incoming *incoming, bool released)
{
	struct ending *ending = mem_new(struct ending);

	*ending = (struct ending){ link_number(incoming->link), released };
	struct status *st = writer_submit(incoming->mta->writer, store_ending, ending_stored, ending);
	if (st)
		ending_stored(ending, st);
	status_drop(st);
}

static void incoming_closed(void *user, struct link *link, const struct status *why)
{
	struct incoming *incoming = user;

	if (incoming->submits)
		remember_ending(incoming, !why && !incoming->answers);
	if (incoming->collects)
		channel_user(incoming->collects)->closed(incoming->collects, link, why);
	incoming->link = NULL;
	if (!incoming->answers)
		incoming_free(incoming);
}

/* The APDU is durable, or it could not be stored. */
static void transfer_stored(void *arg, const struct status *failed)
{
	struct incoming *incoming = arg;

	if (incoming->link) {
		struct assoc *assoc = link_assoc(incoming->link);
		struct status *st = failed ? assoc_transfer_refuse(assoc) : assoc_transfer_rsp(assoc);

		if (st)
			link_abort(incoming->link, st);
	}
	incoming_answered(incoming);
}

/* An APDU that was transferred and is not in the queue yet. */
struct arriving {
	struct incoming *incoming;
	struct change *change;
};

/* It is the peer's still where it cannot be taken on now; what can never be is nobody's fault but
 * his. */
static void transfer_decline(const struct incoming *incoming, const struct status *failed)
{
	struct status *why = status_doing(status_copy(failed), "%s transferred what cannot be taken on",
					  incoming->peer->name);

	if (failed->kind == ST_LATER) {
		log_event(LOG_LV_WARN, "transfer refused", log_assoc(link_number(incoming->link)),
			  log_why(why));
		status_free(&why);
		why = assoc_transfer_refuse(link_assoc(incoming->link));
	}
	if (why)
		link_abort(incoming->link, why);
}

/* Without the link nobody could be told that it is taken on: it comes again. */
static void transfer_taken_in(void *arg, const struct status *failed)
{
	struct arriving *arriving = arg;
	struct incoming *incoming = arriving->incoming;
	struct change *change = arriving->change;

	free(arriving);
	if (!failed && incoming->link) {
		change_submit(change, transfer_stored, incoming);
		return;
	}
	change_free(&change);
	if (failed && incoming->link)
		transfer_decline(incoming, failed);
	incoming_answered(incoming);
}

static void transfer(void *user, struct link *link, struct bytes apdu, struct buf *octets)
{
	struct incoming *incoming = user;
	struct arriving *arriving = mem_new(struct arriving);

	*arriving = (struct arriving){ incoming, change_new(incoming->mta) };
	change_keep(arriving->change, octets);
	incoming->answers++;
	intake_apdu(&(struct intake){
		.mta = incoming->mta,
		.from = incoming->peer,
		.link = link,
		.change = arriving->change,
		.done = transfer_taken_in,
		.arg = arriving,
	}, apdu);
}

static void invoke(void *user, struct link *link, int32_t invoke_id, int operation,
		   struct bytes argument, struct buf *apdu)
{
	if (operation == OP_REGISTER || operation == OP_CHANGE_CREDENTIALS)
		administration_invoke(user, invoke_id, operation, argument);
	else
		submission_invoke(user, link, invoke_id, operation, argument, apdu);
}

/* --- what waits for a collector --- */

static void delivery_result(void *user, struct link *link, int32_t invoke_id, struct bytes result,
			    struct buf *apdu)
{
	const struct incoming *incoming = user;

	channel_user(incoming->collects)->result(incoming->collects, link, invoke_id, result, apdu);
}

static void delivery_error(void *user, struct link *link, int32_t invoke_id, int error,
			   struct bytes parameter, struct buf *apdu)
{
	const struct incoming *incoming = user;

	channel_user(incoming->collects)->error(incoming->collects, link, invoke_id, error,
						parameter, apdu);
}

static void delivery_reject(void *user, struct link *link, int32_t invoke_id,
			    const struct status *why)
{
	const struct incoming *incoming = user;

	channel_user(incoming->collects)->reject(incoming->collects, link, invoke_id, why);
}

/* How much it is, which the answer to his bind tells. */
static FALLIBLE tell_waiting(const struct mta *mta, struct link *link, const struct peer *collector)
{
	struct queue_waiting queued[QUEUE_PRIORITY_COUNT] = { 0 };
	struct messages_waiting waiting = { .told = true };

	_Static_assert((int)QUEUE_PRIORITY_COUNT == WAITING_PRIORITIES &&
		       (int)QUEUE_NORMAL == WAITING_NORMAL, "both begin with what is urgent");
	TRY(queue_waiting(mta->reader, collector->name, clock_now(mta->clock), queued));
	for (int i = 0; i < QUEUE_PRIORITY_COUNT; i++) {
		waiting.queues[i].messages = queued[i].messages;
		waiting.queues[i].octets = queued[i].octets;
	}
	link_tell_waiting(link, &waiting);
	return OK;
}

static void begin_collection(struct incoming *incoming, const struct peer *collector)
{
	struct mta *mta = incoming->mta;
	struct status *st = tell_waiting(mta, incoming->link, collector);

	if (st)
		log_event(LOG_LV_ERROR, "the queue cannot be read", log_why(st));
	status_drop(st);
	incoming->collects = channel_of_collector(mta->hops, collector->name, incoming->link);
}

/* --- who it is --- */

/* His name was read when he was expected. */
static void accept_agent(struct incoming *incoming)
{
	struct orname *name = NULL;
	struct status *st = orname_decode(incoming->arena, incoming->user, &name);

	if (st) {
		status_drop(st);
		return;
	}
	const struct peer *to = peers_route(incoming->mta->peers, name);

	incoming->as = mts_user_of_agent(incoming->mta, incoming->arena, name);
	if (to && to->kind == PEER_USER)
		begin_collection(incoming, to);
}

static void accepted(void *data, struct link *link, const struct link_claim *claim,
		     const struct link_user **out_user, void **out_user_data)
{
	static const struct link_user transfer_user = {
		.transfer = transfer,
		.closed = incoming_closed,
	};
	static const struct link_user submission_user = {
		.invoke = invoke,
		.closed = incoming_closed,
	};
	static const struct link_user collector_user = {
		.invoke = invoke,
		.result = delivery_result,
		.error = delivery_error,
		.reject = delivery_reject,
		.closed = incoming_closed,
	};
	struct mta *mta = data;
	struct incoming *incoming = mem_new(struct incoming);

	incoming->mta = mta;
	incoming->link = link;
	incoming->arena = arena_new();
	if (claim->role == LINK_MTA)
		incoming->peer = peers_find(mta->peers, PEER_MTA, claim->mta_name);
	else if (claim->role == LINK_MS)
		incoming->peer = peers_find_store(mta->peers, claim->or_name);
	else
		incoming->user = arena_dup(incoming->arena, claim->or_name);
	if (claim->role == LINK_MS)
		incoming->as = mts_user_of_store(incoming->arena, incoming->peer);
	else if (claim->role == LINK_UA)
		accept_agent(incoming);
	*out_user = claim->role == LINK_MTA ? &transfer_user
		: incoming->collects ? &collector_user : &submission_user;
	*out_user_data = incoming;
}

const struct link_server_user incoming_server_user = { .expect = expect, .accepted = accepted };
