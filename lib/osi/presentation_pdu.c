/* SPDX-License-Identifier: Apache-2.0 */
/* CP, CPA, CPR, ARU and ARP PPDUs [X.226 8.2]. */
#include "lib/osi/presentation_pdu.h"

#include "asn1/asn.h"
#include "asn1/oid.h"

#include <Abort-type.h>
#include <CP-type.h>
#include <CPA-PPDU.h>
#include <CPR-PPDU.h>

#define VERSION_1 1u

const char *ppm_event_text(long event)
{
#define ABORT_EVENT_TEXT(name, words) words,
	static const char *const texts[] = { ABORT_EVENTS(ABORT_EVENT_TEXT) };

	return event >= 0 && event < PPM_EVENT_COUNT ? texts[event] : "something unnamed";
}

const char *arp_reason_text(long reason)
{
#define ABORT_REASON_TEXT(name, number, words) [number] = words,
	static const char *const texts[] = { ABORT_REASONS(ABORT_REASON_TEXT) };

	return reason >= 0 && reason < (long)(sizeof(texts) / sizeof(*texts))
		? texts[reason] : "a reason it does not name";
}

const char *pres_refusal_text(long reason)
{
	static const char *const texts[] = {
		[PRES_REFUSED_NOT_SPECIFIED] = "reason not specified",
		[PRES_REFUSED_CONGESTION] = "temporary congestion",
		[PRES_REFUSED_LOCAL_LIMIT] = "local limit exceeded",
		[PRES_REFUSED_ADDRESS_UNKNOWN] = "called presentation address unknown",
		[PRES_REFUSED_VERSION] = "protocol version not supported",
		[PRES_REFUSED_DEFAULT_CONTEXT] = "default context not supported",
		[PRES_REFUSED_USER_DATA] = "user data not readable",
		[PRES_REFUSED_NO_PSAP] = "no PSAP available",
	};

	return reason >= 0 && reason < (long)(sizeof(texts) / sizeof(*texts))
		? texts[reason] : "a reason it does not name";
}

void ppdu_connect_cleanup(struct ppdu_connect *connect)
{
	asn_free(&asn_DEF_CP_type, &connect->cp);
	asn_free(&asn_DEF_CPA_PPDU, &connect->cpa);
	asn_free(&asn_DEF_CPR_PPDU, &connect->cpr);
}

/* The User-data among the parameters, as it arrived: signatures inside are over those octets. */
static struct bytes find_user_data(struct bytes parameters)
{
	struct ber_tlv value;

	if (ber_find(parameters, BER_APPLICATION(1), &value) ||
	    ber_find(parameters, BER_APPLICATION(0), &value))
		return value.whole;
	return bytes_none();
}

/* The octets of normal-mode-parameters of a CP or CPA PPDU. */
static FALLIBLE find_parameters(struct bytes ppdu, struct bytes *out_parameters)
{
	struct ber_tlv set, parameters;

	TRY(ber_only(ppdu, &set));
	TRY(ber_get(set.contents, BER_CONTEXT(2), "normal-mode-parameters", &parameters));
	*out_parameters = parameters.contents;
	return OK;
}

static FALLIBLE check_mode(const Mode_selector_t *selector, const void *parameters)
{
	if (selector->mode_value != Mode_selector__mode_value_normal_mode || !parameters)
		return FAIL(ST_PEER, PRES_REFUSED_NOT_SPECIFIED,
			    "the peer asks for the X.410-1984 mode, not for the normal mode");
	return OK;
}

static FALLIBLE check_version(const BIT_STRING_t *version)
{
	if (version && !(asn_bits(version) & VERSION_1))
		return FAIL(ST_PEER, PRES_REFUSED_VERSION,
			    "the peer does not know version 1 of the presentation protocol");
	return OK;
}

static FALLIBLE check_selector(struct bytes selector)
{
	if (selector.len > PRES_SELECTOR_MAX)
		return FAIL(ST_PEER, PRES_REFUSED_LOCAL_LIMIT,
			    "a presentation selector of %zu octets", selector.len);
	return OK;
}

static bool proposes_basic_encoding(const Transfer_syntax_name_list_t *names)
{
	for (int i = 0; i < names->list.count; i++)
		if (bytes_equal(oid_bytes(names->list.array[i]), BASIC_ENCODING))
			return true;
	return false;
}

