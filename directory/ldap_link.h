/* SPDX-License-Identifier: Apache-2.0 */
/* Inside directory/ldap*.c: the connection itself, and how its answers are waited for. */
#ifndef DIRECTORY_LDAP_LINK_H
#define DIRECTORY_LDAP_LINK_H

#include "directory/ldap.h"
#include "directory/ldap_patience.h"

struct ldap_link {
	const struct directory_config *config;
	const char *uri;
	LDAP *ld;			/* null while there is no connection */
	struct ldap_patience patience;	/* of this connection */
};

void ldap_link_close(struct ldap_link *link);

/* Turns a result into a status; said is the server's own comment, or null. */
FALLIBLE ldap_result_status(int result, const char *said);
/* That there was no answer in time. */
FALLIBLE ldap_link_late(const struct ldap_link *link);
/* A result of libldap with its own comment; closes a connection that is of no more use. */
FALLIBLE ldap_link_status(struct ldap_link *link, int result);

/* When the answers to a request that is made now have to be there. */
struct timespec ldap_link_deadline(const struct ldap_link *link);

/* The next message that answers a request, or with LDAP_RES_ANY any of them.  The caller frees
 * *out_message. */
FALLIBLE ldap_link_next(struct ldap_link *link, int id, const struct timespec *deadline,
			LDAPMessage **out_message);

/* What a final message says; frees it. */
FALLIBLE ldap_link_final(struct ldap_link *link, LDAPMessage *message);

#endif
