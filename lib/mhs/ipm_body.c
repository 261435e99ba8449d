/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Body parts [X.420 7.3, Annex B]: text, files, forwarded messages; what is of
 * another kind is kept as it came.
 */
#include "lib/mhs/ipm_parts.h"

#include "asn1/oid.h"
#include "asn1/x400_oids.h"
#include "lib/base/clock.h"
#include "lib/mhs/text.h"

static const char utf8_designation[] = "\x1b%G";	/* ESC 2/5 4/7, ISO-IR 196 */
enum { REGISTRATION_UTF8 = 196, REGISTRATIONS_MAX = 16 };

/* --- reading --- */

/* An EXTERNAL: what it is, and the contents of its encoding. */
struct external {
	struct bytes type;		/* contents of the object identifier */
	struct ber_tlv encoding;	/* [0] one value, [1] octets, [2] bits */
};

static FALLIBLE read_external(struct bytes contents, struct external *out)
{
	struct ber_tlv type, indirect, descriptor, value, octets, bits;
	const struct field fields[] = {
		{ BER_OID, &type, NULL },
		{ BER_INTEGER, &indirect, NULL },
		{ BER_UNIVERSAL(7), &descriptor, NULL },
		{ BER_CONTEXT(0), &value, NULL },
		{ BER_CONTEXT(1), &octets, NULL },
		{ BER_CONTEXT(2), &bits, NULL },
	};

	TRY(fields_read(contents, "EXTERNAL", fields, sizeof(fields) / sizeof(fields[0])));
	out->type = type.contents;
	out->encoding = field_is(&value) ? value : field_is(&octets) ? octets : bits;
	if (!field_is(&out->encoding))
		return FAIL(ST_PEER, 0, "an EXTERNAL has no encoding");
	return OK;
}

static FALLIBLE read_text_body(struct arena *arena, const struct ber_tlv *tlv, bool teletex,
			       struct ipm_body *out)
{
	struct bytes left = tlv->contents;
	struct ber_tlv parameters, data;

	TRY_DOING(ber_next(&left, &parameters), "a text has no parameters");
	TRY_DOING(ber_only(left, &data), "a text has no data");
	out->kind = IPM_TEXT;
	if (!teletex) {
		struct bytes octets;

		TRY(field_string(arena, &data, &octets));
		out->text = text_from_teletex(arena, octets);
		return OK;
	}
	/* TeletexData is a sequence of pages. */
	AUTO(buf_free) struct buf pages = { 0 };

	while (data.contents.len) {
		struct ber_tlv page;

		TRY(ber_next(&data.contents, &page));
		TRY(ber_join(&page, &pages));
	}
	out->text = text_from_teletex(arena, buf_view(&pages));
	return OK;
}

static FALLIBLE read_registrations(const struct ber_tlv *parameters, int out[REGISTRATIONS_MAX + 1])
{
	struct bytes left = bytes_none();
	struct ber_tlv set, item;
	struct external external;
	size_t count = 0;

	if (field_is(parameters)) {
		TRY(read_external(parameters->contents, &external));
		TRY(ber_only(external.encoding.contents, &set));
		left = set.contents;
	}
	while (left.len && count < REGISTRATIONS_MAX) {
		int64_t registration = 0;

		TRY(ber_next(&left, &item));
		TRY(field_integer(&item, "registration of a character set", 1, 32767, &registration));
		out[count++] = (int)registration;
	}
	out[count] = 0;
	return OK;
}

static FALLIBLE read_general_text(struct arena *arena, const struct ber_tlv *parameters,
				  const struct external *data, struct ipm_body *out)
{
	int registrations[REGISTRATIONS_MAX + 1];
	struct ber_tlv string;
	struct bytes octets;

	TRY(read_registrations(parameters, registrations));
	TRY_DOING(ber_only(data->encoding.contents, &string), "a general text has no string");
	TRY(field_string(arena, &string, &octets));
	out->kind = IPM_TEXT;
	out->text = text_from_general(arena, octets, registrations);
	return OK;
}

