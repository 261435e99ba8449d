/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A content integrity check with a content-integrity-key [X.411 8.2.1.1.1.28,
 * Figure 2]: HMAC-SHA256 over the SEQUENCE of X.411.  Key and check travel in the
 * token's encrypted data, so that nobody on the way can compare the content with a
 * guess.
 *
 * The key is random octets and the signer's key identifier: as with the check in
 * signed data, nobody can put the encrypted data of another under a signature of
 * his own.
 */
#include "lib/sec/suite.h"

#include "lib/sec/der.h"

enum { RANDOM_OCTETS = 32, KEY_OCTETS = RANDOM_OCTETS + HASH_OCTETS };

static void keyed_value(struct bytes key, struct bytes content, uint8_t out_value[static HASH_OCTETS])
{
	struct cic_input input;

	cic_input_init(&input, CIC_SEQUENCE, BYTES(HMAC_SHA256_ALGORITHM), content);
	crypto_hmac_sha256(key, input.parts, CIC_INPUT_PARTS, out_value);
}

static void keyed_make(const struct public_key *signer, struct bytes content,
		       struct secret *out_key, struct buf *out_algorithm, struct buf *out_value)
{
	*out_key = secret_new(KEY_OCTETS);
	crypto_random(out_key->data, RANDOM_OCTETS);
	memcpy(out_key->data + RANDOM_OCTETS, public_key_id(signer).data, HASH_OCTETS);
	buf_put(out_algorithm, BYTES(HMAC_SHA256_ALGORITHM));
	keyed_value(secret_view(out_key), content, buf_extend(out_value, HASH_OCTETS));
}

static FALLIBLE keyed_check(const struct public_key *signer, struct bytes key,
			    struct bytes algorithm, struct bytes content, struct bytes value)
{
	uint8_t expected[HASH_OCTETS];

	if (!der_same_contents(algorithm, BYTES(HMAC_SHA256_ALGORITHM)))
		return FAIL(ST_REFUSED, 0, "the algorithm of the content integrity check is not %s",
			    HMAC_SHA256_OID);
	if (key.len != KEY_OCTETS)
		return FAIL(ST_REFUSED, 0, "the content integrity key has %zu octets, not %d", key.len,
			    KEY_OCTETS);
	if (!crypto_equal(bytes_slice(key, RANDOM_OCTETS, HASH_OCTETS), public_key_id(signer)))
		return FAIL(ST_REFUSED, 0, "the content integrity check was made by someone else than the "
			    "signer of the token");
	keyed_value(key, content, expected);
	if (!crypto_equal(bytes_of(expected, sizeof(expected)), value))
		return FAIL(ST_REFUSED, 0, "the content is not the one that was signed");
	return OK;
}

const struct keyed_cic_method keyed_cic = { .make = keyed_make, .check = keyed_check };
