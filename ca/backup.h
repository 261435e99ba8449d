/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Backups of an authority: a folder like its own, with a consistent copy of the database.  What an
 * older one has forgotten is taken from the lists that were published since: nobody who was revoked
 * is trusted again, and no number of a list comes twice.
 */
#ifndef CA_BACKUP_H
#define CA_BACKUP_H

#include "ca/journal.h"
#include "directory/directory.h"

/* What became of the keys of all generations. */
struct backup_keys {
	size_t saved, left_out;		/* those in files */
	size_t in_token;		/* the backup says where, and has no more of them */
};

/* Makes the folder.  Keys come along where with_keys, and only encrypted: ST_REFUSED otherwise. */
FALLIBLE authority_backup(struct authority *ca, const char *folder, bool with_keys, time_t now,
			  struct backup_keys *out_keys);

struct restore_plan {
	const char *authority;		/* where it is to be */
	const char *folder;		/* the backup */
	const char *as;			/* as in struct authority */
	const struct key_opening *opening;
	struct directory *dir;		/* where it publishes; null: nobody can be asked */
	time_t now;
	bool dry;
};

/* What was found on the way. */
struct restored {
	struct journal_head head;	/* of the backup's journal */
	size_t revocations;		/* that only the published lists knew */
	uint64_t list;			/* the highest number that was published; 0: none */
};

/*
 * Puts a backup in the place of what is there, or is not there any more; on failure all is as it was.
 * ST_REFUSED where the backup was changed, or the authority that is there knows more than it.
 */
FALLIBLE authority_restore(const struct restore_plan *plan, struct restored *out_restored);

#endif
