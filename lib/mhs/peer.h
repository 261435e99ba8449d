/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One of those whom a server knows by a line of its settings, and what he has
 * to prove when he binds:
 *
 *	an MTA	  NAME HOST:PORT domain=DOMAIN [dn=NAME] [password-file=FILE] [own-password-file=FILE]
 *	a store	  NAME HOST:PORT address=ORADDRESS, and the same
 *	a user	  ORADDRESS, and the same
 *
 * and, in all of them, [context=LABEL,...]: what links with him may carry.
 */
#ifndef LIB_MHS_PEER_H
#define LIB_MHS_PEER_H

#include "lib/mhs/labels.h"
#include "lib/mhs/link.h"
#include "lib/mhs/orname.h"

enum peer_kind { PEER_MTA, PEER_STORE, PEER_USER, PEER_KINDS };

struct peer {
	enum peer_kind kind;
	const char *name;		/* an MTA's MTA-name; a user's O/R address, for people */
	const char *address;		/* host:port; null for a user */
	struct bytes domain;		/* PEER_MTA: DER GlobalDomainIdentifier */
	const struct orname *area;	/* PEER_STORE, PEER_USER: the O/R address */
	struct bytes or_name;		/* PEER_STORE, PEER_USER: the same as DER ORName */
	const char *context;		/* its labels, as the line has them; null: none */
	struct link_expected expected;
};

/* What the arena then holds.  Labels are read as the site calls them.  ST_USAGE says which word of
 * the line makes no sense. */
FALLIBLE peer_read(struct arena *arena, const struct labels *labels, enum peer_kind kind,
		   const char *line, struct peer *out_peer);
/* The same; names of files in the line begin in a folder. */
FALLIBLE peer_read_in(struct arena *arena, const struct labels *labels, enum peer_kind kind,
		      const char *folder, const char *line, struct peer *out_peer);

/* How to reach an MTA or a store; borrows from the peer. */
struct link_target peer_target(const struct peer *peer, const struct app_context *context,
			       int64_t timeout_ms);

#endif
