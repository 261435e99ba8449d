/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Acts that matter need two people, where the settings say so: what was asked for waits in the
 * database, octet for octet, until two different approvers have signed its hash with keys of their
 * own; the second signature, its entry in the journal and the act are one transaction.
 *
 * The authority itself asks, inside the transactions that matter (approval_spend): no command gets
 * around it.  What waits is believed only as far as the signed journal goes along with it, and a
 * signature only for the act that it names; so the database may be edited by anybody.
 */
#ifndef CA_APPROVAL_H
#define CA_APPROVAL_H

#include "ca/authority.h"
#include "lib/base/settings.h"

enum { APPROVALS_NEEDED = 2, ACT_MAX_OCTETS = 32 * 1024 * 1024 };

/* --- who may approve --- */

struct approver {
	char *name;
	const struct cert *cert;	/* whoever has its key is he; who issued it does not matter */
};

struct approvers {
	struct approver *list;
	size_t count;
};

/* Lines "NAME FILE.pem".  ST_USAGE where two have one name or one key, or there are too few. */
FALLIBLE approvers_read(const struct text_list *lines, struct approvers *out_approvers);
void approvers_cleanup(struct approvers *approvers);

/* --- one signature --- */

struct signature {
	int64_t number;			/* of the act that it is for */
	const struct approver *approver;
	struct buf line;		/* lib/sec/jws.h */
};

void signature_cleanup(struct signature *signature);

/* --- what an authority is told [struct authority.approval] --- */

struct approval {
	const struct approvers *approvers;	/* null: the settings ask for no approval */
	const struct signature *last;	/* the one that completes it; null: there is none */
	bool wanted;		/* set: something was refused for want of it */
	bool spent;		/* set: it was used, and holds until the process ends */
};

/* ST_REFUSED where something that matters must not be done: looked at beforehand. */
FALLIBLE approval_check(struct authority *ca);
/* Whether that is for want of an approval: then it is tried in a rehearsal, and comes to wait. */
bool approval_is_missing(const struct authority *ca);
/* ST_REFUSED: it has to wait. */
FALLIBLE approval_want(struct authority *ca);
/* The same inside its transaction, which the approval becomes a part of. */
FALLIBLE approval_spend(struct authority *ca, time_t now);

/* --- what waits --- */

/* Keeps an act, durably; its number is for the approvers. */
FALLIBLE approval_ask(struct authority *ca, struct bytes act, const char *command, time_t now,
		      int64_t *out_number);

/* The act that waits under a number.  ST_NOT_FOUND where none does; ST_REFUSED where it is not what
 * was asked for. */
FALLIBLE approval_load(struct authority *ca, int64_t number, struct buf *out_act);

/* How many signatures it has that count. */
FALLIBLE approval_count(struct authority *ca, const struct approvers *approvers, int64_t number,
			size_t *out_count);

/* Signs an act that waits.  ST_REFUSED unless the key is that of an approver who has not yet. */
FALLIBLE approval_sign(struct authority *ca, const struct approvers *approvers, int64_t number,
		       const struct private_key *key, time_t now, struct signature *out_signature);
/* Keeps a signature that does not complete it. */
FALLIBLE approval_add(struct authority *ca, const struct signature *signature, time_t now);

FALLIBLE approval_reject(struct authority *ca, int64_t number, time_t now);
/* All that wait, inside a transaction in which they become void. */
FALLIBLE approval_void_all(struct db *db, int64_t *out_count);

#endif
