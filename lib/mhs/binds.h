/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Binds: what both sides of an association say first.  One view over the
 * arguments, results and errors of MTA-bind, MTS-bind [X.411 8.1, 12.1] and
 * MS-bind [X.413 7.1], which differ only in form.
 */
#ifndef LIB_MHS_BINDS_H
#define LIB_MHS_BINDS_H

#include "lib/base/arena.h"
#include "lib/base/status.h"

enum bind_kind { BIND_MTA, BIND_MTS, BIND_MS };

/* What an agent's password may be [X.411 ub-password-length]. */
enum { BIND_PASSWORD_MAX = 62 };
/* Which of the two forms of a password it has: an IA5String, or else an OCTET STRING. */
bool bind_password_is_ia5(struct bytes password);

/* Which form of name stands in it [X.411 8.1.2.1.1.1.1]. */
enum bind_name_kind {
	BIND_NAME_NONE,		/* none: an MS's answer, or an unauthenticated MTA */
	BIND_NAME_USER,		/* ORName */
	BIND_NAME_MTA,		/* MTAName */
	BIND_NAME_MS,		/* ORName of a message store */
};

enum bind_credentials_kind { BIND_NO_CREDENTIALS, BIND_SIMPLE, BIND_STRONG };

/* What waits to be delivered to who binds, by priority [X.411 8.1.2.1.1.2, messages-waiting]. */
enum { WAITING_URGENT, WAITING_NORMAL, WAITING_NON_URGENT, WAITING_PRIORITIES };
struct messages_waiting {
	bool told;			/* the MTS says so at all */
	struct {
		int64_t messages, octets;
	} queues[WAITING_PRIORITIES];
};

/* An argument or a result.  What was decoded lives in the arena; tokens and certificates are
 * then the octets that arrived. */
struct bind {
	enum bind_name_kind name_kind;
	const char *mta_name;		/* BIND_NAME_MTA */
	struct bytes or_name;		/* DER ORName of the others */
	enum bind_credentials_kind credentials;
	struct bytes password;		/* BIND_SIMPLE */
	struct bytes token;		/* BIND_STRONG: the Token */
	struct bytes certificate;	/* BIND_STRONG: the side's own certificate; or empty */
	struct bytes security_context;	/* an argument: a DER SecurityContext; or empty */
	struct bytes fetch_restrictions; /* an argument of BIND_MS: a DER Restrictions; or empty */
	struct messages_waiting waiting; /* a result of BIND_MTS */
};

/* Decodes the argument (or the result) of a kind of bind.  ST_PEER where it is none. */
FALLIBLE bind_argument_decode(enum bind_kind kind, struct bytes octets, struct arena *arena,
			      struct bind *out_bind);
FALLIBLE bind_result_decode(enum bind_kind kind, struct bytes octets, struct arena *arena,
			    struct bind *out_bind);

/* Appends the DER.  ST_USAGE where the name is not one that this kind of bind has. */
FALLIBLE bind_argument_encode(enum bind_kind kind, const struct bind *bind, struct buf *out);
FALLIBLE bind_result_encode(enum bind_kind kind, const struct bind *bind, struct buf *out);

/* Why a bind is refused. */
enum bind_problem {
	BIND_BUSY,
	BIND_AUTHENTICATION_ERROR,
	BIND_UNACCEPTABLE_DIALOGUE_MODE,
	BIND_UNACCEPTABLE_SECURITY_CONTEXT,
};

/* Appends the bind error; the kinds number the problems differently. */
FALLIBLE bind_error_encode(enum bind_kind kind, enum bind_problem problem, struct buf *out);
/* The failure that a bind error stands for, in words: ST_LATER where busy, else ST_REFUSED. */
struct status *bind_error_status(enum bind_kind kind, struct bytes error);

#endif
