/* SPDX-License-Identifier: Apache-2.0 */
/* Inside postern-dir check: what is looked at, and how what is wrong is told. */
#ifndef DIRECTORY_CMD_CHECK_H
#define DIRECTORY_CMD_CHECK_H

#include "directory/cmd.h"
#include "lib/sec/cert.h"

#include <time.h>

/* An authority whose lists were read already. */
struct check_issuer {
	struct bytes name;		/* DER */
	struct crl_list crls;
	struct check_issuer *next;
};

struct checking {
	const struct invocation *invocation;
	struct directory *dir;		/* for what an entry names */
	time_t now, soon;		/* what ends before soon is told */
	struct arena *arena;		/* for all of the walk */
	struct check_issuer *issuers;
	json_t *list;
	const char *heading;		/* the entry that was told last */
	size_t entries, found;
};

/* Something is wrong with an entry.  what is a word for programs; both texts are of the caller's
 * arena.  The repair is a command, or words where there is none; null: it is told, and nothing is to
 * be done. */
void check_tell(struct checking *c, const struct directory_entry *entry, const char *what,
		const char *words, const char *repair);

/* A text as one word of a shell, whatever is in it. */
const char *check_quoted(struct arena *arena, const char *text);

/* "postern-dir VERB 'NAME' rest", as a shell takes it. */
__attribute__((format(printf, 5, 6)))
const char *check_command(const struct checking *c, struct arena *arena, const char *verb,
			  const struct directory_entry *entry, const char *rest, ...);

/* The beginning of the SHA-256 of a value, by which repair knows it. */
const char *check_fingerprint(struct arena *arena, struct bytes value);

/* The certificates and addresses of an entry. */
void check_certificates(struct checking *c, const struct directory_entry *entry);
/* What an authority's entry has besides. */
void check_authority(struct checking *c, const struct directory_entry *entry);
/* When the issuer said that a certificate is revoked; false where no list of his has it. */
bool check_revoked(struct checking *c, const struct cert *cert, time_t *out_when);

#endif
