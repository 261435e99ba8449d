/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing: what the user gives becomes an interpersonal message in the outbox,
 * without a network and without his key.
 */
#ifndef UA_LETTER_H
#define UA_LETTER_H

#include "lib/mhs/ipm.h"
#include "lib/sec/suite.h"
#include "ua/address.h"

/* Security services and reports that are wanted.  All services but proof of submission are the
 * originator's word, and so need his signature. */
struct wishes {
	bool sign, seal, proof, report;
	bool submission_proof;		/* of his own MTA */
	bool origin_check;		/* anybody on the way can check who wrote it */
	bool content_check;		/* the content is signed outside of the tokens, too */
	bool confidential_check;	/* check and number only for the recipient's eyes */
	bool certificate;		/* sent along */
	bool probe;			/* only whether it could be delivered is asked, */
	int64_t probe_octets;		/* with a content of this length */
	int plain_from;			/* the number of the first recipient for whom it is not
					 * signed; 0: there is none */
	struct bytes label;		/* SecurityLabel TLV; empty: none */
	const struct suite *suite;	/* null: the one that the settings name */
};

struct letter {
	struct correspondent *to, *cc, *plain;	/* plain: to them it is not signed */
	size_t to_count, cc_count, plain_count;
	const char *subject, *text;		/* either may be null */
	const char **attachments;		/* paths */
	size_t attachment_count;
	struct ipm_id in_reply_to;		/* or zeroed */
	struct wishes wishes;
};

/*
 * Checks it all and puts it into the outbox, durably.  ST_USAGE, in a sentence: services that do not
 * go together, no recipients or more than RECIPIENTS_MAX, a content over the limit, text that
 * is not UTF-8, a signature without a certificate, a label outside of the user's own context.
 */
FALLIBLE letter_post(struct home *home, const struct letter *letter, int64_t *out_id);

/* The wishes as they are stored with a message of the outbox, and back; the label is then in the
 * arena. */
char *wishes_to_text(const struct wishes *wishes);
struct wishes wishes_from_text(struct arena *arena, const char *facts);

/* What the user has to be told of the suite, in the arena; null where there is nothing. */
const char *wishes_warning(struct arena *arena, const struct wishes *wishes);

/* An IPM-identifier as the store has it, in the arena; null where there is none. */
const char *ipm_id_text(struct arena *arena, const struct ipm_id *id);

/* send, probe, reply. */
FALLIBLE cmd_send(const struct invocation *invocation);
FALLIBLE cmd_probe(const struct invocation *invocation);
FALLIBLE cmd_reply(const struct invocation *invocation);
extern const struct option_spec send_options[], probe_options[], reply_options[];

#endif
