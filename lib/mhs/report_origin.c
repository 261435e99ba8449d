/* SPDX-License-Identifier: Apache-2.0 */
/* Report origin authentication [X.411 8.3.1.2.1.13, .14]. */
#include "lib/mhs/report_origin.h"

#include "lib/sec/report_check.h"

/* P1 has them in the envelope, a delivered report among its extensions. */
static struct bytes value_of(const struct report *report, int number)
{
	struct bytes value = ext_value(&report->envelope_extensions, number);

	return value.len ? value : ext_value(&report->extensions, number);
}

static struct report_check_recipient said_of(const struct report_recipient *r)
{
	return (struct report_check_recipient){
		.name = r->name,
		.intended_name = r->intended_name,
		.delivered = r->delivered,
		.delivery_time = r->delivery_time,
		.user_type = r->user_type,
		.certificates = ext_value(&r->extensions, EXT_RECIPIENT_CERTIFICATE),
		.proof = ext_value(&r->extensions, EXT_PROOF_OF_DELIVERY),
		.reason = r->reason,
		.diagnostic = r->diagnostic,
	};
}

static struct report_check_facts facts_of(const struct report *report)
{
	struct report_check_recipient *recipients = arena_new_array(
		report->arena, struct report_check_recipient, report->recipient_count);

	for (size_t i = 0; i < report->recipient_count; i++)
		recipients[i] = said_of(&report->recipients[i]);
	return (struct report_check_facts){
		.content_identifier = report->content_identifier,
		.label = value_of(report, EXT_MESSAGE_SECURITY_LABEL),
		.recipients = recipients,
		.count = report->recipient_count,
	};
}

FALLIBLE report_sign(struct report *report, const struct private_key *key,
		     const struct cert *certificate)
{
	const struct report_check_facts facts = facts_of(report);
	AUTO(buf_free) struct buf check = { 0 }, certificates = { 0 };

	TRY(report_check_make(&facts, key, &check));
	certificates_put(certificate, &certificates);
	ext_put(report->arena, &report->envelope_extensions, EXT_REPORT_ORIGIN_AUTHENTICATION_CHECK,
		buf_view(&check));
	ext_put(report->arena, &report->envelope_extensions, EXT_REPORTING_MTA_CERTIFICATE,
		buf_view(&certificates));
	return OK;
}

bool report_is_signed(const struct report *report)
{
	return value_of(report, EXT_REPORT_ORIGIN_AUTHENTICATION_CHECK).len > 0;
}

FALLIBLE report_certificate(const struct report *report, const struct cert **out_cert)
{
	return certificates_first(value_of(report, EXT_REPORTING_MTA_CERTIFICATE), "reporting MTA",
				  out_cert);
}

FALLIBLE report_verify(const struct report *report, const struct public_key *signer)
{
	const struct report_check_facts facts = facts_of(report);

	return report_check_verify(&facts, signer,
				   value_of(report, EXT_REPORT_ORIGIN_AUTHENTICATION_CHECK));
}