/* The last part of the pathname, and the time of modification, of FileTransferParameters. */
static FALLIBLE read_file_attributes(struct arena *arena, const struct ber_tlv *parameters,
				     struct ipm_body *out)
{
	struct external external;
	struct ber_tlv sequence, attributes, path, modified, time;

	if (!field_is(parameters))
		return OK;
	TRY(read_external(parameters->contents, &external));
	TRY(ber_only(external.encoding.contents, &sequence));
	if (!ber_find(sequence.contents, BER_CONTEXT(4), &attributes))
		return OK;
	if (ber_find(attributes.contents, BER_CONTEXT(0), &path) ||
	    ber_find(attributes.contents, BER_CONTEXT(23), &path)) {
		struct ber_tlv component;

		while (path.contents.len) {
			struct bytes octets;

			TRY(ber_next(&path.contents, &component));
			TRY(field_string(arena, &component, &octets));
			out->file_name = text_is_utf8(octets) ? arena_text(arena, octets)
							      : text_from_teletex(arena, octets);
		}
	}
	if (ber_find(attributes.contents, BER_CONTEXT(5), &modified) &&
	    ber_find(modified.contents, BER_CONTEXT(1), &time))
		TRY(time_from_generalized(time.contents, &out->modified));
	return OK;
}

/* The octets of all parts of a file; one part, the usual case, is not copied. */
static FALLIBLE read_file_data(struct arena *arena, const struct external *data,
			       struct ipm_body *out)
{
	AUTO(buf_free) struct buf joined = { 0 };
	struct ber_tlv list;
	struct bytes left;

	TRY_DOING(ber_only(data->encoding.contents, &list), "a file has no data");
	left = list.contents;
	for (size_t count = 0; left.len; count++) {
		struct ber_tlv part;
		struct external external;
		struct bytes octets;

		TRY(ber_next(&left, &part));
		TRY(read_external(part.contents, &external));
		if (external.encoding.tag == BER_CONTEXT(0))	/* one value: an OCTET STRING */
			TRY(ber_only(external.encoding.contents, &external.encoding));
		TRY(field_string(arena, &external.encoding, &octets));
		if (!count && !left.len) {
			out->data = octets;
			return OK;
		}
		buf_put(&joined, octets);
	}
	out->data = arena_dup(arena, buf_view(&joined));
	return OK;
}

static FALLIBLE read_externally_defined(struct arena *arena, const struct ber_tlv *tlv,
					struct ipm_body *out)
{
	struct ber_tlv parameters = { 0 }, data;
	struct bytes left = tlv->contents;
	struct external external;

	TRY(ber_next(&left, &data));
	if (data.tag == BER_CONTEXT(0)) {
		TRY(ber_only(data.contents, &parameters));
		TRY_DOING(ber_next(&left, &data), "an externally defined body part has no data");
	}
	TRY(read_external(data.contents, &external));
	out->type = arena_strdup(arena, oid_text(external.type).s);
	if (oid_is(external.type, ID_ET_GENERAL_TEXT)) {
		out->type = "general-text";
		return read_general_text(arena, &parameters, &external, out);
	}
	if (oid_is(external.type, ID_ET_FILE_TRANSFER)) {
		out->type = "file-transfer";
		out->kind = IPM_FILE;
		TRY(read_file_attributes(arena, &parameters, out));
		return read_file_data(arena, &external, out);
	}
	out->kind = IPM_OTHER;
	out->data = tlv->whole;
	return OK;
}

static FALLIBLE read_forwarded(struct arena *arena, const struct ber_tlv *tlv, unsigned depth,
			       struct ipm_body *out)
{
	struct bytes left = tlv->contents;
	struct ber_tlv parameters, message;

	TRY_DOING(ber_next(&left, &parameters), "a forwarded message has no parameters");
	TRY_DOING(ber_only(left, &message), "a forwarded message has no data");
	out->kind = IPM_FORWARDED;
	return ipm_read(arena, message.contents, depth + 1, &out->message);
}

