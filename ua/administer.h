/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the user asks of who serves him about himself: by register-MS of a message store
 * [X.413 8.6], or by the administration port of an MTA [X.411 8.4].
 */
#ifndef UA_ADMINISTER_H
#define UA_ADMINISTER_H

#include "ua/session.h"

/* Changes the password that the user binds with; the old one has to be right. */
FALLIBLE administer_password(const struct home *home, struct session *session,
			     struct bytes before, struct bytes after);
/* Registers the labels (a SecurityContext TLV) of what the user wants to get. */
FALLIBLE administer_labels(const struct home *home, struct session *session, struct bytes labels);

#endif
