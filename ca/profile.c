/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/profile.h"

#include "asn1/oid.h"
#include "lib/base/memory.h"
#include "lib/base/words.h"

#include <stdlib.h>

enum { DAY = 86400, DAYS_MAX = 36500 };

static const struct profiles usual = { .of = {
	[SCOPE_UA] = { 365, DAYS_MAX, { true, true, true, true }, true, true },
	[SCOPE_MS] = { 365, DAYS_MAX, { true, true, true }, false, false },
	[SCOPE_MTA] = { 365, DAYS_MAX, { true, true, true }, false, false },
	[SCOPE_CA] = { 3650, DAYS_MAX, { true, true, true }, false, false },
} };

/* --- one word of a line --- */

static FALLIBLE read_days(const char *text, int *out_days)
{
	char *end = NULL;
	long days = strtol(text, &end, 10);

	if (end == text || *end || days < 1 || days > DAYS_MAX)
		return FAIL(ST_USAGE, 0, "\"%s\" is no number of days: 1 to %d are", text, DAYS_MAX);
	*out_days = (int)days;
	return OK;
}

static FALLIBLE take_key(void *arg, const char *name)
{
	struct profile *profile = arg;
	enum key_type type;

	TRY(key_type_any_from_text(name, &type));
	profile->keys[type] = true;
	return OK;
}

static FALLIBLE take_usage(void *arg, const char *name)
{
	struct profile *profile = arg;

	if (!strcmp(name, "seal"))
		profile->seals = true;
	else if (strcmp(name, "sign") != 0)
		return FAIL(ST_USAGE, 0, "\"%s\" is no usage: sign and seal are", name);
	return OK;
}

static FALLIBLE take_policy(void *arg, const char *name)
{
	struct cert_policies *policies = &((struct profile *)arg)->policies;
	AUTO(buf_free) struct buf octets = { 0 };

	TRY(oid_from_text(name, &octets));
	if (policies->count == CERT_POLICIES_MAX || strlen(name) >= CERT_POLICY_TEXT)
		return FAIL(ST_USAGE, 0, "there are at most %d policies, each of less than %d characters",
			    CERT_POLICIES_MAX, CERT_POLICY_TEXT);
	memcpy(policies->oids[policies->count++], name, strlen(name) + 1);
	return OK;
}

/* Each of the names between commas. */
static FALLIBLE each_name(const char *text, FALLIBLE (*take)(void *arg, const char *name), void *arg)
{
	for (;;) {
		size_t len = strcspn(text, ",");
		AUTO(mem_free) char *name = bytes_to_text(bytes_of(text, len));

		TRY(take(arg, name));
		if (!text[len])
			return OK;
		text += len + 1;
	}
}

static FALLIBLE read_word(const struct word *word, struct profile *profile)
{
	const char *key = word->key ? word->key : "";

	if (!strcmp(key, "days"))
		return read_days(word->value, &profile->days);
	if (!strcmp(key, "days-max"))
		return read_days(word->value, &profile->days_max);
	if (!strcmp(key, "keys")) {
		memset(profile->keys, 0, sizeof profile->keys);
		return each_name(word->value, take_key, profile);
	}
	if (!strcmp(key, "usage")) {
		profile->seals = false;
		return each_name(word->value, take_usage, profile);
	}
	if (!strcmp(key, "policies")) {
		profile->policies.count = 0;
		return each_name(word->value, take_policy, profile);
	}
	if (strcmp(key, "address") != 0)
		return FAIL(ST_USAGE, 0, "\"%s\" says nothing: days=, days-max=, keys=, usage=, policies= and "
			    "address= do", word->whole);
	profile->needs_address = !strcmp(word->value, "required");
	if (!profile->needs_address && strcmp(word->value, "optional") != 0)
		return FAIL(ST_USAGE, 0, "an address is required or optional, not \"%s\"", word->value);
	return OK;
}

/* --- lines --- */

static FALLIBLE read_line(const char *line, struct profiles *profiles)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct word *words = NULL;
	size_t count = 0;
	enum scope scope;

	TRY(words_split(arena, line, &words, &count));
	if (!count)
		return FAIL(ST_USAGE, 0, "it is empty");
	TRY(scope_from_text(words[0].whole, &scope));
	for (size_t i = 1; i < count; i++)
		TRY(read_word(&words[i], &profiles->of[scope]));
	if (profiles->of[scope].days > profiles->of[scope].days_max)
		return FAIL(ST_USAGE, 0, "days= is more than days-max=");
	if (scope == SCOPE_CA && profiles->of[scope].policies.count)
		return FAIL(ST_USAGE, 0, "the policies of an authority are said where it is certified: "
			    "--policy");
	if (scope == SCOPE_UA && !profiles->of[scope].needs_address)
		return FAIL(ST_USAGE, 0, "a UA needs an O/R address: two of one name could not be told "
			    "from each other");
	return OK;
}

FALLIBLE profiles_read(const struct text_list *lines, struct profiles *out_profiles)
{
	*out_profiles = usual;
	for (size_t i = 0; i < lines->count; i++)
		TRY_DOING(read_line(lines->items[i], out_profiles), "profile = %s", lines->items[i]);
	return OK;
}

/* --- use --- */

FALLIBLE profile_check_key(const struct profiles *profiles, enum scope scope, enum key_type type)
{
	if (type == KEY_X25519 && (scope != SCOPE_UA || !profiles->of[scope].seals))
		return FAIL(ST_REFUSED, 0, "an X25519 key is for sealing alone, and nothing is sealed for "
			    "the key of %s here", scope_name(scope));
	if (!profiles->of[scope].keys[type])
		return FAIL(ST_REFUSED, 0, "a key of type %s is not certified as %s here: \"profile\" in the "
			    "settings says which are", key_type_name(type), scope_name(scope));
	return OK;
}

FALLIBLE profile_end(const struct profiles *profiles, enum scope scope, int days, time_t now,
		     time_t *out_end)
{
	const struct profile *profile = &profiles->of[scope];

	if (days > profile->days_max)
		return FAIL(ST_REFUSED, 0, "a certificate as %s is valid for at most %d days here, not %d",
			    scope_name(scope), profile->days_max, days);
	*out_end = now + (time_t)(days ? days : profile->days) * DAY;
	return OK;
}
