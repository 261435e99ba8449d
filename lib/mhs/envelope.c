/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the forms of an envelope have in common, and the P3 submission
 * [X.411 8.2.1].  The transfer form is in p1.c.
 */
#include "lib/mhs/envelope.h"

#include "asn1/asn.h"
#include "asn1/oid.h"
#include "asn1/x400_oids.h"
#include "lib/mhs/diagnostics.h"
#include "lib/mhs/envelope_parts.h"

struct envelope *envelope_new(struct arena *arena)
{
	struct envelope *env = arena_new_of(arena, struct envelope);

	env->arena = arena;
	env->content_length = -1;
	return env;
}

FALLIBLE envelope_read_fields(const struct envelope_fields *f, struct envelope *env)
{
	int64_t priority = PRIORITY_NORMAL;

	env->originator = f->originator.whole;
	env->eits = f->eits.whole;
	env->content_type = field_is(&f->content_type) ? f->content_type.whole
						       : f->content_type_oid.whole;
	if (!env->content_type.len)
		return FAIL(ST_PEER, 0, "the envelope has no content-type");
	TRY(field_string_or_none(env->arena, &f->content_identifier, &env->content_identifier));
	TRY(field_integer(&f->priority, "priority", PRIORITY_NORMAL, PRIORITY_URGENT, &priority));
	env->priority = (enum priority)priority;
	TRY(field_bits(&f->indicators, &env->indicators));
	if (env->probe)
		TRY(field_integer(&f->deferred, "content-length", 0, UB_CONTENT_LENGTH,
				  &env->content_length));
	else
		TRY(field_time(&f->deferred, &env->deferred_until));
	return ext_decode(env->arena, f->extensions.contents, &env->extensions);
}

/* Counted before an array is made. */
FALLIBLE envelope_count_recipients(struct bytes list, uint32_t tag, size_t *out_count)
{
	*out_count = 0;
	while (list.len) {
		struct ber_tlv tlv;

		TRY_DOING(ber_next(&list, &tlv), "cannot read the recipients");
		if (tlv.tag != tag)
			return FAIL(ST_PEER, 0, "something else stands among the recipients");
		if (++*out_count > RECIPIENTS_MAX)
			return FAIL(ST_NEVER, DIAG_TOO_MANY_RECIPIENTS,
				    "there are more than %d recipients", RECIPIENTS_MAX);
	}
	if (!*out_count)
		return FAIL(ST_PEER, 0, "there are no recipients");
	return OK;
}

FALLIBLE envelope_read_recipients(struct envelope *env, struct bytes list,
				  FALLIBLE (*read)(struct arena *arena, struct bytes contents,
						   struct recipient *out))
{
	TRY(envelope_count_recipients(list, BER_SET, &env->recipient_count));
	env->recipients = arena_new_array(env->arena, struct recipient, env->recipient_count);
	for (size_t i = 0; i < env->recipient_count; i++) {
		struct ber_tlv tlv;

		TRY(ber_next(&list, &tlv));
		env->recipients[i].number = (unsigned)i + 1;
		TRY_DOING(read(env->arena, tlv.contents, &env->recipients[i]),
			  "cannot read recipient %zu", i + 1);
	}
	return OK;
}

FALLIBLE envelope_explicit_conversion(const struct ber_tlv *tlv, int *out)
{
	int64_t conversion = -1;

	TRY(field_integer(tlv, "explicit-conversion", 0, UB_INTEGER_OPTIONS, &conversion));
	*out = (int)conversion;
	return OK;
}

FALLIBLE envelope_content(struct envelope *env, struct bytes *left)
{
	struct ber_tlv content;

	TRY_DOING(ber_next(left, &content), "the message has no content");
	if (content.tag != BER_OCTET_STRING)
		return FAIL(ST_PEER, 0, "the content is no OCTET STRING");
	if (left->len)
		return FAIL(ST_PEER, 0, "the message has octets behind its content");
	return field_string(env->arena, &content, &env->content);
}

/* --- decoding a submission --- */

static FALLIBLE read_recipient(struct arena *arena, struct bytes contents, struct recipient *out)
{
	struct ber_tlv name, request, conversion, extensions;
	const struct field fields[] = {
		{ BER_APPLICATION(0), &name, "recipient-name" },
		{ BER_CONTEXT(0), &request, "originator-report-request" },
		{ BER_CONTEXT(1), &conversion, NULL },
		{ FIELD_HOLDS(BER_CONTEXT(2)), &extensions, NULL },
	};

	TRY(fields_read(contents, "recipient of a submission", fields, 4));
	out->name = name.whole;
	TRY(field_bits(&request, &out->flags));
	out->flags &= RCPT_ORIGINATOR_REPORT | RCPT_ORIGINATOR_NON_DELIVERY_REPORT;
	TRY(envelope_explicit_conversion(&conversion, &out->explicit_conversion));
	return ext_decode(arena, extensions.contents, &out->extensions);
}