static const char *name_of(uint32_t tag)
{
	switch (tag) {
	case BER_CONTEXT(BODY_G3_FACSIMILE):
		return "g3-facsimile";
	case BER_CONTEXT(BODY_G4_CLASS1):
		return "g4-class1";
	case BER_CONTEXT(BODY_VIDEOTEX):
		return "videotex";
	case BER_CONTEXT(BODY_NATIONALLY_DEFINED):
		return "nationally-defined";
	case BER_CONTEXT(BODY_ENCRYPTED):
		return "encrypted";
	case BER_CONTEXT(BODY_MIXED_MODE):
		return "mixed-mode";
	default:
		return "unknown";
	}
}

FALLIBLE ipm_read_body_part(struct arena *arena, const struct ber_tlv *tlv, unsigned depth,
			    struct ipm_body *out_body)
{
	switch (tlv->tag) {
	case BER_CONTEXT(BODY_IA5_TEXT):
		out_body->type = "ia5-text";
		return read_text_body(arena, tlv, false, out_body);
	case BER_CONTEXT(BODY_TELETEX):
		out_body->type = "teletex";
		return read_text_body(arena, tlv, true, out_body);
	case BER_CONTEXT(BODY_MESSAGE):
		out_body->type = "message";
		return read_forwarded(arena, tlv, depth, out_body);
	case BER_CONTEXT(BODY_BILATERALLY_DEFINED):
		out_body->type = "bilaterally-defined";
		out_body->kind = IPM_BILATERAL;
		return field_string(arena, tlv, &out_body->data);
	case BER_CONTEXT(BODY_EXTERNALLY_DEFINED):
		return read_externally_defined(arena, tlv, out_body);
	default:
		out_body->type = name_of(tlv->tag);
		out_body->kind = IPM_OTHER;
		out_body->data = tlv->whole;
		return OK;
	}
}

/* --- writing --- */

static FALLIBLE put_oid(struct buf *out, const char *dotted)
{
	AUTO(buf_free) struct buf oid = { 0 };

	TRY(oid_from_text(dotted, &oid));
	ber_put(out, BER_OID, buf_view(&oid));
	return OK;
}

/* Makes the value from an offset on the single value of an EXTERNAL: the identifier goes before. */
static FALLIBLE wrap_external(struct buf *out, size_t from, const char *dotted, uint32_t tag)
{
	AUTO(buf_free) struct buf oid = { 0 };

	TRY(put_oid(&oid, dotted));
	ber_wrap(out, from, BER_CONTEXT(0));
	buf_insert(out, from, buf_view(&oid));
	ber_wrap(out, from, tag);
	return OK;
}

/* The parameters' EXTERNAL stands inside an explicit [0]. */
static FALLIBLE wrap_parameters(struct buf *out, size_t from, const char *dotted)
{
	TRY(wrap_external(out, from, dotted, BER_EXTERNAL));
	ber_wrap(out, from, BER_CONTEXT(0));
	return OK;
}

static FALLIBLE put_text(const char *text, struct buf *out)
{
	size_t from = out->len;
	size_t data;

	if (text_is_ia5(text)) {
		ber_put_header(out, BER_SET, true, 0);
		ber_put(out, BER_IA5_STRING, bytes_text(text));
		ber_wrap(out, from, BER_CONTEXT(BODY_IA5_TEXT));
		return OK;
	}
	ber_put_integer(out, BER_INTEGER, REGISTRATION_UTF8);
	ber_wrap(out, from, BER_SET);
	TRY(wrap_parameters(out, from, ID_EP_GENERAL_TEXT));
	data = out->len;
	ber_put_header(out, BER_GENERAL_STRING, false, sizeof(utf8_designation) - 1 + strlen(text));
	buf_put(out, BYTES(utf8_designation));
	buf_put_text(out, text);
	TRY(wrap_external(out, data, ID_ET_GENERAL_TEXT, BER_EXTERNAL));
	ber_wrap(out, from, BER_CONTEXT(BODY_EXTERNALLY_DEFINED));
	return OK;
}

