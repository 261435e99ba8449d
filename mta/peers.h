/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The MTAs and message stores that this MTA knows, the users who take their messages from
 * here themselves, where recipients go, and what is said of some user agents: the settings
 * mta, store, collector, route and user, read once.
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

/* All to whom something may go: MTAs, stores, and collectors, who are PEER_USER and have the name
 * of peers_user_name. */
size_t peers_count(const struct peers *peers);
const struct peer *peers_at(const struct peers *peers, size_t i);
/* Null where there is none of that kind and name. */
const struct peer *peers_find(const struct peers *peers, enum peer_kind kind, const char *name);
/* The store of that O/R name, or null. */
const struct peer *peers_find_store(const struct peers *peers, struct bytes or_name);

/* What a user is called, with a line in the settings or without one: "user ADDRESS". */
const char *peers_user_name(struct arena *arena, const struct orname *name);
/* Whether a name of somebody to whom something may go is a collector's. */
bool peers_is_user_name(const char *name);
/* The line of a user agent, collector or not, by orname_key of its address, or null. */
const struct peer *peers_find_user(const struct peers *peers, const char *key);

/* Where a recipient goes: himself, where he collects; or else the peer of the route with the most
 * attributes, all of which match; null where there is no route. */
const struct peer *peers_route(const struct peers *peers, const struct orname *recipient);

#endif
