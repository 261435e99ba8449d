/* SPDX-License-Identifier: Apache-2.0 */
/* Restrictions of what is fetched, and the error that tells of them [X.413 7.1.1, 9.4]. */
#include "ms/restrictions.h"

#include "asn1/mhs_operations.h"
#include "asn1/oid.h"
#include "asn1/x400_oids.h"
#include "lib/mhs/delivery.h"
#include "lib/mhs/fields.h"

enum { CONTENT_TYPE_PROBLEM = 1, EIT_PROBLEM, MAXIMUM_LENGTH_PROBLEM };
enum { EIT_BUILT_IN_COUNT = 10 };

/* --- reading --- */

static FALLIBLE read_identifiers(const struct ber_tlv *tagged, bool *out_any, struct bytes *out)
{
	struct ber_tlv set, oid;

	*out_any = !field_is(tagged);
	if (*out_any)
		return OK;
	TRY(ber_only(tagged->contents, &set));
	for (struct bytes left = set.contents; left.len;) {
		TRY(ber_next(&left, &oid));
		if (oid.tag != BER_UNIVERSAL(BER_OID))
			return FAIL(ST_PEER, 0, "a fetch restriction is no object identifier");
		TRY(oid_check(oid.contents));
	}
	*out = set.contents;
	return OK;
}

FALLIBLE restrictions_read(struct bytes tlv, struct restrictions *out)
{
	struct ber_tlv set, types, eits, length, value;
	const struct field fields[] = {
		{ BER_CONTEXT(0), &types, NULL }, { BER_CONTEXT(1), &eits, NULL },
		{ BER_CONTEXT(2), &length, NULL },
	};

	*out = (struct restrictions){ .any_type = true, .any_eit = true, .length_max = INT64_MAX };
	if (!tlv.len)
		return OK;
	TRY(ber_only(tlv, &set));
	TRY(fields_read(set.contents, "fetch-restrictions", fields, 3));
	TRY(read_identifiers(&types, &out->any_type, &out->types));
	TRY(read_identifiers(&eits, &out->any_eit, &out->eits));
	if (!field_is(&length))
		return OK;
	TRY(ber_only(length.contents, &value));
	return field_integer(&value, "the maximum-content-length", 0, INT64_MAX, &out->length_max);
}

void restrictions_override(struct restrictions *r, uint32_t overridden)
{
	r->any_type = r->any_type || overridden & OVERRIDE_CONTENT_TYPES;
	r->any_eit = r->any_eit || overridden & OVERRIDE_EITS;
	if (overridden & OVERRIDE_CONTENT_LENGTH)
		r->length_max = INT64_MAX;
}

/* --- the error --- */

/* A FetchRestrictionProblemItem, around the restriction's value that stands in the buffer. */
static void end_problem(struct buf *out, size_t from, uint32_t restriction, int problem)
{
	size_t at;

	ber_wrap(out, from, restriction);
	at = out->len;
	ber_put_integer(out, BER_UNIVERSAL(BER_INTEGER), problem);
	ber_wrap(out, at, BER_CONTEXT(3));
	ber_wrap(out, from, BER_UNIVERSAL(BER_SET));
}

/* --- checking --- */

static bool is_among(struct bytes identifiers, struct bytes oid)
{
	struct ber_tlv allowed;

	for (size_t i = 0; ber_nth(identifiers, i, &allowed); i++)
		if (bytes_equal(allowed.contents, oid))
			return true;
	return false;
}

/* A type that has no object identifier is no attribute of the entry, and is not compared. */
static FALLIBLE check_type(const struct restrictions *r, const struct mailbox_entry *entry,
			   struct buf *problems)
{
	AUTO(buf_free) struct buf oid = { 0 };
	size_t from = problems->len;

	if (r->any_type || !entry->content_type)
		return OK;
	TRY(oid_from_text(entry->content_type, &oid));
	if (is_among(r->types, buf_view(&oid)))
		return OK;
	ber_put(problems, BER_UNIVERSAL(BER_OID), buf_view(&oid));
	end_problem(problems, from, BER_CONTEXT(0), CONTENT_TYPE_PROBLEM);
	return OK;
}

