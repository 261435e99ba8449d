/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interpersonal messages and notifications, written [X.420 7.2, 8].
 */
#include "lib/mhs/ipm.h"

#include "asn1/bounds.h"
#include "asn1/oid.h"
#include "asn1/x400_oids.h"
#include "lib/mhs/ipm_parts.h"
#include "lib/mhs/text.h"

static FALLIBLE put_printable(struct buf *out, uint32_t tag, const char *text, const char *what)
{
	if (!text)
		return OK;
	if (!text_is_printable(text))
		return FAIL(ST_USAGE, 0, "%s \"%s\" has a character outside PrintableString", what,
			    text);
	ber_put(out, tag, bytes_text(text));
	return OK;
}

FALLIBLE ipm_put_id(const struct ipm_id *id, uint32_t tag, struct buf *out)
{
	size_t from = out->len;

	if (!id->local)
		return OK;
	if (strlen(id->local) > UB_LOCAL_IPM_IDENTIFIER)
		return FAIL(ST_USAGE, 0, "the identifier \"%s\" has more than %d characters", id->local,
			    UB_LOCAL_IPM_IDENTIFIER);
	TRY(put_printable(out, BER_PRINTABLE_STRING, id->local, "the identifier"));
	buf_put(out, id->user);
	ber_wrap(out, from, tag);
	return OK;
}

FALLIBLE ipm_put_descriptor(const struct ipm_name *name, uint32_t tag, struct buf *out)
{
	size_t from = out->len;

	buf_put(out, name->name);
	if (name->free_form) {
		AUTO(buf_free) struct buf teletex = { 0 };

		if (!text_to_teletex(name->free_form, &teletex))
			return FAIL(ST_USAGE, 0, "\"%s\" has a character that teletex has not",
				    name->free_form);
		ber_put(out, BER_CONTEXT(0), buf_view(&teletex));
	}
	TRY(put_printable(out, BER_CONTEXT(1), name->telephone, "the telephone number"));
	ber_wrap(out, from, tag);
	return OK;
}

static FALLIBLE put_boolean(struct buf *out, uint32_t tag)
{
	ber_put(out, tag, BYTES("\xff"));
	return OK;
}

static FALLIBLE put_descriptors(const struct ipm_names *names, uint32_t tag, struct buf *out)
{
	size_t from = out->len;

	for (size_t i = 0; i < names->count; i++)
		TRY(ipm_put_descriptor(&names->names[i], BER_SET, out));
	if (names->count)
		ber_wrap(out, from, tag);
	return OK;
}

static FALLIBLE put_recipients(const struct ipm_names *names, uint32_t tag, struct buf *out)
{
	size_t from = out->len;

	for (size_t i = 0; i < names->count; i++) {
		const struct ipm_name *name = &names->names[i];
		uint32_t requests = name->requests & ~(unsigned)IPM_WANTS_REPLY;
		size_t at = out->len;

		TRY(ipm_put_descriptor(name, BER_CONTEXT(0), out));
		if (requests)
			put_bits(out, BER_CONTEXT(1), requests);
		if (name->requests & IPM_WANTS_REPLY)
			TRY(put_boolean(out, BER_CONTEXT(2)));
		ber_wrap(out, at, BER_SET);
	}
	if (names->count)
		ber_wrap(out, from, tag);
	return OK;
}

static FALLIBLE put_ids(const struct ipm_id *ids, size_t count, uint32_t tag, struct buf *out)
{
	size_t from = out->len;

	for (size_t i = 0; i < count; i++)
		TRY(ipm_put_id(&ids[i], BER_APPLICATION(11), out));
	if (count)
		ber_wrap(out, from, tag);
	return OK;
}

/* The teletex form; false where the subject has to travel as an extension as well. */
static bool put_subject(const char *subject, struct buf *out)
{
	AUTO(buf_free) struct buf teletex = { 0 };
	size_t from = out->len;
	bool whole = text_to_teletex(subject, &teletex);

	if (!whole) {
		struct arena *arena = arena_new();

		buf_put_text(&teletex, text_printable_like(arena, subject, UB_SUBJECT_FIELD));
		arena_free(&arena);
	}
	ber_put(out, BER_TELETEX_STRING, buf_view(&teletex));
	ber_wrap(out, from, BER_CONTEXT(8));
	return whole;
}

static FALLIBLE put_extended_subject(const char *subject, struct buf *out)
{
	AUTO(buf_free) struct buf bmp = { 0 };
	AUTO(buf_free) struct buf oid = { 0 };
	size_t from = out->len;
	size_t value;

	TRY(oid_from_text(ID_HEX_EXTENDED_SUBJECT, &oid));
	ber_put(out, BER_OID, buf_view(&oid));
	value = out->len;
	text_to_bmp(subject, &bmp);
	ber_put(out, BER_UNIVERSAL(30), buf_view(&bmp));
	ber_wrap(out, value, BER_SET);
	ber_wrap(out, from, BER_SEQUENCE);
	ber_wrap(out, from, BER_CONTEXT(15));
	return OK;
}

