/* SPDX-License-Identifier: Apache-2.0 */
/* A line of settings about a peer. */
#include "lib/mhs/peer.h"

#include "asn1/dn.h"
#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/base/words.h"
#include "lib/mhs/mts_id.h"

/* --- one word --- */

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
	if (peer->kind == PEER_USER) {
		TRY(orname_check(name));
		peer->name = orname_text(arena, name);
	}
	TRY(orname_encode(name, &or_name));
	TRY(oraddress_encode(name, &or_address));
	peer->area = name;
	peer->or_name = arena_dup(arena, buf_view(&or_name));
	peer->expected.or_address = arena_dup(arena, buf_view(&or_address));
	return OK;
}

static FALLIBLE set_directory_name(struct arena *arena, const char *text, struct peer *peer)
{
	AUTO(buf_free) struct buf der = { 0 };

	TRY(dn_from_text(text, &der));
	peer->expected.directory_name = arena_dup(arena, buf_view(&der));
	return OK;
}

static FALLIBLE set_password(struct arena *arena, const char *path, struct peer *peer)
{
	return read_secret(arena, path, &peer->expected.password);
}

static FALLIBLE set_own_password(struct arena *arena, const char *path, struct peer *peer)
{
	peer->expected.own_password_file = arena_strdup(arena, path);
	return read_secret(arena, path, &peer->expected.own_password);
}

/* As text until the whole line is read. */
static FALLIBLE set_context(struct arena *arena, const char *text, struct peer *peer)
{
	peer->context = arena_strdup(arena, text);
	return OK;
}

/* --- a line --- */

enum { AN_MTA = 1 << PEER_MTA, A_STORE = 1 << PEER_STORE, A_USER = 1 << PEER_USER };

static const struct {
	const char *key;
	unsigned kinds;			/* that may have it */
	FALLIBLE (*set)(struct arena *arena, const char *value, struct peer *peer);
} keys[] = {
	{ "domain", AN_MTA, set_domain },
	{ "address", A_STORE, set_address },
	{ "dn", AN_MTA | A_STORE | A_USER, set_directory_name },
	{ "password-file", AN_MTA | A_STORE | A_USER, set_password },
	{ "own-password-file", AN_MTA | A_STORE | A_USER, set_own_password },
	{ "context", AN_MTA | A_STORE | A_USER, set_context },
	{ 0 }
};

static const struct {
	enum scope scope;
	const char *keys;
} kinds[PEER_KINDS] = {
	[PEER_MTA] = { SCOPE_MTA, "domain, dn, password-file, own-password-file and context" },
	[PEER_STORE] = { SCOPE_MS, "address, dn, password-file, own-password-file and "
			     "context" },
	[PEER_USER] = { SCOPE_UA, "dn, password-file, own-password-file and context" },
};

static FALLIBLE set_word(struct arena *arena, const struct word *word, struct peer *peer)
{
	if (!word->key)
		return FAIL(ST_USAGE, 0, "\"%s\" has no meaning here", word->value);
	for (size_t i = 0; keys[i].key; i++)
		if (strcmp(keys[i].key, word->key) == 0 && (keys[i].kinds & 1u << peer->kind))
			return keys[i].set(arena, word->value, peer);
	return FAIL(ST_USAGE, 0, "%s=... is not known; %s are", word->key, kinds[peer->kind].keys);
}

/* The words before those with a key. */
static FALLIBLE set_first(struct arena *arena, const struct word *words, size_t count,
			  struct peer *peer, size_t *out_taken)
{
	if (peer->kind == PEER_USER) {
		if (count < 1 || words[0].key)
			return FAIL(ST_USAGE, 0, "an O/R address comes first");
		*out_taken = 1;
		return set_address(arena, words[0].value, peer);
	}
	if (count < 2 || words[0].key || words[1].key)
		return FAIL(ST_USAGE, 0, "a name and a host:port come first");
	peer->name = words[0].value;
	peer->address = words[1].value;
	*out_taken = 2;
	return OK;
}

/* Whoever says that he is the peer is given ours first, and answers with it. */
static void warn_of_reflection(const struct peer *peer)
{
	const char *password = peer->expected.password, *own = peer->expected.own_password;

	if (password && own && crypto_equal(bytes_text(password), bytes_text(own)))
		log_event(LOG_LV_WARN, "the same password both ways proves nothing",
			  log_text("peer", peer->name));
}

static bool is_file(const struct word *word)
{
	static const char end[] = "-file";
	size_t len = word->key ? strlen(word->key) : 0;

	return len >= strlen(end) && !strcmp(word->key + len - strlen(end), end);
}

static void place_files(struct arena *arena, const char *folder, struct word *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_file(&words[i]) && words[i].value[0] != '/')
			words[i].value = arena_printf(arena, "%s/%s", folder, words[i].value);
}

FALLIBLE peer_read_in(struct arena *arena, const struct labels *labels, enum peer_kind kind,
		      const char *folder, const char *line, struct peer *out_peer)
{
	struct peer peer = { .kind = kind, .expected.scope = kinds[kind].scope };
	struct word *words = NULL;
	size_t count = 0, taken = 0;

	TRY(words_split(arena, line, &words, &count));
	if (folder)
		place_files(arena, folder, words, count);
	TRY(set_first(arena, words, count, &peer, &taken));
	for (size_t i = taken; i < count; i++)
		TRY(set_word(arena, &words[i], &peer));
	if (peer.context)
		TRY(labels_context(labels, arena, peer.context, &peer.expected.security_context));
	if (kind == PEER_MTA && !peer.domain.len)
		return FAIL(ST_USAGE, 0, "domain=... is missing");
	if (kind == PEER_STORE && !peer.or_name.len)
		return FAIL(ST_USAGE, 0, "address=... is missing");
	if (kind == PEER_MTA && !peer.expected.directory_name.len && !peer.expected.password)
		return FAIL(ST_USAGE, 0, "dn=... or password-file=... has to say how %s proves who "
			    "it is", peer.name);
	warn_of_reflection(&peer);
	*out_peer = peer;
	return OK;
}

FALLIBLE peer_read(struct arena *arena, const struct labels *labels, enum peer_kind kind,
		   const char *line, struct peer *out_peer)
{
	return peer_read_in(arena, labels, kind, NULL, line, out_peer);
}

struct link_target peer_target(const struct peer *peer, const struct app_context *context,
			       int64_t timeout_ms)
{
	bool is_mta = peer->kind == PEER_MTA;

	return (struct link_target){
		.address = peer->address,
		.context = context,
		.role = is_mta ? LINK_MTA : LINK_MS,
		.mta_name = is_mta ? peer->name : NULL,
		.domain = peer->domain,
		.or_name = peer->or_name,
		.expected = peer->expected,
		.connect_timeout_ms = timeout_ms,
	};
}
