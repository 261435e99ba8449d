/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interpersonal messages and their notifications [X.420]: P22, and P2 of 1984,
 * which is the same without what came later.  All text is UTF-8 here.
 */
#ifndef LIB_MHS_IPM_H
#define LIB_MHS_IPM_H

#include "lib/base/arena.h"
#include "lib/base/bytes.h"
#include "lib/base/status.h"

#include <time.h>

enum importance { IMPORTANCE_LOW = 0, IMPORTANCE_NORMAL = 1, IMPORTANCE_HIGH = 2 };
enum sensitivity { SENSITIVITY_NONE = 0, SENSITIVITY_PERSONAL = 1, SENSITIVITY_PRIVATE = 2,
	SENSITIVITY_COMPANY = 3 };

enum { IPM_BODY_PARTS_MAX = 256, IPM_NAMES_MAX = 1024, IPM_DEPTH_MAX = 8 };

struct ipm_id {
	struct bytes user;		/* ORName TLV, or empty */
	const char *local;		/* null: no identifier at all */
};

enum {	/* what is asked of a recipient */
	IPM_WANTS_RECEIPT = 1 << 0,
	IPM_WANTS_NON_RECEIPT = 1 << 1,
	IPM_WANTS_RETURN = 1 << 2,
	IPM_WANTS_REPLY = 1 << 3,
};

struct ipm_name {			/* an O/R descriptor, with a recipient's requests */
	struct bytes name;		/* ORName TLV, or empty */
	const char *free_form;		/* or null */
	const char *telephone;		/* or null */
	unsigned requests;		/* IPM_WANTS_... */
};

struct ipm_names {
	struct ipm_name *names;
	size_t count;
};

enum ipm_body_kind {
	IPM_TEXT,		/* text: ia5-text, teletex, general-text */
	IPM_FILE,		/* data, file_name: file-transfer */
	IPM_BILATERAL,		/* data: bilaterally-defined */
	IPM_FORWARDED,		/* message: a forwarded IPM */
	IPM_OTHER,		/* data: one BodyPart TLV, of a kind not shown here */
};

struct ipm_body {
	enum ipm_body_kind kind;
	const char *type;		/* its name in X.420, or a dotted identifier */
	const char *text;
	struct bytes data;
	const char *file_name;		/* or null */
	time_t modified;		/* of a file; 0: not said */
	struct ipm *message;
};

struct ipm {
	struct ipm_id id;
	struct ipm_name *originator;	/* or null */
	struct ipm_names authorizing, to, cc, bcc, reply_to;
	struct ipm_id in_reply_to;
	struct ipm_id *obsoletes, *related;
	size_t obsolete_count, related_count;
	const char *subject;		/* or null */
	time_t expires, reply_by;	/* 0: not said */
	enum importance importance;
	enum sensitivity sensitivity;
	bool auto_forwarded;
	struct ipm_body *body;
	size_t body_count;
};

/* A notification: of receipt, or of non-receipt. */
struct ipn {
	struct ipm_id subject;
	struct ipm_name *originator;	/* who notifies, or null */
	struct ipm_name *intended;	/* whom the message was for, where that is another; or null */
	bool receipt;
	time_t receipt_time;		/* receipt */
	bool automatic;			/* receipt: acknowledged by a machine */
	const char *supplementary;	/* receipt; or null */
	int non_receipt_reason;		/* 0 discarded, 1 auto-forwarded */
	int discard_reason;		/* -1: not said */
	const char *forward_comment;	/* or null */
};

/* What a content is. */
enum ipm_kind { IPM_MESSAGE, IPM_NOTIFICATION };

/* From the octets of a P2 or P22 content; exactly one of the outputs is set.  ST_PEER with
 * diagnostic 12 (content-syntax-error) where it is malformed. */
FALLIBLE ipm_decode(struct arena *arena, struct bytes content, struct ipm **out_ipm,
		    struct ipn **out_ipn);

/* Content octets of P22.  Text in IA5 becomes ia5-text, other text general-text in UTF-8 (ISO-IR
 * 196); a subject outside T.61 travels as extended-subject with a readable substitute. */
FALLIBLE ipm_encode(const struct ipm *ipm, struct buf *out);
FALLIBLE ipn_encode(const struct ipn *ipn, struct buf *out);

/* "ipm-discarded: ..." in words. */
const char *non_receipt_words(int reason, int discard_reason);

/* The EncodedInformationTypes TLV of a message's body, for its envelope. */
FALLIBLE ipm_eits(const struct ipm *ipm, struct buf *out);

#endif
