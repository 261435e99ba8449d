/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The suite "amhs", for aviation [ICAO Doc 9880 Part II, SEC]: ECDSA over the
 * token, and again over the content as its integrity check; nothing is ever
 * sealed.  SHA-1 or SHA-256, and how the check reads what it signs, are agreed
 * on with the peer (struct suite_options); an algorithm that was not agreed on
 * is refused, also the stronger one.
 */
#include "lib/sec/suite.h"

#include "asn1/oid.h"
#include "lib/sec/der.h"
#include "lib/sec/message_data.h"
#include "lib/sec/token.h"

/* [RFC 5758 3.2] made without parameters; NULL is accepted too, for some make it. */
static const struct {
	const char *name;
	struct bytes der, der_null;
} algorithms[] = {
#define ALGORITHM(literal) { (const uint8_t *)(literal), sizeof(literal) - 1 }
#define OID_SHA1 "\x06\x07\x2a\x86\x48\xce\x3d\x04\x01"
#define OID_SHA256 "\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02"
	[ECDSA_SHA1] = { "ecdsa-with-SHA1",
			 ALGORITHM("\x30\x09" OID_SHA1), ALGORITHM("\x30\x0b" OID_SHA1 "\x05\x00") },
	[ECDSA_SHA256] = { "ecdsa-with-SHA256",
			   ALGORITHM("\x30\x0a" OID_SHA256), ALGORITHM("\x30\x0c" OID_SHA256 "\x05\x00") },
};

static bool has_hash(struct bytes algorithm, enum ecdsa_hash hash)
{
	return bytes_equal(algorithm, algorithms[hash].der) ||
	       bytes_equal(algorithm, algorithms[hash].der_null);
}

static FALLIBLE read_algorithm(const char *what, const struct suite_options *options,
			       struct bytes algorithm, enum ecdsa_hash *out_hash)
{
	enum ecdsa_hash other = options->amhs_hash == ECDSA_SHA1 ? ECDSA_SHA256 : ECDSA_SHA1;

	*out_hash = options->amhs_either && has_hash(algorithm, other) ? other : options->amhs_hash;
	if (!has_hash(algorithm, *out_hash))
		return FAIL(ST_REFUSED, 0, "the algorithm %s of the %s is not the one agreed on: %s is",
			    oid_text(der_algorithm_oid(algorithm)).s, what, algorithms[*out_hash].name);
	return OK;
}

/* --- signature --- */

static FALLIBLE signature_algorithm(const struct public_key *signer,
				    const struct suite_options *options, struct buf *out_algorithm)
{
	enum key_type type = public_key_type(signer);

	if (type != KEY_P256)
		return FAIL(ST_USAGE, 0, "the suite amhs signs with a P-256 key, not with one of type %s",
			    key_type_name(type));
	buf_put(out_algorithm, algorithms[options->amhs_hash].der);
	return OK;
}

static FALLIBLE sign(const struct private_key *signer, const struct suite_options *options,
		     const struct bytes *parts, size_t count, struct buf *out_signature)
{
	return crypto_ecdsa_sign(signer, options->amhs_hash, parts, count, out_signature);
}

static FALLIBLE verify(const struct public_key *signer, const struct suite_options *options,
		       struct bytes algorithm, const struct bytes *parts, size_t count,
		       struct bytes signature)
{
	enum ecdsa_hash hash;

	TRY(read_algorithm("signature", options, algorithm, &hash));
	return crypto_ecdsa_verify(signer, hash, parts, count, signature);
}

static const struct signature_method signature = {
	.algorithm = signature_algorithm,
	.sign = sign,
	.verify = verify,
};

/* --- content integrity check: a signature too, and so bound to the signer --- */

static FALLIBLE cic_make(const struct private_key *signer, const struct suite_options *options,
			 struct bytes content, struct buf *out_algorithm, struct buf *out_value)
{
	struct bytes algorithm = algorithms[options->amhs_hash].der;
	struct cic_input input;

	buf_put(out_algorithm, algorithm);
	cic_input_init(&input, options->amhs_cic, algorithm, content);
	return crypto_ecdsa_sign(signer, options->amhs_hash, input.parts, CIC_INPUT_PARTS, out_value);
}

static FALLIBLE check_reading(const struct public_key *signer, enum ecdsa_hash hash, enum cic_form form,
			      struct bytes algorithm, struct bytes content, struct bytes value)
{
	struct cic_input input;

	cic_input_init(&input, form, algorithm, content);
	return crypto_ecdsa_verify(signer, hash, input.parts, CIC_INPUT_PARTS, value);
}

/* Who takes either reading takes no more: no octets are both, as the first length in them is that of
 * the algorithm alone in one, and of more in the other. */
static FALLIBLE cic_check(const struct public_key *signer, const struct suite_options *options,
			  struct bytes algorithm, struct bytes content, struct bytes value)
{
	enum cic_form form = options->amhs_cic;
	enum ecdsa_hash hash;

	TRY(read_algorithm("content integrity check", options, algorithm, &hash));
	struct status *failed = check_reading(signer, hash, form, algorithm, content, value);
	if (failed && options->amhs_either) {
		status_drop(failed);
		form = form == CIC_SEQUENCE ? CIC_JOINED : CIC_SEQUENCE;
		failed = check_reading(signer, hash, form, algorithm, content, value);
	}
	return failed ? status_doing(failed, "the content is not the one that was signed") : OK;
}

static const char *const cic_oids[] = { "1.2.840.10045.4.1", "1.2.840.10045.4.3.2", NULL };

static const struct cic_method cic = {
	.name = "ECDSA",
	.oids = cic_oids,
	.make = cic_make,
	.check = cic_check,
};

/* --- the profile --- */

static FALLIBLE check_token(const struct token *token, const struct message_signed *data)
{
	if (data->seal_algorithm.len)
		return FAIL(ST_REFUSED, 0, "the suite amhs forbids sealed content, and the token names the "
			    "content confidentiality algorithm %s",
			    oid_text(der_algorithm_oid(data->seal_algorithm)).s);
	if (token->encryption_algorithm.len || token->encrypted.len)
		return FAIL(ST_REFUSED, 0, "the suite amhs forbids encrypted data in the token");
	return OK;
}

const struct suite suite_amhs = {
	.name = "amhs",
	.may_make = true,
	.token_optional = true,
	.signature = &signature,
	.cic = &cic,
	.check_token = check_token,
};
