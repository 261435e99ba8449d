/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ca rollover. */
#include "ca/cmd.h"

#include "ca/approval.h"
#include "ca/profile.h"
#include "ca/rollover.h"
#include "lib/base/memory.h"
#include "lib/sec/passphrase.h"

const struct option_spec rollover_options[] = {
	{ "key", "TYPE", "p256 (default), ed25519 or rsa." },
	KEY_URI_OPTION
	{ "days", "DAYS", "How long the new certificate is valid (default: as the profile says)." },
	{ "destroy-old-key", NULL, "Remove the old key, also from its token: whoever trusts the old "
	  "certificate alone gets no more revocation lists." },
	PASSPHRASE_OPTIONS
	{ 0 }
};

/* As the profile of authorities says, like the first key. */
static FALLIBLE plan_rollover(const struct invocation *invocation, struct rollover_plan *plan)
{
	const struct ca_settings *settings = invocation->settings;
	struct profiles profiles;
	int days = 0;

	TRY(key_type_option(invocation, &plan->key));
	plan->key_uri = options_value(&invocation->options, "key-uri");
	plan->destroy = options_has(&invocation->options, "destroy-old-key");
	TRY(option_day_count(invocation, &days));
	TRY(profiles_read(&settings->profiles, &profiles));
	TRY(profile_check_key(&profiles, SCOPE_CA, plan->key));
	return profile_end(&profiles, SCOPE_CA, days, plan->now, &plan->until);
}

static FALLIBLE confirm(const struct invocation *invocation, struct authority *ca,
			const struct rollover_plan *plan)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(pairs_cleanup) struct pairs pairs = { 0 };
	size_t certified = 0;

	TRY(pairs_load(ca, plan->now, arena, &pairs));
	for (size_t i = 0; i < pairs.count; i++)
		certified += pair_half(pairs.list[i].received, plan->now) != NULL;
	if (plan->destroy && certified)
		return command_confirm(invocation, "Give %s a new key, and destroy the old one, which %zu "
				       "other authorities certify, whose people then trust nobody here "
				       "until they certify the new one?", ca->cert->subject_text, certified);
	return command_confirm(invocation, "Give %s a new key%s?", ca->cert->subject_text,
			       plan->destroy ? ", and destroy the old one" : "");
}

/* Whose half of a pair is for a key that was followed by another. */
static FALLIBLE tell(const struct invocation *invocation, struct authority *ca, time_t now)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(pairs_cleanup) struct pairs pairs = { 0 };

	TRY(pairs_load(ca, now, arena, &pairs));
	if (invocation->json) {
		json_t *issued = issued_json(ca->cert, NULL), *list = json_array();

		pairs_tell(&pairs, true, now, list);
		json_object_set_new(issued, "pairs", list);
		print_json(invocation, issued);
		return OK;
	}
	print_issued(invocation, ca->cert, NULL);
	puts("\"publish\" tells the directory: those who trust the old certificate go on to the new one.");
	pairs_tell(&pairs, true, now, NULL);
	return OK;
}

FALLIBLE cmd_rollover(const struct invocation *invocation)
{
	AUTO(authority_free) struct authority *ca = NULL;
	AUTO(secret_free) struct secret passphrase = { 0 };
	struct rollover_plan plan = { .now = clock_now(&clock_real), .passphrase = &passphrase };

	TRY(plan_rollover(invocation, &plan));
	TRY(cmd_authority(invocation, &ca));
	TRY(confirm(invocation, ca, &plan));
	TRY(approval_check(ca));	/* before anybody is asked for a passphrase */
	TRY(passphrase_new(&invocation->options, "the authority's new key", &passphrase));
	TRY(authority_rollover(ca, &plan));
	TRY(tell(invocation, ca, plan.now));
	return cmd_done(invocation);
}
