/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside directory/: one connection to an LDAP server, and the five requests that we make.
 * ldap*.c are the only files that include libldap's headers.
 */
#ifndef DIRECTORY_LDAP_H
#define DIRECTORY_LDAP_H

#include "directory/directory.h"

struct ldap_link;

/* To one server of the configuration, which has been checked; both outlive the link. */
struct ldap_link *ldap_link_new(const struct directory_config *config, const char *uri);
void ldap_link_free(struct ldap_link **link);

/* Connects, secures and binds, unless that is done. */
FALLIBLE ldap_link_open(struct ldap_link *link);
bool ldap_link_is_open(const struct ldap_link *link);

/* Takes one answer apart; what the functions get is valid during the call.  A failure of
 * theirs ends the search. */
struct ldap_reader {
	void *data;
	FALLIBLE (*entry)(void *data, const char *name);
	FALLIBLE (*value)(void *data, const char *attr, struct bytes value);
	/* Somebody else knows: the addresses of one who does, any of them; ends with null. */
	FALLIBLE (*reference)(void *data, char *const *urls);
};

struct ldap_search {
	const char *base;
	bool subtree;			/* otherwise the base entry alone */
	const char *filter;
	const char *const *attrs;	/* ends with null */
	unsigned page;			/* entries of one page; 0: all at once */
	/* Where the page begins (empty: at the beginning), and then the next (empty: it was the last). */
	struct buf *cookie;
	struct ldap_reader reader;
};

/*
 * Makes all searches at once: they are sent before the first answer is waited for, and take one
 * round trip, in which the work (null: there is none) is done.  out_failures[i] is the failure of
 * each, or null: ST_PEER for an answer beyond the configuration's max_entries or max_total.  Where
 * the call itself fails, which the loss of the server does, none was answered, and out_failures has
 * nothing.  The link has to be open, and is closed when the server was lost: ldap_link_is_open then
 * says so.
 */
FALLIBLE ldap_link_search_all(struct ldap_link *link, const struct ldap_search *searches,
			      size_t count, struct meanwhile *work, struct status **out_failures);

struct ldap_mod {
	enum directory_op op;
	const char *attr;
	const struct bytes *values;
	size_t count;
};

/* *out_existed: an entry of that name is there already, and nothing was done. */
FALLIBLE ldap_link_add(struct ldap_link *link, const char *name, const struct ldap_mod *attrs,
		       size_t count, bool *out_existed);

/* Adding what is there already is no failure. */
FALLIBLE ldap_link_modify(struct ldap_link *link, const char *name, const struct ldap_mod *mods,
			  size_t count);

/* Removes one value; that it is not there is no failure. */
FALLIBLE ldap_link_remove(struct ldap_link *link, const char *name, const char *attr,
			  struct bytes value);

FALLIBLE ldap_link_delete(struct ldap_link *link, const char *name);

/* Where a referral leads [RFC 4516]. */
struct ldap_place {
	const char *uri;		/* scheme, host and port alone */
	const char *base;		/* null: as it was asked for */
	bool base_only;			/* the base entry alone */
};

/* ST_PEER where the text is no address of an LDAP server over a network. */
FALLIBLE ldap_place_read(const char *url, struct arena *arena, struct ldap_place *out_place);

#endif
