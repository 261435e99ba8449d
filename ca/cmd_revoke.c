/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ca revoke, suspend, release and crl. */
#include "ca/cmd.h"

#include "ca/records.h"
#include "lib/base/memory.h"

const struct option_spec revoke_options[] = {
	{ "reason", "REASON", "unspecified (default), key-compromise, ca-compromise, "
	  "affiliation-changed, superseded, cessation, privilege-withdrawn or aa-compromise." },
	{ "since", "TIME", "When the key was lost, as 2026-11-22T08:00:00Z." },
	{ 0 }
};

const struct option_spec crl_options[] = {
	{ "if-due", NULL, "Only where the last one is old, or something was revoked or released since." },
	{ "publish", NULL, "Put it into the directory; with --if-due, also where that has not got the last "
	  "one." },
	{ "days", "DAYS", "When the next list comes at the latest (default: as the settings say)." },
	{ "out", "FILE", "Where to write the list (default crl.pem; with --publish nowhere)." },
	{ 0 }
};

/* --- telling the world: at once, where there is a directory --- */

/* What was done stands, whatever comes of this. */
static FALLIBLE tell(const struct invocation *invocation, struct authority *ca,
		     const struct record *record, const char *done, const char *key, time_t now)
{
	bool told = false;

	TRY_DOING(publish_own(invocation, ca, now, &told),
		  "the certificate %s is %s, but the directory does not know yet: postern-ca publish, "
		  "once it can be reached", record->cert->serial_text, key);
	if (invocation->json)
		print_json(invocation, json_pack("{s:s, s:s, s:b}", key, record->cert->serial_text,
						 "subject", record->cert->subject_text, "published", told));
	else
		printf("%s %s of %s.\n%s\n", done, record->cert->serial_text, record->cert->subject_text,
		       told ? "The next revocation list is issued and in the directory." :
		       "\"crl\" issues the next list, \"publish\" tells the directory.");
	return cmd_done(invocation);
}

static FALLIBLE find(const struct invocation *invocation, struct arena *arena,
		     struct authority **out_ca, struct record *out_record)
{
	AUTO(buf_free) struct buf serial = { 0 };

	TRY(serial_from_word(invocation->words[0], &serial));
	TRY(cmd_authority(invocation, out_ca));
	return record_find(*out_ca, buf_view(&serial), arena, out_record);
}

/* --- revoke --- */

static FALLIBLE since_option(const struct invocation *invocation, time_t now, time_t *out_since)
{
	const char *text = options_value(&invocation->options, "since");
	struct tm tm = { 0 };

	*out_since = 0;
	if (!text)
		return OK;
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (!end || *end)
		return FAIL(ST_USAGE, 0, "--since is a time like 2026-11-22T08:00:00Z, not \"%s\"", text);
	*out_since = timegm(&tm);
	if (*out_since > now)
		return FAIL(ST_USAGE, 0, "--since %s is still to come", text);
	return OK;
}

/* What the one who revokes should think of. */
static void advise(const struct record *record, enum revocation_reason reason)
{
	if (record->cert->scope == SCOPE_CA)
		puts("Until all know the list, whoever trusts that authority is deceived by its thief: tell "
		     "its neighbours.");
	else if (reason == REVOKED_KEY_COMPROMISE && record->cert->scope == SCOPE_UA)
		puts("What was sealed for the key can be read by its thief.  The holder enrols again, with a "
		     "new key.");
	else if (reason == REVOKED_KEY_COMPROMISE)
		puts("Proofs and binds with that key prove nothing since it was lost.  The server enrols "
		     "again, with a new key.");
}

FALLIBLE cmd_revoke(const struct invocation *invocation)
{
	const char *reason_text = options_value(&invocation->options, "reason");
	enum revocation_reason reason = REVOKED_UNSPECIFIED;
	AUTO(authority_free) struct authority *ca = NULL;
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(record_cleanup) struct record record = { 0 };
	time_t now = clock_now(&clock_real), since = 0;

	if (reason_text)
		TRY(revocation_reason_from_text(reason_text, &reason));
	if (reason == REVOKED_HOLD)
		return FAIL(ST_USAGE, 0, "what may be taken back is a suspension: postern-ca suspend");
	TRY(since_option(invocation, now, &since));
	TRY(find(invocation, arena, &ca, &record));
	TRY(command_confirm(invocation, "Revoke the certificate %s of %s, as %s, for good?",
			    record.cert->serial_text, record.cert->subject_text,
			    scope_name(record.cert->scope)));
	TRY(authority_revoke_since(ca, record.cert->serial, reason, since, now));
	TRY(tell(invocation, ca, &record, "Revoked", "revoked", now));
	if (!invocation->json)
		advise(&record, reason);
	return OK;
}

