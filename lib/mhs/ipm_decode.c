/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interpersonal messages and notifications, read [X.420 7.2, 8].
 */
#include "lib/mhs/ipm.h"

#include "asn1/oid.h"
#include "asn1/x400_oids.h"
#include "lib/mhs/diagnostics.h"
#include "lib/mhs/ipm_parts.h"
#include "lib/mhs/text.h"

static FALLIBLE read_text(struct arena *arena, const struct ber_tlv *tlv, const char **out)
{
	struct bytes octets;

	if (!field_is(tlv))
		return OK;
	TRY(field_string(arena, tlv, &octets));
	*out = text_from_teletex(arena, octets);
	return OK;
}

FALLIBLE ipm_read_id(struct arena *arena, struct bytes contents, struct ipm_id *out_id)
{
	struct ber_tlv user, local;
	const struct field fields[] = {
		{ BER_APPLICATION(0), &user, NULL },
		{ BER_PRINTABLE_STRING, &local, "user-relative-identifier" },
	};

	TRY(fields_read(contents, "IPM identifier", fields, 2));
	out_id->user = user.whole;
	return read_text(arena, &local, &out_id->local);
}

FALLIBLE ipm_read_descriptor(struct arena *arena, struct bytes contents, struct ipm_name *out_name)
{
	struct ber_tlv formal, free_form, telephone;
	const struct field fields[] = {
		{ BER_APPLICATION(0), &formal, NULL },
		{ BER_CONTEXT(0), &free_form, NULL },
		{ BER_CONTEXT(1), &telephone, NULL },
	};

	TRY(fields_read(contents, "O/R descriptor", fields, 3));
	out_name->name = formal.whole;
	TRY(read_text(arena, &free_form, &out_name->free_form));
	return read_text(arena, &telephone, &out_name->telephone);
}

static FALLIBLE read_recipient(struct arena *arena, struct bytes contents, struct ipm_name *out_name)
{
	struct ber_tlv recipient, requests, reply, extensions;
	uint32_t bits;
	const struct field fields[] = {
		{ BER_CONTEXT(0), &recipient, "recipient" },
		{ BER_CONTEXT(1), &requests, NULL },
		{ BER_CONTEXT(2), &reply, NULL },
		{ BER_CONTEXT(3), &extensions, NULL },
	};

	TRY(fields_read(contents, "recipient specifier", fields, 4));
	TRY(ipm_read_descriptor(arena, recipient.contents, out_name));
	TRY(field_bits(&requests, &bits));
	out_name->requests = bits & (IPM_WANTS_RECEIPT | IPM_WANTS_NON_RECEIPT | IPM_WANTS_RETURN);
	if (reply.contents.len && reply.contents.data[0])
		out_name->requests |= IPM_WANTS_REPLY;
	return OK;
}

/* How many elements a list has, bounded before an array is made. */
static FALLIBLE count_of(struct bytes list, const char *what, size_t max, size_t *out_count)
{
	struct ber_tlv tlv;

	for (*out_count = 0; list.len; ++*out_count) {
		if (*out_count == max)
			return FAIL(ST_PEER, 0, "there are more than %zu %s", max, what);
		TRY(ber_next(&list, &tlv));
	}
	return OK;
}

static FALLIBLE read_names(struct arena *arena, const struct ber_tlv *list, struct ipm_names *out,
			   FALLIBLE (*read)(struct arena *arena, struct bytes contents,
					    struct ipm_name *out_name))
{
	struct bytes left = list->contents;

	TRY(count_of(left, "names", IPM_NAMES_MAX, &out->count));
	out->names = arena_new_array(arena, struct ipm_name, out->count ? out->count : 1);
	for (size_t i = 0; i < out->count; i++) {
		struct ber_tlv tlv;

		TRY(ber_next(&left, &tlv));
		TRY(read(arena, tlv.contents, &out->names[i]));
	}
	return OK;
}

static FALLIBLE read_ids(struct arena *arena, const struct ber_tlv *list, struct ipm_id **out_ids,
			 size_t *out_count)
{
	struct bytes left = list->contents;

	TRY(count_of(left, "references", IPM_NAMES_MAX, out_count));
	*out_ids = arena_new_array(arena, struct ipm_id, *out_count ? *out_count : 1);
	for (size_t i = 0; i < *out_count; i++) {
		struct ber_tlv tlv;

		TRY(ber_next(&left, &tlv));
		TRY(ipm_read_id(arena, tlv.contents, &(*out_ids)[i]));
	}
	return OK;
}

/* id-hex-extended-subject: a subject that T.61 cannot say, in BMPString or UniversalString. */
static FALLIBLE read_extended_subject(struct arena *arena, struct bytes extensions,
				      const char **out_subject)
{
	while (extensions.len) {
		struct ber_tlv extension, type, value, string;
		struct bytes left;

		TRY(ber_next(&extensions, &extension));
		left = extension.contents;
		TRY(ber_next(&left, &type));
		if (!left.len || !oid_is(type.contents, ID_HEX_EXTENDED_SUBJECT))
			continue;
		TRY(ber_only(left, &value));
		if (ber_find(value.contents, BER_UNIVERSAL(30), &string))
			*out_subject = text_from_ucs(arena, string.contents, 2);
		else if (ber_find(value.contents, BER_UNIVERSAL(28), &string))
			*out_subject = text_from_ucs(arena, string.contents, 4);
	}
	return OK;
}

