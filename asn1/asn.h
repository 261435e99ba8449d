/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only door to the generated decoders and encoders.
 *
 * asn1c's runtime is not fit for octets from a network (it can loop for ever on
 * a dozen of them, and refuses legal encodings), so every value passes the
 * check and the rewriting of asn1/ber.h first, and a bounded stack.
 *
 *	AARQ_apdu_t *aarq = NULL;
 *	TRY(asn_decode(&asn_DEF_AARQ_apdu, in, (void **)&aarq));
 */
#ifndef ASN1_ASN_H
#define ASN1_ASN_H

#include "asn1/ber.h"
#include "lib/base/bytes.h"
#include "lib/base/status.h"

#include <ANY.h>
#include <BIT_STRING.h>
#include <INTEGER.h>
#include <OBJECT_IDENTIFIER.h>
#include <OCTET_STRING.h>
#include <asn_SEQUENCE_OF.h>

struct asn_TYPE_descriptor_s;

/*
 * Decodes exactly one value of the type, in any form of BER.  *out_value is the
 * caller's, to be freed with asn_free; null where this fails (ST_PEER).
 * DEFAULT values are absent (null) in it, and stay so.
 */
FALLIBLE asn_decode(const struct asn_TYPE_descriptor_s *type, struct bytes in, void **out_value);

/* The same with other bounds than ber_limits_default. */
FALLIBLE asn_decode_within(const struct asn_TYPE_descriptor_s *type, struct bytes in,
			   const struct ber_limits *limits, void **out_value);

/* Appends the DER of a value.  ST_USAGE where the value is incomplete; out is then as before. */
FALLIBLE asn_encode(const struct asn_TYPE_descriptor_s *type, const void *value, struct buf *out);

/* The DER of a value as an open type, replacing what *out_any held. */
FALLIBLE asn_encode_any(const struct asn_TYPE_descriptor_s *type, const void *value,
			ANY_t *out_any);

/* Frees the value that value_pointer points at, and nulls that pointer. */
void asn_free(const struct asn_TYPE_descriptor_s *type, void *value_pointer);

/* Defines the cleanup for AUTO: ASN_CLEANUP(AARQ_apdu) makes AARQ_apdu_cleanup(AARQ_apdu_t **). */
#define ASN_CLEANUP(Type)                                                      \
	static inline __attribute__((unused)) void Type##_cleanup(Type##_t **value) \
	{                                                                      \
		asn_free(&asn_DEF_##Type, value);                              \
	}

/* Once per type, before threads share it: the runtime completes its tables at first use.
 * Types reached from this one are included. */
void asn_warm(const struct asn_TYPE_descriptor_s *type);

/* A zeroed value of a generated type, to be freed as part of its parent or with asn_free. */
#define asn_new(type) ((type *)asn_alloc(sizeof(type)))
__attribute__((returns_nonnull, malloc)) void *asn_alloc(size_t size);

/* The octets of any string-like member (OCTET STRING, character strings, ANY, INTEGER_t,
 * OBJECT IDENTIFIER; for a BIT STRING its whole octets); none for a null pointer.  Borrowed. */
#define asn_bytes(string)                                                    \
	({                                                                   \
		__auto_type string_ = (string);                              \
		string_ && string_->buf                                      \
			? bytes_of(string_->buf, (size_t)string_->size)      \
			: bytes_none();                                      \
	})

/* Gives any string-like member a copy of the octets in place of what it held. */
#define asn_set(string, octets)                                              \
	do {                                                                 \
		__auto_type string_ = (string);                              \
		asn_replace(&string_->buf, &string_->size, (octets));        \
	} while (0)
void asn_replace(uint8_t **buf, int *size, struct bytes octets);

/* A new string of a type with a copy of the octets: asn_string(PrintableString_t, BYTES("FR")). */
#define asn_string(type, octets)                                             \
	({                                                                   \
		type *new_ = asn_new(type);                                  \
		asn_set(new_, (octets));                                     \
		new_;                                                        \
	})

/* The same string, as text: zero-terminated by the runtime or by asn_set.  Null for null. */
#define asn_text(string)                                                     \
	({                                                                   \
		__auto_type string_ = (string);                              \
		string_ ? (const char *)string_->buf : NULL;                 \
	})

/* Adds a pointer to a SEQUENCE OF or SET OF, which owns it from here on. */
#define asn_add(sequence, item) asn_add_item(&(sequence)->list, (item))
void asn_add_item(void *list, void *item);

/* OPTIONAL and DEFAULT INTEGERs and ENUMERATEDs. */
static inline long asn_long_or(const long *value, long absent)
{
	return value ? *value : absent;
}
long *asn_long(long value);
/* Null, and so not encoded, where the value is the default [X.690 11.5]. */
long *asn_long_unless(long value, long default_value);

/* OPTIONAL and DEFAULT BOOLEANs, likewise. */
static inline bool asn_bool_or(const int *value, bool absent)
{
	return value ? *value != 0 : absent;
}
int *asn_bool(bool value);
int *asn_bool_unless(bool value, bool default_value);

/* ST_PEER "<what> is <value>, not <min> to <max>". */
FALLIBLE asn_range(long value, long min, long max, const char *what);

/*
 * Named bits [X.680 22]: bit n of the string is 1 << n of the set.  Bits over 31 are
 * not seen.  Made without trailing zero bits, as DER wants [X.690 11.2.2].
 */
uint32_t asn_bits(const BIT_STRING_t *string);
void asn_set_bits(BIT_STRING_t *string, uint32_t bits);
BIT_STRING_t *asn_new_bits(uint32_t bits);
/* Strips trailing zero bits of a string of any length. */
void asn_strip_bits(BIT_STRING_t *string);

#endif
