/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end-to-end services of a message, put together: a token for each
 * recipient with content integrity check, sequence number, request for proof
 * of delivery, and the key of the sealed content.  Checking yields facts;
 * policy decides on them.
 */
#ifndef LIB_SEC_MESSAGE_H
#define LIB_SEC_MESSAGE_H

#include "lib/sec/cert.h"
#include "lib/sec/seen_before.h"
#include "lib/sec/suite.h"
#include "lib/sec/token.h"

/* --- making --- */

struct protect_recipient {
	struct bytes name;		/* ORName TLV, as it will stand in the envelope */
	const struct cert *cert;	/* verified, scope UA; may be null unless sealed */
	uint64_t sequence;		/* from 1; 0: none */
	bool proof;			/* ask for proof of delivery */
	/* Agreed on with him; null: the plan's.  Who has the same pointer shares a check. */
	const struct suite_options *options;
};

struct protect_plan {
	const struct suite *suite;
	struct suite_options options;	/* where nothing else is agreed on with a recipient */
	const struct private_key *signer;
	time_t now;
	bool seal;
	bool confidential_check;	/* content integrity check and sequence number go into the
					 * encrypted data; each recipient needs a certificate */
	struct bytes label;		/* SecurityLabel TLV, or empty */
	const struct protect_recipient *recipients;
	size_t count;
};

struct protected_message {
	struct buf seal_algorithm;	/* content-confidentiality-algorithm-identifier; empty: not sealed */
	struct buf *tokens;		/* one Token for each recipient, in their order */
	size_t count;
};

/*
 * Makes the tokens and, where wanted, seals *content in place.  ST_USAGE: a recipient of a
 * sealed message without certificate or with a key that cannot open, or sealed together
 * with proof of delivery [the message store could not prove what it cannot read].
 * ST_REFUSED where the suite is broken and the options do not allow it.
 */
FALLIBLE message_protect(const struct protect_plan *plan, struct buf *content,
			 struct protected_message **out_message);
void protected_message_free(struct protected_message **message);

/* ST_USAGE with the sentence for the user where seal and proof are asked for together. */
FALLIBLE message_check_services(bool seal, bool proof);

/* --- checking --- */

/* What a non-delivery report says of a message that was refused: reason unable-to-transfer,
 * diagnostic secure-messaging-error [X.411 8.3.1.2.1.11, .12]. */
enum { MESSAGE_REASON = 1, MESSAGE_DIAGNOSTIC = 46 };

enum { MESSAGE_SEEN_SECONDS = 30 * 24 * 3600 };

struct check_plan {
	const struct suite *const *accepted;
	struct suite_options options;
	const struct cert *originator;	/* whose path was verified, for a UA */
	/* One of them opens the seal; which, nothing says.  None where it is not sealed. */
	struct private_key *const *own_keys;
	size_t own_key_count;
	struct bytes own_name;		/* ORName TLV the token has to be for */
	/* How names are compared; null: octet by octet. */
	bool (*same_name)(struct bytes a, struct bytes b);
	struct bytes token;		/* the message-token as it arrived */
	struct bytes seal_algorithm;	/* of the envelope; empty: the envelope says not sealed */
	bool asks_for_proof;		/* the envelope has a proof-of-delivery-request */
	/* For a judge, who has not the recipient's key: the content is what the seal gave, and
	 * nothing is opened.  A check for the recipient's eyes alone convinces nobody else. */
	bool is_open;
	/* Tells repeats.  Null: the caller does, by number or by message_check_new. */
	const struct seen_before *seen;
	time_t now;			/* wanted with seen */
	unsigned seen_seconds;		/* how long the record lasts; 0 is MESSAGE_SEEN_SECONDS */
};

/* What is true of a message that passed.  Views point into the token's octets. */
struct message_facts {
	const struct suite *suite;	/* where suite->broken is set, the user has to be told */
	time_t time;			/* when it was signed */
	bool sealed;
	bool confidential_check;	/* check and number were for the recipient's eyes */
	bool proof_requested;
	bool has_sequence;
	uint64_t sequence;
	struct bytes label;		/* empty where there is none */
	struct bytes signed_part;	/* of the token: no second message has the same */
	const char *signer_text;	/* the originator's directory name */
};

/*
 * Checks who signed, that the token is for us, that the content is what was signed, and
 * opens the seal: *content is then in the clear.  ST_REFUSED (ST_PEER for a token that cannot
 * be read) gives the first reason, with MESSAGE_DIAGNOSTIC; a content that could not be opened
 * is emptied.
 */
FALLIBLE message_check(const struct check_plan *plan, struct buf *content,
		       struct message_facts *out_facts);

/* For a message that passed: ST_REFUSED where plan->seen has it, or cannot remember that long; it
 * is then recorded. */
FALLIBLE message_check_new(const struct check_plan *plan, const struct message_facts *facts);


/* The proof-of-delivery-request of a token that is not verified: all that a message store,
 * which cannot know the originator, goes by. */
FALLIBLE message_asks_for_proof(struct bytes token, bool *out_asks);

#endif
