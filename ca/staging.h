/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The folder in which an authority is put together from a backup, inside its own: nobody sees it
 * before it is whole, and where it does not come to that, nothing of it is left.
 */
#ifndef CA_STAGING_H
#define CA_STAGING_H

#include "lib/base/status.h"

#include <stdbool.h>
#include <stdint.h>

struct staging {
	const char *authority;		/* where it is to be; borrowed */
	char *path;			/* "AUTHORITY/restoring" */
	int64_t generation;		/* of the backup's key */
	bool made;			/* the authority's folder was not there */
};

/*
 * Copies the database of the backup, and the certificate and keys that go with it: the authority's,
 * where it still has them, or else the backup's.  staging_remove in any case.
 */
FALLIBLE staging_fill(struct staging *staging, const char *authority, const char *backup);

/* Puts the files that the authority lacks in place, and its database last. */
FALLIBLE staging_put_in_place(const struct staging *staging);

/* Removes what is left of it. */
FALLIBLE staging_remove(struct staging *staging);

#endif
