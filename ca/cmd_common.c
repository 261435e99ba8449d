/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands of postern-ca have in common. */
#include "ca/cmd.h"

#include "ca/profile.h"
#include "lib/base/memory.h"
#include "lib/base/settings_value.h"
#include "lib/mhs/orname.h"
#include "lib/sec/cert_1989.h"
#include "lib/sec/spoken.h"

#include <ctype.h>
#include <stdlib.h>
#include <unistd.h>

enum { DAYS_MAX = 36500, DAY = 86400, CROSS_DAYS = 730 };

struct key_opening cmd_opening(const struct invocation *invocation)
{
	const struct ca_settings *settings = invocation->settings;

	return (struct key_opening){ .passphrase_file = settings->passphrase_file, .ask = true,
				     .unencrypted = true };
}

const char *cmd_authority_path(const struct invocation *invocation)
{
	const struct ca_settings *settings = invocation->settings;
	const char *given = options_value(&invocation->options, "ca");

	return given ? given : settings->path;
}

FALLIBLE cmd_allows(const struct invocation *invocation, bool form_1989)
{
	const struct ca_settings *settings = invocation->settings;

	if (form_1989 && !settings->allow_broken_1989)
		return FAIL(ST_REFUSED, 0, "certificates of an authority of 1988 are broken, others can forge "
			    "them: only the setting allow-broken-1989 = yes would allow it");
	return OK;
}

/* A command that cannot wait does not do what has to. */
static struct approval *approval_of(const struct ca_settings *settings)
{
	static const struct approvers nobody;
	static struct approval not_asked_for, refused = { .approvers = &nobody };

	if (settings->given)
		return settings->given;
	return settings->approval == APPROVAL_TWO ? &refused : &not_asked_for;
}

FALLIBLE cmd_authority(const struct invocation *invocation, struct authority **out_ca)
{
	const struct key_opening opening = cmd_opening(invocation);

	AUTO(authority_free) struct authority *ca = NULL;

	TRY(authority_open(cmd_authority_path(invocation), &opening, &ca));
	TRY(cmd_allows(invocation, ca->cert->form_1989));
	ca->approval = approval_of(invocation->settings);
	ca->as = options_value(&invocation->options, "as");
	if (command_is_dry(invocation))
		TRY(authority_rehearse(ca));
	*out_ca = TAKE(ca);
	return OK;
}

FALLIBLE cmd_done(const struct invocation *invocation)
{
	if (command_is_dry(invocation) && !invocation->json)
		puts("That was a dry run: nothing of it was done.");
	return OK;
}

FALLIBLE option_needed(const struct invocation *invocation, const char *name,
		       const char **out_text)
{
	*out_text = options_value(&invocation->options, name);
	if (!*out_text)
		return FAIL(ST_USAGE, 0, "%s needs --%s", invocation->command->name, name);
	return OK;
}

FALLIBLE key_type_option(const struct invocation *invocation, enum key_type *out_type)
{
	const char *text = options_value(&invocation->options, "key");

	*out_type = KEY_P256;
	return text ? key_type_from_text(text, out_type) : OK;
}

FALLIBLE option_day_count(const struct invocation *invocation, int *out_days)
{
	const char *text = options_value(&invocation->options, "days");
	char *end = NULL;
	long days = text ? strtol(text, &end, 10) : 0;

	if (text && (end == text || *end || days < 1 || days > DAYS_MAX))
		return FAIL(ST_USAGE, 0, "--days is a number from 1 to %d, not \"%s\"", DAYS_MAX, text);
	*out_days = (int)days;
	return OK;
}

FALLIBLE option_days(const struct invocation *invocation, int fallback, time_t now,
		     time_t *out_time)
{
	int days = 0;

	TRY(option_day_count(invocation, &days));
	*out_time = now + (time_t)(days ? days : fallback) * DAY;
	return OK;
}

FALLIBLE option_soon(const struct invocation *invocation, const char *name, int64_t *out_seconds)
{
	static const struct setting soon = { "how soon", SET_SECS, 0, "30d", 1, INT64_C(100) * 366 * DAY,
					     NULL, NULL };

	return setting_parse(&soon, options_or(&invocation->options, name, soon.fallback), out_seconds);
}

const char *options_or(const struct options *options, const char *name, const char *fallback)
{
	const char *given = options_value(options, name);

	return given ? given : fallback;
}

