/* SPDX-License-Identifier: Apache-2.0 */
/* Inside directory/: the handle, its requests, and what the attributes are called. */
#ifndef DIRECTORY_HANDLE_H
#define DIRECTORY_HANDLE_H

#include "directory/ldap.h"

struct directory {
	struct directory_config config;		/* with defaults in place of zeros */
	struct ldap_link *link;
};

/* Makes LDAP requests over dir->link, which is open.  May run twice: must then begin anew. */
typedef FALLIBLE directory_request(struct directory *dir, void *arg);

/* Connects where that is needed, runs the request, and once more over a new connection
 * where the one that was open turned out to be dead. */
FALLIBLE directory_run(struct directory *dir, directory_request *request, void *arg);

/* ST_USAGE, with the place, unless the text is a directory name. */
FALLIBLE name_check(const char *name);

struct attr_info {
	const char *name;	/* with its transfer option [RFC 4523 2] */
	const char *class;	/* the auxiliary object class that allows it, or null */
	bool whole;		/* has no equality rule at servers: only replaced as a whole */
};

extern const struct attr_info attr_infos[DIRECTORY_ATTR_COUNT];

#endif
