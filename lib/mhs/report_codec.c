/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reports as P1 carries them and as P3 delivers them: the same facts, nested
 * differently and with other tags.
 */
#include "lib/mhs/report.h"

#include "asn1/bounds.h"
#include "lib/mhs/envelope_parts.h"

/* The tags in which the two forms of a recipient differ. */
struct recipient_tags {
	uint32_t intended, supplementary, extensions;
};

static const struct recipient_tags p1_tags = {
	BER_CONTEXT(4), BER_CONTEXT(5), BER_CONTEXT(6)
};
static const struct recipient_tags p3_tags = {
	BER_CONTEXT(2), BER_CONTEXT(3), BER_CONTEXT(4)
};

/* --- decoding --- */

/* ReportType, inside its explicit tag. */
static FALLIBLE read_type(const struct ber_tlv *explicit_type, struct report_recipient *out)
{
	struct ber_tlv type, first, second;
	const struct field fields[] = {
		{ BER_CONTEXT(0), &first, "time or reason" },
		{ BER_CONTEXT(1), &second, NULL },
	};
	int64_t number = 0;

	TRY_DOING(ber_only(explicit_type->contents, &type), "cannot read a report-type");
	TRY(fields_read(type.contents, "report-type", fields, 2));
	out->delivered = type.tag == BER_CONTEXT(0);
	out->diagnostic = DIAG_NONE;
	if (out->delivered) {
		TRY(field_time(&first, &out->delivery_time));
		number = USER_PUBLIC;
		TRY(field_integer(&second, "type-of-MTS-user", 0, UB_MTS_USER_TYPES, &number));
		out->user_type = (enum mts_user_type)number;
		return OK;
	}
	if (type.tag != BER_CONTEXT(1))
		return FAIL(ST_PEER, 0, "a report is neither of delivery nor of non-delivery");
	TRY(field_integer(&first, "non-delivery-reason-code", 0, UB_REASON_CODES, &number));
	out->reason = (int)number;
	number = DIAG_NONE;
	TRY(field_integer(&second, "non-delivery-diagnostic-code", 0, UB_DIAGNOSTIC_CODES, &number));
	out->diagnostic = (int)number;
	return OK;
}

static FALLIBLE read_p1_recipient(struct arena *arena, struct bytes contents,
				  struct report_recipient *out)
{
	struct ber_tlv name, number, flags, last, intended, supplementary, extensions;
	struct ber_tlv arrival, eits, type;
	int64_t original = 0;
	const struct field fields[] = {
		{ BER_CONTEXT(0), &name, "actual-recipient-name" },
		{ BER_CONTEXT(1), &number, "originally-specified-recipient-number" },
		{ BER_CONTEXT(2), &flags, "per-recipient-indicators" },
		{ FIELD_HOLDS(BER_CONTEXT(3)), &last, "last-trace-information" },
		{ p1_tags.intended, &intended, NULL },
		{ p1_tags.supplementary, &supplementary, NULL },
		{ FIELD_HOLDS(p1_tags.extensions), &extensions, NULL },
	};
	const struct field last_fields[] = {
		{ BER_CONTEXT(0), &arrival, "arrival-time" },
		{ BER_APPLICATION(5), &eits, NULL },
		{ FIELD_HOLDS(BER_CONTEXT(1)), &type, "report-type" },
	};

	TRY(fields_read(contents, "recipient of a report", fields,
			sizeof(fields) / sizeof(fields[0])));
	TRY(fields_read(last.contents, "last-trace-information", last_fields, 3));
	out->name = field_retag(arena, &name, BER_APPLICATION(0));
	out->intended_name = field_retag(arena, &intended, BER_APPLICATION(0));
	TRY(field_integer(&number, "originally-specified-recipient-number", 1, UB_RECIPIENTS,
			  &original));
	out->number = (unsigned)original;
	TRY(field_bits(&flags, &out->flags));
	TRY(field_time(&arrival, &out->arrival));
	out->converted_eits = eits.whole;
	TRY(read_type(&type, out));
	TRY(field_string_or_none(arena, &supplementary, &out->supplementary));
	return ext_decode(arena, extensions.contents, &out->extensions);
}

