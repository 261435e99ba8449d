/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reports [X.411 8.3.1.2, 12.2.1.3]: what became of a message or probe, for each
 * recipient; as P1 carries it between MTAs and as P3 delivers it to the originator.
 */
#ifndef LIB_MHS_REPORT_H
#define LIB_MHS_REPORT_H

#include "lib/mhs/diagnostics.h"
#include "lib/mhs/envelope.h"

enum mts_user_type { USER_PUBLIC = 0, USER_PRIVATE = 1, USER_MS = 2, USER_DL = 3, USER_PDAU = 4,
	USER_PHYSICAL_RECIPIENT = 5, USER_OTHER = 6 };

struct report_recipient {
	struct bytes name;		/* actual recipient, ORName TLV */
	struct bytes intended_name;	/* originally intended, or empty */
	unsigned number;		/* originally specified; P1 only */
	uint32_t flags;			/* RCPT_...; P1 only */
	time_t arrival;			/* at the MTA that reports; P1 only */
	struct bytes converted_eits;
	bool delivered;
	time_t delivery_time;		/* delivered */
	enum mts_user_type user_type;	/* delivered */
	int reason;			/* not delivered */
	int diagnostic;			/* not delivered; DIAG_NONE */
	struct bytes supplementary;	/* PrintableString characters, or empty */
	struct ext_set extensions;	/* proof of delivery, recipient's certificate, ... */
};

struct report {
	struct arena *arena;
	struct bytes id;		/* of the report itself; P1 only */
	struct bytes destination;	/* who gets it, ORName TLV; P1 only */
	struct bytes trace;		/* contents of TraceInformation; P1 only */
	struct ext_set envelope_extensions;	/* P1 only: delivered among the extensions */
	struct bytes subject_id;	/* the message's or probe's */
	struct bytes subject_trace;	/* contents of its TraceInformation, or empty; P1 only */
	struct bytes eits, content_type;	/* TLVs, or empty */
	struct bytes content_identifier;	/* characters, or empty */
	bool has_content;
	struct bytes content;		/* returned content */
	struct bytes additional;	/* TLV, or empty; P1 only */
	struct ext_set extensions;
	struct report_recipient *recipients;
	size_t recipient_count;
};

/* What became of one recipient of a subject message. */
struct outcome {
	size_t recipient;		/* its place in the envelope */
	bool delivered;
	time_t when;			/* delivery, or giving up */
	enum mts_user_type user_type;
	int reason, diagnostic;		/* not delivered */
	const char *supplementary;	/* a sentence, or null: what is not printable is replaced */
	struct bytes proof, certificates;	/* TLVs, or empty */
};

/* Who asked for what a report says (per-recipient-indicators).  What only MTAs asked for is a
 * report of its own: the originator's MTA can keep it from him without breaking the signature of
 * the other [X.411 14.3.4]. */
enum report_audience { REPORT_FOR_ORIGINATOR, REPORT_FOR_MTAS };

/* Whether the originator is told of an outcome with these indicators. */
bool report_reaches_originator(uint32_t flags, bool delivered);

/*
 * The report on a message for its originator, made by this MTA.  Only outcomes that this audience
 * asked for are in it; *out_report is null where there are none.  The
 * content goes back where it was asked for and a recipient was not reached.
 */
FALLIBLE report_make(const struct envelope *subject, const struct outcome *outcomes, size_t count,
		     enum report_audience audience, const struct mta_identity *self, struct bytes id, time_t now,
		     struct arena *arena, struct report **out_report);

FALLIBLE report_p1_decode(struct arena *arena, struct bytes apdu, struct report **out_report);
FALLIBLE report_p1_encode(const struct report *report, struct buf *out);

/* ReportDeliveryArgument. */
FALLIBLE report_delivery_decode(struct arena *arena, struct bytes in, struct report **out_report);
FALLIBLE report_delivery_encode(const struct report *report, struct buf *out);

/* What is delivered again is known by this, in the arena: a message may have several reports, for
 * different recipients, and none of them has an identifier in P3. */
const char *report_identity(struct arena *arena, const struct report *report);

/* One recipient in a sentence: "delivered 1994-03-02 09:00:00 UTC" or
 * "not delivered: unable-to-transfer, unrecognised-OR-name (...)". */
const char *report_recipient_text(struct arena *arena, const struct report_recipient *recipient);

#endif
