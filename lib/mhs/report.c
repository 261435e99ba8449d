/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making reports, and saying what they say.  The codecs are in report_codec.c.
 */
#include "lib/mhs/report.h"

#include "asn1/bounds.h"
#include "lib/base/clock.h"
#include "lib/mhs/orname.h"
#include "lib/mhs/text.h"

bool report_reaches_originator(uint32_t flags, bool delivered)
{
	return flags & (RCPT_ORIGINATOR_REPORT | (delivered ? 0 : RCPT_ORIGINATOR_NON_DELIVERY_REPORT));
}

static bool is_wanted(const struct recipient *recipient, bool delivered,
		      enum report_audience audience)
{
	uint32_t mtas = RCPT_MTA_REPORT | (delivered ? 0 : RCPT_MTA_NON_DELIVERY_REPORT);

	if (report_reaches_originator(recipient->flags, delivered))
		return audience == REPORT_FOR_ORIGINATOR;
	return audience == REPORT_FOR_MTAS && recipient->flags & mtas;
}

static void fill_recipient(const struct envelope *subject, const struct outcome *outcome,
			   time_t arrival, struct arena *arena, struct report_recipient *out)
{
	const struct recipient *recipient = &subject->recipients[outcome->recipient];

	out->name = recipient->name;
	out->number = recipient->number;
	out->flags = recipient->flags;
	out->arrival = arrival;
	out->delivered = outcome->delivered;
	out->delivery_time = outcome->when;
	out->user_type = outcome->user_type;
	out->reason = outcome->reason;
	out->diagnostic = outcome->diagnostic;
	if (outcome->supplementary)
		out->supplementary = bytes_text(text_printable_like(
			arena, outcome->supplementary, UB_SUPPLEMENTARY_INFO_LENGTH));
	ext_copy(arena, &out->extensions, &recipient->extensions, EXT_IN_REPORT_RECIPIENT);
	if (outcome->certificates.len)
		ext_put(arena, &out->extensions, EXT_RECIPIENT_CERTIFICATE, outcome->certificates);
	else	/* the one in the message was the originator's copy of it */
		ext_remove(&out->extensions, EXT_RECIPIENT_CERTIFICATE);
	if (outcome->proof.len)
		ext_put(arena, &out->extensions, EXT_PROOF_OF_DELIVERY, outcome->proof);
}

static FALLIBLE fill_envelope(const struct envelope *subject, const struct mta_identity *self,
			      struct bytes id, time_t now, struct report *report)
{
	AUTO(buf_free) struct buf trace = { 0 };
	AUTO(buf_free) struct buf internal = { 0 };

	TRY(trace_add(self, now, false, &trace));
	TRY(internal_trace_add(self, now, false, bytes_none(), &internal));
	report->id = arena_dup(report->arena, id);
	report->destination = subject->originator;
	report->trace = arena_dup(report->arena, buf_view(&trace));
	ext_put(report->arena, &report->envelope_extensions, EXT_INTERNAL_TRACE_INFORMATION,
		buf_view(&internal));
	report->subject_id = subject->id;
	report->subject_trace = subject->trace;
	report->eits = subject->eits;
	report->content_type = subject->content_type;
	report->content_identifier = subject->content_identifier;
	if (ext_find(&subject->extensions, EXT_CONTENT_CORRELATOR))
		ext_put(report->arena, &report->extensions, EXT_CONTENT_CORRELATOR,
			ext_value(&subject->extensions, EXT_CONTENT_CORRELATOR));
	if (ext_find(&subject->extensions, EXT_MESSAGE_SECURITY_LABEL))
		ext_put(report->arena, &report->envelope_extensions, EXT_MESSAGE_SECURITY_LABEL,
			ext_value(&subject->extensions, EXT_MESSAGE_SECURITY_LABEL));
	return OK;
}

FALLIBLE report_make(const struct envelope *subject, const struct outcome *outcomes, size_t count,
		     enum report_audience audience, const struct mta_identity *self, struct bytes id, time_t now,
		     struct arena *arena, struct report **out_report)
{
	struct report *report = arena_new_of(arena, struct report);
	bool return_content = subject->indicators & IND_CONTENT_RETURN_REQUEST && !subject->probe;
	time_t arrival = now;

	*out_report = NULL;
	report->arena = arena;
	TRY(trace_first_time(subject->trace, &arrival));
	report->recipients = arena_new_array(arena, struct report_recipient, count ? count : 1);
	for (size_t i = 0; i < count; i++) {
		const struct outcome *outcome = &outcomes[i];

		if (!is_wanted(&subject->recipients[outcome->recipient], outcome->delivered, audience))
			continue;
		fill_recipient(subject, outcome, arrival, arena,
			       &report->recipients[report->recipient_count++]);
		if (return_content && !outcome->delivered) {
			report->has_content = true;
			report->content = subject->content;
		}
	}
	if (!report->recipient_count)
		return OK;
	TRY(fill_envelope(subject, self, id, now, report));
	*out_report = report;
	return OK;
}

const char *report_identity(struct arena *arena, const struct report *report)
{
	AUTO(buf_free) struct buf text = { 0 };

	buf_printf(&text, "report %s", mts_id_text(arena, report->subject_id));
	for (size_t i = 0; i < report->recipient_count; i++)
		buf_printf(&text, " %s %s", report->recipients[i].delivered ? "to" : "not to",
			   orname_tlv_text(arena, report->recipients[i].name));
	return arena_text(arena, buf_view(&text));
}

const char *report_recipient_text(struct arena *arena, const struct report_recipient *recipient)
{
	if (recipient->delivered)
		return arena_printf(arena, "delivered %s", time_text(recipient->delivery_time).s);
	if (!recipient->supplementary.len)
		return arena_printf(arena, "not delivered: %s (%s, %s)",
				    diagnostic_words(recipient->diagnostic),
				    reason_name(recipient->reason),
				    diagnostic_name(recipient->diagnostic));
	return arena_printf(arena, "not delivered: %s (%s, %s): %s",
			    diagnostic_words(recipient->diagnostic),
			    reason_name(recipient->reason), diagnostic_name(recipient->diagnostic),
			    arena_text(arena, recipient->supplementary));
}