static FALLIBLE read_p3_recipient(struct arena *arena, struct bytes contents,
				  struct report_recipient *out)
{
	struct ber_tlv name, type, eits, intended, supplementary, extensions;
	const struct field fields[] = {
		{ BER_CONTEXT(0), &name, "actual-recipient-name" },
		{ FIELD_HOLDS(BER_CONTEXT(1)), &type, "report-type" },
		{ BER_APPLICATION(5), &eits, NULL },
		{ p3_tags.intended, &intended, NULL },
		{ p3_tags.supplementary, &supplementary, NULL },
		{ FIELD_HOLDS(p3_tags.extensions), &extensions, NULL },
	};

	TRY(fields_read(contents, "recipient of a report", fields,
			sizeof(fields) / sizeof(fields[0])));
	out->name = field_retag(arena, &name, BER_APPLICATION(0));
	out->intended_name = field_retag(arena, &intended, BER_APPLICATION(0));
	out->converted_eits = eits.whole;
	TRY(read_type(&type, out));
	TRY(field_string_or_none(arena, &supplementary, &out->supplementary));
	return ext_decode(arena, extensions.contents, &out->extensions);
}

static FALLIBLE read_recipients(struct report *report, struct bytes list,
				FALLIBLE (*read)(struct arena *arena, struct bytes contents,
						 struct report_recipient *out))
{
	TRY(envelope_count_recipients(list, BER_SET, &report->recipient_count));
	report->recipients = arena_new_array(report->arena, struct report_recipient,
					     report->recipient_count);
	for (size_t i = 0; i < report->recipient_count; i++) {
		struct ber_tlv tlv;

		TRY(ber_next(&list, &tlv));
		TRY_DOING(read(report->arena, tlv.contents, &report->recipients[i]),
			  "cannot read recipient %zu of the report", i + 1);
	}
	return OK;
}

/* What both forms say of the subject, under the same tags but one. */
struct subject_fields {
	struct ber_tlv id, content_identifier, content_type, content_type_oid, eits;
	struct ber_tlv returned, extensions, recipients;
};

#define SUBJECT_FIELDS(f)						\
	{ BER_APPLICATION(4), &(f).id, "subject identifier" },		\
	{ BER_APPLICATION(10), &(f).content_identifier, NULL },		\
	{ BER_APPLICATION(6), &(f).content_type, NULL },		\
	{ BER_OID, &(f).content_type_oid, NULL },			\
	{ BER_APPLICATION(5), &(f).eits, NULL }

static FALLIBLE read_subject(const struct subject_fields *f, struct report *report)
{
	report->subject_id = f->id.whole;
	TRY(mts_id_check(report->subject_id));
	TRY(field_string_or_none(report->arena, &f->content_identifier,
				 &report->content_identifier));
	report->content_type = field_is(&f->content_type) ? f->content_type.whole
							  : f->content_type_oid.whole;
	report->eits = f->eits.whole;
	report->has_content = field_is(&f->returned);
	TRY(field_string_or_none(report->arena, &f->returned, &report->content));
	return ext_decode(report->arena, f->extensions.contents, &report->extensions);
}

static FALLIBLE read_p1_envelope(struct bytes contents, struct report *report)
{
	struct ber_tlv id, destination, trace, extensions;
	const struct field fields[] = {
		{ BER_APPLICATION(4), &id, "report-identifier" },
		{ BER_APPLICATION(0), &destination, "report-destination-name" },
		{ FIELD_HOLDS(BER_APPLICATION(9)), &trace, "trace-information" },
		{ FIELD_HOLDS(BER_CONTEXT(1)), &extensions, NULL },
	};

	TRY(fields_read(contents, "report envelope", fields, 4));
	report->id = id.whole;
	TRY(mts_id_check(report->id));
	report->destination = destination.whole;
	report->trace = trace.contents;
	return ext_decode(report->arena, extensions.contents, &report->envelope_extensions);
}

