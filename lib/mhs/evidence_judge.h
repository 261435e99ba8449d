/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judge of evidence: he trusts authorities of his own choice, and nothing
 * that the evidence says before it was verified.  Certificates and revocation
 * lists are judged as of the time of the check; what was revoked later is told.
 */
#ifndef LIB_MHS_EVIDENCE_JUDGE_H
#define LIB_MHS_EVIDENCE_JUDGE_H

#include "lib/mhs/evidence.h"
#include "lib/sec/suite.h"

struct evidence_trust {
	const struct cert *const *anchors;
	size_t anchor_count;
	const struct crl_list *later;	/* lists that the judge has himself; may be null */
	time_t at;			/* 0: when the evidence says that it was checked */
	struct suite_options options;
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
	const char *about;		/* proved: to whom the message was written, or delivered */
	const char *path;		/* proved: how his certificate was verified, a line for each step */
	const char *later;		/* what the judge's own lists say of it; null: nothing */
};

struct claims {
	struct claim *list;
	size_t count;
};

/* Judges everything that is claimed: at least one thing is.  The list is freed by the caller. */
FALLIBLE evidence_judge(struct evidence *evidence, const struct evidence_trust *trust,
			struct claims *out_claims);
void claims_free(struct claims *claims);

/* "Written by CN=... to ... on ..., and unchanged.", or why that is not proved. */
const char *claim_sentence(struct arena *arena, const struct claim *claim);

#endif
