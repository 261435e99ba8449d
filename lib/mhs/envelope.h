/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The envelope of a message or probe: one struct for P3 submission and P1
 * transfer, which have the same fields under different tags [X.411 Tables 3, 29].
 * What a relay does not act on is a view of the octets that arrived, and leaves
 * as these; the content is never copied (unless it came in segments).
 *
 * Decoded views point into the input, which has to outlive the envelope; what is
 * made new lives in the arena.
 */
#ifndef LIB_MHS_ENVELOPE_H
#define LIB_MHS_ENVELOPE_H

#include "lib/base/arena.h"
#include "lib/mhs/extensions.h"
#include "lib/mhs/mts_id.h"

#include <time.h>

enum { RECIPIENTS_MAX = 512 };		/* of one message [DESIGN 7] */

enum priority { PRIORITY_NORMAL = 0, PRIORITY_NON_URGENT = 1, PRIORITY_URGENT = 2 };

enum {	/* per-message-indicators, as bits */
	IND_DISCLOSURE_OF_RECIPIENTS = 1 << 0,
	IND_IMPLICIT_CONVERSION_PROHIBITED = 1 << 1,
	IND_ALTERNATE_RECIPIENT_ALLOWED = 1 << 2,
	IND_CONTENT_RETURN_REQUEST = 1 << 3,
};

enum {	/* per-recipient-indicators, as bits [X.411 12.2.1.1.1.7]; a P3 submission has the
	 * last two, as its originator-report-request */
	RCPT_RESPONSIBLE = 1 << 0,
	RCPT_MTA_REPORT = 1 << 1,
	RCPT_MTA_NON_DELIVERY_REPORT = 1 << 2,
	RCPT_ORIGINATOR_REPORT = 1 << 3,
	RCPT_ORIGINATOR_NON_DELIVERY_REPORT = 1 << 4,
};

enum { PER_RECIPIENT_BITS = 8 };	/* at least: the SIZE of PerRecipientIndicators */

enum { CONTENT_TYPE_P2 = 2, CONTENT_TYPE_P22 = 22 };

struct recipient {
	struct bytes name;		/* ORName TLV */
	unsigned number;		/* originally specified, from 1 */
	uint32_t flags;			/* RCPT_... */
	int explicit_conversion;	/* -1: none */
	struct ext_set extensions;
};

struct envelope {
	struct arena *arena;
	bool probe;
	struct bytes id;		/* MTSIdentifier TLV; empty in a submission */
	struct bytes originator;	/* ORName TLV */
	struct bytes eits;		/* EncodedInformationTypes TLV, or empty */
	struct bytes content_type;	/* TLV of a ContentType */
	struct bytes content_identifier; /* characters, or empty */
	enum priority priority;
	uint32_t indicators;		/* IND_... */
	time_t deferred_until;		/* 0: now */
	int64_t content_length;		/* of a probe; -1: not said */
	struct bytes bilateral;		/* contents of per-domain-bilateral-information */
	struct bytes trace;		/* contents of TraceInformation */
	struct ext_set extensions;
	struct recipient *recipients;
	size_t recipient_count;
	struct bytes content;
};

/* An envelope with a normal priority and nothing else, in the arena. */
struct envelope *envelope_new(struct arena *arena);

/* --- P3 submission: MessageSubmissionArgument, ProbeSubmissionArgument --- */

/* ST_PEER where the argument is malformed; ST_NEVER, diagnostic 16 (too-many-recipients), over
 * RECIPIENTS_MAX.  Recipients are numbered in their order. */
FALLIBLE submission_decode(struct arena *arena, struct bytes argument, struct envelope **out);
FALLIBLE probe_submission_decode(struct arena *arena, struct bytes argument, struct envelope **out);
/* Everything before the content's octets: send it and then envelope->content.  For a probe, all. */
FALLIBLE submission_encode(const struct envelope *env, struct buf *out_head);

/* The argument as a proof of submission covers it: the envelope's TLV as it travelled, and the
 * octets of the content.  Both are views, unless the content came in segments. */
FALLIBLE submission_parts(struct arena *arena, struct bytes argument, struct bytes *out_envelope,
			  struct bytes *out_content);

/* MessageSubmissionResult and ProbeSubmissionResult, which have the same form. */
struct submission_result {
	struct bytes id;		/* MTSIdentifier TLV */
	time_t time;
	struct bytes content_identifier;
	struct ext_set extensions;
};
FALLIBLE submission_result_encode(const struct submission_result *result, struct buf *out);
FALLIBLE submission_result_decode(struct arena *arena, struct bytes in,
				  struct submission_result *out_result);

/* --- P1: MTS-APDU message [0] and probe [2]; a report [1] is lib/mhs/report.h's --- */

enum p1_kind { P1_MESSAGE, P1_REPORT, P1_PROBE };

/* Which of them an APDU is, from its first octet.  ST_PEER where it is none. */
FALLIBLE p1_kind_of(struct bytes apdu, enum p1_kind *out_kind);

FALLIBLE p1_decode(struct arena *arena, struct bytes apdu, struct envelope **out);
/* Everything before the content's octets: send it and then envelope->content. */
FALLIBLE p1_encode(const struct envelope *env, struct buf *out_head);
/* The same for those recipients alone for whom chosen[i]; the others stay in the envelope without
 * the responsibility flag, as a split message wants [X.411 14.3.1]. */
FALLIBLE p1_encode_split(const struct envelope *env, const bool *chosen, struct buf *out_head);

/*
 * The accepted submission becomes a transfer envelope: it has an identifier, all recipients are
 * this MTA's responsibility, reports asked of MTAs follow the originator's wish, extensions that do not
 * go beyond submission are gone, and its trace begins here [X.411 14.6].
 */
FALLIBLE envelope_accept(struct envelope *env, const struct mta_identity *self,
			 struct bytes id, time_t now);

/*
 * A transferred message has arrived here: loops are looked for (ST_NEVER, diagnostic 3; an MTA may
 * see a message again twice, as rerouting wants), then this domain is added to the trace unless the
 * message was in it already, and this MTA to the internal trace.
 */
FALLIBLE envelope_arrive(struct envelope *env, const struct mta_identity *self, time_t now);

/* --- words --- */

/* The built-in number of a content type (22 for P22 in either form), -1 for an unknown one. */
int content_type_number(struct bytes content_type);
/* The TLV for a built-in number, in the arena. */
struct bytes content_type_tlv(struct arena *arena, int number);

#endif
