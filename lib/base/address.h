/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses as text: "host:port", "[::1]:102", "*:102" for every interface, "unix:/path". */
#ifndef LIB_BASE_ADDRESS_H
#define LIB_BASE_ADDRESS_H

#include "lib/base/status.h"

#include <stdbool.h>
#include <sys/socket.h>

struct address {
	char *host;	/* null: every interface */
	char *port;	/* null where path is set */
	char *path;	/* of a Unix-domain socket */
};

/* ST_USAGE where the text is none of the forms.  The caller cleans up. */
FALLIBLE address_parse(const char *text, struct address *out_address);
void address_cleanup(struct address *address);

struct address_text {
	char s[128];
};

/* "127.0.0.1:102", "[::1]:102", "unix:/path". */
struct address_text address_text(const struct sockaddr *sa);

#endif
