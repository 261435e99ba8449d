/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evidence of one message: everything that somebody needs who shall judge, years
 * later and without asking anyone, who wrote it, that the MTS accepted it, to
 * whom it was delivered [X.411 8.2.1.1.1.26, 8.2.1.1.2.4, 8.3.1.1.2.2].
 *
 * It is a text: lines "Name: value", and then blocks [RFC 7468] with the octets
 * of the Recommendations' own types, as they travelled, and with certificates
 * and revocation lists, so that openssl(1) reads them as well.
 */
#ifndef LIB_MHS_EVIDENCE_H
#define LIB_MHS_EVIDENCE_H

#include "lib/base/arena.h"
#include "lib/sec/cert.h"

enum evidence_side {
	EVIDENCE_RECEIVED,	/* from a recipient: who wrote it, and that it is unchanged */
	EVIDENCE_SENT,		/* from the originator: that it was submitted, and delivered */
};

enum {
	EVIDENCE_MAX_OCTETS = 128 << 20,	/* of the text */
	EVIDENCE_MAX_REPORTS = 1024,
	EVIDENCE_MAX_CERTS = 1024,		/* and lists */
};

struct evidence {
	struct arena *arena;
	enum evidence_side side;
	time_t checked;			/* when whoever exported it had checked it, as he says */
	/* RECEIVED: MessageDeliveryEnvelope.  SENT: MessageSubmissionArgument, up to its content. */
	struct bytes envelope;
	bool has_content;
	struct bytes content;		/* RECEIVED: in the clear.  SENT: as submitted. */
	struct bytes content_hash;	/* its SHA-256, also where it is not there */
	struct bytes result;		/* SENT: MessageSubmissionResult, or empty */
	struct bytes *reports;		/* SENT: ReportDeliveryArguments */
	size_t report_count;
	struct cert_list certs;
	struct crl_list crls;
};

/* With an arena of its own. */
struct evidence *evidence_new(enum evidence_side side);
void evidence_free(struct evidence **evidence);

/* The content, where it was told by its hash alone; ST_REFUSED where it has another. */
FALLIBLE evidence_give_content(struct evidence *evidence, struct bytes content);

/* Octets are copied to the arena.  ST_USAGE beyond EVIDENCE_MAX_REPORTS. */
void evidence_set_content(struct evidence *evidence, struct bytes content);
FALLIBLE evidence_add_report(struct evidence *evidence, struct bytes report);

/* Appends the text, without the content where it is to be told by its hash alone. */
void evidence_write(const struct evidence *evidence, bool with_content, struct buf *out);
/* ST_USAGE where it is no evidence, or not whole, or a block is not what its label says, or the
 * content is not the one of the hash. */
FALLIBLE evidence_read(struct bytes text, struct evidence **out_evidence);

#endif
