/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What checking a received message found: facts, and a verdict in one word.
 * Kept with the message as JSON.
 */
#ifndef UA_FINDING_H
#define UA_FINDING_H

#include "lib/base/arena.h"
#include "lib/base/bytes.h"
#include "lib/base/status.h"

#include <jansson.h>
#include <time.h>

enum verdict {
	VERDICT_UNCHECKED,	/* not checked yet: why says what was missing */
	VERDICT_GOOD,		/* signed, unchanged, and not a repeat */
	VERDICT_UNSIGNED,	/* nothing says who wrote it */
	VERDICT_REFUSED,	/* kept apart: why says what is wrong */
};
extern const char *const verdict_names[];	/* "unchecked" ...; ends with null */

/* Texts live in an arena; those that there are none of are null. */
struct finding {
	enum verdict verdict;
	const char *why;		/* the whole story, in one line */
	const char *signer;		/* directory name in the certificate that verified it */
	time_t signed_at;
	bool sealed;			/* it came sealed (and, if it is good, was opened) */
	bool confidential_check;	/* check and number were for this user's eyes alone */
	bool proof_requested;
	const char *origin;		/* whose message origin authentication check it has */
	const char *content;		/* whose content integrity check, outside of the token */
	uint64_t sequence;		/* 0: it has none */
	const char *sequence_words;
	const char *label;		/* the security label; of a good message it was signed */
	time_t as_of, checked;		/* of when what was known of the certificate was; when it was used */
	struct bytes signed_part;	/* while it is checked: what the token signs */
	const char *suite;		/* that it was made with; null where it did not pass */
	const char *broken;		/* what is wrong with the suite; null where nothing is */
	bool unmarked;			/* unsigned, and the user does not want to be told more */
	const char *path;		/* how the certificate was verified, a line for each step */
};

json_t *finding_json(const struct finding *finding);
/* What was stored; of a message that has none: unchecked. */
struct finding finding_read(struct arena *arena, const char *facts);

/* "90 minutes", "3 days". */
const char *age_words(struct arena *arena, int64_t seconds);

/* "WARNING: the suite ... is broken: ...": a line of its own; null where there is none. */
const char *suite_warning(struct arena *arena, const char *suite, const char *broken);

/* The story in plain sentences: "Signed by CN=... on ...; unchanged; sealed for you; ...". */
const char *finding_sentence(struct arena *arena, const struct finding *finding);

#endif
