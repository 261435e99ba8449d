/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A network of two ends in memory: what one end writes is held until wire_run
 * hands it to the other.  It can be cut, handed over in small pieces, and
 * recorded as a capture that tshark reads.
 */
#ifndef TESTS_SUPPORT_WIRE_H
#define TESTS_SUPPORT_WIRE_H

#include "lib/osi/network.h"

struct wire;

/* Who listens at an end. */
struct wire_user {
	void (*input)(void *user, struct bytes octets);
	void (*lost)(void *user);
};

struct wire *wire_new(void);
void wire_free(struct wire **wire);

/* The network as it looks from end 0 or 1; its data is wire_end(). */
extern const struct network wire_network;
void *wire_end(struct wire *w, int end);

void wire_attach(struct wire *w, int end, const struct wire_user *user, void *user_data);

/* Hands over at most this many octets at a time; 0 is all there is. */
void wire_set_chunk(struct wire *w, size_t octets);

/* Loses the connection once so many more octets were handed over, in both directions together. */
void wire_cut_after(struct wire *w, size_t octets);

/* Records what is written from here on as TCP on port 102 of end 1.  False if the file cannot be
 * made. */
bool wire_record(struct wire *w, const char *path);

/* Hands over until nothing is left or the connection is gone; true if anything was. */
bool wire_run(struct wire *w);

/* Octets handed over to an end so far. */
size_t wire_octets(const struct wire *w, int to);
bool wire_is_closed(const struct wire *w);

#endif
