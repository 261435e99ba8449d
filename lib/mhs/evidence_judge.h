/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judge of evidence: he trusts authorities of his own choice, and nothing
 * that the evidence says before it was verified.  Certificates and revocation
 * lists are judged as of the time of the check; what was revoked later is told.
 *
 * What the writer and his recipient had agreed on within a suite he need not know.
 */
#ifndef LIB_MHS_EVIDENCE_JUDGE_H
#define LIB_MHS_EVIDENCE_JUDGE_H

#include "lib/mhs/evidence.h"
#include "lib/sec/path.h"
#include "lib/sec/suite.h"

struct evidence_trust {
	const struct cert *const *anchors;
	size_t anchor_count;
	const struct crl_list *later;	/* lists that the judge has himself; may be null */
	time_t at;			/* 0: when the evidence says that it was checked */
	struct path_policies policies;	/* that are required [trust_policies] */
	bool allow_broken_1989;		/* the setting: what locator-1989 signed may be told, with a warning */
};

enum claim_kind { CLAIM_ORIGIN, CLAIM_SUBMISSION, CLAIM_DELIVERY };
extern const char *const claim_names[];		/* "origin", ... */

/* Something that is claimed.  Texts live in the evidence's arena. */
struct claim {
	enum claim_kind kind;
	bool proved;
	const char *why;		/* what it is not proved for, in one line; null */
	const char *by;			/* proved: the directory name of whoever signed it */
	time_t when;			/* proved: as he says */
	const struct suite *suite;	/* of an origin that is proved; where suite->broken is set, that is
					 * to be told with it.  Null: signed as in modern */
	const char *about;		/* proved: to whom the message was written, or delivered */
	const char *path;		/* proved: how his certificate was verified, a line for each step */
	const char *later;		/* what the judge's own lists say of it; null: nothing */
};

struct claims {
	struct claim *list;
	size_t count;
};

/* ST_REFUSED for a certificate of 1988.  Such have no place for an O/R address [X.509 (1988) 7]: only
 * the owner's entry in a directory says what it is, and evidence has none that could be believed. */
FALLIBLE evidence_check_form(const struct cert *cert);

/* Judges everything that is claimed: at least one thing is.  The list is freed by the caller. */
FALLIBLE evidence_judge(struct evidence *evidence, const struct evidence_trust *trust,
			struct claims *out_claims);
void claims_free(struct claims *claims);

/* "Written by CN=... to ... on ..., and unchanged.", or why that is not proved. */
const char *claim_sentence(struct arena *arena, const struct claim *claim);

#endif
