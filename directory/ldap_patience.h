/* SPDX-License-Identifier: Apache-2.0 */
/* Inside directory/ldap*.c: nobody is waited for past a deadline, in whatever layer. */
#ifndef DIRECTORY_LDAP_PATIENCE_H
#define DIRECTORY_LDAP_PATIENCE_H

#include <ldap.h>
#include <stdbool.h>
#include <time.h>

/* libldap waits with a deadline for an answer to begin, but not in the middle of a record of TLS nor in
 * its handshake. */
struct ldap_patience {
	struct ldap_conncb callback;	/* which libldap keeps */
	struct timespec until;		/* by the monotonic clock: reading ends then */
	unsigned seconds;		/* that one write may take */
	bool over;			/* it came to that */
};

/* For a handle that is not connected yet, and frees it before the patience ends.  False where libldap
 * does not take it. */
bool ldap_patience_begin(struct ldap_patience *patience, LDAP *ld, unsigned seconds);

/* That many seconds from now. */
struct timespec ldap_patience_from_now(unsigned seconds);
/* What is left until then; zero where it is past. */
struct timeval ldap_patience_left(const struct timespec *until);

#endif