static FALLIBLE read_submission(struct bytes contents, struct envelope *env)
{
	struct envelope_fields f;
	struct ber_tlv recipients;
	const struct field fields[] = {
		ENVELOPE_COMMON_FIELDS(f),
		{ FIELD_HOLDS(BER_CONTEXT(2)), &f.extensions, NULL },
		{ FIELD_HOLDS(env->probe ? BER_CONTEXT(3) : BER_CONTEXT(1)), &recipients,
		  "per-recipient-fields" },
	};

	TRY(fields_read(contents, "submission envelope", fields, sizeof(fields) / sizeof(fields[0])));
	TRY(envelope_read_fields(&f, env));
	return envelope_read_recipients(env, recipients.contents, read_recipient);
}

FALLIBLE submission_parts(struct arena *arena, struct bytes argument, struct bytes *out_envelope,
			  struct bytes *out_content)
{
	struct envelope env = { .arena = arena };
	struct ber_tlv outer, set;
	struct bytes left;

	TRY(ber_check(argument, &ber_limits_default, NULL));
	TRY(ber_only(argument, &outer));
	left = outer.contents;
	if (outer.tag != BER_SEQUENCE)
		return FAIL(ST_PEER, 0, "a message submission is no SEQUENCE");
	TRY_DOING(ber_next(&left, &set), "a message submission has no envelope");
	if (set.tag != BER_SET)
		return FAIL(ST_PEER, 0, "the submission envelope is no SET");
	TRY(envelope_content(&env, &left));
	*out_envelope = set.whole;
	*out_content = env.content;
	return OK;
}

FALLIBLE submission_decode(struct arena *arena, struct bytes argument, struct envelope **out)
{
	struct envelope *env = envelope_new(arena);
	struct bytes envelope;
	struct ber_tlv set;

	TRY(submission_parts(arena, argument, &envelope, &env->content));
	TRY(ber_only(envelope, &set));
	TRY(read_submission(set.contents, env));
	*out = env;
	return OK;
}

FALLIBLE probe_submission_decode(struct arena *arena, struct bytes argument, struct envelope **out)
{
	struct envelope *env = envelope_new(arena);
	struct ber_tlv set;

	env->probe = true;
	TRY(ber_check(argument, &ber_limits_default, NULL));
	TRY(ber_only(argument, &set));
	if (set.tag != BER_SET)
		return FAIL(ST_PEER, 0, "a probe submission is no SET");
	TRY(read_submission(set.contents, env));
	*out = env;
	return OK;
}

/* --- encoding --- */

/* In the order of their tags, as DER has a SET: OBJECT IDENTIFIER, APPLICATION, CONTEXT. */
FALLIBLE envelope_put_fields(const struct envelope *env, struct buf *out)
{
	bool built_in = env->content_type.len && env->content_type.data[0] != BER_OID;

	if (!built_in)
		buf_put(out, env->content_type);
	buf_put(out, env->originator);
	if (env->id.len)
		buf_put(out, env->id);
	buf_put(out, env->eits);
	if (built_in)
		buf_put(out, env->content_type);
	if (env->priority != PRIORITY_NORMAL)
		ber_put_integer(out, BER_APPLICATION(7), env->priority);
	if (env->indicators)
		put_bits(out, BER_APPLICATION(8), env->indicators);
	return OK;
}

FALLIBLE envelope_put_deferred(const struct envelope *env, struct buf *out)
{
	if (env->probe && env->content_length >= 0)
		ber_put_integer(out, BER_CONTEXT(0), env->content_length);
	else if (!env->probe && env->deferred_until)
		TRY(put_time(out, BER_CONTEXT(0), env->deferred_until));
	return OK;
}

void envelope_put_content(const struct envelope *env, size_t from, uint32_t tag, struct buf *out)
{
	uint8_t content[BER_HEADER_MAX], outer[BER_HEADER_MAX];
	size_t content_header = ber_header(content, BER_OCTET_STRING, false, env->content.len);
	size_t outer_header = ber_header(outer, tag, true,
					 out->len - from + content_header + env->content.len);

	buf_insert(out, from, bytes_of(outer, outer_header));
	buf_put(out, bytes_of(content, content_header));
}

