/* SPDX-License-Identifier: Apache-2.0 */
/*
 * P1 messages and probes [X.411 12.2.1.1, 12.2.1.2; X.419 12].
 */
#include "lib/mhs/envelope.h"

#include "lib/mhs/envelope_parts.h"

FALLIBLE p1_kind_of(struct bytes apdu, enum p1_kind *out_kind)
{
	switch (apdu.len ? apdu.data[0] : 0) {
	case 0xa0:
		*out_kind = P1_MESSAGE;
		return OK;
	case 0xa1:
		*out_kind = P1_REPORT;
		return OK;
	case 0xa2:
		*out_kind = P1_PROBE;
		return OK;
	default:
		return FAIL(ST_PEER, 0, "this is no message, probe or report");
	}
}

static FALLIBLE read_recipient(struct arena *arena, struct bytes contents, struct recipient *out)
{
	struct ber_tlv name, number, indicators, conversion, extensions;
	int64_t original = 0;
	const struct field fields[] = {
		{ BER_APPLICATION(0), &name, "recipient-name" },
		{ BER_CONTEXT(0), &number, "originally-specified-recipient-number" },
		{ BER_CONTEXT(1), &indicators, "per-recipient-indicators" },
		{ BER_CONTEXT(2), &conversion, NULL },
		{ FIELD_HOLDS(BER_CONTEXT(3)), &extensions, NULL },
	};

	TRY(fields_read(contents, "recipient of a transfer", fields, 5));
	out->name = name.whole;
	TRY(field_integer(&number, "originally-specified-recipient-number", 1, UB_RECIPIENTS,
			  &original));
	out->number = (unsigned)original;
	TRY(field_bits(&indicators, &out->flags));
	TRY(envelope_explicit_conversion(&conversion, &out->explicit_conversion));
	return ext_decode(arena, extensions.contents, &out->extensions);
}

static FALLIBLE read_transfer(struct bytes contents, struct envelope *env)
{
	struct envelope_fields f;
	struct ber_tlv id, bilateral, trace, recipients;
	const struct field fields[] = {
		ENVELOPE_COMMON_FIELDS(f),
		{ BER_APPLICATION(4), &id, "identifier" },
		{ FIELD_HOLDS(BER_CONTEXT(1)), &bilateral, NULL },
		{ FIELD_HOLDS(BER_APPLICATION(9)), &trace, "trace-information" },
		{ FIELD_HOLDS(BER_CONTEXT(3)), &f.extensions, NULL },
		{ FIELD_HOLDS(BER_CONTEXT(2)), &recipients, "per-recipient-fields" },
	};

	TRY(fields_read(contents, "transfer envelope", fields, sizeof(fields) / sizeof(fields[0])));
	TRY(envelope_read_fields(&f, env));
	env->id = id.whole;
	TRY(mts_id_check(env->id));
	env->bilateral = bilateral.contents;
	env->trace = trace.contents;
	return envelope_read_recipients(env, recipients.contents, read_recipient);
}

FALLIBLE p1_decode(struct arena *arena, struct bytes apdu, struct envelope **out)
{
	struct envelope *env = envelope_new(arena);
	struct ber_tlv outer, set;
	struct bytes left;
	enum p1_kind kind;

	TRY(p1_kind_of(apdu, &kind));
	if (kind == P1_REPORT)
		return FAIL(ST_PEER, 0, "a report stands where a message or probe should");
	TRY(ber_check(apdu, &ber_limits_default, NULL));
	TRY(ber_only(apdu, &outer));
	left = outer.contents;
	env->probe = kind == P1_PROBE;
	if (!env->probe) {
		TRY_DOING(ber_next(&left, &set), "the message has no envelope");
		if (set.tag != BER_SET)
			return FAIL(ST_PEER, 0, "the transfer envelope is no SET");
		TRY(read_transfer(set.contents, env));
		TRY(envelope_content(env, &left));
	} else {
		TRY(read_transfer(left, env));
	}
	*out = env;
	return OK;
}

static void put_recipient(const struct recipient *recipient, uint32_t flags, struct buf *out)
{
	size_t from = out->len;

	buf_put(out, recipient->name);
	ber_put_integer(out, BER_CONTEXT(0), recipient->number);
	put_bits_at_least(out, BER_CONTEXT(1), flags, PER_RECIPIENT_BITS);
	if (recipient->explicit_conversion >= 0)
		ber_put_integer(out, BER_CONTEXT(2), recipient->explicit_conversion);
	ext_put_set(&recipient->extensions, BER_CONTEXT(3), out);
	ber_wrap(out, from, BER_SET);
}

