/* SPDX-License-Identifier: Apache-2.0 */
/* Inside directory/: the handle, its requests, and what the attributes are called. */
#ifndef DIRECTORY_HANDLE_H
#define DIRECTORY_HANDLE_H

#include "directory/ldap.h"

#include <time.h>

enum { SERVERS_MAX = 8 };

struct server {
	char *uri;
	struct ldap_link *link;
	time_t dead_until;		/* by the monotonic clock: it was lost, and is left for a while */
};

struct directory {
	struct directory_config config;		/* with defaults in place of zeros */
	struct server servers[SERVERS_MAX];
	size_t server_count;
	size_t current;			/* the one that answered last */
	struct ldap_link *link;		/* to it */
	unsigned *references_left;	/* how many references may still be followed, in all */
};

/* The servers of config.uri; ST_USAGE where there are none or too many. */
FALLIBLE servers_init(struct directory *dir);
void servers_cleanup(struct directory *dir);

/* Opens dir->link to the first server that can be used: the one that answered last, then the
 * others, those that were lost not long ago at the end. */
FALLIBLE servers_open(struct directory *dir);
/* The current server was lost or is of no use now.  False where there is no other to ask. */
bool servers_leave(struct directory *dir);

/* Makes LDAP requests over dir->link, which is open.  May run twice: must then begin anew. */
typedef FALLIBLE directory_request(struct directory *dir, void *arg);

/* Connects where that is needed, runs the request, and once more over a new connection
 * where the one that was open turned out to be dead, and with the next server where one is lost. */
FALLIBLE directory_run(struct directory *dir, directory_request *request, void *arg);

/* ST_USAGE, with the place, unless the text is a directory name. */
FALLIBLE name_check(const char *name);

struct attr_info {
	const char *name;	/* with its transfer option [RFC 4523 2] */
	const char *class;	/* the auxiliary object class that allows it, or null */
	bool whole;		/* has no equality rule at servers: only replaced as a whole */
	bool list;		/* a revocation list: may be large */
};

/* What a search found, where answers may be read and what elsewhere is said to be. */
struct reference {
	char **urls;			/* any of them; ends with null */
};

/* The entries that came so far in answer to one search. */
struct reading {
	const struct directory_config *config;
	struct arena *arena;
	struct directory_entries entries;
	size_t room;			/* in entries.list */
	struct reference *references;
	size_t reference_count;
};

/* Runs one search, whatever its page, and follows where it is referred to. */
FALLIBLE search_run(struct directory *dir, struct ldap_search *search, struct arena *arena,
		    struct directory_entries *out_entries);

/* Asks those who are referred to, and adds what they have.  Fails only where nothing was found
 * and somebody could not be asked. */
FALLIBLE references_follow(struct directory *dir, const struct ldap_search *search,
			   struct reading *reading);

/* A value as it stands in a filter [RFC 4515 3].  The caller frees it. */
char *filter_value(const char *value);

extern const struct attr_info attr_infos[DIRECTORY_ATTR_COUNT];

#endif
