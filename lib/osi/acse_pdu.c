/* SPDX-License-Identifier: Apache-2.0 */
/* AARQ, AARE, RLRQ, RLRE and ABRT APDUs [X.227 9]. */
#include "lib/osi/acse_pdu.h"

#include "asn1/asn.h"
#include "asn1/oid.h"

#include <ACSE-apdu.h>

#define VERSION_1 1u

/* {joint-iso-ccitt asn1(1) basic-encoding(1)} */
#define BASIC_ENCODING BYTES("\x51\x01")

const char *acse_result_text(int result)
{
	static const char *const texts[] = {
		[ACSE_ACCEPTED] = "accepted",
		[ACSE_REJECTED_PERMANENT] = "rejected for good",
		[ACSE_REJECTED_TRANSIENT] = "rejected for now",
	};

	return texts[result];
}

const char *acse_diagnostic_text(int diagnostic)
{
	static const char *const user[] = {
		"no reason", "no reason given", "application context name not supported",
		"calling AP title not recognized", "calling AP invocation identifier not recognized",
		"calling AE qualifier not recognized", "calling AE invocation identifier not recognized",
		"called AP title not recognized", "called AP invocation identifier not recognized",
		"called AE qualifier not recognized", "called AE invocation identifier not recognized",
		"authentication mechanism name not recognized",
		"authentication mechanism name required", "authentication failure",
		"authentication required",
	};
	static const char *const provider[] = {
		"no reason", "no reason given", "no common version of ACSE",
	};
	int number = diagnostic - ACSE_PROVIDER_NULL;

	if (diagnostic >= 0 && diagnostic < (int)(sizeof(user) / sizeof(*user)))
		return user[diagnostic];
	if (number >= 0 && number < (int)(sizeof(provider) / sizeof(*provider)))
		return provider[number];
	return "a diagnostic that has no name";
}

void acse_apdu_cleanup(struct acse_apdu *apdu)
{
	buf_free(&apdu->joined);
	asn_free(&asn_DEF_ACSE_apdu, &apdu->decoded);
}

/* The encoding of the first EXTERNAL, as it arrived: signatures inside are over those octets. */
static FALLIBLE find_encoding(struct bytes apdu, struct ber_tlv *out_encoding)
{
	struct ber_tlv whole, list, external;

	TRY(ber_only(apdu, &whole));
	TRY(ber_get(whole.contents, BER_CONTEXT(30), "user information", &list));
	TRY(ber_get(list.contents, BER_EXTERNAL, "user information", &external));
	if (!ber_find(external.contents, BER_CONTEXT(0), out_encoding) &&
	    !ber_find(external.contents, BER_CONTEXT(1), out_encoding))
		return FAIL(ST_PEER, 0, "user information is encoded as bits");
	return OK;
}

/* [X.227 7.1.5.1] user information names its presentation context by the indirect reference. */
static FALLIBLE decode_information(struct bytes in, const Association_information_t *list,
				   struct acse_apdu *out)
{
	struct ber_tlv encoding;

	if (!list || list->list.count == 0)
		return OK;
	if (list->list.count > 1)
		return FAIL(ST_PEER, 0, "user information has %d values", list->list.count);

	const AssociationExternal_t *external = list->list.array[0];

	if (!external->indirect_reference)
		return FAIL(ST_PEER, 0, "user information names no presentation context");
	TRY(asn_range(*external->indirect_reference, 1, INT32_MAX,
		      "the presentation context of user information"));
	TRY(find_encoding(in, &encoding));
	out->information.context = (int)*external->indirect_reference;
	out->information.value = encoding.contents;
	if (encoding.tag == BER_CONTEXT(1) && encoding.constructed) {
		TRY(ber_join(&encoding, &out->joined));
		out->information.value = buf_view(&out->joined);
	}
	return OK;
}

static FALLIBLE decode_aarq(struct bytes in, const AARQ_apdu_t *aarq, struct acse_apdu *out)
{
	struct acse_associate *a = &out->associate;

	out->version_1 = !aarq->protocol_version || asn_bits(aarq->protocol_version) & VERSION_1;
	a->context_name = oid_bytes(&aarq->application_context_name);
	a->called_ap_title = asn_bytes(aarq->called_AP_title);
	a->called_ae_qualifier = asn_bytes(aarq->called_AE_qualifier);
	a->calling_ap_title = asn_bytes(aarq->calling_AP_title);
	a->calling_ae_qualifier = asn_bytes(aarq->calling_AE_qualifier);
	return decode_information(in, aarq->user_information, out);
}

static FALLIBLE decode_aare(struct bytes in, const AARE_apdu_t *aare, struct acse_apdu *out)
{
	struct acse_associate *a = &out->associate;
	const Associate_source_diagnostic_t *source = &aare->result_source_diagnostic;
	bool by_provider = source->present == Associate_source_diagnostic_PR_acse_service_provider;
	long number = by_provider ? source->choice.acse_service_provider
				  : source->choice.acse_service_user;

	a->context_name = oid_bytes(&aare->application_context_name);
	a->called_ap_title = asn_bytes(aare->responding_AP_title);
	a->called_ae_qualifier = asn_bytes(aare->responding_AE_qualifier);
	TRY(asn_range(aare->result, ACSE_ACCEPTED, ACSE_REJECTED_TRANSIENT, "the result"));
	TRY(asn_range(number, 0, ACSE_PROVIDER_NULL - 1, "the diagnostic"));
	a->result = (enum acse_result)aare->result;
	a->diagnostic = (int)number + (by_provider ? ACSE_PROVIDER_NULL : 0);
	return decode_information(in, aare->user_information, out);
}