static FALLIBLE read_p1_content(struct bytes contents, struct report *report)
{
	struct subject_fields f;
	struct ber_tlv trace, additional;
	const struct field fields[] = {
		SUBJECT_FIELDS(f),
		{ FIELD_HOLDS(BER_APPLICATION(9)), &trace, NULL },
		{ BER_CONTEXT(1), &f.returned, NULL },
		{ FIELD_HOLDS(BER_CONTEXT(2)), &additional, NULL },
		{ FIELD_HOLDS(BER_CONTEXT(3)), &f.extensions, NULL },
		{ FIELD_HOLDS(BER_CONTEXT(0)), &f.recipients, "per-recipient-fields" },
	};

	TRY(fields_read(contents, "report content", fields, sizeof(fields) / sizeof(fields[0])));
	report->subject_trace = trace.contents;
	report->additional = additional.contents;
	TRY(read_subject(&f, report));
	return read_recipients(report, f.recipients.contents, read_p1_recipient);
}

FALLIBLE report_p1_decode(struct arena *arena, struct bytes apdu, struct report **out_report)
{
	struct report *report = arena_new_of(arena, struct report);
	struct ber_tlv outer, envelope, content;
	struct bytes left;

	report->arena = arena;
	TRY(ber_check(apdu, &ber_limits_default, NULL));
	TRY(ber_only(apdu, &outer));
	if (outer.tag != BER_CONTEXT(1) || !outer.constructed)
		return FAIL(ST_PEER, 0, "this is no report");
	left = outer.contents;
	TRY_DOING(ber_next(&left, &envelope), "the report has no envelope");
	TRY_DOING(ber_only(left, &content), "the report has no content");
	if (envelope.tag != BER_SET || content.tag != BER_SET)
		return FAIL(ST_PEER, 0, "the report's envelope or content is no SET");
	TRY(read_p1_envelope(envelope.contents, report));
	TRY(read_p1_content(content.contents, report));
	*out_report = report;
	return OK;
}

FALLIBLE report_delivery_decode(struct arena *arena, struct bytes in, struct report **out_report)
{
	struct report *report = arena_new_of(arena, struct report);
	struct subject_fields f;
	struct ber_tlv set;
	const struct field fields[] = {
		SUBJECT_FIELDS(f),
		{ BER_CONTEXT(0), &f.returned, NULL },
		{ FIELD_HOLDS(BER_CONTEXT(1)), &f.extensions, NULL },
		{ BER_SEQUENCE, &f.recipients, "per-recipient-fields" },
	};

	report->arena = arena;
	TRY(ber_check(in, &ber_limits_default, NULL));
	TRY(ber_only(in, &set));
	if (set.tag != BER_SET)
		return FAIL(ST_PEER, 0, "a delivered report is no SET");
	TRY(fields_read(set.contents, "delivered report", fields, sizeof(fields) / sizeof(fields[0])));
	TRY(read_subject(&f, report));
	TRY(read_recipients(report, f.recipients.contents, read_p3_recipient));
	*out_report = report;
	return OK;
}

/* --- encoding --- */

static FALLIBLE put_type(const struct report_recipient *recipient, struct buf *out)
{
	size_t from = out->len;

	if (recipient->delivered) {
		TRY(put_time(out, BER_CONTEXT(0), recipient->delivery_time));
		if (recipient->user_type != USER_PUBLIC)
			ber_put_integer(out, BER_CONTEXT(1), recipient->user_type);
	} else {
		ber_put_integer(out, BER_CONTEXT(0), recipient->reason);
		if (recipient->diagnostic != DIAG_NONE)
			ber_put_integer(out, BER_CONTEXT(1), recipient->diagnostic);
	}
	ber_wrap(out, from, recipient->delivered ? BER_CONTEXT(0) : BER_CONTEXT(1));
	ber_wrap(out, from, BER_CONTEXT(1));
	return OK;
}

static void put_recipient_rest(const struct report_recipient *recipient,
			       const struct recipient_tags *tags, struct buf *out)
{
	put_retagged(out, tags->intended, recipient->intended_name);
	put_string(out, tags->supplementary, recipient->supplementary);
	ext_put_set(&recipient->extensions, tags->extensions, out);
}