FALLIBLE option_cross_days(const struct invocation *invocation, const struct cert *other, time_t now,
			   time_t *out_until)
{
	const struct ca_settings *settings = invocation->settings;
	struct profiles profiles;
	int days = 0;

	TRY(option_day_count(invocation, &days));
	TRY(profiles_read(&settings->profiles, &profiles));
	TRY(profile_check_key(&profiles, SCOPE_CA, public_key_type(other->key)));
	if (!days)	/* shorter than an authority's own */
		days = profiles.of[SCOPE_CA].days_max < CROSS_DAYS ? profiles.of[SCOPE_CA].days_max : CROSS_DAYS;
	return profile_end(&profiles, SCOPE_CA, days, now, out_until);
}

FALLIBLE serial_from_word(const char *word, struct buf *out_serial)
{
	AUTO(cert_free) const struct cert *cert = NULL;

	if (access(word, F_OK)) {
		if (!buf_from_hex(word, out_serial) || !out_serial->len)
			return FAIL(ST_USAGE, 0, "\"%s\" is neither a file nor a serial number", word);
		return OK;
	}
	TRY(cert_load(word, &cert));
	buf_put(out_serial, cert->serial);
	return OK;
}

FALLIBLE address_from_text(const char *text, struct arena *arena, struct buf *out_der,
			   const char **out_usual)
{
	struct orname *name = NULL;

	TRY(orname_from_text(arena, text, &name));
	TRY(oraddress_encode(name, out_der));
	*out_usual = orname_text(arena, name);
	return OK;
}

FALLIBLE or_address_text(struct bytes der, struct arena *arena, const char **out_text)
{
	struct orname *name = NULL;

	*out_text = NULL;
	if (!der.len)
		return OK;
	TRY(oraddress_decode(arena, der, &name));
	*out_text = orname_text(arena, name);
	return OK;
}

/* --- whose it is --- */

/* Colons and case do not matter, as others print fingerprints. */
static bool fingerprint_is(struct bytes fingerprint, const char *text)
{
	AUTO(buf_free) struct buf digits = { 0 };
	AUTO(buf_free) struct buf octets = { 0 };

	for (; *text; text++)
		if (*text != ':')
			buf_put_u8(&digits, (uint8_t)tolower((unsigned char)*text));
	buf_put_u8(&digits, 0);
	return buf_from_hex((char *)digits.data, &octets) &&
	       bytes_equal(buf_view(&octets), fingerprint);
}

FALLIBLE check_identity(const struct invocation *invocation, const struct cert *other)
{
	AUTO(mem_free) char *real = bytes_hex(other->fingerprint);
	const char *said = options_value(&invocation->options, "fingerprint");
	const char *words = options_value(&invocation->options, "words");

	if (!said && !words)
		return FAIL(ST_USAGE, 0, "the certificate of %s has the fingerprint %s, in words %s: ask "
			    "its owner whether that is right, and say so with --fingerprint or --words",
			    other->subject_text, real, spoken_of(other->fingerprint).s);
	if (words)
		TRY_DOING(spoken_check(other->fingerprint, words), "%s is not who was spoken to",
			  other->subject_text);
	if (said && !fingerprint_is(other->fingerprint, said))
		return FAIL(ST_REFUSED, 0, "the certificate of %s has the fingerprint %s, not %s",
			    other->subject_text, real, said);
	return OK;
}

/* --- results --- */

void print_json(const struct invocation *invocation, json_t *json)
{
	if (command_is_dry(invocation))
		json_object_set_new(json, "dry_run", json_true());
	json_dumpf(json, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(json);
}

json_t *issued_json(const struct cert *cert, const char *path)
{
	AUTO(mem_free) char *fingerprint = bytes_hex(cert->fingerprint);

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s*, s:s*}", "subject", cert->subject_text, "serial",
			 cert->serial_text, "scope", scope_name(cert->scope), "not_after",
			 time_rfc3339(cert->not_after).s, "fingerprint", fingerprint, "file", path,
			 "broken", cert->form_1989 ? CERT_1989_BROKEN : NULL);
}

void print_issued(const struct invocation *invocation, const struct cert *cert, const char *path)
{
	AUTO(mem_free) char *fingerprint = bytes_hex(cert->fingerprint);

	if (invocation->json) {
		print_json(invocation, issued_json(cert, path));
		return;
	}
	printf("Issued to %s, as %s, until %s.\n  serial number  %s\n  fingerprint    %s\n",
	       cert->subject_text, scope_name(cert->scope), time_text(cert->not_after).s,
	       cert->serial_text, fingerprint);
	if (path)
		printf("  written to     %s\n", path);
	if (cert->form_1989)
		printf("  BROKEN         %s\n", CERT_1989_BROKEN);
}

FALLIBLE save_issued(const struct invocation *invocation, const struct cert *cert, const char *path)
{
	if (!command_is_dry(invocation))
		TRY_DOING(cert_save(path, cert), "the certificate %s is issued, but not written",
			  cert->serial_text);
	print_issued(invocation, cert, path);
	return cmd_done(invocation);
}