FALLIBLE acse_apdu_decode(struct bytes in, struct acse_apdu *out)
{
	*out = (struct acse_apdu){ .version_1 = true };
	TRY(asn_decode(&asn_DEF_ACSE_apdu, in, &out->decoded));

	const ACSE_apdu_t *apdu = out->decoded;

	switch (apdu->present) {
	case ACSE_apdu_PR_aarq:
		out->kind = APDU_AARQ;
		return decode_aarq(in, &apdu->choice.aarq, out);
	case ACSE_apdu_PR_aare:
		out->kind = APDU_AARE;
		return decode_aare(in, &apdu->choice.aare, out);
	case ACSE_apdu_PR_rlrq:
		out->kind = APDU_RLRQ;
		out->reason = asn_long_or(apdu->choice.rlrq.reason, 0);
		return decode_information(in, apdu->choice.rlrq.user_information, out);
	case ACSE_apdu_PR_rlre:
		out->kind = APDU_RLRE;
		out->reason = asn_long_or(apdu->choice.rlre.reason, 0);
		return decode_information(in, apdu->choice.rlre.user_information, out);
	case ACSE_apdu_PR_abrt:
		out->kind = APDU_ABRT;
		out->reason = apdu->choice.abrt.abort_source;
		return decode_information(in, apdu->choice.abrt.user_information, out);
	case ACSE_apdu_PR_NOTHING:
		break;
	}
	return FAIL(ST_PEER, 0, "an unknown APDU of association control");
}

static void put_explicit(struct buf *out, unsigned number, struct bytes tlv)
{
	size_t from = out->len;

	if (!tlv.len)
		return;
	buf_put(out, tlv);
	ber_wrap(out, from, BER_CONTEXT(number));
}

static void put_information(struct buf *out, const struct pres_value *information)
{
	size_t list = out->len;

	if (!information || !information->context)
		return;
	ber_put(out, BER_OID, BASIC_ENCODING);
	ber_put_integer(out, BER_INTEGER, information->context);
	put_explicit(out, 0, information->value);
	ber_wrap(out, list, BER_EXTERNAL);
	ber_wrap(out, list, BER_CONTEXT(30));
}

static void put_context_name(struct buf *out, struct bytes name)
{
	size_t from = out->len;

	ber_put(out, BER_OID, name);
	ber_wrap(out, from, BER_CONTEXT(1));
}

void aarq_encode(const struct acse_associate *a, struct buf *out)
{
	size_t apdu = out->len;

	put_context_name(out, a->context_name);
	put_explicit(out, 2, a->called_ap_title);
	put_explicit(out, 3, a->called_ae_qualifier);
	put_explicit(out, 6, a->calling_ap_title);
	put_explicit(out, 7, a->calling_ae_qualifier);
	put_information(out, &a->information);
	ber_wrap(out, apdu, BER_APPLICATION(0));
}

void aare_encode(const struct acse_associate *a, struct buf *out)
{
	bool by_provider = a->diagnostic >= ACSE_PROVIDER_NULL;
	size_t apdu = out->len;

	put_context_name(out, a->context_name);
	size_t result = out->len;

	ber_put_integer(out, BER_INTEGER, a->result);
	ber_wrap(out, result, BER_CONTEXT(2));
	size_t diagnostic = out->len;

	ber_put_integer(out, BER_INTEGER, a->diagnostic - (by_provider ? ACSE_PROVIDER_NULL : 0));
	ber_wrap(out, diagnostic, BER_CONTEXT(by_provider ? 2 : 1));
	ber_wrap(out, diagnostic, BER_CONTEXT(3));
	put_explicit(out, 4, a->called_ap_title);
	put_explicit(out, 5, a->called_ae_qualifier);
	put_information(out, &a->information);
	ber_wrap(out, apdu, BER_APPLICATION(1));
}

/* A small APDU: one INTEGER under [0], and user information. */
static void put_small(struct buf *out, unsigned application, int number,
		      const struct pres_value *information)
{
	size_t apdu = out->len;

	ber_put_integer(out, BER_CONTEXT(0), number);
	put_information(out, information);
	ber_wrap(out, apdu, BER_APPLICATION(application));
}

enum { RELEASE_NORMAL = 0 };

void rlrq_encode(const struct pres_value *information, struct buf *out)
{
	put_small(out, 2, RELEASE_NORMAL, information);
}

void rlre_encode(const struct pres_value *information, struct buf *out)
{
	put_small(out, 3, RELEASE_NORMAL, information);
}

void abrt_encode(int source, const struct pres_value *information, struct buf *out)
{
	put_small(out, 4, source, information);
}
