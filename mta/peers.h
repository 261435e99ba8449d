/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The MTAs and message stores that this MTA knows, where recipients go, and what is
 * said of some user agents: the settings mta, store, route and user, read once.
 */
#ifndef MTA_PEERS_H
#define MTA_PEERS_H

#include "lib/mhs/peer.h"
#include "mta/settings.h"

struct peers;

/* ST_USAGE names the line that makes no sense. */
FALLIBLE peers_open(const struct mta_settings *settings, const struct labels *labels,
		    struct peers **out_peers);
void peers_free(struct peers **peers);

size_t peers_count(const struct peers *peers);
const struct peer *peers_at(const struct peers *peers, size_t i);
/* Null where there is none of that kind and name. */
const struct peer *peers_find(const struct peers *peers, enum peer_kind kind, const char *name);
/* The store of that O/R name, or null. */
const struct peer *peers_find_store(const struct peers *peers, struct bytes or_name);

/* The line of a user agent, by orname_key of its address, or null. */
const struct peer *peers_find_user(const struct peers *peers, const char *key);

/* Where a recipient goes: the peer of the route with the most attributes, all of which match;
 * null where there is no route. */
const struct peer *peers_route(const struct peers *peers, const struct orname *recipient);

#endif
