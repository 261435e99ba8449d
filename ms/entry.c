/* SPDX-License-Identifier: Apache-2.0 */
/* Entries and their attributes. */
#include "ms/entry.h"

#include "asn1/asn.h"
#include "asn1/ms_attributes.h"
#include "asn1/oid.h"
#include "asn1/x400_oids.h"
#include "lib/base/clock.h"
#include "lib/mhs/orname.h"

enum {
	PRIORITY_TAG = BER_APPLICATION(7),		/* [X.411 8.2.1.1.1.8] */
	CONTENT_IDENTIFIER_TAG = BER_APPLICATION(10),	/* [X.411 8.2.1.1.1.16] */
	UTC_TIME_TAG = BER_UNIVERSAL(23),
};

void entry_put_attribute(struct bytes oid, struct bytes values, struct buf *out)
{
	size_t from = out->len, values_from;

	ber_put(out, BER_UNIVERSAL(BER_OID), oid);
	values_from = out->len;
	buf_put(out, values);
	ber_wrap(out, values_from, BER_UNIVERSAL(BER_SEQUENCE));
	ber_wrap(out, from, BER_UNIVERSAL(BER_SEQUENCE));
}

/* --- making --- */

/* An attribute from its name in asn1/ms_attributes.h; nothing where there is no value. */
static FALLIBLE put(struct buf *out, const char *dotted, struct bytes values)
{
	AUTO(buf_free) struct buf oid = { 0 };

	if (values.len == 0)
		return OK;
	TRY(oid_from_text(dotted, &oid));
	entry_put_attribute(buf_view(&oid), values, out);
	return OK;
}

static FALLIBLE put_integer(struct buf *out, const char *dotted, uint32_t tag, int64_t value)
{
	AUTO(buf_free) struct buf tlv = { 0 };

	ber_put_integer(&tlv, tag, value);
	return put(out, dotted, buf_view(&tlv));
}

static FALLIBLE put_utc_time(struct buf *out, const char *dotted, time_t t)
{
	AUTO(buf_free) struct buf tlv = { 0 };
	struct time_text text;

	TRY(time_to_utctime(t, &text));
	ber_put(&tlv, UTC_TIME_TAG, bytes_text(text.s));
	return put(out, dotted, buf_view(&tlv));
}

static FALLIBLE put_content_identifier(struct buf *out, struct bytes characters)
{
	AUTO(buf_free) struct buf tlv = { 0 };

	if (characters.len == 0)
		return OK;
	ber_put(&tlv, CONTENT_IDENTIFIER_TAG, characters);
	return put(out, ID_ATT_CONTENT_IDENTIFIER, buf_view(&tlv));
}

/* The content type as an MS has it: an object identifier, dotted; null for an unknown number
 * [X.413 11.2.9]. */
static const char *content_type_oid(struct arena *arena, struct bytes content_type)
{
	struct ber_tlv tlv;

	if (content_type_number(content_type) == CONTENT_TYPE_P22)
		return ID_MCT_P2_1988;
	if (content_type_number(content_type) == CONTENT_TYPE_P2)
		return ID_MCT_P2_1984;
	struct status *failed = ber_only(content_type, &tlv);
	if (!failed)
		failed = oid_check(tlv.contents);
	if (!failed)
		return arena_strdup(arena, oid_text(tlv.contents).s);
	status_free(&failed);
	return NULL;
}

static FALLIBLE put_content_type(struct buf *out, const char *dotted)
{
	AUTO(buf_free) struct buf oid = { 0 };
	AUTO(buf_free) struct buf tlv = { 0 };

	if (!dotted)
		return OK;
	TRY(oid_from_text(dotted, &oid));
	ber_put(&tlv, BER_UNIVERSAL(BER_OID), buf_view(&oid));
	return put(out, ID_ATT_CONTENT_TYPE, buf_view(&tlv));
}

static FALLIBLE put_delivery(struct buf *out, const struct delivery *d)
{
	AUTO(buf_free) struct buf others = { 0 };

	TRY(put(out, ID_ATT_MESSAGE_IDENTIFIER, d->id));
	TRY(put_utc_time(out, ID_ATT_MESSAGE_DELIVERY_TIME, d->time));
	TRY(put_utc_time(out, ID_ATT_MESSAGE_SUBMISSION_TIME, d->submission_time));
	TRY(put(out, ID_ATT_ORIGINATOR_NAME, d->originator));
	TRY(put(out, ID_ATT_THIS_RECIPIENT_NAME, d->this_recipient));
	for (size_t i = 0; i < d->other_count; i++)
		buf_put(&others, d->other_recipients[i]);
	TRY(put(out, ID_ATT_OTHER_RECIPIENT_NAMES, buf_view(&others)));
	TRY(put_integer(out, ID_ATT_PRIORITY, PRIORITY_TAG, d->priority));
	TRY(put_content_identifier(out, d->content_identifier));
	TRY(put(out, ID_ATT_MESSAGE_TOKEN, ext_value(&d->extensions, EXT_MESSAGE_TOKEN)));
	return put(out, ID_ATT_MESSAGE_SECURITY_LABEL,
		   ext_value(&d->extensions, EXT_MESSAGE_SECURITY_LABEL));
}

