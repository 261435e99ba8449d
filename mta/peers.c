/* SPDX-License-Identifier: Apache-2.0 */
/* The MTAs, message stores and users that this MTA knows, and where recipients go. */
#include "mta/peers.h"

#include "lib/base/memory.h"
#include "lib/base/words.h"

#include <stdlib.h>

#define USER "user "

struct route {
	const struct orname *pattern;
	unsigned attributes;
	const struct peer *to;
};

struct agent {
	const char *key;
	struct peer peer;
	const struct peer *collector;	/* the same as one to whom something may go; or null */
};

struct peers {
	struct arena *arena;
	struct peer *list;
	size_t count;
	struct agent *agents;	/* in the order of their keys */
	size_t agent_count;
	bool collects;		/* somebody does */
	struct route *routes;	/* those with most attributes first */
	size_t route_count;
};

/* --- names --- */

const char *peers_user_name(struct arena *arena, const struct orname *name)
{
	return arena_printf(arena, USER "%s", orname_key(arena, name));
}

bool peers_is_user_name(const char *name)
{
	return strncmp(name, USER, strlen(USER)) == 0;
}

/* --- MTAs and stores --- */

static FALLIBLE read_peers(struct peers *peers, const struct labels *labels, enum peer_kind kind,
			   const char *setting, const struct text_list *lines)
{
	for (size_t i = 0; i < lines->count; i++) {
		struct peer *peer = &peers->list[peers->count];

		TRY_DOING(peer_read(peers->arena, labels, kind, lines->items[i], peer), "%s = %s",
			  setting, lines->items[i]);
		if (peers_is_user_name(peer->name))
			return FAIL(ST_USAGE, 0, "%s = %s: a name does not begin with \"" USER "\"",
				    setting, lines->items[i]);
		for (size_t k = 0; k < peers->count; k++)
			if (!strcmp(peers->list[k].name, peer->name))
				return FAIL(ST_USAGE, 0, "%s = %s: the name stands there twice",
					    setting, lines->items[i]);
		peers->count++;
	}
	return OK;
}

/* --- user agents --- */

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct agent *)a)->key, ((const struct agent *)b)->key);
}

static FALLIBLE read_agents(struct peers *peers, const struct labels *labels, const char *setting,
			    const struct text_list *lines)
{
	for (size_t i = 0; i < lines->count; i++) {
		struct agent *agent = &peers->agents[peers->agent_count++];

		TRY_DOING(peer_read(peers->arena, labels, PEER_USER, lines->items[i], &agent->peer),
			  "%s = %s", setting, lines->items[i]);
		agent->key = orname_key(peers->arena, agent->peer.area);
	}
	return OK;
}

static const struct peer *add_collector(struct peers *peers, const struct agent *agent)
{
	struct peer *peer = &peers->list[peers->count++];

	*peer = agent->peer;
	peer->name = peers_user_name(peers->arena, agent->peer.area);
	return peer;
}

static FALLIBLE read_users(struct peers *peers, const struct labels *labels,
			   const struct mta_settings *settings)
{
	TRY(read_agents(peers, labels, "collector", &settings->collectors));
	for (size_t i = 0; i < peers->agent_count; i++)
		peers->agents[i].collector = add_collector(peers, &peers->agents[i]);
	peers->collects = peers->agent_count > 0;
	TRY(read_agents(peers, labels, "user", &settings->users));
	qsort(peers->agents, peers->agent_count, sizeof(struct agent), by_key);
	for (size_t i = 1; i < peers->agent_count; i++)
		if (by_key(&peers->agents[i - 1], &peers->agents[i]) == 0)
			return FAIL(ST_USAGE, 0, "%s: the address stands twice among collectors and "
				    "users", peers->agents[i].peer.name);
	return OK;
}

/* --- routes --- */

static const struct peer *find_by_name(const struct peers *peers, const char *name)
{
	for (size_t i = 0; i < peers->count; i++)
		if (!strcmp(peers->list[i].name, name))
			return &peers->list[i];
	return NULL;
}

