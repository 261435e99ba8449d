/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server's private key lives in a process of its own, which reads nothing
 * from the network: whoever takes over the server can have things signed and
 * opened while he is there, and does not take the key away with him.
 *
 * The server asks over a few socket pairs, as many as can be busy at once: each
 * request is an operation and octets, each answer octets or a reason.  Either
 * process ends with the other.
 */
#ifndef LIB_SEC_KEY_PROCESS_H
#define LIB_SEC_KEY_PROCESS_H

#include "lib/sec/crypto.h"

#include <sys/types.h>

/*
 * Starts the process, which loads the key and becomes the user (empty or null: stays).  Called
 * before there are threads or connections, which it shall not have.  The failure to load the key
 * is that of private_key_load.  The key lives as long as the process; freeing it ends it.
 */
FALLIBLE key_process_start(const char *name, const struct key_opening *opening, const char *user,
			   struct private_key **out_key);

/* Where the process has ended: ST_LATER, and how.  OK for a key that is held otherwise. */
FALLIBLE key_process_check(const struct private_key *key);

/* What is worth a line in the log; all zero for a key that is held otherwise. */
struct key_process_facts {
	pid_t pid;
	bool locked;		/* the key is kept from the swap space */
	bool confined;		/* the process can open nothing any more */
};
struct key_process_facts key_process_facts(const struct private_key *key);

#endif