static FALLIBLE put_heading(const struct ipm *ipm, struct buf *out)
{
	size_t from = out->len;
	bool subject_fits = true;

	if (!ipm->id.local)
		return FAIL(ST_USAGE, 0, "the message has no identifier");
	TRY(ipm_put_id(&ipm->id, BER_APPLICATION(11), out));
	if (ipm->originator)
		TRY(ipm_put_descriptor(ipm->originator, BER_CONTEXT(0), out));
	TRY(put_descriptors(&ipm->authorizing, BER_CONTEXT(1), out));
	TRY(put_recipients(&ipm->to, BER_CONTEXT(2), out));
	TRY(put_recipients(&ipm->cc, BER_CONTEXT(3), out));
	TRY(put_recipients(&ipm->bcc, BER_CONTEXT(4), out));
	TRY(ipm_put_id(&ipm->in_reply_to, BER_CONTEXT(5), out));
	TRY(put_ids(ipm->obsoletes, ipm->obsolete_count, BER_CONTEXT(6), out));
	TRY(put_ids(ipm->related, ipm->related_count, BER_CONTEXT(7), out));
	if (ipm->subject)
		subject_fits = put_subject(ipm->subject, out);
	if (ipm->expires)
		TRY(put_time(out, BER_CONTEXT(9), ipm->expires));
	if (ipm->reply_by)
		TRY(put_time(out, BER_CONTEXT(10), ipm->reply_by));
	TRY(put_descriptors(&ipm->reply_to, BER_CONTEXT(11), out));
	if (ipm->importance != IMPORTANCE_NORMAL)
		ber_put_integer(out, BER_CONTEXT(12), ipm->importance);
	if (ipm->sensitivity != SENSITIVITY_NONE)
		ber_put_integer(out, BER_CONTEXT(13), ipm->sensitivity);
	if (ipm->auto_forwarded)
		TRY(put_boolean(out, BER_CONTEXT(14)));
	if (!subject_fits)
		TRY(put_extended_subject(ipm->subject, out));
	ber_wrap(out, from, BER_SET);
	return OK;
}

FALLIBLE ipm_put(const struct ipm *ipm, uint32_t tag, struct buf *out)
{
	size_t from = out->len;
	size_t body;

	TRY(put_heading(ipm, out));
	body = out->len;
	for (size_t i = 0; i < ipm->body_count; i++)
		TRY(ipm_put_body_part(&ipm->body[i], out));
	ber_wrap(out, body, BER_SEQUENCE);
	ber_wrap(out, from, tag);
	return OK;
}

FALLIBLE ipm_encode(const struct ipm *ipm, struct buf *out)
{
	return ipm_put(ipm, BER_CONTEXT(0), out);
}

static FALLIBLE put_receipt(const struct ipn *ipn, struct buf *out)
{
	size_t from = out->len;

	TRY(put_time(out, BER_CONTEXT(0), ipn->receipt_time));
	if (ipn->automatic)
		ber_put_integer(out, BER_CONTEXT(1), 1);
	TRY(put_printable(out, BER_CONTEXT(2), ipn->supplementary, "the receipt's information"));
	ber_wrap(out, from, BER_CONTEXT(1));
	return OK;
}

static FALLIBLE put_non_receipt(const struct ipn *ipn, struct buf *out)
{
	size_t from = out->len;

	ber_put_integer(out, BER_CONTEXT(0), ipn->non_receipt_reason);
	if (ipn->discard_reason >= 0)
		ber_put_integer(out, BER_CONTEXT(1), ipn->discard_reason);
	TRY(put_printable(out, BER_CONTEXT(2), ipn->forward_comment, "the comment"));
	ber_wrap(out, from, BER_CONTEXT(0));
	return OK;
}

FALLIBLE ipn_encode(const struct ipn *ipn, struct buf *out)
{
	size_t from = out->len;
	size_t choice;

	if (!ipn->subject.local)
		return FAIL(ST_USAGE, 0, "the notification does not say which message it is about");
	TRY(ipm_put_id(&ipn->subject, BER_APPLICATION(11), out));
	choice = out->len;
	if (ipn->receipt)
		TRY(put_receipt(ipn, out));
	else
		TRY(put_non_receipt(ipn, out));
	ber_wrap(out, choice, BER_CONTEXT(0));
	if (ipn->originator)
		TRY(ipm_put_descriptor(ipn->originator, BER_CONTEXT(1), out));
	if (ipn->intended)
		TRY(ipm_put_descriptor(ipn->intended, BER_CONTEXT(2), out));
	ber_wrap(out, from, BER_CONTEXT(1));
	return OK;
}

const char *non_receipt_words(int reason, int discard_reason)
{
	static const char *const discarded[] = {
		"discarded: it had expired", "discarded: a newer one took its place",
		"discarded: the recipient no longer uses the service", "discarded: it was not used",
	};

	if (reason == 1)
		return "forwarded by a machine to someone else";
	if (discard_reason >= 0 && (size_t)discard_reason < sizeof(discarded) / sizeof(discarded[0]))
		return discarded[discard_reason];
	return "discarded";
}
