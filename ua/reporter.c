/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who reports [X.411 8.3.1.2.1.14].  A report says nothing of itself: whoever
 * is on the way could make one.  Its signature is that of an MTA that an
 * authority certified as one, over what it says of each recipient, and over the
 * content identifier, which only this message has.
 */
#include "ua/reports.h"

#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/mhs/report_origin.h"

static FALLIBLE check_report(struct home *home, const struct report *report,
			     const struct envelope *sent, const char **out_by)
{
	const struct trust_wanted wanted = { .scope = SCOPE_MTA };
	AUTO(cert_free) const struct cert *mta = NULL;
	AUTO(cert_path_free) struct cert_path *path = NULL;

	if (!bytes_equal(report->content_identifier, sent->content_identifier))
		return FAIL(ST_REFUSED, 0, "the report is signed for another message than the one it "
			    "names");
	TRY(report_certificate(report, &mta));
	TRY_DOING(trust_verify(home->site->trust, &wanted, mta, &path),
		  "cannot verify the certificate of the reporting MTA");
	TRY(report_verify(report, mta->key));
	*out_by = arena_strdup(report->arena, mta->subject_text);
	return OK;
}

static void audit(const struct opened *o, const struct reporter *reporter)
{
	AUTO(status_free) struct status *why = reporter->verdict == VERDICT_REFUSED
		? FAIL(ST_REFUSED, 0, "%s", reporter->why) : OK;
	const struct audit_event event = {
		.msg = mts_id_text(o->arena, o->report->subject_id),
		.user = reporter->by,
		.what = "report",
		.allowed = !why,
		.diag = why ? "secure-messaging-error" : NULL,
		.why = why,
	};

	if (reporter->verdict == VERDICT_GOOD || why)
		log_audit(&event);
}

struct reporter reporter_examine(struct home *home, const struct opened *o,
				 const struct envelope *sent)
{
	struct reporter reporter = { .verdict = VERDICT_UNSIGNED };

	if (!report_is_signed(o->report))
		return reporter;
	AUTO(status_free) struct status *failed =
		check_report(home, o->report, sent, &reporter.by);
	reporter.verdict = !failed ? VERDICT_GOOD
		: failed->kind == ST_LATER ? VERDICT_UNCHECKED : VERDICT_REFUSED;
	if (failed) {
		AUTO(mem_free) char *why = status_text(failed);

		reporter.why = arena_strdup(o->arena, why);
	}
	audit(o, &reporter);
	return reporter;
}
