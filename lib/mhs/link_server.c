/* SPDX-License-Identifier: Apache-2.0 */
/* Links: the side that answers. */
#include "lib/mhs/link_impl.h"

#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/mhs/labels.h"
#include "lib/mhs/orname.h"

#include <stdlib.h>

struct link_server {
	const struct link_env *env;
	const struct app_context *const *contexts;
	const struct link_server_user *user;
	void *data;
	struct listener *listener;	/* null once it was closed */
	unsigned links;			/* that still point here */
};

static void server_free_when_over(struct link_server *server)
{
	if (!server->listener && !server->links)
		free(server);
}

void link_server_leave(struct link_server *server)
{
	server->links--;
	server_free_when_over(server);
}

static void claim_of(const struct link *link, const struct bind *bind, struct link_claim *claim)
{
	*claim = (struct link_claim){
		.context = link->context,
		.role = link->peer_role,
		.mta_name = bind->mta_name,
		.or_name = bind->or_name,
		.text = link->peer,
		.address = conn_peer(link->conn),
		.authenticated = bind->credentials != BIND_NO_CREDENTIALS,
		.fetch_restrictions = bind->fetch_restrictions,
		.arena = link->arena,
	};
}

/* The peer learns that it was refused; the reason is for us alone. */
static void refuse_for(struct link *link, struct status *why, enum bind_problem problem,
		       const char *diag)
{
	AUTO(buf_free) struct buf error = { 0 };
	struct status *st = bind_error_encode(link->kind, problem, &error);

	link->state = LINK_ENDING;
	link_audit(link, why, diag);
	link_blame(link, status_doing(why, "the bind of %s was refused", link->peer));
	if (!st)
		st = assoc_bind_refuse(link->assoc, buf_view(&error));
	if (st)
		link_abort(link, st);
	/* The peer closes the connection; where he does not, the bind's timer does. */
}

static void refuse(struct link *link, struct status *why)
{
	refuse_for(link, why, why->kind == ST_LATER ? BIND_BUSY : BIND_AUTHENTICATION_ERROR,
		   "authentication-error");
}

/* [X.411 8.1.2.1.1.1.3] what he proposes is in force where it is allowed. */
static FALLIBLE agree_on_context(struct link *link, struct bytes proposed)
{
	struct bytes allowed = labels_allowed(link->env->labels, link->expected.security_context);

	TRY(labels_check_context(link->env->labels, proposed, allowed));
	link->security_context = proposed.len ? proposed : arena_dup(link->arena, allowed);
	return OK;
}

static FALLIBLE answer(struct link *link, const struct bind *result)
{
	AUTO(buf_free) struct buf octets = { 0 };

	TRY(bind_result_encode(link->kind, result, &octets));
	return assoc_bind_rsp(link->assoc, buf_view(&octets));
}

static void argument_checked(struct bind_work *work)
{
	struct link *link = work->link;
	struct link_claim claim;

	if (!link->server->listener) {
		link_abort(link, FAIL(ST_LATER, 0, "the server stops"));
		return;
	}
	if (work->failed) {
		refuse(link, TAKE(work->failed));
		return;
	}
	struct status *refused = agree_on_context(link, work->peer.security_context);
	if (refused) {
		refuse_for(link, refused, BIND_UNACCEPTABLE_SECURITY_CONTEXT,
			   "unacceptable-security-context");
		return;
	}
	link_audit(link, OK, NULL);
	claim_of(link, &work->peer, &claim);
	link->server->user->accepted(link->server->data, link, &claim, &link->user,
				     &link->user_data);
	link_open(link);
	work->answer.waiting = link->waiting;
	struct status *st = answer(link, &work->answer);
	if (st)
		link_abort(link, st);
}

static void remember_peer(struct link *link, const struct bind *bind)
{
	static const enum link_role roles[] = {
		[BIND_NAME_NONE] = LINK_MTA,
		[BIND_NAME_MTA] = LINK_MTA,
		[BIND_NAME_USER] = LINK_UA,
		[BIND_NAME_MS] = LINK_MS,
	};

	link->peer_role = roles[bind->name_kind];
	link->peer_mta_name = bind->mta_name;
	link->peer_or_name = bind->or_name;
	if (bind->mta_name)
		link->peer = bind->mta_name;
	else if (bind->or_name.len)
		link->peer = orname_tlv_text(link->arena, bind->or_name);
}

void link_server_bind_ind(void *user, const struct assoc_bind *ind)
{
	struct link *link = user;
	struct link_claim claim;
	struct bind bind;

	link->context = ind->context;
	link->kind = link_bind_kind(ind->context);
	if (ind->recovers) {
		refuse(link, FAIL(ST_REFUSED, 0, "an association is continued without credentials"));
		return;
	}
	struct status *st = bind_argument_decode(link->kind, ind->argument, link->arena, &bind);
	if (st) {
		refuse(link, st);
		return;
	}
	remember_peer(link, &bind);
	claim_of(link, &bind, &claim);
	st = link->server->user->expect(link->server->data, &claim, &link->expected);
	if (st && (st->kind != ST_REFUSED || bind.credentials != BIND_SIMPLE)) {
		refuse(link, st);
		return;
	}
	link_work(link, BIND_CHECK_ARGUMENT, &bind, st, argument_checked);
}

static void accepted(void *arg, struct conn *conn)
{
	struct link_server *server = arg;
	struct link *link = link_new(server->env, server->contexts);

	link->server = server;
	server->links++;
	link->state = LINK_BINDING;
	link->peer = arena_strdup(link->arena, conn_peer(conn));
	link->conn = conn;
	conn_idle_limit(conn, server->env->idle_timeout_ms);
	conn_start(conn, &link_conn_user, link);
}

FALLIBLE link_listen(const struct link_env *env, const char *address,
		     const struct app_context *const *contexts, unsigned connections_max,
		     const struct link_server_user *user, void *data,
		     struct link_server **out_server)
{
	struct link_server *server = mem_new(struct link_server);

	*server = (struct link_server){ .env = env, .contexts = contexts, .user = user, .data = data };
	struct status *st = listener_open(env->loop, address, connections_max, accepted, server,
					  &server->listener);
	if (st) {
		free(server);
		return st;
	}
	*out_server = server;
	return OK;
}

const char *link_server_address(const struct link_server *server)
{
	return listener_address(server->listener);
}

void link_server_close(struct link_server **server)
{
	if (!*server)
		return;
	listener_close(&(*server)->listener);
	server_free_when_over(*server);
	*server = NULL;
}

FALLIBLE link_listen_all(const struct link_env *env, const struct text_list *addresses,
			 const struct app_context *const *contexts, unsigned connections_max,
			 const struct link_server_user *user, void *data,
			 struct link_servers *out_servers)
{
	struct link_servers *s = out_servers;

	s->list = mem_new_array(struct link_server *, addresses->count);
	for (s->count = 0; s->count < addresses->count; s->count++)
		TRY(link_listen(env, addresses->items[s->count], contexts, connections_max, user,
				data, &s->list[s->count]));
	return OK;
}

void link_servers_close(struct link_servers *servers)
{
	while (servers->count)
		link_server_close(&servers->list[--servers->count]);
	mem_free(&servers->list);
}
