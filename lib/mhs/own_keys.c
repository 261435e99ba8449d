/* SPDX-License-Identifier: Apache-2.0 */
/* One's own keys. */
#include "lib/mhs/own_keys.h"

#include "lib/base/memory.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_SUFFIX ".key"
#define CERTIFICATE_SUFFIX ".pem"

/* --- in files --- */

bool key_place_is_certified(const struct key_place *place)
{
	return access(place->certificate, F_OK) == 0;
}

static struct key_place place_named(struct arena *arena, const char *folder, const char *name, int len)
{
	return (struct key_place){
		arena_printf(arena, "%s/%.*s" KEY_SUFFIX, folder, len, name),
		arena_printf(arena, "%s/%.*s" CERTIFICATE_SUFFIX, folder, len, name),
	};
}

static int is_key(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name), suffix = strlen(KEY_SUFFIX);

	return entry->d_name[0] != '.' && len > suffix &&
	       strcmp(entry->d_name + len - suffix, KEY_SUFFIX) == 0;
}

static void free_entries(struct dirent **entries, int count)
{
	while (count > 0)
		free(entries[--count]);
	free(entries);
}

static FALLIBLE find_in_folder(struct arena *arena, const char *folder, struct key_places *io)
{
	struct dirent **entries = NULL;
	int count = scandir(folder, &entries, is_key, alphasort);

	if (count < 0 && errno == ENOENT)
		return OK;
	if (count < 0)
		return status_errno(errno, "cannot look for keys in %s", folder);
	for (int i = 0; i < count && io->count <= OWN_KEYS_MAX; i++) {
		const char *name = entries[i]->d_name;

		io->items[io->count++] = place_named(arena, folder, name,
						     (int)(strlen(name) - strlen(KEY_SUFFIX)));
	}
	free_entries(entries, count);
	if (io->count > OWN_KEYS_MAX)
		return FAIL(ST_USAGE, 0, "there are more than %d keys in %s: take those away for which "
			    "nothing is sealed any more", OWN_KEYS_MAX, folder);
	return OK;
}

FALLIBLE key_places_find(struct arena *arena, const struct key_place *first, const char *folder,
			 struct key_places *out_places)
{
	*out_places = (struct key_places){ arena_new_array(arena, struct key_place, OWN_KEYS_MAX + 1), 0 };
	if (first->key[0])
		out_places->items[out_places->count++] = *first;
	return folder && folder[0] ? find_in_folder(arena, folder, out_places) : OK;
}

/* The first key is number 1. */
FALLIBLE key_place_new(struct arena *arena, const char *folder, struct key_place *out_place)
{
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return status_errno(errno, "cannot make the folder %s", folder);
	for (int i = 2; i < 10000; i++) {
		const char *name = arena_printf(arena, "%d", i);

		*out_place = place_named(arena, folder, name, (int)strlen(name));
		if (access(out_place->key, F_OK) != 0 && !key_place_is_certified(out_place))
			return OK;
	}
	return FAIL(ST_USAGE, 0, "the folder %s is full", folder);
}

FALLIBLE key_places_ask_once(const struct key_places *places, struct key_opening *io_opening,
			     struct secret *out_passphrase)
{
	bool in_file = io_opening->passphrase_file && io_opening->passphrase_file[0];

	if (!places->count || in_file || !io_opening->ask || io_opening->unencrypted || io_opening->known)
		return OK;
	TRY(key_opening_passphrase(io_opening, places->items[0].key, out_passphrase));
	io_opening->known = out_passphrase;
	return OK;
}

/* --- in use --- */

void own_keys_free(struct own_keys *keys)
{
	for (size_t i = 0; i < keys->count; i++) {
		private_key_free(&keys->items[i].key);
		cert_free(&keys->items[i].cert);
	}
	mem_free(&keys->items);
	keys->count = 0;
}

static bool is_there(const struct own_keys *keys, const struct private_key *key)
{
	struct bytes id = public_key_id(private_key_public(key));

	for (size_t i = 0; i < keys->count; i++)
		if (bytes_equal(public_key_id(keys->items[i].cert->key), id))
			return true;
	return false;
}

/* The newest first. */
static void insert(struct own_keys *keys, const struct own_key *own)
{
	size_t at = keys->count;

	keys->items = mem_grow(keys->items, keys->count + 1, sizeof keys->items[0]);
	for (; at > 0 && keys->items[at - 1].cert->not_before < own->cert->not_before; at--)
		keys->items[at] = keys->items[at - 1];
	keys->items[at] = *own;
	keys->count++;
}

FALLIBLE own_keys_add(struct own_keys *keys, struct private_key *key, const char *certificate,
		      enum scope scope)
{
	AUTO(private_key_free) struct private_key *taken = key;
	AUTO(cert_free) const struct cert *cert = NULL;

	if (is_there(keys, key))
		return OK;
	TRY_DOING(cert_load(certificate, &cert), "cannot use the certificate %s", certificate);
	if (!bytes_equal(public_key_id(cert->key), public_key_id(private_key_public(key))))
		return FAIL(ST_REFUSED, 0, "the certificate %s is not for the key that lies beside it",
			    certificate);
	TRY_DOING(cert_check_scope(cert, scope), "cannot use the certificate %s", certificate);
	const struct own_key own = { TAKE(taken), TAKE(cert) };
	insert(keys, &own);
	return OK;
}

void own_keys_add_certificate(struct own_keys *keys, const struct cert *cert)
{
	const struct own_key own = { NULL, cert };

	insert(keys, &own);
}

FALLIBLE own_keys_load(struct own_keys *keys, const struct key_places *places,
		       const struct key_opening *opening, enum scope scope)
{
	AUTO(secret_free) struct secret passphrase = { 0 };
	struct key_opening with = *opening;

	TRY(key_places_ask_once(places, &with, &passphrase));
	for (size_t i = 0; i < places->count; i++) {
		const struct key_place *place = &places->items[i];
		struct private_key *key = NULL;

		if (!key_place_is_certified(place))
			continue;
		TRY_DOING(private_key_load(place->key, &with, &key), "cannot use the key %s", place->key);
		TRY(own_keys_add(keys, key, place->certificate, scope));
	}
	return OK;
}

const struct own_key *own_keys_signer(const struct own_keys *keys, time_t now)
{
	const struct own_key *last = NULL;

	for (size_t i = 0; i < keys->count; i++) {
		const struct own_key *own = &keys->items[i];

		if (!own->cert->signs)
			continue;
		if (now >= own->cert->not_before && now <= own->cert->not_after)
			return own;
		last = last ? last : own;
	}
	return last;
}
