/* SPDX-License-Identifier: Apache-2.0 */
/* The MTAs and message stores that this MTA knows, and the routes to them. */
#include "mta/peers.h"

#include "asn1/dn.h"
#include "lib/base/memory.h"
#include "lib/mhs/mts_id.h"
#include "lib/base/words.h"

#include <stdlib.h>

struct route {
	const struct orname *pattern;
	unsigned attributes;
	const struct peer *to;
};

struct peers {
	struct arena *arena;
	struct peer *list;
	size_t count;
	struct route *routes;	/* those with most attributes first */
	size_t route_count;
};

/* --- one peer --- */

static FALLIBLE read_secret(struct arena *arena, const char *path, const char **out_secret)
{
	AUTO(mem_free) char *text = NULL;

	TRY(words_read_line(path, &text));
	*out_secret = arena_strdup(arena, text);
	return OK;
}

static FALLIBLE set_domain(struct arena *arena, const char *text, struct peer *peer)
{
	struct mta_identity *identity = NULL;
	AUTO(buf_free) struct buf der = { 0 };

	TRY(mta_identity_from_text(arena, text, peer->name, &identity));
	domain_encode(identity, &der);
	peer->domain = arena_dup(arena, buf_view(&der));
	return OK;
}

static FALLIBLE set_address(struct arena *arena, const char *text, struct peer *peer)
{
	struct orname *name = NULL;
	AUTO(buf_free) struct buf or_name = { 0 };
	AUTO(buf_free) struct buf or_address = { 0 };

	TRY(orname_from_text(arena, text, &name));
	TRY(orname_encode(name, &or_name));
	TRY(oraddress_encode(name, &or_address));
	peer->area = name;
	peer->or_name = arena_dup(arena, buf_view(&or_name));
	peer->or_address = arena_dup(arena, buf_view(&or_address));
	return OK;
}

static FALLIBLE set_directory_name(struct arena *arena, const char *text, struct peer *peer)
{
	AUTO(buf_free) struct buf der = { 0 };

	TRY(dn_from_text(text, &der));
	peer->directory_name = arena_dup(arena, buf_view(&der));
	return OK;
}

static FALLIBLE set_word(struct arena *arena, const struct word *word, struct peer *peer)
{
	if (!strcmp(word->key, "domain") && peer->kind == PEER_MTA)
		return set_domain(arena, word->value, peer);
	if (!strcmp(word->key, "address") && peer->kind == PEER_STORE)
		return set_address(arena, word->value, peer);
	if (!strcmp(word->key, "dn"))
		return set_directory_name(arena, word->value, peer);
	if (!strcmp(word->key, "password-file"))
		return read_secret(arena, word->value, &peer->password);
	if (!strcmp(word->key, "own-password-file"))
		return read_secret(arena, word->value, &peer->own_password);
	return FAIL(ST_USAGE, 0, "%s=... is not known; %s, dn, password-file and "
		    "own-password-file are", word->key,
		    peer->kind == PEER_MTA ? "domain" : "address");
}

static FALLIBLE read_peer(struct peers *peers, enum peer_kind kind, const char *line,
			  struct peer *peer)
{
	struct word *words = NULL;
	size_t count = 0;

	TRY(words_split(peers->arena, line, &words, &count));
	if (count < 2 || words[0].key || words[1].key)
		return FAIL(ST_USAGE, 0, "a name and a host:port come first");
	peer->kind = kind;
	peer->name = words[0].value;
	peer->address = words[1].value;
	for (size_t i = 2; i < count; i++) {
		if (!words[i].key)
			return FAIL(ST_USAGE, 0, "\"%s\" has no meaning here", words[i].value);
		TRY(set_word(peers->arena, &words[i], peer));
	}
	if (kind == PEER_MTA && !peer->domain.len)
		return FAIL(ST_USAGE, 0, "domain=... is missing");
	if (kind == PEER_STORE && !peer->or_name.len)
		return FAIL(ST_USAGE, 0, "address=... is missing");
	if (kind == PEER_MTA && !peer->directory_name.len && !peer->password)
		return FAIL(ST_USAGE, 0, "dn=... or password-file=... has to say how %s proves who "
			    "it is", peer->name);
	return OK;
}

static FALLIBLE read_peers(struct peers *peers, enum peer_kind kind, const char *setting,
			   const struct text_list *lines)
{
	for (size_t i = 0; i < lines->count; i++) {
		struct peer *peer = &peers->list[peers->count];

		TRY_DOING(read_peer(peers, kind, lines->items[i], peer), "%s = %s", setting,
			  lines->items[i]);
		for (size_t k = 0; k < peers->count; k++)
			if (!strcmp(peers->list[k].name, peer->name))
				return FAIL(ST_USAGE, 0, "%s = %s: the name stands there twice",
					    setting, lines->items[i]);
		peers->count++;
	}
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
	if (!route->to)
		return FAIL(ST_USAGE, 0, "no mta or store is called %s", words[1].value);
	return OK;
}

static int nearest_first(const void *a, const void *b)
{
	const struct route *left = a, *right = b;

	return (left->attributes < right->attributes) - (left->attributes > right->attributes);
}

FALLIBLE peers_open(const struct mta_settings *settings, struct peers **out_peers)
{
	AUTO(peers_free) struct peers *peers = mem_new(struct peers);

	peers->arena = arena_new();
	peers->list = arena_new_array(peers->arena, struct peer,
				      settings->mtas.count + settings->stores.count);
	TRY(read_peers(peers, PEER_MTA, "mta", &settings->mtas));
	TRY(read_peers(peers, PEER_STORE, "store", &settings->stores));
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

const struct peer *peers_route(const struct peers *peers, const struct orname *recipient)
{
	for (size_t i = 0; i < peers->route_count; i++)
		if (orname_matches(peers->routes[i].pattern, recipient))
			return peers->routes[i].to;
	return NULL;
}