static FALLIBLE read_subject(struct arena *arena, const struct ber_tlv *subject, const char **out)
{
	struct ber_tlv string;

	if (!field_is(subject))
		return OK;
	TRY_DOING(ber_only(subject->contents, &string), "cannot read the subject");
	return read_text(arena, &string, out);
}

static FALLIBLE read_originator(struct arena *arena, const struct ber_tlv *tlv,
				struct ipm_name **out)
{
	if (!field_is(tlv))
		return OK;
	*out = arena_new_of(arena, struct ipm_name);
	return ipm_read_descriptor(arena, tlv->contents, *out);
}

static FALLIBLE read_heading(struct arena *arena, struct bytes contents, struct ipm *ipm)
{
	struct ber_tlv id, originator, authorizing, to, cc, bcc, replied, obsoleted, related, subject;
	struct ber_tlv expires, reply_by, reply_to, importance, sensitivity, forwarded, extensions;
	int64_t important = IMPORTANCE_NORMAL, sensitive = SENSITIVITY_NONE;
	const struct field fields[] = {
		{ BER_APPLICATION(11), &id, "this-IPM" },
		{ BER_CONTEXT(0), &originator, NULL },
		{ BER_CONTEXT(1), &authorizing, NULL },
		{ BER_CONTEXT(2), &to, NULL },
		{ BER_CONTEXT(3), &cc, NULL },
		{ BER_CONTEXT(4), &bcc, NULL },
		{ BER_CONTEXT(5), &replied, NULL },
		{ BER_CONTEXT(6), &obsoleted, NULL },
		{ BER_CONTEXT(7), &related, NULL },
		{ BER_CONTEXT(8), &subject, NULL },
		{ BER_CONTEXT(9), &expires, NULL },
		{ BER_CONTEXT(10), &reply_by, NULL },
		{ BER_CONTEXT(11), &reply_to, NULL },
		{ BER_CONTEXT(12), &importance, NULL },
		{ BER_CONTEXT(13), &sensitivity, NULL },
		{ BER_CONTEXT(14), &forwarded, NULL },
		{ BER_CONTEXT(15), &extensions, NULL },
	};

	TRY(fields_read(contents, "heading", fields, sizeof(fields) / sizeof(fields[0])));
	TRY(ipm_read_id(arena, id.contents, &ipm->id));
	TRY(read_originator(arena, &originator, &ipm->originator));
	TRY(read_names(arena, &authorizing, &ipm->authorizing, ipm_read_descriptor));
	TRY(read_names(arena, &to, &ipm->to, read_recipient));
	TRY(read_names(arena, &cc, &ipm->cc, read_recipient));
	TRY(read_names(arena, &bcc, &ipm->bcc, read_recipient));
	TRY(read_names(arena, &reply_to, &ipm->reply_to, ipm_read_descriptor));
	if (field_is(&replied))
		TRY(ipm_read_id(arena, replied.contents, &ipm->in_reply_to));
	TRY(read_ids(arena, &obsoleted, &ipm->obsoletes, &ipm->obsolete_count));
	TRY(read_ids(arena, &related, &ipm->related, &ipm->related_count));
	TRY(read_subject(arena, &subject, &ipm->subject));
	TRY(field_time(&expires, &ipm->expires));
	TRY(field_time(&reply_by, &ipm->reply_by));
	TRY(field_integer(&importance, "importance", IMPORTANCE_LOW, IMPORTANCE_HIGH, &important));
	TRY(field_integer(&sensitivity, "sensitivity", SENSITIVITY_PERSONAL, SENSITIVITY_COMPANY,
			  &sensitive));
	ipm->importance = (enum importance)important;
	ipm->sensitivity = (enum sensitivity)sensitive;
	ipm->auto_forwarded = forwarded.contents.len && forwarded.contents.data[0];
	return read_extended_subject(arena, extensions.contents, &ipm->subject);
}

FALLIBLE ipm_read(struct arena *arena, struct bytes contents, unsigned depth, struct ipm **out_ipm)
{
	struct ipm *ipm = arena_new_of(arena, struct ipm);
	struct ber_tlv heading, body;

	if (depth > IPM_DEPTH_MAX)
		return FAIL(ST_PEER, 0, "messages are forwarded in one another more than %d deep",
			    IPM_DEPTH_MAX);
	TRY_DOING(ber_next(&contents, &heading), "the message has no heading");
	TRY_DOING(ber_only(contents, &body), "the message has no body");
	if (heading.tag != BER_SET || body.tag != BER_SEQUENCE)
		return FAIL(ST_PEER, 0, "the message's heading or body is of another type");
	TRY(read_heading(arena, heading.contents, ipm));
	TRY(count_of(body.contents, "body parts", IPM_BODY_PARTS_MAX, &ipm->body_count));
	ipm->body = arena_new_array(arena, struct ipm_body, ipm->body_count ? ipm->body_count : 1);
	for (size_t i = 0; i < ipm->body_count; i++) {
		struct ber_tlv part;

		TRY(ber_next(&body.contents, &part));
		TRY_DOING(ipm_read_body_part(arena, &part, depth, &ipm->body[i]),
			  "cannot read body part %zu", i + 1);
	}
	*out_ipm = ipm;
	return OK;
}

