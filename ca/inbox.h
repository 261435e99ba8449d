/* SPDX-License-Identifier: Apache-2.0 */
/* The requests that lie in a folder, and whose each is. */
#ifndef CA_INBOX_H
#define CA_INBOX_H

#include "ca/people.h"
#include "lib/sec/issue.h"

struct inbox_request {
	const char *file;		/* its name in the folder */
	struct cert_request *request;
	struct buf name_key;
};

struct inbox {
	const char *folder;
	struct inbox_request *list;
	size_t count;
};

/* All files that end in ".pem"; one that is no request, or was changed, is a problem. */
FALLIBLE inbox_open(const char *folder, struct arena *arena, struct people *people,
		    struct inbox *out_inbox);
/* The same from what inbox_save has kept of a folder. */
FALLIBLE inbox_load(const char *folder, const json_t *kept, struct arena *arena, struct people *people,
		    struct inbox *out_inbox);
/* The DER of the requests of all people, in BASE64URL, by the names of their files. */
FALLIBLE inbox_save(const struct inbox *inbox, const struct people *people, json_t *into);
void inbox_cleanup(struct inbox *inbox);

/* The request of a person: the one his line names, or the only one of his name. */
FALLIBLE inbox_find(const struct inbox *inbox, const struct person *person,
		    const struct inbox_request **out_request);

#endif
