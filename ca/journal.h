/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal of an authority: every act, who did it and when, in an order that nobody can
 * change unseen.  An entry is a signed line (lib/sec/jws.h) that names the hash of the line
 * before it; it is added in the transaction of the act that it is about.
 *
 * The journal of a file is the same lines, one after the other.
 */
#ifndef CA_JOURNAL_H
#define CA_JOURNAL_H

#include "lib/sec/cert.h"
#include "lib/store/db.h"

#include <jansson.h>

struct authority;

enum {
	JOURNAL_LINE_MAX = 1024 * 1024,		/* octets of an entry */
	JOURNAL_HEAD_TEXT = 80,
};

/*
 * Adds an entry about an act ("issue"), whose facts (an object, taken over) say what was done.
 * Runs in the transaction of the act.
 */
FALLIBLE journal_add(struct authority *ca, time_t now, const char *act, json_t *facts);

/* --- its end, which is worth remembering elsewhere --- */

struct journal_head {
	int64_t number;			/* of the last entry; 0: there is none */
	uint8_t hash[HASH_OCTETS];	/* of its line */
};

FALLIBLE journal_head(struct db *db, struct journal_head *out_head);
/* "17:BASE64URL"; ST_USAGE where the text is no such thing. */
FALLIBLE journal_head_from_text(const char *text, struct journal_head *out_head);
void journal_head_text(const struct journal_head *head, char out_text[static JOURNAL_HEAD_TEXT]);

/* --- reading --- */

/* Where lines come from; each is called with every one, in order, until it fails. */
struct journal_source {
	struct db *db;		/* either the database */
	const char *path;	/* or a file */
};

FALLIBLE journal_each(const struct journal_source *source,
		      FALLIBLE (*each)(void *arg, int64_t number, struct bytes line), void *arg);

/* What a line says, as an object; nothing is verified.  The caller gives it back. */
FALLIBLE journal_entry(struct bytes line, json_t **out_entry);

/*
 * Checks numbers, chain and signatures from the first entry on, knowing only the authority's
 * certificate, and that the entry of known (unless its number is 0) is there as it was.
 * ST_REFUSED says at which entry it is broken, and how.
 */
FALLIBLE journal_verify(const struct journal_source *source, const struct cert *authority,
			const struct journal_head *known, struct journal_head *out_head);

#endif
