/* SPDX-License-Identifier: Apache-2.0 */
/*
 * values: what we read of octets, for a comparison with another compiler of the same modules.
 * Each line of standard input is "MODULE TYPE HEX".  The answer is one line: "no WORDS", or
 * "yes DER" and each value in it, in order: its path of member names, "=" and the value.
 */
#include "asn1/asn.h"
#include "asn1/oid.h"
#include "lib/base/memory.h"

#include <BOOLEAN.h>
#include <constr_CHOICE.h>
#include <constr_SEQUENCE.h>
#include <constr_SEQUENCE_OF.h>
#include <constr_SET.h>
#include <constr_SET_OF.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define TYPES(X)                                                                              \
	X(ORName) X(MTSIdentifier) X(AlgorithmIdentifier) X(Signature) X(Certificates)        \
	X(Token) X(AsymmetricToken) X(AsymmetricTokenData) X(RandomNumber)                    \
	X(MessageTokenSignedData) X(MessageTokenEncryptedData) X(SecurityLabel)               \
	X(ProofOfDeliveryRequest) X(ProofOfSubmissionRequest)                                 \
	X(MTSBindArgument) X(MessageSubmissionArgument) X(MessageSubmissionEnvelope)          \
	X(MessageSubmissionResult) X(ProbeSubmissionArgument) X(MessageDeliveryArgument)      \
	X(MessageDeliveryEnvelope) X(MessageDeliveryResult) X(ReportDeliveryArgument)         \
	X(MTABindArgument) X(MTABindResult) X(MTS_APDU) X(P1MessageEnvelope) X(P1Report)      \
	X(TraceInformation) X(InternalTraceInformation) X(OriginatorAndDLExpansionHistory)    \
	X(ReportingMTAName) X(ContentCorrelator)                                              \
	X(MSBindArgument) X(ListResult) X(FetchArgument) X(FetchResult) X(AlertArgument)      \
	X(InformationObject)                                                                  \
	X(CP_type) X(CPA_PPDU) X(User_data) X(ACSE_apdu) X(RTSE_apdus) X(ROSEapdus) X(Bind_forms)

#define DECLARE(type) extern asn_TYPE_descriptor_t asn_DEF_##type;
TYPES(DECLARE)

#define LISTED(type) &asn_DEF_##type,
static const asn_TYPE_descriptor_t *const types[] = { TYPES(LISTED) };

static const asn_TYPE_descriptor_t *type_find(const char *name)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i]->name, name) == 0)
			return types[i];
	fprintf(stderr, "values: there is no type %s\n", name);
	exit(EXIT_FAILURE);
}

/* --- values, in the words of both compilers --- */

typedef const asn_TYPE_descriptor_t *type_t;

static void show(struct buf *out, const char *path, type_t type, const void *value);

static bool is_list(const asn_TYPE_descriptor_t *type)
{
	return type->der_encoder == SEQUENCE_OF_encode_der || type->der_encoder == SET_OF_encode_der;
}

static bool is_struct(const asn_TYPE_descriptor_t *type)
{
	return type->der_encoder == SEQUENCE_encode_der || type->der_encoder == SET_encode_der;
}

static const void *member_of(const void *value, const asn_TYPE_member_t *m)
{
	const void *at = (const char *)value + m->memb_offset;

	return m->flags & ATF_POINTER ? *(const void *const *)at : at;
}

static void show_member(struct buf *out, const char *path, const asn_TYPE_member_t *m,
			const void *value)
{
	AUTO(mem_free) char *below = mem_printf("%s.%s", path, m->name);

	show(out, below, m->type, member_of(value, m));
}

/* The tag by which X.208 knows the type; 0 where octets are anything. */
static unsigned universal_tag(const asn_TYPE_descriptor_t *type)
{
	for (int i = 0; i < type->all_tags_count; i++)
		if (BER_TAG_CLASS(type->all_tags[i]) == ASN_TAG_CLASS_UNIVERSAL)
			return BER_TAG_VALUE(type->all_tags[i]);
	return 0;
}

enum { TAG_BOOLEAN = 1, TAG_INTEGER, TAG_BITS, TAG_OCTETS, TAG_NULL, TAG_OID, TAG_DESCRIPTOR,
       TAG_ENUMERATED = 10, TAG_UTF8 = 12 };

static void show_list(struct buf *out, const char *path, type_t type, const void *value)
{
	const asn_anonymous_set_ *list = _A_CSET_FROM_VOID(value);
	const asn_TYPE_descriptor_t *item = type->elements[0].type;

	if (list->count && universal_tag(item) != TAG_INTEGER) {
		buf_printf(out, " %s=[%d]", path, list->count);
		for (int i = 0; i < list->count; i++)
			show(out, path, item, list->array[i]);
		return;
	}
	buf_printf(out, " %s=[", path);
	for (int i = 0; i < list->count; i++)
		buf_printf(out, "%s%ld", i ? "," : "", *(const long *)list->array[i]);
	buf_put_text(out, "]");
}

