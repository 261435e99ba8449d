/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Message delivery over P3, and the envelope that a message store keeps.
 */
#include "lib/mhs/delivery.h"

#include "lib/mhs/envelope_parts.h"

/* A ContentType as delivered: the built-in number is [0] instead of [APPLICATION 6]. */
static void put_content_type(struct bytes content_type, struct buf *out)
{
	if (content_type.len && content_type.data[0] == BER_OID)
		buf_put(out, content_type);
	else
		put_retagged(out, BER_CONTEXT(0), content_type);
}

static void disclose(const struct envelope *env, size_t recipient, struct delivery *delivery)
{
	if (!(env->indicators & IND_DISCLOSURE_OF_RECIPIENTS) || env->recipient_count < 2)
		return;
	delivery->other_recipients = arena_new_array(env->arena, struct bytes, env->recipient_count);
	for (size_t i = 0; i < env->recipient_count; i++)
		if (env->recipients[i].number != env->recipients[recipient].number)
			delivery->other_recipients[delivery->other_count++] = env->recipients[i].name;
}

FALLIBLE delivery_from_envelope(const struct envelope *env, size_t recipient, time_t now,
				struct delivery **out_delivery)
{
	const struct recipient *to = &env->recipients[recipient];
	struct delivery *delivery = arena_new_of(env->arena, struct delivery);

	delivery->arena = env->arena;
	delivery->id = env->id;
	delivery->time = now;
	delivery->content_type = env->content_type;
	delivery->originator = env->originator;
	delivery->this_recipient = to->name;
	delivery->eits = env->eits;
	delivery->priority = env->priority;
	delivery->flags = env->indicators & IND_IMPLICIT_CONVERSION_PROHIBITED;
	delivery->content_identifier = env->content_identifier;
	delivery->content = env->content;
	TRY(trace_first_time(env->trace, &delivery->submission_time));
	disclose(env, recipient, delivery);
	ext_copy(env->arena, &delivery->extensions, &env->extensions, EXT_IN_DELIVERY);
	ext_copy(env->arena, &delivery->extensions, &to->extensions, EXT_IN_DELIVERY);
	*out_delivery = delivery;
	return OK;
}

/* --- encoding --- */

/* The SET other-fields, in the order of its tags. */
static FALLIBLE put_other_fields(const struct delivery *d, struct buf *out)
{
	size_t from = out->len;
	size_t at;
	bool extended = d->content_type.len && d->content_type.data[0] == BER_OID;

	if (extended)
		put_content_type(d->content_type, out);
	buf_put(out, d->originator);
	if (d->priority != PRIORITY_NORMAL)
		ber_put_integer(out, BER_APPLICATION(7), d->priority);
	if (!extended)
		put_content_type(d->content_type, out);
	put_retagged(out, BER_CONTEXT(1), d->eits);
	if (d->flags)
		put_bits(out, BER_CONTEXT(2), d->flags);
	at = out->len;
	for (size_t i = 0; i < d->other_count; i++)
		buf_put(out, d->other_recipients[i]);
	if (d->other_count)
		ber_wrap(out, at, BER_CONTEXT(3));
	put_retagged(out, BER_CONTEXT(4), d->this_recipient);
	put_retagged(out, BER_CONTEXT(5), d->intended_recipient);
	put_retagged(out, BER_CONTEXT(6), d->converted_eits);
	TRY(put_time(out, BER_CONTEXT(7), d->submission_time));
	put_string(out, BER_CONTEXT(8), d->content_identifier);
	ext_put_set(&d->extensions, BER_CONTEXT(9), out);
	ber_wrap(out, from, BER_SET);
	return OK;
}

static FALLIBLE put_envelope(const struct delivery *d, struct buf *out)
{
	buf_put(out, d->id);
	TRY(put_time(out, BER_UTC_TIME, d->time));
	return put_other_fields(d, out);
}

FALLIBLE delivery_envelope_encode(const struct delivery *delivery, struct buf *out)
{
	size_t from = out->len;

	TRY(put_envelope(delivery, out));
	ber_wrap(out, from, BER_SEQUENCE);
	return OK;
}

FALLIBLE delivery_encode(const struct delivery *delivery, struct buf *out_head)
{
	size_t from = out_head->len;

	TRY(put_envelope(delivery, out_head));
	envelope_put_content(&(struct envelope){ .content = delivery->content }, from, BER_SEQUENCE,
			     out_head);
	return OK;
}

/* --- decoding --- */

static FALLIBLE read_others(struct delivery *d, struct bytes list)
{
	struct bytes left = list;
	struct ber_tlv tlv;

	if (!list.len)
		return OK;
	TRY(envelope_count_recipients(list, BER_APPLICATION(0), &d->other_count));
	d->other_recipients = arena_new_array(d->arena, struct bytes, d->other_count);
	for (size_t i = 0; i < d->other_count; i++) {
		TRY(ber_next(&left, &tlv));
		d->other_recipients[i] = tlv.whole;
	}
	return OK;
}

