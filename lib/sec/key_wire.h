/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a server and its key process say to each other: a kind, a length, octets.
 * In a request the kind is the operation; in an answer 0, or 1 and more for a
 * failure of that enum status_kind, whose words the octets then are.
 */
#ifndef LIB_SEC_KEY_WIRE_H
#define LIB_SEC_KEY_WIRE_H

#include "lib/sec/key_holder.h"

enum {
	KEY_CHANNELS = 4,
	KEY_WHOLE_MAX_OCTETS = 1100 << 20,	/* a message that is signed whole: more than any content */
	KEY_WORDS_MAX_OCTETS = 4096,
};

/* Writes all of it; false where the other end is gone or does not take it. */
bool key_wire_put(int fd, uint8_t kind, struct bytes octets);
/* Reads one; false at the end, and where the kind is not below kinds or the octets are more than max.
 * A secret: it is wiped. */
bool key_wire_get(int fd, unsigned kinds, size_t max, uint8_t *out_kind, struct secret *out);

/* The inside of the process: loads the key, tells, serves until the server is gone.  fds are its
 * ends of the channels. */
__attribute__((noreturn))
void key_server_run(const int fds[static KEY_CHANNELS], const char *name,
		    const struct key_opening *opening, const char *user);

#endif