static void show_struct(struct buf *out, const char *path, type_t type, const void *value)
{
	int present = 0;

	for (int i = 0; i < type->elements_count; i++)
		present += member_of(value, &type->elements[i]) != NULL;
	buf_printf(out, " %s={%d}", path, present);
	for (int i = 0; i < type->elements_count; i++)
		if (member_of(value, &type->elements[i]))
			show_member(out, path, &type->elements[i], value);
}

static void show_choice(struct buf *out, const char *path, type_t type, const void *value)
{
	const asn_CHOICE_specifics_t *spec = type->specifics;
	int present = *(const int *)((const char *)value + spec->pres_offset);

	if (present > 0)
		show_member(out, path, &type->elements[present - 1], value);
	else
		buf_printf(out, " %s=unknown", path);
}

static void show_enumerated(struct buf *out, const asn_TYPE_descriptor_t *type, long number)
{
	const asn_INTEGER_specifics_t *spec = type->specifics;

	for (int i = 0; spec && i < spec->map_count; i++)
		if (spec->value2enum[i].nat_value == number) {
			buf_printf(out, "%.*s", (int)spec->value2enum[i].enum_len,
				   spec->value2enum[i].enum_name);
			return;
		}
	buf_printf(out, "unnamed:%ld", number);
}

static void show_octets(struct buf *out, struct bytes octets, int bits_unused)
{
	AUTO(mem_free) char *hex = bytes_hex(octets);

	buf_put_text(out, hex);
	if (bits_unused)
		buf_printf(out, "/%d", bits_unused);
}

/* The numbers of the characters. */
static void show_text(struct buf *out, struct bytes text)
{
	buf_put_text(out, "[");
	for (size_t i = 0; i < text.len; i++)
		buf_printf(out, "%s%d", i ? "," : "", text.data[i]);
	buf_put_text(out, "]");
}

static void show_primitive(struct buf *out, const asn_TYPE_descriptor_t *type, const void *value)
{
	struct bytes octets;

	switch (universal_tag(type)) {
	case TAG_BOOLEAN:
		buf_put_text(out, *(const BOOLEAN_t *)value ? "true" : "false");
		return;
	case TAG_INTEGER:
		buf_printf(out, "%ld", *(const long *)value);
		return;
	case TAG_NULL:
		buf_put_text(out, "null");
		return;
	case TAG_OID:
		buf_put_text(out, oid_text(oid_bytes(value)).s);
		return;
	case TAG_ENUMERATED:
		show_enumerated(out, type, *(const long *)value);
		return;
	case TAG_BITS:
		octets = asn_bytes((const BIT_STRING_t *)value);
		show_octets(out, octets, ((const BIT_STRING_t *)value)->bits_unused);
		return;
	}
	octets = asn_bytes((const OCTET_STRING_t *)value);
	if (universal_tag(type) > TAG_UTF8 || universal_tag(type) == TAG_DESCRIPTOR)
		show_text(out, octets);
	else
		show_octets(out, octets, 0);
}

static void show(struct buf *out, const char *path, type_t type, const void *value)
{
	if (is_list(type)) {
		show_list(out, path, type, value);
	} else if (is_struct(type)) {
		show_struct(out, path, type, value);
	} else if (type->der_encoder == CHOICE_encode_der) {
		show_choice(out, path, type, value);
	} else {
		buf_printf(out, " %s=", path);
		show_primitive(out, type, value);
	}
}

/* --- questions and answers --- */

static FALLIBLE answer(const char *name, struct bytes in)
{
	const asn_TYPE_descriptor_t *type = type_find(name);
	AUTO(buf_free) struct buf der = { 0 }, shown = { 0 };
	void *value;

	TRY(asn_decode(type, in, &value));
	struct status *failed = asn_encode(type, value, &der);
	if (!failed)
		show(&shown, "", type, value);
	asn_free(type, &value);
	TRY(failed);
	AUTO(mem_free) char *hex = bytes_hex(buf_view(&der));
	printf("yes %s%.*s\n", hex, (int)shown.len, (const char *)shown.data);
	return OK;
}

int main(void)
{
	AUTO(mem_free) char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, stdin) > 0) {
		AUTO(buf_free) struct buf in = { 0 };
		char type[64];
		int at = 0;

		if (sscanf(line, "%*s %63s %n", type, &at) != 1 || !at || !buf_from_hex(line + at, &in))
			return EXIT_FAILURE;
		struct status *failed = answer(type, buf_view(&in));
		if (failed) {
			AUTO(mem_free) char *words = status_text(failed);
			printf("no %s\n", words);
			status_free(&failed);
		}
		fflush(stdout);
	}
	return EXIT_SUCCESS;
}
