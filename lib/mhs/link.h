/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A link: an association over a real connection, opened by a bind in which
 * both sides say who they are and prove it.  What P1, P3 and P7 have in
 * common is here; what travels on an open link is its user's business.
 *
 * Everything belongs to the loop's thread.  Paths are verified and tokens
 * signed on the worker pool.
 */
#ifndef LIB_MHS_LINK_H
#define LIB_MHS_LINK_H

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/loop.h"
#include "lib/base/settings.h"
#include "lib/osi/assoc.h"
#include "lib/sec/bind_token.h"
#include "lib/sec/cert.h"
#include "lib/sec/crypto.h"

struct link;
struct link_server;
struct messages_waiting;
struct own_keys;
struct labels;
struct recoveries;
struct trust;

/* The role in which a side binds: [X.411 8.1.2.1.1.1.1 ObjectName]. */
enum link_role { LINK_MTA, LINK_MS, LINK_UA };

/* Who we are, to our peers.  All is borrowed and outlives the links. */
struct link_self {
	enum link_role role;
	const char *mta_name;		/* LINK_MTA: the MTA-name */
	struct bytes domain;		/* LINK_MTA: DER GlobalDomainIdentifier */
	struct bytes or_name;		/* LINK_MS, LINK_UA: DER ORName */
	const struct own_keys *keys;	/* null, or none: only simple credentials can be given */
};

/* What links need of their program.  All is borrowed and outlives them. */
struct link_env {
	struct loop *loop;
	const struct clock *clock;
	struct link_self self;
	struct trust *trust;			/* verifies the paths of peers */
	const struct seen_before *seen;		/* bind tokens; used on the worker pool */
	const struct assoc_limits *limits;
	/* Where transfers that are cut off wait for the peer's next link [lib/mhs/recoveries.h]; he
	 * has to have proved who he is.  Null: they begin anew. */
	struct recoveries *recoveries;
	/* What links carry by their labels [lib/mhs/labels.h]; null: whatever they are. */
	const struct labels *labels;
	int64_t bind_timeout_ms;		/* from the connection to the end of the bind */
	int64_t idle_timeout_ms;		/* without an octet from the peer; 0: for ever */
};

/* Who a peer says he is: borrowed, and not yet believed. */
struct link_claim {
	const struct app_context *context;
	enum link_role role;
	const char *mta_name;		/* LINK_MTA */
	struct bytes or_name;		/* LINK_MS, LINK_UA: DER ORName as it arrived */
	const char *text;		/* either, for people */
	const char *address;		/* where he connects from */
	bool authenticated;		/* he gives credentials at all */
	struct bytes fetch_restrictions; /* of a user to his store: a DER Restrictions; or empty */
	struct arena *arena;		/* lives as long as the link: for what is expected of him */
};

/* What a peer has to be.  Texts and views are borrowed until the link is open. */
struct link_expected {
	enum scope scope;		/* of the certificate */
	struct bytes directory_name;	/* DER Name of the certificate; empty: any */
	struct bytes or_address;	/* DER ORAddress of the certificate; empty: any */
	/* Simple credentials are enough if they are this; null: strong ones are wanted. */
	const char *password;
	struct bytes password_stored;	/* in place of it, as lib/sec/password.h stores one; or empty */
	/* The password that we give; null: strong credentials. */
	const char *own_password;
	/* Where it stands, and is read for each bind, as it may change; null: it does not. */
	const char *own_password_file;
	/* SecurityContext TLV: what the link may carry.  Proposed to whom we bind; the limit of what
	 * who binds may propose.  Empty: as the site's labels say. */
	struct bytes security_context;
};

/* What the user of an open link is told.  closed is last; views lie in *apdu (or *octets), which may
 * be taken [lib/osi/assoc.h].  Null where the application context never does it. */