static FALLIBLE read_receipt(struct arena *arena, struct bytes contents, struct ipn *ipn)
{
	struct ber_tlv time, mode, info, extensions;
	int64_t automatic = 0;
	const struct field fields[] = {
		{ BER_CONTEXT(0), &time, "receipt-time" },
		{ BER_CONTEXT(1), &mode, NULL },
		{ BER_CONTEXT(2), &info, NULL },
		{ BER_CONTEXT(3), &extensions, NULL },
	};

	TRY(fields_read(contents, "receipt notification", fields, 4));
	ipn->receipt = true;
	TRY(field_time(&time, &ipn->receipt_time));
	TRY(field_integer(&mode, "acknowledgment-mode", 0, 1, &automatic));
	ipn->automatic = automatic;
	return read_text(arena, &info, &ipn->supplementary);
}

static FALLIBLE read_non_receipt(struct arena *arena, struct bytes contents, struct ipn *ipn)
{
	struct ber_tlv reason, discard, comment, returned, extensions;
	int64_t reason_code = 0, discard_code = -1;
	const struct field fields[] = {
		{ BER_CONTEXT(0), &reason, "non-receipt-reason" },
		{ BER_CONTEXT(1), &discard, NULL },
		{ BER_CONTEXT(2), &comment, NULL },
		{ BER_CONTEXT(3), &returned, NULL },
		{ BER_CONTEXT(4), &extensions, NULL },
	};

	TRY(fields_read(contents, "non-receipt notification", fields, 5));
	TRY(field_integer(&reason, "non-receipt-reason", 0, 255, &reason_code));
	TRY(field_integer(&discard, "discard-reason", 0, 255, &discard_code));
	ipn->non_receipt_reason = (int)reason_code;
	ipn->discard_reason = (int)discard_code;
	return read_text(arena, &comment, &ipn->forward_comment);
}

static FALLIBLE read_notification(struct arena *arena, struct bytes contents, struct ipn **out_ipn)
{
	struct ipn *ipn = arena_new_of(arena, struct ipn);
	struct ber_tlv subject, originator, intended, eits, extensions, outer, choice;
	const struct field fields[] = {
		{ BER_APPLICATION(11), &subject, "subject-ipm" },
		{ BER_CONTEXT(1), &originator, NULL },
		{ BER_CONTEXT(2), &intended, NULL },
		{ BER_APPLICATION(5), &eits, NULL },
		{ BER_CONTEXT(3), &extensions, NULL },
		{ BER_CONTEXT(0), &outer, "receipt or non-receipt" },
	};

	TRY(fields_read(contents, "notification", fields, sizeof(fields) / sizeof(fields[0])));
	TRY(ipm_read_id(arena, subject.contents, &ipn->subject));
	TRY(read_originator(arena, &originator, &ipn->originator));
	TRY(read_originator(arena, &intended, &ipn->intended));
	TRY_DOING(ber_only(outer.contents, &choice), "cannot read a notification");
	ipn->discard_reason = -1;
	*out_ipn = ipn;
	if (choice.tag == BER_CONTEXT(1))
		return read_receipt(arena, choice.contents, ipn);
	if (choice.tag == BER_CONTEXT(0))
		return read_non_receipt(arena, choice.contents, ipn);
	return FAIL(ST_PEER, 0, "the notification is neither of receipt nor of non-receipt");
}

static FALLIBLE decode(struct arena *arena, struct bytes content, struct ipm **out_ipm,
		       struct ipn **out_ipn)
{
	struct ber_tlv object;

	*out_ipm = NULL;
	*out_ipn = NULL;
	TRY(ber_check(content, &ber_limits_default, NULL));
	TRY(ber_only(content, &object));
	if (object.tag == BER_CONTEXT(0))
		return ipm_read(arena, object.contents, 0, out_ipm);
	if (object.tag == BER_CONTEXT(1))
		return read_notification(arena, object.contents, out_ipn);
	return FAIL(ST_PEER, 0, "it is neither a message nor a notification");
}

FALLIBLE ipm_decode(struct arena *arena, struct bytes content, struct ipm **out_ipm,
		    struct ipn **out_ipn)
{
	struct status *cause = decode(arena, content, out_ipm, out_ipn);

	if (!cause)
		return OK;
	return status_new(cause, ST_PEER, DIAG_CONTENT_SYNTAX_ERROR,
			  "the content is no interpersonal message");
}