/* What messages and reports have in common. */
static FALLIBLE put_general(const struct mailbox_entry *e, struct buf *out)
{
	TRY(put_integer(out, ID_ATT_ENTRY_TYPE, BER_UNIVERSAL(BER_INTEGER), e->kind));
	TRY(put_utc_time(out, ID_ATT_CREATION_TIME, e->created));
	TRY(put_content_type(out, e->content_type));
	return put_integer(out, ID_ATT_CONTENT_LENGTH, BER_UNIVERSAL(BER_INTEGER),
			   (int64_t)e->content_length);
}

FALLIBLE entry_of_delivery(struct arena *arena, const struct delivery *d, time_t now,
			   struct new_entry *out)
{
	*out = (struct new_entry){
		.entry = {
			.kind = MAILBOX_MESSAGE,
			.priority = d->priority,
			.created = now,
			.mts_id = mts_id_text(arena, d->id),
			.originator = orname_tlv_text(arena, d->originator),
			.content_type = content_type_oid(arena, d->content_type),
			.content_length = d->content.len,
		},
		.content = d->content,
	};
	out->identity = delivery_identity(arena, d);
	TRY(put_general(&out->entry, &out->attributes));
	TRY(put_delivery(&out->attributes, d));
	out->entry.attributes = buf_view(&out->attributes);
	return delivery_envelope_encode(d, &out->envelope);
}

FALLIBLE entry_of_report(struct arena *arena, const struct report *report, time_t now,
			 struct new_entry *out)
{
	struct report envelope = *report;

	*out = (struct new_entry){
		.entry = {
			.kind = MAILBOX_REPORT,
			.created = now,
			.mts_id = mts_id_text(arena, report->subject_id),
			.content_length = report->content.len,
		},
		.content = report->content,
	};
	if (report->content_type.len)
		out->entry.content_type = content_type_oid(arena, report->content_type);
	out->identity = report_identity(arena, report);
	TRY(put_general(&out->entry, &out->attributes));
	TRY(put(&out->attributes, ID_ATT_SUBJECT_SUBMISSION_IDENTIFIER, report->subject_id));
	TRY(put_content_identifier(&out->attributes, report->content_identifier));
	out->entry.attributes = buf_view(&out->attributes);
	/* The ReportDeliveryEnvelope is the argument without the content. */
	envelope.has_content = false;
	return report_delivery_encode(&envelope, &out->envelope);
}

void new_entry_cleanup(struct new_entry *entry)
{
	buf_free(&entry->attributes);
	buf_free(&entry->envelope);
}

/* --- reading --- */

/* Those that change, and so are not among the stored octets. */
static bool put_changing(const struct mailbox_entry *entry, struct bytes oid, struct buf *out)
{
	int64_t value;

	if (oid_is(oid, ID_ATT_SEQUENCE_NUMBER))
		value = entry->number;
	else if (oid_is(oid, ID_ATT_RETRIEVAL_STATUS))
		value = entry->status;
	else
		return false;
	ber_put_integer(out, BER_UNIVERSAL(BER_INTEGER), value);
	return true;
}

bool entry_values(const struct mailbox_entry *entry, struct bytes oid, struct buf *out)
{
	struct bytes left = entry->attributes;
	struct ber_tlv attribute, type, values;

	if (put_changing(entry, oid, out))
		return true;
	/* We wrote these octets: what cannot be read is not there. */
	while (left.len) {
		struct status *failed = ber_next(&left, &attribute);

		if (failed) {
			status_free(&failed);
			return false;
		}
		if (!ber_nth(attribute.contents, 0, &type) ||
		    !ber_nth(attribute.contents, 1, &values))
			return false;
		if (bytes_equal(type.contents, oid)) {
			buf_put(out, values.contents);
			return true;
		}
	}
	return false;
}

enum entry_part entry_part_of(const struct mailbox_entry *entry, struct bytes oid)
{
	const char *envelope = entry->kind == MAILBOX_REPORT ? ID_ATT_REPORT_DELIVERY_ENVELOPE
							     : ID_ATT_MESSAGE_DELIVERY_ENVELOPE;

	if (oid_is(oid, ID_ATT_CONTENT) && entry->content_length > 0)
		return ENTRY_PART_CONTENT;
	return oid_is(oid, envelope) ? ENTRY_PART_ENVELOPE : ENTRY_PART_NONE;
}
