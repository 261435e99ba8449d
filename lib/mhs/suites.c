/* SPDX-License-Identifier: Apache-2.0 */
/* Settings about suites. */
#include "lib/mhs/suites.h"

#include "lib/base/words.h"

#include <string.h>

const char *const suite_hash_names[] = { [ECDSA_SHA1] = "sha1", [ECDSA_SHA256] = "sha256", NULL };
const char *const suite_cic_names[] = { [CIC_SEQUENCE] = "sequence", [CIC_JOINED] = "joined", NULL };
const char *const unsigned_names[] = {
	[UNSIGNED_PASS] = "pass", [UNSIGNED_MARK] = "mark", [UNSIGNED_REFUSE] = "refuse", NULL
};

/* --- what is agreed on --- */

static FALLIBLE choose(const char *const *names, const struct word *word, int *out_choice)
{
	for (int i = 0; names[i]; i++)
		if (strcmp(names[i], word->value) == 0) {
			*out_choice = i;
			return OK;
		}
	return FAIL(ST_USAGE, 0, "\"%s\" is neither %s=%s nor %s=%s", word->whole, word->key, names[0],
		    word->key, names[1]);
}

static FALLIBLE set_word(const struct word *word, struct suite_options *options)
{
	int choice = 0;

	if (word->key && strcmp(word->key, "hash") == 0) {
		TRY(choose(suite_hash_names, word, &choice));
		options->amhs_hash = (enum ecdsa_hash)choice;
		return OK;
	}
	if (word->key && strcmp(word->key, "cic") == 0) {
		TRY(choose(suite_cic_names, word, &choice));
		options->amhs_cic = (enum cic_form)choice;
		return OK;
	}
	return FAIL(ST_USAGE, 0, "\"%s\" is neither hash=... nor cic=...", word->whole);
}

static FALLIBLE read_term(struct arena *arena, const char *line, struct suite_term *term)
{
	struct word *words = NULL;
	struct orname *area = NULL;
	size_t count = 0;

	TRY(words_split(arena, line, &words, &count));
	if (count < 1 || words[0].key)
		return FAIL(ST_USAGE, 0, "an O/R address comes first");
	TRY(orname_from_text(arena, words[0].value, &area));
	term->area = area;
	for (size_t i = 1; i < count; i++)
		TRY(set_word(&words[i], &term->options));
	return OK;
}

FALLIBLE suite_terms_read(struct arena *arena, const struct site_settings *site,
			  const struct suite_settings *settings, struct suite_terms *out_terms)
{
	const struct text_list *lines = &settings->amhs_peers;
	struct suite_terms terms = {
		.others = {
			.allow_broken_1989 = site->allow_broken_1989,
			.amhs_hash = (enum ecdsa_hash)settings->amhs_hash,
			.amhs_cic = (enum cic_form)settings->amhs_cic,
		},
		.list = arena_new_array(arena, struct suite_term, lines->count),
		.count = lines->count,
	};

	for (size_t i = 0; i < lines->count; i++) {
		terms.list[i].options = terms.others;
		TRY_DOING(read_term(arena, lines->items[i], &terms.list[i]), "amhs-peer = %s",
			  lines->items[i]);
	}
	*out_terms = terms;
	return OK;
}

const struct suite_options *suite_terms_with(const struct suite_terms *terms,
					     const struct orname *peer)
{
	for (size_t i = 0; i < terms->count; i++)
		if (orname_matches(terms->list[i].area, peer))
			return &terms->list[i].options;
	return &terms->others;
}

const struct suite_options *suite_terms_with_tlv(const struct suite_terms *terms, struct bytes peer)
{
	struct orname *name = NULL;

	if (!terms->count)
		return &terms->others;
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(status_free) struct status *failed = orname_decode(arena, peer, &name);
	return failed ? &terms->others : suite_terms_with(terms, name);
}

/* --- names --- */

FALLIBLE suites_from_text(struct arena *arena, const char *names,
			  const struct suite *const **out_suites)
{
	char *left = arena_strdup(arena, names), *at = NULL;
	const struct suite **suites = arena_new_array(arena, const struct suite *,
						      strlen(names) / 2 + 2);
	size_t count = 0;

	for (const char *name = strtok_r(left, ", ", &at); name; name = strtok_r(NULL, ", ", &at))
		TRY(suite_from_text(name, &suites[count++]));
	if (!count)
		return FAIL(ST_USAGE, 0, "no suite is named");
	*out_suites = suites;
	return OK;
}
