/* SPDX-License-Identifier: Apache-2.0 */
/* What link.c (the association over a connection), link_bind.c (credentials), link_client.c and
 * link_server.c (either side of the bind) share. */
#ifndef LIB_MHS_LINK_IMPL_H
#define LIB_MHS_LINK_IMPL_H

#include "lib/mhs/binds.h"
#include "lib/mhs/link.h"

enum link_state {
	LINK_CONNECTING,
	LINK_BINDING,		/* a bind is being made, checked or waited for */
	LINK_OPEN,
	LINK_ENDING,		/* refused, released or aborted: waits for the connection's end */
};

struct link {
	const struct link_env *env;
	struct link_server *server;	/* null where we asked */
	struct arena *arena;		/* what is known of the peer */
	int64_t number;
	enum link_state state;
	bool work_running;		/* the worker pool has it: not to be freed yet */
	bool connection_gone;
	struct conn *conn;
	struct buf out;			/* what a round of events has to say, gathered */
	struct soon flush;		/* it leaves at the end of the round */
	struct assoc *assoc;
	struct timer *answer_timer;	/* for a bind or a release */
	struct rtse_recovery *recovery;	/* of this peer; lent while the link is open */

	const struct app_context **own_contexts;	/* where we asked: the one we ask for */
	const struct app_context *context;
	enum bind_kind kind;
	enum link_role peer_role;
	const char *peer;		/* for people */
	const char *peer_mta_name;
	struct bytes peer_domain, peer_or_name;
	struct bytes security_context;	/* in force, once the link is open; or empty */
	struct bytes fetch_restrictions; /* of what a user fetches from his store; or empty */
	const struct cert *peer_cert;
	struct link_expected expected;
	uint8_t random[BIND_RANDOM_OCTETS];
	struct messages_waiting waiting; /* what the answer to the bind tells */
	struct early *early;		/* invoked while the answer is being checked */
	uint64_t heard;			/* octets */

	void (*opened)(void *user, struct link *link);
	const struct link_user *user;	/* null until a server has said who serves it */
	void *user_data;
	struct status *why;		/* the first reason for the end */
};

/* A link over a connection that is there (conn) or being opened (null). */
struct link *link_new(const struct link_env *env, const struct app_context *const *contexts);
extern const struct conn_user link_conn_user;
/* Keeps the first reason for the end; takes it. */
void link_blame(struct link *link, struct status *why);

/* It is open: the peer has proved who he is, and what was cut off in his last link can go on. */
void link_open(struct link *link);

/* The association is over, or never was: the connection has to go.  Takes why. */
void link_end(struct link *link, struct status *why);

/* The association's own messages about binds, served by link_server.c and link_client.c. */
void link_server_bind_ind(void *user, const struct assoc_bind *bind);
void link_bind_cnf(void *user, struct bytes result);
void link_bind_refused(void *user, struct bytes error, const struct status *why);
/* The connection is there: binds. */
void link_bind(struct link *link);

/* What the peer invokes while his answer to our bind is checked waits for that. */
void link_early_add(struct link *link, int32_t id, int operation, struct bytes argument,
		    struct buf *apdu);
void link_early_free(struct link *link);
/* A link that it accepted is no more. */
void link_server_leave(struct link_server *server);

/* --- link_bind.c: all of these run on the worker pool and touch nothing but their work --- */

enum bind_step {
	BIND_MAKE_ARGUMENT,	/* initiator */
	BIND_CHECK_ARGUMENT,	/* responder: and makes the result */
	BIND_CHECK_RESULT,	/* initiator */
};

struct bind_work {
	struct link *link;
	enum bind_step step;
	struct bind peer;		/* what the peer said; lives in the link's arena */
	struct bind answer;		/* BIND_CHECK_ARGUMENT: the result to be; its token lies in: */
	struct buf token;
	struct buf out;			/* the argument that was made */
	struct cert_path *path;		/* of the peer's certificate, where one was verified */
	struct status *refused;		/* nobody is known by the name; or null */
	struct status *failed;
	void (*done)(struct bind_work *work);
};

/* Starts a step; done is called in the loop, unless the link ended meanwhile.  Where refused says why
 * (taken) the peer is refused, whatever his password is, only the time that it takes is spent. */
void link_work(struct link *link, enum bind_step step, const struct bind *peer,
	       struct status *refused, void (*done)(struct bind_work *work));

/* diag is the standard's name of why it was refused. */
void link_audit(const struct link *link, const struct status *refused, const char *diag);
enum bind_kind link_bind_kind(const struct app_context *context);

/* Frees it, if neither the connection nor the worker pool has it any more. */
void link_free_when_over(struct link *link);

#endif
