/* SPDX-License-Identifier: Apache-2.0 */
/*
 * postern-ca renew: one certificate, or all that end soon.
 *
 * All are renewed in one transaction, so that one approval is for all of them; who cannot be is named,
 * and left out.
 */
#include "ca/cmd.h"

#include "ca/renewal.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"

#include <errno.h>
#include <sys/stat.h>

const struct option_spec renew_options[] = {
	{ "expiring", "TIME", "In place of one: all of users and servers that end so soon (30d) and have no "
	  "successor." },
	{ "days", "DAYS", "How long the new certificate is valid (default: as the profile says)." },
	{ "supersede", NULL, "Revoke the old one." },
	{ "out", "FILE", "Where to write the certificate (default cert.pem); with --expiring the folder for "
	  "all (default certs), under their serial numbers." },
	{ 0 }
};

static FALLIBLE renewal_options(const struct invocation *invocation, struct profiles *profiles,
				struct renewal *out)
{
	const struct ca_settings *settings = invocation->settings;

	*out = (struct renewal){ .profiles = profiles, .now = clock_now(&clock_real),
				 .supersede = options_has(&invocation->options, "supersede") };
	TRY(profiles_read(&settings->profiles, profiles));
	return option_day_count(invocation, &out->days);
}

/* --- one --- */

static FALLIBLE renew_one(const struct invocation *invocation, const struct renewal *renewal)
{
	const char *out = options_value(&invocation->options, "out");
	AUTO(authority_free) struct authority *ca = NULL;
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(record_cleanup) struct record old = { 0 };
	AUTO(buf_free) struct buf serial = { 0 };
	AUTO(cert_free) const struct cert *cert = NULL;

	TRY(serial_from_word(invocation->words[0], &serial));
	TRY(cmd_authority(invocation, &ca));
	TRY(record_find(ca, buf_view(&serial), arena, &old));
	if (renewal->supersede)
		TRY(command_confirm(invocation, "Revoke the old certificate %s of %s?",
				    old.cert->serial_text, old.cert->subject_text));
	TRY(renewal_issue(ca, renewal, &old, &cert));
	return save_issued(invocation, cert, out ? out : "cert.pem");
}

/* --- all --- */

struct renewing {
	const struct invocation *invocation;
	const struct renewal *renewal;
	struct authority *ca;
	struct arena *arena;
	struct record_list old;
	struct cert_list certs;
	json_t *done, *problems;
};

static void renewing_cleanup(struct renewing *r)
{
	record_list_cleanup(&r->old);
	cert_list_free(&r->certs);
	authority_free(&r->ca);
	json_decref(r->done);
	json_decref(r->problems);
	arena_free(&r->arena);
}

static void note_problem(struct renewing *r, const struct cert *old, struct status *why)
{
	AUTO(mem_free) char *text = status_text(why);

	json_array_append_new(r->problems, json_pack("{s:s, s:s, s:s}", "serial", old->serial_text, "subject",
						     old->subject_text, "problem", text));
	status_free(&why);
}

static void note_done(struct renewing *r, const struct cert *old, const struct cert *cert)
{
	cert_list_add(&r->certs, cert);
	json_array_append_new(r->done, json_pack(
		"{s:s, s:s, s:s, s:s, s:s}", "subject", cert->subject_text, "old", old->serial_text, "serial",
		cert->serial_text, "not_after", time_rfc3339(cert->not_after).s, "file",
		arena_printf(r->arena, "%s/%s.pem", options_or(&r->invocation->options, "out", "certs"),
			     cert->serial_text)));
}

static FALLIBLE renew_next(struct renewing *r, const struct record *old)
{
	AUTO(cert_free) const struct cert *cert = NULL;
	struct status *st = renewal_issue(r->ca, r->renewal, old, &cert);

	if (st && st->kind == ST_LATER)
		return st;	/* nothing to do with this one */
	if (st)
		note_problem(r, old->cert, st);
	else
		note_done(r, old->cert, cert);
	return OK;
}

