/* SPDX-License-Identifier: Apache-2.0 */
/* What a mailbox takes. */
#include "ms/policy.h"

#include "lib/base/words.h"

static FALLIBLE set_verify(struct arena *arena, const char *value, struct policy *policy)
{
	TRY(suites_from_text(arena, value, &policy->verify));
	for (const struct suite *const *suite = policy->verify; *suite; suite++)
		if ((*suite)->seal)
			return FAIL(ST_USAGE, 0, "the suite %s seals content, which a store cannot "
				    "read: the user's agent checks it", (*suite)->name);
	return OK;
}

static FALLIBLE set_unsigned(struct arena *arena, const char *value, struct policy *policy)
{
	(void)arena;
	for (int i = 0; unsigned_names[i]; i++)
		if (strcmp(unsigned_names[i], value) == 0) {
			policy->unsigned_ = (enum unsigned_mail)i;
			return OK;
		}
	return FAIL(ST_USAGE, 0, "\"%s\" is none of pass, mark and refuse", value);
}

static const struct {
	const char *key;
	FALLIBLE (*set)(struct arena *arena, const char *value, struct policy *policy);
} keys[] = {
	{ "verify", set_verify },
	{ "unsigned", set_unsigned },
	{ 0 }
};

static FALLIBLE set_word(struct arena *arena, const struct word *word, struct policy *policy)
{
	for (size_t i = 0; word->key && keys[i].key; i++)
		if (strcmp(keys[i].key, word->key) == 0)
			return keys[i].set(arena, word->value, policy);
	return FAIL(ST_USAGE, 0, "\"%s\" is neither verify=... nor unsigned=...", word->whole);
}

static FALLIBLE read_policy(struct arena *arena, const char *line, struct policy *policy)
{
	struct word *words = NULL;
	struct orname *area = NULL;
	size_t count = 0;

	policy->unsigned_ = UNSIGNED_MARK;
	TRY(words_split(arena, line, &words, &count));
	if (count < 1 || words[0].key)
		return FAIL(ST_USAGE, 0, "an O/R address comes first");
	TRY(orname_from_text(arena, words[0].value, &area));
	policy->area = area;
	for (size_t i = 1; i < count; i++)
		TRY(set_word(arena, &words[i], policy));
	if (!policy->verify)
		return FAIL(ST_USAGE, 0, "verify=... has to say which suites are checked");
	return OK;
}

FALLIBLE policies_read(struct arena *arena, const struct text_list *lines,
		       struct policies *out_policies)
{
	struct policies policies = { arena_new_array(arena, struct policy, lines->count), lines->count };

	for (size_t i = 0; i < lines->count; i++)
		TRY_DOING(read_policy(arena, lines->items[i], &policies.list[i]), "policy = %s",
			  lines->items[i]);
	*out_policies = policies;
	return OK;
}

const struct policy *policies_find(const struct policies *policies, const struct orname *user)
{
	for (size_t i = 0; i < policies->count; i++)
		if (orname_matches(policies->list[i].area, user))
			return &policies->list[i];
	return NULL;
}
