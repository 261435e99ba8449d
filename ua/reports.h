/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What became of what was sent: reports, proofs of delivery, receipts
 * [X.411 8.3.1.2; X.420 8].
 */
#ifndef UA_REPORTS_H
#define UA_REPORTS_H

#include "ua/inbox.h"

/* Of a proof of delivery. */
enum proof_state { PROOF_NONE, PROOF_GOOD, PROOF_REFUSED, PROOF_UNCHECKED, PROOF_MISSING };
extern const char *const proof_names[];		/* "none" ...; ends with null */

/* Texts in an arena. */
struct proof_finding {
	enum proof_state state;
	const char *by;			/* who proved it: the directory name in its certificate */
	const char *why;		/* refused or unchecked */
	const char *reporter;		/* whose signature the report has; null: it has none */
};

/* As it is stored with a recipient, and back. */
char *proof_to_text(const struct proof_finding *finding);
struct proof_finding proof_from_text(struct arena *arena, const char *text);
/* "proved by CN=...", or null where nothing was asked for. */
const char *proof_sentence(struct arena *arena, const struct proof_finding *finding);

/* A received report is matched with the message that was sent, its proofs are checked, and all is
 * stored at once.  A report that belongs to nothing stays in the inbox. */
FALLIBLE reports_settle(struct home *home, struct opened *report);

/* A receipt notification: the message it is about was read, as its recipient says. */
FALLIBLE reports_note_receipt(struct db *db, const struct opened *from, const struct ipn *ipn);

/* Who made a report. */
struct reporter {
	enum verdict verdict;		/* VERDICT_UNSIGNED: nothing says so */
	const char *by;			/* good: the directory name in the MTA's certificate */
	const char *why;		/* refused or unchecked */
};
struct reporter reporter_examine(struct home *home, const struct opened *report,
				 const struct envelope *sent);

/* The argument of a submission, as it was sent, appended. */
FALLIBLE sent_argument(struct db *db, struct arena *arena, int64_t id, struct buf *argument);

/* Checks the proofs of submission that came and are not checked.  Failures are the store's own. */
FALLIBLE submissions_check(struct home *home);
/* "proved by CN=...": what is known of the proof of a message's submission; null where it was not
 * asked for. */
const char *submission_sentence(struct home *home, int64_t id, struct proof_finding *out);

/* What was sent, as far as a proof covers it. */
struct proof_subject {
	int64_t message;
	bool wanted;
	struct envelope *envelope;	/* as submitted */
};

/* Checks the proof in one recipient's part of a report. */
struct proof_finding proof_examine(struct home *home, struct arena *arena,
				   const struct proof_subject *subject,
				   const struct report_recipient *recipient);

#endif
