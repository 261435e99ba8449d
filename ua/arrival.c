/* SPDX-License-Identifier: Apache-2.0 */
/* What has come becomes a message of the inbox. */
#include "ua/arrival.h"

#include "lib/mhs/delivery.h"
#include "lib/mhs/report.h"
#include "ua/finding.h"

static FALLIBLE describe_message(struct arena *arena, struct bytes envelope,
				 struct ua_message *out)
{
	struct delivery *d = NULL;
	struct orname *originator = NULL;

	TRY(delivery_envelope_decode(arena, envelope, &d));
	TRY(orname_decode(arena, d->originator, &originator));
	/* The directory name is what the certificate will say. */
	if (orname_has_address(originator))
		originator->directory_name = bytes_none();
	out->kind = UA_MESSAGE;
	out->submitted = d->submission_time;
	out->date = d->time;
	out->mts_id = mts_id_text(arena, d->id);
	out->originator = orname_text(arena, originator);
	out->recipients = orname_tlv_text(arena, d->this_recipient);
	return OK;
}

/* A message may have several reports: none of them has an identifier of its own here. */
static FALLIBLE describe_report(struct arena *arena, struct bytes envelope, time_t now,
				struct ua_message *out)
{
	struct report *report = NULL;

	TRY(report_delivery_decode(arena, envelope, &report));
	out->kind = UA_REPORT;
	out->date = now;
	out->subject = arena_printf(arena, "report on %s", mts_id_text(arena, report->subject_id));
	return OK;
}

static FALLIBLE describe(struct home *home, struct arena *arena, const struct arrival *arrival,
			 struct ua_message *out)
{
	*out = (struct ua_message){
		.folder = UA_INBOX,
		.ms_number = arrival->ms_number,
		.verdict = verdict_names[VERDICT_UNCHECKED],
		.delivery = arrival->delivery,
	};
	return arrival->kind == UA_REPORT
		? describe_report(arena, arrival->envelope, clock_now(home->clock), out)
		: describe_message(arena, arrival->envelope, out);
}

FALLIBLE arrival_store(struct home *home, const struct arrival *arrival,
		       struct arrival_counts *counts)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct ua_message message;
	bool duplicate;
	int64_t id;

	TRY(describe(home, arena, arrival, &message));
	TRY(uastore_add(home->db, &message, arrival->envelope, arrival->content, &id, &duplicate));
	counts->messages += message.kind == UA_MESSAGE && !duplicate;
	counts->reports += message.kind == UA_REPORT && !duplicate;
	return OK;
}
