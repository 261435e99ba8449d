/* SPDX-License-Identifier: Apache-2.0 */
/* Report origin authentication check [X.411 8.3.1.2.1.14]. */
#include "lib/sec/report_check.h"

#include "lib/base/clock.h"
#include "lib/sec/der.h"
#include "lib/sec/statement.h"

static void put_optional(struct buf *out, uint32_t tag, struct bytes value)
{
	if (value.len)
		der_put_as(out, tag, value);
}

/* PerRecipientReportFields */
static FALLIBLE put_recipient(const struct report_check_recipient *r, struct buf *out)
{
	size_t from = out->len;
	struct time_text time;

	buf_put(out, r->name);
	buf_put(out, r->intended_name);
	size_t report = out->len;
	if (r->delivered) {
		TRY(time_to_utctime(r->delivery_time, &time));
		ber_put(out, DER_UTC_TIME, bytes_text(time.s));
		ber_put_integer(out, BER_INTEGER, r->user_type);
		put_optional(out, BER_CONTEXT(0), r->certificates);
		put_optional(out, BER_CONTEXT(1), r->proof);
	} else {
		ber_put_integer(out, BER_INTEGER, r->reason);
		if (r->diagnostic >= 0)
			ber_put_integer(out, BER_INTEGER, r->diagnostic);
	}
	ber_wrap(out, report, BER_CONTEXT(r->delivered ? 0 : 1));
	ber_wrap(out, from, BER_SEQUENCE);
	return OK;
}

static FALLIBLE report_statement(const struct report_check_facts *facts, struct statement *out)
{
	AUTO(buf_free) struct buf recipients = { 0 };

	*out = (struct statement){ .what = "the report origin authentication check" };
	statement_put_identifier(out, facts->content_identifier);
	statement_put(out, facts->label);
	for (size_t i = 0; i < facts->count; i++)
		TRY(put_recipient(&facts->recipients[i], &recipients));
	ber_wrap(&recipients, 0, BER_SEQUENCE);
	statement_put(out, buf_view(&recipients));
	return OK;
}

FALLIBLE report_check_make(const struct report_check_facts *facts,
			   const struct private_key *signer, struct buf *out_check)
{
	AUTO(statement_free) struct statement statement = { 0 };

	TRY(report_statement(facts, &statement));
	return statement_sign(&statement, NULL, NULL, signer, out_check);
}

FALLIBLE report_check_verify(const struct report_check_facts *facts,
			     const struct public_key *signer, struct bytes check)
{
	AUTO(statement_free) struct statement statement = { 0 };

	TRY(report_statement(facts, &statement));
	TRY_DOING(statement_check(&statement, NULL, NULL, signer, check),
		  "%s is not for this report", statement.what);
	return OK;
}