FALLIBLE p1_encode_split(const struct envelope *env, const bool *chosen, struct buf *out_head)
{
	size_t from = out_head->len;
	size_t at;

	TRY(envelope_put_fields(env, out_head));
	at = out_head->len;
	buf_put(out_head, env->trace);
	ber_wrap(out_head, at, BER_APPLICATION(9));
	put_string(out_head, BER_APPLICATION(10), env->content_identifier);
	TRY(envelope_put_deferred(env, out_head));
	at = out_head->len;
	if (env->bilateral.len) {
		buf_put(out_head, env->bilateral);
		ber_wrap(out_head, at, BER_CONTEXT(1));
	}
	at = out_head->len;
	for (size_t i = 0; i < env->recipient_count; i++) {
		uint32_t flags = env->recipients[i].flags;

		put_recipient(&env->recipients[i],
			      !chosen || chosen[i] ? flags : flags & ~(uint32_t)RCPT_RESPONSIBLE,
			      out_head);
	}
	ber_wrap(out_head, at, BER_CONTEXT(2));
	ext_put_set(&env->extensions, BER_CONTEXT(3), out_head);
	if (env->probe) {
		ber_wrap(out_head, from, BER_CONTEXT(2));
		return OK;
	}
	ber_wrap(out_head, from, BER_SET);
	envelope_put_content(env, from, BER_CONTEXT(0), out_head);
	return OK;
}

FALLIBLE p1_encode(const struct envelope *env, struct buf *out_head)
{
	return p1_encode_split(env, NULL, out_head);
}

/* What an MTA is asked to report is at least what the originator wants to know [X.411 12.2.1.1.1.7]. */
static uint32_t accepted_flags(uint32_t wish)
{
	uint32_t flags = wish | RCPT_RESPONSIBLE;

	if (wish & RCPT_ORIGINATOR_REPORT)
		flags |= RCPT_ORIGINATOR_NON_DELIVERY_REPORT | RCPT_MTA_REPORT;
	return flags | RCPT_MTA_NON_DELIVERY_REPORT;
}

FALLIBLE envelope_accept(struct envelope *env, const struct mta_identity *self,
			 struct bytes id, time_t now)
{
	AUTO(buf_free) struct buf trace = { 0 };
	AUTO(buf_free) struct buf internal = { 0 };
	struct ext_set kept = { 0 };

	TRY(trace_add(self, now, false, &trace));
	TRY(internal_trace_add(self, now, false, bytes_none(), &internal));
	env->id = arena_dup(env->arena, id);
	env->trace = arena_dup(env->arena, buf_view(&trace));
	ext_copy(env->arena, &kept, &env->extensions, EXT_IN_TRANSFER);
	env->extensions = kept;
	ext_put(env->arena, &env->extensions, EXT_INTERNAL_TRACE_INFORMATION, buf_view(&internal));
	for (size_t i = 0; i < env->recipient_count; i++) {
		struct recipient *recipient = &env->recipients[i];
		struct ext_set recipient_kept = { 0 };

		recipient->flags = accepted_flags(recipient->flags);
		ext_copy(env->arena, &recipient_kept, &recipient->extensions,
			 EXT_IN_TRANSFER_RECIPIENT);
		recipient->extensions = recipient_kept;
	}
	return OK;
}

enum { VISITS_MAX = 2 };	/* of one MTA by one message */

FALLIBLE envelope_arrive(struct envelope *env, const struct mta_identity *self, time_t now)
{
	struct bytes old_internal = ext_value(&env->extensions, EXT_INTERNAL_TRACE_INFORMATION);
	AUTO(buf_free) struct buf own = { 0 };
	AUTO(buf_free) struct buf internal = { 0 };
	struct bytes last;

	TRY(trace_check_loop(self, env->trace, old_internal, VISITS_MAX));
	TRY(trace_last_domain(env->trace, &last));
	domain_encode(self, &own);
	if (!domain_equal(last, buf_view(&own))) {
		AUTO(buf_free) struct buf trace = buf_copy(env->trace);

		TRY(trace_add(self, now, false, &trace));
		env->trace = arena_dup(env->arena, buf_view(&trace));
	}
	TRY(internal_trace_add(self, now, false, old_internal, &internal));
	ext_put(env->arena, &env->extensions, EXT_INTERNAL_TRACE_INFORMATION, buf_view(&internal));
	return OK;
}
