/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bind tokens [X.411 8.1.2.1.1]: strong authentication of both sides of an
 * association.  The initiator signs {responder's name, time, 64 random bits};
 * the responder returns the same random in a token of his own.  Fresh, and
 * never seen before: the record of those seen is the caller's, and durable.
 */
#ifndef LIB_SEC_BIND_TOKEN_H
#define LIB_SEC_BIND_TOKEN_H

#include "lib/sec/cert.h"
#include "lib/sec/seen_before.h"
#include "lib/sec/token.h"

enum { BIND_RANDOM_OCTETS = 8, BIND_WINDOW_SECONDS = 300 };

/* Appends the DER of a Token.  random has BIND_RANDOM_OCTETS: fresh ones from crypto_random
 * where the initiator makes it, the initiator's own where the responder answers. */
FALLIBLE bind_token_make(const struct private_key *signer, struct bytes peer_name, time_t now,
			 struct bytes random, struct buf *out_token);

/* What both sides check. */
struct bind_check {
	const struct cert *peer;	/* whose path was verified, for its scope of use */
	struct bytes own_name;		/* the name the token has to be for */
	/* How names are compared; null: octet by octet. */
	bool (*same_name)(struct bytes a, struct bytes b);
	time_t now;
	unsigned window;		/* seconds either way; 0 is BIND_WINDOW_SECONDS */
};

/*
 * The responder's check.  out_random is what he returns.  ST_REFUSED: "the bind token was
 * made ... seconds ago", "... was used before", "... is for someone else", "the signature
 * is wrong".
 */
FALLIBLE bind_token_check_initiator(const struct bind_check *check, struct bytes token,
				    const struct seen_before *seen,
				    uint8_t out_random[static BIND_RANDOM_OCTETS]);

/* The initiator's check of the answer: the same, but that it returns the random he sent. */
FALLIBLE bind_token_check_responder(const struct bind_check *check, struct bytes token,
				    struct bytes random_sent);

#endif