/* [4] file-attributes: pathname [0], modification [5], size [13]. */
static FALLIBLE put_file_attributes(const struct ipm_body *body, struct buf *out)
{
	size_t from = out->len;
	size_t at;

	if (body->file_name) {
		at = out->len;
		ber_put(out, BER_GRAPHIC_STRING, bytes_text(body->file_name));
		ber_wrap(out, at, BER_CONTEXT(0));
	}
	if (body->modified) {
		struct time_text text;

		TRY(time_to_generalized(body->modified, &text));
		at = out->len;
		ber_put(out, BER_CONTEXT(1), bytes_text(text.s));
		ber_wrap(out, at, BER_CONTEXT(5));
	}
	at = out->len;
	ber_put_integer(out, BER_CONTEXT(1), (int64_t)body->data.len);
	ber_wrap(out, at, BER_CONTEXT(13));
	ber_wrap(out, from, BER_CONTEXT(4));
	return OK;
}

static FALLIBLE put_file(const struct ipm_body *body, struct buf *out)
{
	size_t from = out->len;
	size_t data;

	/* contents-type is the default, unstructured binary */
	TRY(put_file_attributes(body, out));
	ber_wrap(out, from, BER_SEQUENCE);
	TRY(wrap_parameters(out, from, ID_EP_FILE_TRANSFER));
	data = out->len;
	TRY(put_oid(out, ID_DOCUMENT_UNSTRUCTURED_BINARY));
	ber_put(out, BER_CONTEXT(1), body->data);
	ber_wrap(out, data, BER_EXTERNAL);
	ber_wrap(out, data, BER_SEQUENCE);
	TRY(wrap_external(out, data, ID_ET_FILE_TRANSFER, BER_EXTERNAL));
	ber_wrap(out, from, BER_CONTEXT(BODY_EXTERNALLY_DEFINED));
	return OK;
}

FALLIBLE ipm_put_body_part(const struct ipm_body *body, struct buf *out)
{
	size_t from = out->len;

	switch (body->kind) {
	case IPM_TEXT:
		return put_text(body->text, out);
	case IPM_FILE:
		return put_file(body, out);
	case IPM_BILATERAL:
		ber_put(out, BER_CONTEXT(BODY_BILATERALLY_DEFINED), body->data);
		return OK;
	case IPM_FORWARDED:
		ber_put_header(out, BER_SET, true, 0);
		TRY(ipm_put(body->message, BER_SEQUENCE, out));
		ber_wrap(out, from, BER_CONTEXT(BODY_MESSAGE));
		return OK;
	case IPM_OTHER:
		buf_put(out, body->data);
		return OK;
	}
	return FAIL(ST_USAGE, 0, "there is no such kind of body part");
}

/* --- the types of a body, for its envelope [X.411 8.2.1.1.1.33] --- */

enum { EIT_UNDEFINED = 1 << 0, EIT_IA5_TEXT = 1 << 2 };

FALLIBLE ipm_eits(const struct ipm *ipm, struct buf *out)
{
	bool general = false, file = false;
	uint32_t built_in = 0;
	size_t from = out->len;
	size_t at;

	for (size_t i = 0; i < ipm->body_count; i++) {
		const struct ipm_body *body = &ipm->body[i];

		if (body->kind == IPM_TEXT && text_is_ia5(body->text))
			built_in |= EIT_IA5_TEXT;
		else if (body->kind == IPM_TEXT)
			general = true;
		else if (body->kind == IPM_FILE)
			file = true;
		else
			built_in |= EIT_UNDEFINED;
	}
	put_bits(out, BER_CONTEXT(0), built_in);
	at = out->len;
	if (general)
		TRY(put_oid(out, ID_CS_EIT_AUTHORITY ".196"));
	if (file)
		TRY(put_oid(out, ID_EIT_FILE_TRANSFER));
	if (out->len > at)
		ber_wrap(out, at, BER_CONTEXT(4));
	ber_wrap(out, from, BER_APPLICATION(5));
	return OK;
}