/* --- suspend, release --- */

FALLIBLE cmd_suspend(const struct invocation *invocation)
{
	AUTO(authority_free) struct authority *ca = NULL;
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(record_cleanup) struct record record = { 0 };
	time_t now = clock_now(&clock_real);

	TRY(find(invocation, arena, &ca, &record));
	TRY(authority_revoke(ca, record.cert->serial, REVOKED_HOLD, now));
	return tell(invocation, ca, &record, "Suspended", "suspended", now);
}

FALLIBLE cmd_release(const struct invocation *invocation)
{
	AUTO(authority_free) struct authority *ca = NULL;
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(record_cleanup) struct record record = { 0 };
	time_t now = clock_now(&clock_real);

	TRY(find(invocation, arena, &ca, &record));
	TRY(authority_release(ca, record.cert->serial, now));
	return tell(invocation, ca, &record, "Released", "released", now);
}

/* --- crl --- */

time_t next_list(const struct invocation *invocation, time_t now)
{
	const struct ca_settings *settings = invocation->settings;

	return now + settings->list_interval + settings->list_overlap;
}

static FALLIBLE tell_not_due(const struct invocation *invocation)
{
	if (invocation->json)
		print_json(invocation, json_pack("{s:b}", "due", 0));
	else
		puts("No list is due.");
	return cmd_done(invocation);
}

/* Makes a list, for the directory or for a file. */
static FALLIBLE make_list(const struct invocation *invocation, struct authority *ca, time_t now)
{
	AUTO(crl_free) const struct crl *crl = NULL;
	time_t next = next_list(invocation, now);
	bool told;

	if (options_has(&invocation->options, "publish"))
		return publish_own(invocation, ca, now, &told);
	if (options_has(&invocation->options, "days"))
		TRY(option_days(invocation, 0, now, &next));
	return authority_list(ca, now, next, &crl);
}

static void tell_list(const struct invocation *invocation, const struct crl *crl, const char *out)
{
	bool published = options_has(&invocation->options, "publish");

	if (invocation->json) {
		print_json(invocation, json_pack("{s:I, s:I, s:s, s:b}", "number", (json_int_t)crl->number,
						 "revoked", (json_int_t)crl->revoked_count, "next_update",
						 time_rfc3339(crl->next_update).s, "published", published));
		return;
	}
	printf("List %ju, of %zu revoked certificates, good until %s.\n", (uintmax_t)crl->number,
	       crl->revoked_count, time_text(crl->next_update).s);
	if (published)
		puts("  in the directory");
	if (out)
		printf("  written to     %s\n", out);
}

FALLIBLE cmd_crl(const struct invocation *invocation)
{
	const struct ca_settings *settings = invocation->settings;
	const char *out = options_value(&invocation->options, "out");
	bool publishes = options_has(&invocation->options, "publish"), due = true;
	AUTO(authority_free) struct authority *ca = NULL;
	AUTO(crl_list_free) struct crl_list lists = { 0 };
	time_t now = clock_now(&clock_real);

	if (publishes)
		TRY(directory_needed(invocation));
	if (publishes && options_has(&invocation->options, "days"))
		return FAIL(ST_USAGE, 0, "what is published is as old as the settings say: leave --days out");
	out = out || publishes ? out : "crl.pem";
	TRY(cmd_authority(invocation, &ca));
	if (options_has(&invocation->options, "if-due"))
		TRY(authority_list_due(ca, now, settings->list_interval, publishes, &due));
	if (!due)
		return tell_not_due(invocation);
	TRY(make_list(invocation, ca, now));
	TRY(authority_lists(ca, &lists));
	if (out && !command_is_dry(invocation))
		TRY(crl_list_save(out, &lists));
	tell_list(invocation, lists.items[0], out);
	return cmd_done(invocation);
}
