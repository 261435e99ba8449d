/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ca renew and expiring. */
#include "ca/cmd.h"

#include "ca/holder.h"
#include "ca/profile.h"
#include "ca/records.h"
#include "lib/base/memory.h"
#include "lib/base/settings_value.h"

const struct option_spec renew_options[] = {
	{ "days", "DAYS", "How long the new certificate is valid (default: as the profile says)." },
	{ "supersede", NULL, "Revoke the old one." },
	{ "out", "FILE", "Where to write the certificate (default cert.pem)." },
	{ 0 }
};

const struct option_spec expiring_options[] = {
	{ "within", "TIME", "How soon: 30d (default), 12h." },
	{ 0 }
};

/* --- renew --- */

static FALLIBLE check_renewable(const struct record *record)
{
	if (record->kind != ISSUED_USER)
		return FAIL(ST_USAGE, 0, "%s is an authority: it is certified anew, not renewed",
			    record->cert->subject_text);
	if (record_is_held(record))
		return FAIL(ST_REFUSED, 0, "the certificate %s is suspended: release it first",
			    record->cert->serial_text);
	if (record->revoked_at)
		return FAIL(ST_REFUSED, 0, "the certificate %s was revoked on %s: the holder enrols again",
			    record->cert->serial_text, time_text(record->revoked_at).s);
	return OK;
}

struct renewing {
	struct authority *ca;
	const struct record *old;
	struct profiles profiles;
	struct cert_plan plan;
	bool supersede;
	time_t now;
	const struct cert *cert;
};

static FALLIBLE renew_in_transaction(struct db *db, void *arg)
{
	struct renewing *r = arg;

	(void)db;
	TRY(authority_issue(r->ca, &r->plan, ISSUED_USER, r->old->or_address, r->now, &r->cert));
	return r->supersede ? authority_revoke(r->ca, r->old->cert->serial, REVOKED_SUPERSEDED, r->now) :
			      OK;
}

/* The same name, address, use and key; nobody else has got them since. */
static FALLIBLE plan_renewal(const struct invocation *invocation, struct renewing *r)
{
	const struct ca_settings *settings = invocation->settings;
	const struct cert *old = r->old->cert;
	struct applicant applicant = { .name = old->subject, .name_text = old->subject_text,
					     .or_address = old->or_address, .key = old->key,
					     .scope = old->scope };
	AUTO(holding_cleanup) struct holding holding = { 0 };
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(buf_free) struct buf recorded = { 0 };
	const char *usual;
	int days = 0;

	if (old->form_1989 && r->old->or_address) {	/* which the certificate does not say */
		TRY(address_from_text(r->old->or_address, arena, &recorded, &usual));
		applicant.or_address = buf_view(&recorded);
	}
	r->plan = (struct cert_plan){ .subject = old->subject, .or_address = old->or_address,
				      .key = old->key, .scope = old->scope, .not_before = r->now };
	TRY(option_day_count(invocation, &days));
	TRY(profiles_read(&settings->profiles, &r->profiles));
	TRY(profile_check_key(&r->profiles, old->scope, public_key_type(old->key)));
	TRY(profile_end(&r->profiles, old->scope, days, r->now, &r->plan.not_after));
	r->plan.signs_only = !r->profiles.of[old->scope].seals;
	r->plan.policies = &r->profiles.of[old->scope].policies;
	return holder_check(r->ca, &applicant, r->now, &holding);
}

FALLIBLE cmd_renew(const struct invocation *invocation)
{
	const char *out = options_value(&invocation->options, "out");
	AUTO(authority_free) struct authority *ca = NULL;
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(record_cleanup) struct record old = { 0 };
	AUTO(buf_free) struct buf serial = { 0 };
	struct renewing r = { .old = &old, .now = clock_now(&clock_real),
			      .supersede = options_has(&invocation->options, "supersede") };

	TRY(serial_from_word(invocation->words[0], &serial));
	TRY(cmd_authority(invocation, &ca));
	TRY(record_find(ca, buf_view(&serial), arena, &old));
	TRY(check_renewable(&old));
	r.ca = ca;
	TRY(plan_renewal(invocation, &r));
	if (r.supersede)
		TRY(command_confirm(invocation, "Revoke the old certificate %s of %s?",
				    old.cert->serial_text, old.cert->subject_text));

	struct status *st = db_atomically(ca->db, renew_in_transaction, &r);

	if (!st)
		st = save_issued(invocation, r.cert, out ? out : "cert.pem");
	cert_free(&r.cert);
	return st;
}

/* --- expiring --- */