static void check_length(const struct restrictions *r, const struct mailbox_entry *entry,
			 struct buf *problems)
{
	size_t from = problems->len;

	if (entry->content_length <= (uint64_t)r->length_max)
		return;
	ber_put_integer(problems, BER_UNIVERSAL(BER_INTEGER), (int64_t)entry->content_length);
	end_problem(problems, from, BER_CONTEXT(2), MAXIMUM_LENGTH_PROBLEM);
}

/* The built-in types as the object identifiers that stand for them [X.411 8.2.1.1.1.33]. */
static FALLIBLE put_built_in(struct bytes eits, struct buf *out)
{
	struct ber_tlv bits;
	uint32_t built_in = 0;

	if (ber_find(eits, BER_CONTEXT(0), &bits))
		TRY(field_bits(&bits, &built_in));
	for (int n = 0; n < EIT_BUILT_IN_COUNT; n++) {
		AUTO(buf_free) struct buf oid = { 0 };
		char dotted[] = ID_EIT_UNKNOWN;

		if (!(built_in & 1U << n))
			continue;
		dotted[sizeof(dotted) - 2] = (char)('0' + n);
		TRY(oid_from_text(dotted, &oid));
		ber_put(out, BER_UNIVERSAL(BER_OID), buf_view(&oid));
	}
	return OK;
}

/* The encoded-information-types of a delivered message: OBJECT IDENTIFIER TLVs. */
static FALLIBLE read_eits(struct db *db, int64_t mailbox, int32_t number, struct buf *out)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(buf_free) struct buf envelope = { 0 };
	struct delivery *delivery = NULL;
	struct ber_tlv eits, extended;

	TRY(mailbox_read(db, mailbox, number, &envelope, NULL));
	TRY(delivery_envelope_decode(arena, buf_view(&envelope), &delivery));
	const struct bytes tlv = delivery->converted_eits.len ? delivery->converted_eits
							      : delivery->eits;
	if (!tlv.len)
		return OK;
	TRY(ber_only(tlv, &eits));
	TRY(put_built_in(eits.contents, out));
	if (ber_find(eits.contents, BER_CONTEXT(4), &extended))
		buf_put(out, extended.contents);
	return OK;
}

static FALLIBLE check_eits(const struct restrictions *r, struct db *db, int64_t mailbox,
			   const struct mailbox_entry *entry, struct buf *problems)
{
	AUTO(buf_free) struct buf eits = { 0 };
	size_t from = problems->len;
	struct ber_tlv eit;

	if (r->any_eit || entry->kind != MAILBOX_MESSAGE)
		return OK;
	TRY(read_eits(db, mailbox, entry->number, &eits));
	for (size_t i = 0; ber_nth(buf_view(&eits), i, &eit); i++)
		if (!is_among(r->eits, eit.contents))
			buf_put(problems, eit.whole);
	if (problems->len == from)
		return OK;
	ber_wrap(problems, from, BER_UNIVERSAL(BER_SET));
	end_problem(problems, from, BER_CONTEXT(1), EIT_PROBLEM);
	return OK;
}

FALLIBLE restrictions_check(const struct restrictions *r, struct db *db, int64_t mailbox,
			    const struct mailbox_entry *entry, struct refusal *out)
{
	AUTO(buf_free) struct buf problems = { 0 };

	TRY(check_type(r, entry, &problems));
	TRY(check_eits(r, db, mailbox, entry, &problems));
	check_length(r, entry, &problems);
	if (!problems.len)
		return OK;
	ber_wrap(&problems, 0, BER_UNIVERSAL(BER_SET));		/* of several */
	ber_wrap(&problems, 0, BER_CONTEXT(0));
	ber_wrap(&problems, 0, BER_UNIVERSAL(BER_SET));		/* the error's parameter */
	out->error = ERR_FETCH_RESTRICTION_ERROR;
	out->parameter = buf_take(&problems);
	return OK;
}