static FALLIBLE put_p1_recipient(const struct report_recipient *recipient, struct buf *out)
{
	size_t from = out->len;
	size_t last;

	put_retagged(out, BER_CONTEXT(0), recipient->name);
	ber_put_integer(out, BER_CONTEXT(1), recipient->number);
	put_bits_at_least(out, BER_CONTEXT(2), recipient->flags, PER_RECIPIENT_BITS);
	last = out->len;
	buf_put(out, recipient->converted_eits);
	TRY(put_time(out, BER_CONTEXT(0), recipient->arrival));
	TRY(put_type(recipient, out));
	ber_wrap(out, last, BER_CONTEXT(3));
	put_recipient_rest(recipient, &p1_tags, out);
	ber_wrap(out, from, BER_SET);
	return OK;
}

static FALLIBLE put_p3_recipient(const struct report_recipient *recipient, struct buf *out)
{
	size_t from = out->len;

	buf_put(out, recipient->converted_eits);
	put_retagged(out, BER_CONTEXT(0), recipient->name);
	TRY(put_type(recipient, out));
	put_recipient_rest(recipient, &p3_tags, out);
	ber_wrap(out, from, BER_SET);
	return OK;
}

static FALLIBLE put_recipients(const struct report *report, uint32_t tag,
			       FALLIBLE (*put)(const struct report_recipient *, struct buf *),
			       struct buf *out)
{
	size_t from = out->len;

	for (size_t i = 0; i < report->recipient_count; i++)
		TRY(put(&report->recipients[i], out));
	ber_wrap(out, from, tag);
	return OK;
}

static void put_list(struct buf *out, uint32_t tag, struct bytes contents)
{
	size_t from = out->len;

	buf_put(out, contents);
	if (contents.len)
		ber_wrap(out, from, tag);
}

/* The fields of the subject up to [APPLICATION 10], the trace of P1 among them. */
static void put_subject(const struct report *report, struct bytes trace, struct buf *out)
{
	bool extended = report->content_type.len && report->content_type.data[0] == BER_OID;

	if (extended)
		buf_put(out, report->content_type);
	buf_put(out, report->subject_id);
	buf_put(out, report->eits);
	if (!extended)
		buf_put(out, report->content_type);
	put_list(out, BER_APPLICATION(9), trace);
	put_string(out, BER_APPLICATION(10), report->content_identifier);
}

FALLIBLE report_p1_encode(const struct report *report, struct buf *out)
{
	size_t from = out->len;
	size_t content;

	buf_put(out, report->destination);
	buf_put(out, report->id);
	put_list(out, BER_APPLICATION(9), report->trace);
	ext_put_set(&report->envelope_extensions, BER_CONTEXT(1), out);
	ber_wrap(out, from, BER_SET);

	content = out->len;
	put_subject(report, report->subject_trace, out);
	TRY(put_recipients(report, BER_CONTEXT(0), put_p1_recipient, out));
	if (report->has_content)
		ber_put(out, BER_CONTEXT(1), report->content);
	put_list(out, BER_CONTEXT(2), report->additional);
	ext_put_set(&report->extensions, BER_CONTEXT(3), out);
	ber_wrap(out, content, BER_SET);
	ber_wrap(out, from, BER_CONTEXT(1));
	return OK;
}

FALLIBLE report_delivery_encode(const struct report *report, struct buf *out)
{
	struct ext_set extensions = { 0 };
	size_t from = out->len;

	ext_copy(report->arena, &extensions, &report->extensions, EXT_IN_REPORT);
	ext_copy(report->arena, &extensions, &report->envelope_extensions, EXT_IN_REPORT);
	TRY(put_recipients(report, BER_SEQUENCE, put_p3_recipient, out));
	put_subject(report, bytes_none(), out);
	if (report->has_content)
		ber_put(out, BER_CONTEXT(0), report->content);
	ext_put_set(&extensions, BER_CONTEXT(1), out);
	ber_wrap(out, from, BER_SET);
	return OK;
}