/* [X.226 6.2.4.5] what cannot be transferred here is rejected by the provider already. */
static FALLIBLE decode_contexts(const Context_list_t *list, struct ppdu_connect *out)
{
	if (!list)
		return OK;
	if (list->list.count > PRES_CONTEXTS_MAX)
		return FAIL(ST_PEER, PRES_REFUSED_LOCAL_LIMIT, "%d presentation contexts",
			    list->list.count);
	for (int i = 0; i < list->list.count; i++) {
		const Context_list_item_t *item = list->list.array[i];
		struct pres_context *context = &out->contexts[out->context_count];
		struct bytes syntax = oid_bytes(&item->abstract_syntax_name);

		TRY(asn_range(item->presentation_context_identifier, 1, INT32_MAX,
			      "a presentation context identifier"));
		TRY(oid_check(syntax));
		*context = (struct pres_context){
			.id = (int)item->presentation_context_identifier,
			.abstract_syntax = syntax,
		};
		for (size_t j = 0; j < out->context_count; j++)
			if (out->contexts[j].id == context->id)
				return FAIL(ST_PEER, PRES_REFUSED_NOT_SPECIFIED,
					    "presentation context %d is defined twice", context->id);
		if (!proposes_basic_encoding(&item->transfer_syntax_name_list)) {
			context->result = PRES_PROVIDER_REJECTION;
			context->reason = PRES_CONTEXT_TRANSFER_SYNTAXES;
		}
		out->context_count++;
	}
	return OK;
}

FALLIBLE cp_decode(struct bytes in, struct ppdu_connect *out)
{
	struct ber_tlv first;
	struct bytes parameters;

	*out = (struct ppdu_connect){ 0 };
	/* CPC values, the same user data in other transfer syntaxes, may stand behind it. */
	TRY(ber_next(&in, &first));
	TRY(asn_decode(&asn_DEF_CP_type, first.whole, &out->cp));

	const CP_type_t *cp = out->cp;
	const CP_parameters_t *p = cp->normal_mode_parameters;

	TRY(check_mode(&cp->mode_selector, p));
	TRY(check_version(p->protocol_version));
	if (p->default_context_name)
		return FAIL(ST_PEER, PRES_REFUSED_DEFAULT_CONTEXT,
			    "the peer asks for a default context");
	out->calling_p = asn_bytes(p->calling_presentation_selector);
	out->called_p = asn_bytes(p->called_presentation_selector);
	TRY(check_selector(out->calling_p));
	TRY(check_selector(out->called_p));
	TRY(decode_contexts(p->presentation_context_definition_list, out));
	TRY(find_parameters(first.whole, &parameters));
	out->user_data = find_user_data(parameters);
	return OK;
}

static FALLIBLE decode_results(const Result_list_t *list, struct ppdu_connect *out)
{
	if (!list)
		return OK;
	if (list->list.count > PRES_CONTEXTS_MAX)
		return FAIL(ST_PEER, 0, "%d presentation context results", list->list.count);
	for (int i = 0; i < list->list.count; i++) {
		const Result_list_item_t *item = list->list.array[i];

		TRY(asn_range(item->result, PRES_ACCEPTANCE, PRES_PROVIDER_REJECTION,
			      "the result of a presentation context"));
		if (item->result == PRES_ACCEPTANCE && item->transfer_syntax_name &&
		    !bytes_equal(oid_bytes(item->transfer_syntax_name), BASIC_ENCODING))
			return FAIL(ST_PEER, 0, "the peer accepts a transfer syntax that was not proposed");
		out->contexts[out->context_count++] = (struct pres_context){
			.result = (enum pres_result)item->result,
			.reason = (enum pres_context_reason)asn_long_or(item->provider_reason, 0),
		};
	}
	return OK;
}

FALLIBLE cpa_decode(struct bytes in, struct ppdu_connect *out)
{
	struct bytes parameters;

	*out = (struct ppdu_connect){ 0 };
	TRY(asn_decode(&asn_DEF_CPA_PPDU, in, &out->cpa));

	const CPA_PPDU_t *cpa = out->cpa;
	const CPA_parameters_t *p = cpa->normal_mode_parameters;

	TRY(check_mode(&cpa->mode_selector, p));
	TRY(check_version(p->protocol_version));
	out->called_p = asn_bytes(p->responding_presentation_selector);
	TRY(check_selector(out->called_p));
	TRY(decode_results(p->presentation_context_definition_result_list, out));
	TRY(find_parameters(in, &parameters));
	out->user_data = find_user_data(parameters);
	return OK;
}

FALLIBLE cpr_decode(struct bytes in, struct ppdu_connect *out)
{
	struct ber_tlv parameters;

	*out = (struct ppdu_connect){ 0 };
	TRY(asn_decode(&asn_DEF_CPR_PPDU, in, &out->cpr));

	const CPR_PPDU_t *cpr = out->cpr;

	if (cpr->present != CPR_PPDU_PR_normal_mode_parameters)
		return FAIL(ST_PEER, 0, "the peer refuses in the X.410-1984 mode");

	const CPR_parameters_t *p = &cpr->choice.normal_mode_parameters;

	out->called_p = asn_bytes(p->responding_presentation_selector);
	TRY(decode_results(p->presentation_context_definition_result_list, out));
	if (p->provider_reason)
		TRY(asn_range(*p->provider_reason, 0, INT32_MAX, "the provider reason"));
	out->reason = (int)asn_long_or(p->provider_reason, PRES_REFUSED_BY_USER);
	TRY(ber_only(in, &parameters));
	out->user_data = find_user_data(parameters.contents);
	return OK;
}