static FALLIBLE within_option(const struct invocation *invocation, int64_t *out_seconds)
{
	static const struct setting within = { "--within", SET_SECS, 0, "30d", 1, INT64_C(100) * 366 * 86400,
					       NULL, NULL };
	const char *text = options_value(&invocation->options, "within");

	return setting_parse(&within, text ? text : within.fallback, out_seconds);
}

static void show_row(struct query *q, json_t *list)
{
	AUTO(mem_free) char *serial = bytes_hex(query_octets(q, 0));
	const char *subject = query_text(q, 1), *scope = scope_name((enum scope)query_int(q, 2));
	time_t not_after = query_int(q, 3);

	if (list)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s}", "serial", serial, "subject",
						      subject, "scope", scope, "not_after",
						      time_rfc3339(not_after).s));
	else
		printf("%-4s %.10s  %s  %s\n", scope, time_text(not_after).s, serial, subject);
}

/* One of the same name and use that lasts longer; what signs and what is sealed for follow each on
 * their own kind. */
static FALLIBLE find_successor(struct authority *ca, struct query *row, bool *out_found)
{
	AUTO(cert_free) const struct cert *cert = NULL;
	AUTO(query_end) struct query *q = db_query(ca->db,
		"SELECT der FROM certificate WHERE name_key = ? AND scope = ? AND kind = ? "
		"AND revoked_at IS NULL AND not_after > ?", v_octets(query_octets(row, 4)),
		v_int(query_int(row, 2)), v_int(query_int(row, 5)), v_int(query_int(row, 3)));

	*out_found = false;
	TRY(cert_decode(query_octets(row, 6), &cert));
	while (!*out_found && query_next(q)) {
		AUTO(cert_free) const struct cert *other = NULL;

		TRY(cert_decode(query_octets(q, 0), &other));
		*out_found = other->signs == cert->signs;
	}
	return query_check(q);
}

static FALLIBLE list_expiring(struct authority *ca, time_t from, time_t to, json_t *list,
			      size_t *out_count)
{
	AUTO(query_end) struct query *q = db_query(ca->db,
		"SELECT serial, subject, scope, not_after, name_key, kind, der FROM certificate "
		"WHERE not_after >= ? AND not_after < ? AND revoked_at IS NULL ORDER BY not_after, id",
		v_int(from), v_int(to));

	while (query_next(q)) {
		bool succeeded;

		TRY(find_successor(ca, q, &succeeded));
		if (succeeded)
			continue;
		show_row(q, list);
		++*out_count;
	}
	return query_check(q);
}

/* What others have issued to this authority, and have to issue anew. */
static FALLIBLE list_pairs(struct authority *ca, time_t from, time_t to, json_t *list, size_t *io_count)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(pairs_cleanup) struct pairs pairs = { 0 };

	TRY(pairs_load(ca, from, arena, &pairs));
	for (size_t i = 0; i < pairs.count; i++) {
		const struct cert *received = pairs.list[i].received;
		const char *renew = received ? pair_to_renew(&pairs.list[i], from, to) : NULL;

		if (!renew)
			continue;
		++*io_count;
		if (list)
			json_array_append_new(list, json_pack(
				"{s:s, s:s, s:s, s:s, s:s, s:s}", "serial", received->serial_text, "subject",
				received->subject_text, "scope", scope_name(received->scope), "not_after",
				time_rfc3339(received->not_after).s, "issuer", received->issuer_text,
				"renew", renew));
		else
			printf("%-4s %.10s  %s  from %s: %s\n", scope_name(received->scope),
			       time_text(received->not_after).s, received->serial_text,
			       received->issuer_text, renew);
	}
	return OK;
}

FALLIBLE cmd_expiring(const struct invocation *invocation)
{
	AUTO(authority_free) struct authority *ca = NULL;
	json_t *list = invocation->json ? json_array() : NULL;
	time_t now = clock_now(&clock_real);
	int64_t within = 0;
	size_t count = 0;
	struct status *st = within_option(invocation, &within);

	if (!st)
		st = cmd_authority(invocation, &ca);
	if (!st)
		st = list_expiring(ca, now, now + within, list, &count);
	if (!st)
		st = list_pairs(ca, now, now + within, list, &count);
	if (list && !st) {
		json_dumpf(list, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	json_decref(list);
	TRY(st);
	if (count)
		return FAIL(ST_LATER, 0, "%zu %s before %s: \"renew\" or a new request for users and servers, a "
			    "new offer for other authorities, \"rollover\" for this one", count,
			    count == 1 ? "certificate ends" : "certificates end",
			    time_text(now + within).s);
	return OK;
}
