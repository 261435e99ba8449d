/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trace information of domains and of MTAs, and the loops they show [X.411 12.3.1].
 */
#include "lib/mhs/mts_id.h"

#include "lib/mhs/diagnostics.h"
#include "lib/mhs/fields.h"

enum { ACTION_RELAYED = 0, ACTION_REROUTED = 1 };

/* The SET both traces have: arrival-time [0], routing-action [2]. */
static FALLIBLE put_supplied(struct buf *out, time_t arrival, bool rerouted)
{
	size_t from = out->len;

	TRY(put_time(out, BER_CONTEXT(0), arrival));
	ber_put_integer(out, BER_CONTEXT(2), rerouted ? ACTION_REROUTED : ACTION_RELAYED);
	ber_wrap(out, from, BER_SET);
	return OK;
}

FALLIBLE trace_add(const struct mta_identity *self, time_t arrival, bool rerouted,
		   struct buf *trace)
{
	size_t from = trace->len;

	domain_encode(self, trace);
	TRY(put_supplied(trace, arrival, rerouted));
	ber_wrap(trace, from, BER_SEQUENCE);
	return OK;
}

FALLIBLE internal_trace_add(const struct mta_identity *self, time_t arrival, bool rerouted,
			    struct bytes old_tlv, struct buf *out_tlv)
{
	size_t start = out_tlv->len;
	size_t from;

	if (old_tlv.len) {
		struct ber_tlv old;

		TRY_DOING(ber_only(old_tlv, &old), "cannot read the internal trace information");
		buf_put(out_tlv, old.contents);
	}
	from = out_tlv->len;
	domain_encode(self, out_tlv);
	ber_put(out_tlv, BER_UNIVERSAL(22), bytes_text(self->mta_name));
	TRY(put_supplied(out_tlv, arrival, rerouted));
	ber_wrap(out_tlv, from, BER_SEQUENCE);
	ber_wrap(out_tlv, start, BER_SEQUENCE);
	return OK;
}

/* One element of either trace. */
struct element {
	struct bytes domain;		/* GlobalDomainIdentifier TLV */
	struct bytes mta_name;		/* of a trace of MTAs */
	time_t arrival;
};

static FALLIBLE next_element(struct bytes *left, bool internal, struct element *out)
{
	struct ber_tlv tlv, part, arrival, action, deferred, eits, other, domain, mta;
	const struct field fields[] = {
		{ BER_CONTEXT(0), &arrival, "arrival-time" },
		{ BER_CONTEXT(2), &action, "routing-action" },
		{ BER_CONTEXT(1), &deferred, NULL },
		{ BER_CONTEXT(3), &other, NULL },
		{ BER_APPLICATION(5), &eits, NULL },
		{ BER_APPLICATION(3), &domain, NULL },
		{ BER_UNIVERSAL(22), &mta, NULL },
	};
	struct bytes parts;

	TRY(ber_next(left, &tlv));
	parts = tlv.contents;
	TRY_DOING(ber_next(&parts, &part), "a trace has an empty element");
	out->domain = part.whole;
	if (internal) {
		TRY_DOING(ber_next(&parts, &part), "an internal trace has an element without a name");
		out->mta_name = part.contents;
	}
	TRY_DOING(ber_only(parts, &part), "a trace has an element without a time");
	TRY(fields_read(part.contents, "trace element", fields, sizeof(fields) / sizeof(fields[0])));
	return field_time(&arrival, &out->arrival);
}

FALLIBLE trace_first_time(struct bytes trace, time_t *out_time)
{
	struct element element = { 0 };

	TRY_DOING(next_element(&trace, false, &element), "cannot read the trace information");
	*out_time = element.arrival;
	return OK;
}

FALLIBLE trace_last_domain(struct bytes trace, struct bytes *out_domain)
{
	struct element element = { 0 };

	do
		TRY_DOING(next_element(&trace, false, &element), "cannot read the trace information");
	while (trace.len);
	*out_domain = element.domain;
	return OK;
}

/* A domain may stand in the trace several times in a row (its MTAs reroute); a loop is that it is
 * there, another follows, and the message is here again. */
static FALLIBLE check_domains(struct bytes own, struct bytes trace)
{
	bool was_here = false;

	while (trace.len) {
		struct element element = { 0 };
		bool own_element;

		TRY_DOING(next_element(&trace, false, &element), "cannot read the trace information");
		own_element = domain_equal(element.domain, own);
		if (was_here && !own_element)
			return FAIL(ST_NEVER, DIAG_LOOP_DETECTED,
				    "the message left this domain and came back");
		was_here = own_element;
	}
	return OK;
}

FALLIBLE internal_trace_visits(const struct mta_identity *self, struct bytes trace_tlv,
			       unsigned *out_visits)
{
	AUTO(buf_free) struct buf own = { 0 };
	struct ber_tlv trace;

	*out_visits = 0;
	if (!trace_tlv.len)
		return OK;
	domain_encode(self, &own);
	TRY_DOING(ber_only(trace_tlv, &trace), "cannot read the internal trace information");
	while (trace.contents.len) {
		struct element element = { 0 };

		TRY_DOING(next_element(&trace.contents, true, &element),
			  "cannot read the internal trace information");
		*out_visits += bytes_equal(element.mta_name, bytes_text(self->mta_name)) &&
			       domain_equal(element.domain, buf_view(&own));
	}
	return OK;
}

FALLIBLE trace_check_loop(const struct mta_identity *self, struct bytes trace,
			  struct bytes internal_trace_tlv, unsigned max_visits)
{
	AUTO(buf_free) struct buf own = { 0 };
	unsigned visits;

	domain_encode(self, &own);
	TRY(check_domains(buf_view(&own), trace));
	TRY(internal_trace_visits(self, internal_trace_tlv, &visits));
	if (visits > max_visits)
		return FAIL(ST_NEVER, DIAG_LOOP_DETECTED,
			    "the message was at this MTA %u times before", visits);
	return OK;
}
