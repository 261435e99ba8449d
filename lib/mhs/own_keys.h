/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys that somebody has himself, each with its certificate: the current one, and those before
 * it, for which something may still be sealed.  There is no list of them that could be wrong: a
 * key counts from the moment that its certificate is put beside it, and of those that are valid the
 * one whose certificate begins last signs.
 */
#ifndef LIB_MHS_OWN_KEYS_H
#define LIB_MHS_OWN_KEYS_H

#include "lib/base/arena.h"
#include "lib/sec/cert.h"

enum { OWN_KEYS_MAX = 32 };

/* --- in files --- */

struct key_place {
	const char *key, *certificate;	/* PEM files; the key may be a PKCS #11 URI */
};

/* Whether the certificate is there: before that nobody uses the key. */
bool key_place_is_certified(const struct key_place *place);

/* In an arena. */
struct key_places {
	struct key_place *items;
	size_t count;
};

/*
 * The first, which the settings name (its key may be empty: then there is none), and what is in the
 * folder: NAME.key, with the certificate in NAME.pem.  The folder may be empty, null, or not there.
 */
FALLIBLE key_places_find(struct arena *arena, const struct key_place *first, const char *folder,
			 struct key_places *out_places);

/* A place in the folder that nothing lies in, in the arena; makes the folder. */
FALLIBLE key_place_new(struct arena *arena, const char *folder, struct key_place *out_place);

/* Where several keys need a passphrase that only the user knows, asks for it once: from then on, and
 * while out_passphrase is there, the opening knows it. */
FALLIBLE key_places_ask_once(const struct key_places *places, struct key_opening *io_opening,
			     struct secret *out_passphrase);

/* --- in use --- */

struct own_key {
	struct private_key *key;
	const struct cert *cert;
};

/* Zeroed: none. */
struct own_keys {
	struct own_key *items;		/* whose certificate begins last comes first */
	size_t count;
};

/* Takes the key, and loads its certificate.  ST_REFUSED where the two do not belong together, or the
 * certificate is not for the scope. */
FALLIBLE own_keys_add(struct own_keys *keys, struct private_key *key, const char *certificate,
		      enum scope scope);
/* Takes a certificate whose key is not needed: it stays null. */
void own_keys_add_certificate(struct own_keys *keys, const struct cert *cert);
/* Those that are certified. */
FALLIBLE own_keys_load(struct own_keys *keys, const struct key_places *places,
		       const struct key_opening *opening, enum scope scope);
void own_keys_free(struct own_keys *keys);

/* The one to sign with.  One that is valid, if there is one: what is signed with another is for its
 * reader to refuse.  Null where no key signs. */
const struct own_key *own_keys_signer(const struct own_keys *keys, time_t now);

#endif
