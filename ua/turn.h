/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose turn it is: of all the processes that work in a home, one at a time exchanges with the
 * server.  Two would make the same message ready, each with numbers of its own, and it would arrive
 * twice.  The turn ends with its process, however that ends.
 */
#ifndef UA_TURN_H
#define UA_TURN_H

#include "ua/session.h"

/* Waits for it, and says so on standard error where that takes a while; the session lives meanwhile.
 * A failure says that its link ended, or that a signal asks to stop.  *out_turn is ended in any case. */
FALLIBLE turn_take(const struct home *home, struct session *session, int *out_turn);
void turn_end(int *turn);

#endif