struct link_user {
	void (*invoke)(void *user, struct link *link, int32_t invoke_id, int operation,
		       struct bytes argument, struct buf *apdu);
	void (*result)(void *user, struct link *link, int32_t invoke_id,
		       struct bytes result, struct buf *apdu);
	void (*error)(void *user, struct link *link, int32_t invoke_id, int error,
		      struct bytes parameter, struct buf *apdu);
	void (*reject)(void *user, struct link *link, int32_t invoke_id, const struct status *why);
	void (*transfer)(void *user, struct link *link, struct bytes apdu, struct buf *octets);
	void (*transferred)(void *user, struct link *link, const struct status *failed);
	void (*turn)(void *user, struct link *link);
	void (*turn_please)(void *user, struct link *link);
	/* The end: why is null after an orderly release.  The link is freed after it returns. */
	void (*closed)(void *user, struct link *link, const struct status *why);
};

/* --- those who answer --- */

struct link_server_user {
	/* What a claim has to prove; ST_REFUSED: nobody of that name is known here.  *out_expected
	 * is zeroed: scope and names may be set. */
	FALLIBLE (*expect)(void *data, const struct link_claim *claim,
			   struct link_expected *out_expected);
	/* He proved it: who serves the link from here on.  expected is as expect filled it. */
	void (*accepted)(void *data, struct link *link, const struct link_claim *claim,
			 const struct link_user **out_user, void **out_user_data);
};

/* contexts ends with null.  The listener accepts at once; the server outlives no env. */
FALLIBLE link_listen(const struct link_env *env, const char *address,
		     const struct app_context *const *contexts, unsigned connections_max,
		     const struct link_server_user *user, void *data,
		     struct link_server **out_server);
/* Where it listens, with the port that was found. */
const char *link_server_address(const struct link_server *server);
/* Accepts no more; links stay until they end by themselves. */
void link_server_close(struct link_server **server);

/* A server for each address of a setting. */
struct link_servers {
	struct link_server **list;
	size_t count;
};

/* As link_listen; *out_servers is to be closed also where it fails. */
FALLIBLE link_listen_all(const struct link_env *env, const struct text_list *addresses,
			 const struct app_context *const *contexts, unsigned connections_max,
			 const struct link_server_user *user, void *data,
			 struct link_servers *out_servers);
void link_servers_close(struct link_servers *servers);

/* --- those who ask --- */

struct link_target {
	const char *address;		/* host:port */
	const struct app_context *context;
	enum link_role role;		/* of the peer */
	const char *mta_name;		/* LINK_MTA: the peer's */
	struct bytes domain;		/* LINK_MTA: the peer's DER GlobalDomainIdentifier */
	struct bytes or_name;		/* LINK_MS: the peer's DER ORName */
	struct link_expected expected;
	struct bytes fetch_restrictions; /* LINK_MS, to which we are the user: as in a claim */
	int64_t connect_timeout_ms;
};

/* opened or, instead, closed follows; the target is copied but for the texts in expected. */
struct link *link_connect(const struct link_env *env, const struct link_target *target,
			  void (*opened)(void *user, struct link *link),
			  const struct link_user *user, void *user_data);

/* --- an open link --- */

/* For requests and responses of lib/osi/assoc.h. */
struct assoc *link_assoc(struct link *link);
/* Its number, as the log has it: assoc=7. */
int64_t link_number(const struct link *link);
/* The peer, for people: the claim that was proved. */
const char *link_peer(const struct link *link);
const struct app_context *link_context(const struct link *link);
/* The certificate that the peer proved to own; null after simple credentials. */
const struct cert *link_peer_cert(const struct link *link);
/* The security context in force: what was proposed in the bind or, where nothing was, what is
 * allowed here.  Empty: there is none. */
struct bytes link_security_context(const struct link *link);
/* From within accepted: the answer to his bind tells a user of the MTS what waits for him
 * [lib/mhs/binds.h]; and what an answer to our bind told us. */
void link_tell_waiting(struct link *link, const struct messages_waiting *waiting);
const struct messages_waiting *link_waiting(const struct link *link);
/* How many octets the peer has sent: whether he is still at it. */
uint64_t link_heard(const struct link *link);
/* The connection's octets that have not left yet: for back-pressure. */
size_t link_queued(const struct link *link);

/* Releases in order; closed follows. */
void link_release(struct link *link);
/* Ends it at once, and logs why (taken; may be null); closed follows. */
void link_abort(struct link *link, struct status *why);

#endif