static FALLIBLE read_other_fields(struct delivery *d, struct bytes contents)
{
	struct ber_tlv built_in, extended, originator, eits, priority, flags, others, this_one;
	struct ber_tlv intended, converted, submitted, content_identifier, extensions;
	int64_t number = PRIORITY_NORMAL;
	const struct field fields[] = {
		{ BER_CONTEXT(0), &built_in, NULL },
		{ BER_OID, &extended, NULL },
		{ BER_APPLICATION(0), &originator, "originator-name" },
		{ BER_CONTEXT(1), &eits, NULL },
		{ BER_APPLICATION(7), &priority, NULL },
		{ BER_CONTEXT(2), &flags, NULL },
		{ FIELD_HOLDS(BER_CONTEXT(3)), &others, NULL },
		{ BER_CONTEXT(4), &this_one, "this-recipient-name" },
		{ BER_CONTEXT(5), &intended, NULL },
		{ BER_CONTEXT(6), &converted, NULL },
		{ BER_CONTEXT(7), &submitted, "message-submission-time" },
		{ BER_CONTEXT(8), &content_identifier, NULL },
		{ FIELD_HOLDS(BER_CONTEXT(9)), &extensions, NULL },
	};

	TRY(fields_read(contents, "delivery envelope", fields, sizeof(fields) / sizeof(fields[0])));
	d->content_type = field_is(&extended) ? extended.whole
					      : field_retag(d->arena, &built_in, BER_APPLICATION(6));
	if (!d->content_type.len)
		return FAIL(ST_PEER, 0, "the delivery envelope has no content-type");
	d->originator = originator.whole;
	d->eits = field_retag(d->arena, &eits, BER_APPLICATION(5));
	TRY(field_integer(&priority, "priority", PRIORITY_NORMAL, PRIORITY_URGENT, &number));
	d->priority = (enum priority)number;
	TRY(field_bits(&flags, &d->flags));
	TRY(read_others(d, others.contents));
	d->this_recipient = field_retag(d->arena, &this_one, BER_APPLICATION(0));
	d->intended_recipient = field_retag(d->arena, &intended, BER_APPLICATION(0));
	d->converted_eits = field_retag(d->arena, &converted, BER_APPLICATION(5));
	TRY(field_time(&submitted, &d->submission_time));
	TRY(field_string_or_none(d->arena, &content_identifier, &d->content_identifier));
	return ext_decode(d->arena, extensions.contents, &d->extensions);
}

/* The three elements that argument and envelope begin with; *out_left is what follows. */
static FALLIBLE read_envelope(struct arena *arena, struct bytes in, struct delivery **out,
			      struct bytes *out_left)
{
	struct delivery *d = arena_new_of(arena, struct delivery);
	struct ber_tlv outer, id, time, fields;

	d->arena = arena;
	TRY(ber_check(in, &ber_limits_default, NULL));
	TRY(ber_only(in, &outer));
	if (outer.tag != BER_SEQUENCE)
		return FAIL(ST_PEER, 0, "a message delivery is no SEQUENCE");
	*out_left = outer.contents;
	TRY_DOING(ber_next(out_left, &id), "a message delivery has no identifier");
	TRY_DOING(ber_next(out_left, &time), "a message delivery has no time");
	TRY_DOING(ber_next(out_left, &fields), "a message delivery has no envelope");
	if (time.tag != BER_UTC_TIME || fields.tag != BER_SET)
		return FAIL(ST_PEER, 0, "a message delivery has no time or no envelope");
	d->id = id.whole;
	TRY(mts_id_check(d->id));
	TRY(field_time(&time, &d->time));
	TRY(read_other_fields(d, fields.contents));
	*out = d;
	return OK;
}

FALLIBLE delivery_decode(struct arena *arena, struct bytes argument, struct delivery **out_delivery)
{
	struct envelope env = { .arena = arena };
	struct bytes left;

	TRY(read_envelope(arena, argument, out_delivery, &left));
	TRY(envelope_content(&env, &left));
	(*out_delivery)->content = env.content;
	return OK;
}

FALLIBLE delivery_envelope_decode(struct arena *arena, struct bytes in,
				  struct delivery **out_delivery)
{
	struct bytes left;

	TRY(read_envelope(arena, in, out_delivery, &left));
	if (left.len)
		return FAIL(ST_PEER, 0, "a delivery envelope has octets behind its end");
	return OK;
}

const char *delivery_identity(struct arena *arena, const struct delivery *delivery)
{
	return arena_printf(arena, "message %s", mts_id_text(arena, delivery->id));
}

/* --- the result --- */

void delivery_result_encode(const struct delivery_result *result, struct buf *out)
{
	size_t from = out->len;

	put_retagged(out, BER_CONTEXT(0), result->certificates);
	put_retagged(out, BER_CONTEXT(1), result->proof);
	ber_wrap(out, from, BER_SET);
}

FALLIBLE delivery_result_decode(struct arena *arena, struct bytes in,
				struct delivery_result *out_result)
{
	struct ber_tlv set, certificates, proof, later;
	const struct field fields[] = {
		{ BER_CONTEXT(0), &certificates, NULL },
		{ BER_CONTEXT(1), &proof, NULL },
		{ BER_CONTEXT(2), &later, NULL },	/* extensions, 1996 */
	};

	TRY(ber_check(in, &ber_limits_default, NULL));
	TRY(ber_only(in, &set));
	if (set.tag != BER_SET)
		return FAIL(ST_PEER, 0, "the result of a delivery is no SET");
	TRY(fields_read(set.contents, "result of a delivery", fields, 3));
	out_result->certificates = field_retag(arena, &certificates, BER_SEQUENCE);
	out_result->proof = field_retag(arena, &proof, BER_SEQUENCE);
	return OK;
}