static void put_recipient(const struct recipient *recipient, struct buf *out)
{
	size_t from = out->len;

	buf_put(out, recipient->name);
	put_bits(out, BER_CONTEXT(0), recipient->flags & (RCPT_ORIGINATOR_REPORT |
							  RCPT_ORIGINATOR_NON_DELIVERY_REPORT));
	if (recipient->explicit_conversion >= 0)
		ber_put_integer(out, BER_CONTEXT(1), recipient->explicit_conversion);
	ext_put_set(&recipient->extensions, BER_CONTEXT(2), out);
	ber_wrap(out, from, BER_SET);
}

static void put_recipients(const struct envelope *env, uint32_t tag, struct buf *out)
{
	size_t from = out->len;

	for (size_t i = 0; i < env->recipient_count; i++)
		put_recipient(&env->recipients[i], out);
	ber_wrap(out, from, tag);
}

FALLIBLE submission_encode(const struct envelope *env, struct buf *out_head)
{
	size_t from = out_head->len;

	TRY(envelope_put_fields(env, out_head));
	put_string(out_head, BER_APPLICATION(10), env->content_identifier);
	TRY(envelope_put_deferred(env, out_head));
	if (env->probe) {
		ext_put_set(&env->extensions, BER_CONTEXT(2), out_head);
		put_recipients(env, BER_CONTEXT(3), out_head);
		ber_wrap(out_head, from, BER_SET);
		return OK;
	}
	put_recipients(env, BER_CONTEXT(1), out_head);
	ext_put_set(&env->extensions, BER_CONTEXT(2), out_head);
	ber_wrap(out_head, from, BER_SET);
	envelope_put_content(env, from, BER_SEQUENCE, out_head);
	return OK;
}

/* --- the result of a submission --- */

FALLIBLE submission_result_encode(const struct submission_result *result, struct buf *out)
{
	size_t from = out->len;

	buf_put(out, result->id);
	put_string(out, BER_APPLICATION(10), result->content_identifier);
	TRY(put_time(out, BER_CONTEXT(0), result->time));
	ext_put_set(&result->extensions, BER_CONTEXT(1), out);
	ber_wrap(out, from, BER_SET);
	return OK;
}

FALLIBLE submission_result_decode(struct arena *arena, struct bytes in,
				  struct submission_result *out_result)
{
	struct ber_tlv set, id, time, content_identifier, extensions, later;
	const struct field fields[] = {
		{ BER_APPLICATION(4), &id, "message-submission-identifier" },
		{ BER_CONTEXT(0), &time, "message-submission-time" },
		{ BER_APPLICATION(10), &content_identifier, NULL },
		{ FIELD_HOLDS(BER_CONTEXT(1)), &extensions, NULL },
		{ BER_CONTEXT(4), &later, NULL },	/* ms-message-result, 1994 */
	};

	TRY(ber_check(in, &ber_limits_default, NULL));
	TRY(ber_only(in, &set));
	if (set.tag != BER_SET)
		return FAIL(ST_PEER, 0, "the result of a submission is no SET");
	TRY(fields_read(set.contents, "result of a submission", fields,
			sizeof(fields) / sizeof(fields[0])));
	out_result->id = id.whole;
	TRY(mts_id_check(id.whole));
	TRY(field_time(&time, &out_result->time));
	TRY(field_string_or_none(arena, &content_identifier, &out_result->content_identifier));
	return ext_decode(arena, extensions.contents, &out_result->extensions);
}

/* --- content types --- */

int content_type_number(struct bytes content_type)
{
	struct ber_tlv tlv;
	int64_t number = -1;
	struct status *st = ber_only(content_type, &tlv);

	if (!st && tlv.tag == BER_OID) {
		if (oid_is(tlv.contents, ID_MCT_P2_1988))
			number = CONTENT_TYPE_P22;
		else if (oid_is(tlv.contents, ID_MCT_P2_1984))
			number = CONTENT_TYPE_P2;
	} else if (!st) {
		st = ber_integer(&tlv, &number);
	}
	status_drop(st);
	return number < 0 || number > UB_BUILT_IN_CONTENT_TYPE ? -1 : (int)number;
}

struct bytes content_type_tlv(struct arena *arena, int number)
{
	AUTO(buf_free) struct buf out = { 0 };

	ber_put_integer(&out, BER_APPLICATION(6), number);
	return arena_dup(arena, buf_view(&out));
}
