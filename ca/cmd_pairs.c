/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ca pairs. */
#include "ca/cmd.h"

#include "lib/base/memory.h"
#include "lib/base/text.h"

static const char *const key_words[] = {
	[PAIR_KEY_CURRENT] = "current", [PAIR_KEY_FORMER] = "former", [PAIR_KEY_DESTROYED] = "destroyed",
};

static json_t *half_json(const struct cert *half)
{
	return half ? json_pack("{s:s, s:s}", "serial", half->serial_text, "not_after",
				time_rfc3339(half->not_after).s) : json_null();
}

static json_t *pair_json(const struct pair *pair, time_t now)
{
	json_t *received = half_json(pair->received);

	if (pair->received)
		json_object_set_new(received, "key", json_string(key_words[pair->key]));
	return json_pack("{s:s, s:o, s:o, s:s*}", "authority", pair->other, "received", received, "issued",
			 half_json(pair->issued), "renew", pair_to_renew(pair, now, now));
}

static void print_half(const char *what, const struct cert *half, time_t now)
{
	if (half)
		printf("  %-30s %s %.10s  %s\n", what, pair_half(half, now) ? "until" : "ended",
		       time_text(half->not_after).s, half->serial_text);
	else
		printf("  %-30s no\n", what);
}

static void print_pair(const struct pair *pair, time_t now)
{
	const char *renew = pair_to_renew(pair, now, now);
	AUTO(mem_free) char *name = text_shown(bytes_text(pair->other));

	puts(name);
	print_half("certifies this authority", pair->received, now);
	print_half("is certified by this authority", pair->issued, now);
	if (renew)
		printf("  TO DO: %s\n", renew);
}

size_t pairs_tell(const struct pairs *pairs, bool only_to_renew, time_t now, json_t *list)
{
	size_t to_renew = 0;

	for (size_t i = 0; i < pairs->count; i++) {
		const struct pair *pair = &pairs->list[i];
		bool renew = pair_to_renew(pair, now, now);

		to_renew += renew;
		if (only_to_renew && !renew)
			continue;
		if (list)
			json_array_append_new(list, pair_json(pair, now));
		else
			print_pair(pair, now);
	}
	return to_renew;
}

FALLIBLE cmd_pairs(const struct invocation *invocation)
{
	AUTO(authority_free) struct authority *ca = NULL;
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(pairs_cleanup) struct pairs pairs = { 0 };
	time_t now = clock_now(&clock_real);

	TRY(cmd_authority(invocation, &ca));
	TRY(pairs_load(ca, now, arena, &pairs));

	json_t *list = invocation->json ? json_array() : NULL;
	size_t to_renew = pairs_tell(&pairs, false, now, list);

	if (list)
		print_json(invocation, list);
	else if (!pairs.count)
		puts("No other authority certifies this one, or is certified by it.");
	if (to_renew)
		return FAIL(ST_LATER, 0, "%zu of %zu pairs %s to be made anew", to_renew, pairs.count,
			    to_renew == 1 ? "has" : "have");
	return OK;
}
