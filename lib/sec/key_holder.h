/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who holds a private key: this process (crypto_held.c), a process of its own
 * (key_process.h), a token (crypto_pkcs11.c).  Whatever needs the private half
 * is one of a few operations, octets in and octets out; all else is computed
 * from the public half, and does not know where the private one is.
 */
#ifndef LIB_SEC_KEY_HOLDER_H
#define LIB_SEC_KEY_HOLDER_H

#include "lib/sec/crypto.h"

#define KEY_OPERATIONS(X)                                                             \
	X(KEY_SIGN_SHA256, "sign a SHA-256 hash")	/* ECDSA, or RSASSA-PSS with a salt of 32 */ \
	X(KEY_SIGN_SHA1, "sign a SHA-1 hash")		/* ECDSA */                   \
	X(KEY_SIGN_WHOLE, "sign a whole message")	/* Ed25519 */                 \
	X(KEY_AGREE, "agree on a key")			/* ECDH, X25519: the peer's point in, the secret out */ \
	X(KEY_OPEN_OAEP, "open RSAES-OAEP")		/* SHA-256, MGF1 the same */  \
	X(KEY_OPEN_PKCS1, "open RSAES-PKCS1-v1_5")                                    \
	X(KEY_RSA_RAW, "sign a number")			/* RSA without padding */

#define KEY_OPERATION_NAME(operation, words) operation,
enum key_operation { KEY_OPERATIONS(KEY_OPERATION_NAME) KEY_OPERATION_COUNT };
#undef KEY_OPERATION_NAME

/* "sign a SHA-256 hash" */
const char *key_operation_words(enum key_operation operation);

enum { KEY_RESULT_MAX_OCTETS = 1024 };	/* RSA of 8192 bits */

struct key_holder {
	/*
	 * Any thread.  ST_REFUSED where these octets cannot be opened or agreed with, ST_USAGE where
	 * the key cannot do it, ST_LATER where the holder does not answer.
	 */
	FALLIBLE (*perform)(void *state, enum key_operation operation, struct bytes in,
			    struct secret *out);
	void (*free)(void *state);
};

/* A key that somebody holds.  Takes state, also on failure.  spki: its public half. */
FALLIBLE private_key_held(const struct key_holder *holder, void *state, struct bytes spki,
			  struct private_key **out_key);

/* The holder's state; null where somebody else holds it. */
void *private_key_state(const struct private_key *key, const struct key_holder *holder);
/* Whether this process holds it itself, and nothing else is needed to use it. */
bool private_key_is_here(const struct private_key *key);

FALLIBLE private_key_perform(const struct private_key *key, enum key_operation operation,
			     struct bytes in, struct secret *out);

#endif
