/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whom a user means: an O/R address, a directory name, or a nickname.  A
 * directory name stands for its O/R address once the directory was asked.
 */
#ifndef UA_ADDRESS_H
#define UA_ADDRESS_H

#include "ua/home.h"

/* All of it is in an arena. */
struct correspondent {
	struct orname *name;		/* has no address until it is resolved */
	const char *directory_name;	/* RFC 4514; null where none is known */
};

/* Who the text names, without asking the directory.  ST_USAGE says what it is not. */
FALLIBLE correspondent_find(struct home *home, struct arena *arena, const char *text,
			    struct correspondent *out);
/* The same from what was stored: an O/R name as text, and a directory name or null. */
FALLIBLE correspondent_stored(struct arena *arena, const char *address,
			      const char *directory_name, struct correspondent *out);

/* Asks the directory for the O/R address where it is not known.  ST_NOT_FOUND: nobody of that
 * name has one; ST_LATER: it cannot be asked now.  timeout in seconds, 0: as set. */
FALLIBLE correspondent_resolve(struct home *home, struct arena *arena, unsigned timeout,
			       struct correspondent *io);

/* The O/R address or, until it is known, the O/R name with the directory name: as text, for the
 * store; as a TLV, for heading and envelope. */
const char *correspondent_text(struct arena *arena, const struct correspondent *who);
FALLIBLE correspondent_tlv(struct arena *arena, const struct correspondent *who,
			   struct bytes *out_tlv);

/* nickname NAME [ADDRESS], nickname NAME --delete, nickname. */
FALLIBLE cmd_nickname(const struct invocation *invocation);
extern const struct option_spec nickname_options[];

#endif