static FALLIBLE read_route(struct peers *peers, const char *line, struct route *route)
{
	struct word *words = NULL;
	struct orname *pattern = NULL;
	size_t count = 0;

	TRY(words_split(peers->arena, line, &words, &count));
	if (count != 2 || words[1].key)
		return FAIL(ST_USAGE, 0, "an O/R address and the name of an mta or store are wanted");
	TRY(orname_from_text(peers->arena, words[0].whole, &pattern));
	route->pattern = pattern;
	route->attributes = orname_attribute_count(pattern);
	route->to = find_by_name(peers, words[1].value);
	if (!route->to || route->to->kind == PEER_USER)
		return FAIL(ST_USAGE, 0, "no mta or store is called %s", words[1].value);
	return OK;
}

static int nearest_first(const void *a, const void *b)
{
	const struct route *left = a, *right = b;

	return (left->attributes < right->attributes) - (left->attributes > right->attributes);
}

FALLIBLE peers_open(const struct mta_settings *settings, const struct labels *labels,
		    struct peers **out_peers)
{
	AUTO(peers_free) struct peers *peers = mem_new(struct peers);

	peers->arena = arena_new();
	peers->list = arena_new_array(peers->arena, struct peer, settings->mtas.count +
				      settings->stores.count + settings->collectors.count);
	peers->agents = arena_new_array(peers->arena, struct agent,
					settings->collectors.count + settings->users.count);
	TRY(read_peers(peers, labels, PEER_MTA, "mta", &settings->mtas));
	TRY(read_peers(peers, labels, PEER_STORE, "store", &settings->stores));
	TRY(read_users(peers, labels, settings));
	peers->route_count = settings->routes.count;
	peers->routes = arena_new_array(peers->arena, struct route, peers->route_count);
	for (size_t i = 0; i < peers->route_count; i++)
		TRY_DOING(read_route(peers, settings->routes.items[i], &peers->routes[i]),
			  "route = %s", settings->routes.items[i]);
	qsort(peers->routes, peers->route_count, sizeof(struct route), nearest_first);
	*out_peers = TAKE(peers);
	return OK;
}

void peers_free(struct peers **peers)
{
	if (!*peers)
		return;
	arena_free(&(*peers)->arena);
	free(*peers);
	*peers = NULL;
}

/* --- asking --- */

size_t peers_count(const struct peers *peers)
{
	return peers->count;
}

const struct peer *peers_at(const struct peers *peers, size_t i)
{
	return &peers->list[i];
}

const struct peer *peers_find(const struct peers *peers, enum peer_kind kind, const char *name)
{
	const struct peer *peer = find_by_name(peers, name);

	return peer && peer->kind == kind ? peer : NULL;
}

const struct peer *peers_find_store(const struct peers *peers, struct bytes or_name)
{
	for (size_t i = 0; i < peers->count; i++)
		if (peers->list[i].kind == PEER_STORE &&
		    orname_tlv_equal(peers->list[i].or_name, or_name))
			return &peers->list[i];
	return NULL;
}

static const struct agent *find_agent(const struct peers *peers, const char *key)
{
	const struct agent wanted = { .key = key };

	return peers->agent_count
		? bsearch(&wanted, peers->agents, peers->agent_count, sizeof(wanted), by_key) : NULL;
}

const struct peer *peers_find_user(const struct peers *peers, const char *key)
{
	const struct agent *found = find_agent(peers, key);

	return found ? &found->peer : NULL;
}

static const struct peer *find_collector(const struct peers *peers, const struct orname *name)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	const struct agent *found = find_agent(peers, orname_key(arena, name));

	return found ? found->collector : NULL;
}

const struct peer *peers_route(const struct peers *peers, const struct orname *recipient)
{
	const struct peer *collector = peers->collects ? find_collector(peers, recipient) : NULL;

	if (collector)
		return collector;
	for (size_t i = 0; i < peers->route_count; i++)
		if (orname_matches(peers->routes[i].pattern, recipient))
			return peers->routes[i].to;
	return NULL;
}
