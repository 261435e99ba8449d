/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A content integrity check with a content-integrity-key [X.411 8.2.1.1.1.28,
 * Figure 2]: HMAC-SHA-256.  Key and check travel in the token's encrypted data,
 * so that nobody on the way can compare the content with a guess.
 */
#include "lib/sec/suite.h"

/* An identifier of our own [X.667], without parameters: 38aa623a-61d0-491d-adba-8e09cfb8aac4 */
#define KEYED_OID	"2.25.75321450531552641073874123451182656196"
#define KEYED_ALGORITHM	"\x30\x15\x06\x13\x69\xf1\xaa\xb1\x8e\xcc\x9d\x82\xa4\xbb\xad\xdd\xa3\xc1\x9c" \
			"\xfd\xe2\xd5\x44"

/*
 * The signer's key identifier, and the HMAC over it and the SEQUENCE of X.411: as with the check in
 * signed data, nobody can put the encrypted data of another under a signature of his own.
 */
static void keyed_value(const struct public_key *signer, struct bytes key, struct bytes content,
			struct buf *out_value)
{
	struct bytes parts[1 + CIC_INPUT_PARTS] = { public_key_id(signer) };
	struct cic_input input;

	cic_input_init(&input, CIC_SEQUENCE, BYTES(KEYED_ALGORITHM), content);
	memcpy(parts + 1, input.parts, sizeof(input.parts));
	buf_put(out_value, public_key_id(signer));
	crypto_hmac_sha256(key, parts, 1 + CIC_INPUT_PARTS, buf_extend(out_value, HASH_OCTETS));
}

static void keyed_make(const struct public_key *signer, struct bytes content,
		       struct secret *out_key, struct buf *out_algorithm, struct buf *out_value)
{
	*out_key = secret_new(HASH_OCTETS);
	crypto_random(out_key->data, out_key->len);
	buf_put(out_algorithm, BYTES(KEYED_ALGORITHM));
	keyed_value(signer, secret_view(out_key), content, out_value);
}

static FALLIBLE keyed_check(const struct public_key *signer, struct bytes key,
			    struct bytes algorithm, struct bytes content, struct bytes value)
{
	AUTO(buf_free) struct buf expected = { 0 };
	struct bytes id = public_key_id(signer);

	if (!bytes_equal(algorithm, BYTES(KEYED_ALGORITHM)))
		return FAIL(ST_REFUSED, 0, "the algorithm of the content integrity check is not %s",
			    KEYED_OID);
	if (key.len != HASH_OCTETS)
		return FAIL(ST_REFUSED, 0, "the content integrity key has %zu octets, not %d", key.len,
			    HASH_OCTETS);
	if (!bytes_equal(bytes_slice(value, 0, id.len), id))
		return FAIL(ST_REFUSED, 0, "the content integrity check was made by someone else than the "
			    "signer of the token");
	keyed_value(signer, key, content, &expected);
	if (!crypto_equal(buf_view(&expected), value))
		return FAIL(ST_REFUSED, 0, "the content is not the one that was signed");
	return OK;
}

const struct keyed_cic_method keyed_cic = { .make = keyed_make, .check = keyed_check };
