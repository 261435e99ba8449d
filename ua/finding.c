/* SPDX-License-Identifier: Apache-2.0 */
#include "ua/finding.h"

#include "lib/base/clock.h"
#include "lib/base/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char *const verdict_names[] = { "unchecked", "good", "unsigned", "refused", NULL };

/* --- kept --- */

static void put_text(json_t *json, const char *name, const char *text)
{
	if (text)
		json_object_set_new(json, name, json_string(text));
}

json_t *finding_json(const struct finding *f)
{
	json_t *json = json_pack("{s:s, s:b}", "verdict", verdict_names[f->verdict],
				 "sealed", f->sealed);

	put_text(json, "why", f->why);
	put_text(json, "signer", f->signer);
	if (f->signed_at) {
		json_object_set_new(json, "signed", json_string(time_rfc3339(f->signed_at).s));
		json_object_set_new(json, "signed_at", json_integer(f->signed_at));
		json_object_set_new(json, "proof_requested", json_boolean(f->proof_requested));
	}
	/* As text: whoever reads numbers of JSON as floating point loses its end. */
	if (f->sequence)
		json_object_set_new(json, "sequence", json_sprintf("%" PRIu64, f->sequence));
	if (f->confidential_check)
		json_object_set_new(json, "confidential_check", json_true());
	put_text(json, "origin_check", f->origin);
	put_text(json, "content_check", f->content);
	put_text(json, "sequence_words", f->sequence_words);
	put_text(json, "label", f->label);
	put_text(json, "suite", f->suite);
	put_text(json, "broken", f->broken);
	if (f->unmarked)
		json_object_set_new(json, "unmarked", json_true());
	put_text(json, "path", f->path);
	if (f->as_of) {
		json_object_set_new(json, "as_of", json_integer(f->as_of));
		json_object_set_new(json, "checked", json_integer(f->checked));
	}
	return json;
}

static const char *get_text(struct arena *arena, const json_t *json, const char *name)
{
	const char *text = json_string_value(json_object_get(json, name));

	return text ? arena_strdup(arena, text) : NULL;
}

static enum verdict verdict_of(const char *name)
{
	for (int i = 0; name && verdict_names[i]; i++)
		if (!strcmp(verdict_names[i], name))
			return (enum verdict)i;
	return VERDICT_UNCHECKED;
}

struct finding finding_read(struct arena *arena, const char *facts)
{
	json_t *json = facts ? json_loads(facts, 0, NULL) : NULL;
	const char *sequence = json_string_value(json_object_get(json, "sequence"));
	const struct finding finding = {
		.verdict = verdict_of(json_string_value(json_object_get(json, "verdict"))),
		.why = get_text(arena, json, "why"),
		.signer = get_text(arena, json, "signer"),
		.signed_at = json_integer_value(json_object_get(json, "signed_at")),
		.sealed = json_is_true(json_object_get(json, "sealed")),
		.proof_requested = json_is_true(json_object_get(json, "proof_requested")),
		.confidential_check = json_is_true(json_object_get(json, "confidential_check")),
		.origin = get_text(arena, json, "origin_check"),
		.content = get_text(arena, json, "content_check"),
		.sequence = sequence ? strtoull(sequence, NULL, 10) : 0,
		.sequence_words = get_text(arena, json, "sequence_words"),
		.label = get_text(arena, json, "label"),
		.as_of = json_integer_value(json_object_get(json, "as_of")),
		.checked = json_integer_value(json_object_get(json, "checked")),
		.suite = get_text(arena, json, "suite"),
		.broken = get_text(arena, json, "broken"),
		.unmarked = json_is_true(json_object_get(json, "unmarked")),
		.path = get_text(arena, json, "path"),
	};

	json_decref(json);
	return finding;
}

/* --- in words --- */

enum { HOUR = 3600, DAY = 86400 };

const char *age_words(struct arena *arena, int64_t seconds)
{
	int64_t n = seconds < 2 * HOUR ? seconds / 60 : seconds < 2 * DAY ? seconds / HOUR : seconds / DAY;

	return arena_printf(arena, "%lld %s%s", (long long)n,
			    seconds < 2 * HOUR ? "minute" : seconds < 2 * DAY ? "hour" : "day",
			    n == 1 ? "" : "s");
}

/* Only what is older than the directory would have been asked for again is worth a word. */
static const char *age_clause(struct arena *arena, const struct finding *f)
{
	if (!f->as_of || f->checked - f->as_of < HOUR)
		return "";
	return arena_printf(arena, "; the directory could not be asked: certificate and revocation lists "
			    "were as of %s, %s before", time_text(f->as_of).s,
			    age_words(arena, f->checked - f->as_of));
}

const char *suite_warning(struct arena *arena, const char *suite, const char *broken)
{
	return broken ? arena_printf(arena, "WARNING: the suite %s proves nothing any more: %s.", suite,
				     broken) : NULL;
}

static const char *good_sentence(struct arena *arena, const struct finding *f)
{
	const char *label = f->label ? arena_printf(arena, "labelled %s; ", f->label) : "";

	return arena_printf(arena, "Signed by %s on %s; unchanged; %s%s; %s%s%s%s%s%s.", f->signer,
			    time_text(f->signed_at).s, label,
			    f->sealed ? "sealed for you" : "not sealed",
			    f->sequence ? f->sequence_words : "without a number, but no repeat",
			    f->confidential_check ? "; check and number only you could see" : "",
			    f->origin ? "; its origin everybody on the way could check" : "",
			    f->content ? "; the content is signed by itself, too" : "",
			    f->proof_requested ? "; proof of delivery was asked for" : "",
			    age_clause(arena, f));
}

/* The content has a signature, the message has not. */
static const char *unsigned_sentence(struct arena *arena, const struct finding *f)
{
	const char *by = f->origin ? f->origin : f->content;
	const char *label = f->label ? arena_printf(arena, "; it is labelled %s", f->label) : "";

	if (!by)
		return arena_printf(arena, "Not signed: nothing proves who wrote it, or that it is "
				    "unchanged%s.", label);
	return arena_printf(arena, "Not signed for you: the content is %s's and unchanged, but nothing "
			    "proves for whom and when it was sent, or that it is no repeat%s.", by,
			    label);
}

const char *finding_sentence(struct arena *arena, const struct finding *f)
{
	switch (f->verdict) {
	case VERDICT_GOOD:
		return good_sentence(arena, f);
	case VERDICT_UNSIGNED:
		return f->unmarked ? "Not signed." : unsigned_sentence(arena, f);
	case VERDICT_REFUSED:
		return arena_printf(arena, "REFUSED: %s.", f->why);
	case VERDICT_UNCHECKED:
		break;
	}
	return arena_printf(arena, "Not checked yet: %s.",
			    f->why ? f->why : "the next \"postern-ua sync\" does");
}
