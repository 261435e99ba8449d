/* SPDX-License-Identifier: Apache-2.0 */
/* Links: the side that asks. */
#include "lib/mhs/link_impl.h"

#include "lib/base/memory.h"
#include "lib/mhs/labels.h"

/* --- what is invoked too early --- */

/* Who accepted us may go on at once, while we look whether he is who he has to be: it waits until that
 * is known.  As no more is read meanwhile, it is little. */
struct early {
	struct early *next;
	int32_t id;
	int operation;
	struct buf apdu;
	struct bytes argument;		/* lies in it */
};

void link_early_add(struct link *link, int32_t id, int operation, struct bytes argument,
		    struct buf *apdu)
{
	struct early **last = &link->early;

	while (*last)
		last = &(*last)->next;
	*last = mem_new(struct early);
	**last = (struct early){ NULL, id, operation, buf_take(apdu), argument };
}

static struct early *early_take(struct link *link)
{
	struct early *first = link->early;

	if (first)
		link->early = first->next;
	return first;
}

void link_early_free(struct link *link)
{
	struct early *e;

	while ((e = early_take(link))) {
		buf_free(&e->apdu);
		mem_free(&e);
	}
}

static void serve_early(struct link *link)
{
	struct early *e;

	while (link->state == LINK_OPEN && (e = early_take(link))) {
		link->user->invoke(link->user_data, link, e->id, e->operation, e->argument,
				   &e->apdu);
		buf_free(&e->apdu);
		mem_free(&e);
	}
}

/* --- the bind --- */

/* A name for the association that none had before [X.228 SessionConnectionIdentifier]. */
static FALLIBLE name_association(const struct link *link, struct arena *arena,
				 struct assoc_address *out)
{
	uint8_t unique[16];
	struct time_text opened;
	AUTO(mem_free) char *reference = NULL;

	crypto_random(unique, sizeof(unique));
	reference = bytes_hex(bytes_of(unique, sizeof(unique)));
	TRY(time_to_utctime(clock_now(link->env->clock), &opened));
	out->reference = arena_dup(arena, bytes_text(reference));
	out->opened = arena_dup(arena, bytes_text(opened.s));
	return OK;
}

static void argument_made(struct bind_work *work)
{
	struct link *link = work->link;
	const struct assoc_address none = { 0 };
	struct assoc_address own = { 0 };
	struct status *st = TAKE(work->failed);

	if (st) {
		link_end(link, st);
		return;
	}
	if (link->context->rtse)
		st = name_association(link, link->arena, &own);
	/* Operations go both ways; transfers from us to the peer alone. */
	if (!st)
		st = assoc_bind_req(link->assoc, link->context, &own, &none, link->context->rose,
				    true, buf_view(&work->out));
	if (st)
		link_abort(link, st);
}

static void result_checked(struct bind_work *work)
{
	struct link *link = work->link;

	link_audit(link, work->failed, "authentication-error");
	if (work->failed) {
		link_abort(link, status_doing(TAKE(work->failed), "%s did not prove who it is",
					      link->peer));
		return;
	}
	link_open(link);
	link->opened(link->user_data, link);
	serve_early(link);
	if (!link->connection_gone)
		conn_resume(link->conn);
}

void link_bind_cnf(void *user, struct bytes result)
{
	struct link *link = user;
	struct bind peer;
	struct status *st = bind_result_decode(link->kind, result, link->arena, &peer);

	if (st) {
		link_abort(link, st);
		return;
	}
	link->waiting = peer.waiting;
	conn_pause(link->conn);
	link_work(link, BIND_CHECK_RESULT, &peer, OK, result_checked);
}

void link_bind_refused(void *user, struct bytes error, const struct status *why)
{
	struct link *link = user;
	struct status *cause = error.len ? bind_error_status(link->kind, error) : status_copy(why);

	link_end(link, status_doing(cause, "%s refused the association", link->peer));
}

void link_bind(struct link *link)
{
	link_work(link, BIND_MAKE_ARGUMENT, NULL, OK, argument_made);
}

struct link *link_connect(const struct link_env *env, const struct link_target *target,
			  void (*opened)(void *user, struct link *link),
			  const struct link_user *user, void *user_data)
{
	const struct app_context **contexts = mem_new_array(const struct app_context *, 2);
	struct link *link = link_new(env, contexts);

	contexts[0] = target->context;
	link->own_contexts = contexts;
	link->context = target->context;
	link->kind = link_bind_kind(target->context);
	link->peer_role = target->role;
	link->peer_mta_name = target->mta_name ? arena_strdup(link->arena, target->mta_name) : NULL;
	link->peer_domain = arena_dup(link->arena, target->domain);
	link->peer_or_name = arena_dup(link->arena, target->or_name);
	link->fetch_restrictions = arena_dup(link->arena, target->fetch_restrictions);
	link->peer = arena_printf(link->arena, "%s at %s",
				  target->mta_name ? target->mta_name : "the message store",
				  target->address);
	link->expected = target->expected;
	link->expected.password_stored = arena_dup(link->arena, target->expected.password_stored);
	link->security_context = arena_dup(link->arena,
		labels_allowed(env->labels, target->expected.security_context));
	link->expected.security_context = link->security_context;
	link->opened = opened;
	link->user = user;
	link->user_data = user_data;
	crypto_random(link->random, sizeof(link->random));
	timer_restart(link->answer_timer, target->connect_timeout_ms + env->bind_timeout_ms);
	link->conn = conn_open(env->loop, target->address, target->connect_timeout_ms,
			       &link_conn_user, link);
	return link;
}
