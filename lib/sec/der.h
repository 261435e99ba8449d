/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tokens, checks and proofs have in common: signed parts stay the octets
 * that arrived, so they are read in place, and written once.
 *
 * X.411 tags AlgorithmIdentifier, ContentIntegrityCheck and SecurityLabel
 * implicitly where they stand in a token.  Here such a value may have any tag:
 * only its contents are looked at and compared.
 */
#ifndef LIB_SEC_DER_H
#define LIB_SEC_DER_H

#include "asn1/ber.h"

enum { DER_UTC_TIME = 23, DER_ENUMERATED = 10 };

/* A BIT STRING of whole octets. */
void der_put_bits(struct buf *out, uint32_t tag, struct bytes octets);
/* ST_PEER "<what> is no string of whole octets" otherwise. */
FALLIBLE der_get_bits(const struct ber_tlv *tlv, const char *what, struct bytes *out_octets);

/* The same value under another tag; value is one TLV with a definite length. */
void der_put_as(struct buf *out, uint32_t tag, struct bytes value);

/* Whether the contents of two values are the same, whatever their tags. */
bool der_same_contents(struct bytes a, struct bytes b);

/* The contents octets of the object identifier that an AlgorithmIdentifier begins with;
 * empty where it has none. */
struct bytes der_algorithm_oid(struct bytes algorithm);

/* The next value, which must have this tag: ST_PEER "<what> is missing" otherwise. */
FALLIBLE der_take(struct bytes *left, uint32_t tag, const char *what, struct ber_tlv *out_tlv);
/* The next value if it has this tag; false, and nothing is taken, otherwise. */
bool der_take_optional(struct bytes *left, uint32_t tag, struct ber_tlv *out_tlv);
/* ST_PEER "<what> has more in it than it should" unless nothing is left. */
FALLIBLE der_end(struct bytes left, const char *what);

/* The SIGNATURE form [X.509 8.7]: SEQUENCE {algorithm, BIT STRING}. */
void der_put_signature(struct buf *out, struct bytes algorithm, struct bytes value);
FALLIBLE der_get_signature(struct bytes signature, const char *what, struct bytes *out_algorithm,
			   struct bytes *out_value);

#endif