static FALLIBLE renew_in_transaction(struct db *db, void *arg)
{
	struct renewing *r = arg;

	(void)db;
	for (size_t i = 0; i < r->old.count; i++) {
		progress_show(r->invocation, "Renewing", i, r->old.count);
		if (r->old.items[i].kind == ISSUED_USER)
			TRY(renew_next(r, &r->old.items[i]));
	}
	return OK;
}

static FALLIBLE write_files(const struct renewing *r)
{
	const char *out = options_or(&r->invocation->options, "out", "certs");

	if (command_is_dry(r->invocation) || !r->certs.count)
		return OK;
	if (mkdir(out, 0755) && errno != EEXIST)
		return status_errno(errno, "cannot make the directory %s", out);
	for (size_t i = 0; i < r->certs.count; i++)
		TRY(cert_save(json_string_value(json_object_get(json_array_get(r->done, i), "file")),
			      r->certs.items[i]));
	return OK;
}

static void print_renewed(const struct renewing *r)
{
	json_t *one;
	size_t i;

	json_array_foreach(r->problems, i, one) {
		AUTO(mem_free) char *text = mem_printf(
			"%s of %s: %s", json_string_value(json_object_get(one, "serial")),
			json_string_value(json_object_get(one, "subject")),
			json_string_value(json_object_get(one, "problem")));
		AUTO(mem_free) char *shown = text_shown(bytes_text(text));

		printf("Not renewed: %s\n", shown);
	}
	for (i = 0; i < r->certs.count; i++)
		printf("%s  until %.10s  %s\n", r->certs.items[i]->serial_text,
		       time_text(r->certs.items[i]->not_after).s, r->certs.items[i]->subject_text);
	printf("%zu renewed.\n", r->certs.count);
}

static FALLIBLE tell(const struct renewing *r)
{
	size_t failed = json_array_size(r->problems);

	if (r->invocation->json)
		print_json(r->invocation, json_pack("{s:O, s:O}", "renewed", r->done, "problems", r->problems));
	else
		print_renewed(r);
	TRY(cmd_done(r->invocation));
	if (failed)
		return FAIL(ST_LATER, 0, "%zu of %zu were not renewed", failed, failed + r->certs.count);
	return OK;
}

static FALLIBLE renew_all(const struct invocation *invocation, const struct renewal *renewal)
{
	AUTO(renewing_cleanup) struct renewing r = { .invocation = invocation, .renewal = renewal,
						     .arena = arena_new(), .done = json_array(),
						     .problems = json_array() };
	int64_t within = 0;

	TRY(option_soon(invocation, "expiring", &within));
	TRY(cmd_authority(invocation, &r.ca));
	TRY(records_expiring(r.ca, renewal->now, renewal->now + within, r.arena, &r.old));
	if (renewal->supersede)
		TRY(command_confirm(invocation, "Revoke the old certificates of all that are renewed?"));

	bool waits = approval_is_missing(r.ca);

	if (waits)
		TRY(authority_rehearse(r.ca));
	struct status *st = db_atomically(r.ca->db, renew_in_transaction, &r);

	progress_end(invocation);
	TRY(st);
	if (waits && r.certs.count)
		return approval_want(r.ca);
	TRY_DOING(write_files(&r), "all are renewed, but not all are written: \"publish\" gives them to the "
		  "directory");
	return tell(&r);
}

FALLIBLE cmd_renew(const struct invocation *invocation)
{
	bool all = options_has(&invocation->options, "expiring");
	struct profiles profiles;
	struct renewal renewal;

	if (all == (invocation->word_count > 0))
		return FAIL(ST_USAGE, 0, "which certificate is to be renewed? Say its file or serial number, or "
			    "--expiring 30d for all that end soon");
	TRY(renewal_options(invocation, &profiles, &renewal));
	return all ? renew_all(invocation, &renewal) : renew_one(invocation, &renewal);
}