static void put_mode_selector(struct buf *out)
{
	size_t from = out->len;

	ber_put_integer(out, BER_CONTEXT(0), Mode_selector__mode_value_normal_mode);
	ber_wrap(out, from, BER_CONTEXT(0));
}

static void put_selector(struct buf *out, unsigned number, struct bytes selector)
{
	if (selector.len)
		ber_put(out, BER_CONTEXT(number), selector);
}

void cp_encode(const struct pres_connect *connect, struct buf *out)
{
	size_t ppdu = out->len;

	put_mode_selector(out);
	size_t parameters = out->len;

	put_selector(out, 1, connect->calling_p);
	put_selector(out, 2, connect->called_p);
	size_t list = out->len;

	for (size_t i = 0; i < connect->context_count; i++) {
		size_t item = out->len;

		ber_put_integer(out, BER_INTEGER, connect->contexts[i].id);
		ber_put(out, BER_OID, connect->contexts[i].abstract_syntax);
		size_t names = out->len;

		ber_put(out, BER_OID, BASIC_ENCODING);
		ber_wrap(out, names, BER_SEQUENCE);
		ber_wrap(out, item, BER_SEQUENCE);
	}
	ber_wrap(out, list, BER_CONTEXT(4));
	user_data_encode(connect->values, connect->value_count, out);
	ber_wrap(out, parameters, BER_CONTEXT(2));
	ber_wrap(out, ppdu, BER_SET);
}

static void put_results(const struct pres_connect *answer, struct buf *out)
{
	size_t list = out->len;

	if (!answer->context_count)
		return;
	for (size_t i = 0; i < answer->context_count; i++) {
		const struct pres_context *context = &answer->contexts[i];
		size_t item = out->len;

		ber_put_integer(out, BER_CONTEXT(0), context->result);
		if (context->result == PRES_ACCEPTANCE)
			ber_put(out, BER_CONTEXT(1), BASIC_ENCODING);
		if (context->result == PRES_PROVIDER_REJECTION)
			ber_put_integer(out, BER_CONTEXT(2), context->reason);
		ber_wrap(out, item, BER_SEQUENCE);
	}
	ber_wrap(out, list, BER_CONTEXT(5));
}

void cpa_encode(const struct pres_connect *accept, struct buf *out)
{
	size_t ppdu = out->len;

	put_mode_selector(out);
	size_t parameters = out->len;

	put_selector(out, 3, accept->called_p);
	put_results(accept, out);
	user_data_encode(accept->values, accept->value_count, out);
	ber_wrap(out, parameters, BER_CONTEXT(2));
	ber_wrap(out, ppdu, BER_SET);
}

void cpr_encode(int reason, const struct pres_connect *refuse, struct buf *out)
{
	size_t ppdu = out->len;

	put_selector(out, 3, refuse->called_p);
	put_results(refuse, out);
	if (reason != PRES_REFUSED_BY_USER)
		ber_put_integer(out, BER_CONTEXT(10), reason);
	user_data_encode(refuse->values, refuse->value_count, out);
	ber_wrap(out, ppdu, BER_SEQUENCE);
}

FALLIBLE abort_decode(struct bytes in, struct ppdu_abort *out)
{
	struct ber_tlv whole;
	void *decoded;

	*out = (struct ppdu_abort){ .reason = -1, .event = -1 };
	TRY(asn_decode(&asn_DEF_Abort_type, in, &decoded));

	const Abort_type_t *type = decoded;

	out->by_provider = type->present == Abort_type_PR_arp_ppdu;
	if (out->by_provider) {
		out->reason = (int)asn_long_or(type->choice.arp_ppdu.provider_reason, -1);
		out->event = (int)asn_long_or(type->choice.arp_ppdu.event_identifier, -1);
	}
	asn_free(&asn_DEF_Abort_type, &decoded);
	TRY(ber_only(in, &whole));
	if (!out->by_provider)
		out->user_data = find_user_data(whole.contents);
	return OK;
}

void aru_encode(const struct pres_value *values, size_t count, struct buf *out)
{
	size_t ppdu = out->len;

	/* [X.226 6.4.2] the peer may not know the contexts yet, so they are named again. */
	for (size_t i = 0; i < count; i++) {
		size_t item = out->len;

		ber_put_integer(out, BER_INTEGER, values[i].context);
		ber_put(out, BER_OID, BASIC_ENCODING);
		ber_wrap(out, item, BER_SEQUENCE);
	}
	if (count)
		ber_wrap(out, ppdu, BER_CONTEXT(0));
	user_data_encode(values, count, out);
	ber_wrap(out, ppdu, BER_CONTEXT(0));
}

void arp_encode(enum arp_reason reason, enum ppm_event event, struct buf *out)
{
	size_t ppdu = out->len;

	ber_put_integer(out, BER_CONTEXT(0), reason);
	ber_put_integer(out, BER_CONTEXT(1), event);
	ber_wrap(out, ppdu, BER_SEQUENCE);
}
