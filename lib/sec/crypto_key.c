/* SPDX-License-Identifier: Apache-2.0 */
/* Keys: made, decoded, named by their identifier. */
#include "lib/sec/crypto_openssl.h"

#include "lib/base/memory.h"

#include <strings.h>

enum { RSA_BITS_MADE = 3072, RSA_BITS_MIN = 2048, RSA_BITS_MAX = 8192 };

static const struct {
	const char *name;	/* for people */
	const char *text;	/* in settings and options */
} types[] = {
	[KEY_P256] = { "P-256", "p256" },
	[KEY_ED25519] = { "Ed25519", "ed25519" },
	[KEY_RSA] = { "RSA", "rsa" },
	[KEY_X25519] = { "X25519", "x25519" },
};

const char *key_type_name(enum key_type type)
{
	return types[type].name;
}

static bool find_text(const char *text, enum key_type *out_type)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcasecmp(text, types[i].text) == 0) {
			*out_type = (enum key_type)i;
			return true;
		}
	return false;
}

FALLIBLE key_type_from_text(const char *text, enum key_type *out_type)
{
	if (!find_text(text, out_type))
		return FAIL(ST_USAGE, 0, "\"%s\" is no type of key: p256, ed25519 and rsa are", text);
	if (*out_type == KEY_X25519)
		return FAIL(ST_USAGE, 0, "a key of type x25519 does not sign: p256, ed25519 and rsa do");
	return OK;
}

FALLIBLE key_type_any_from_text(const char *text, enum key_type *out_type)
{
	if (!find_text(text, out_type))
		return FAIL(ST_USAGE, 0, "\"%s\" is no type of key: p256, ed25519, rsa and x25519 are", text);
	return OK;
}

static FALLIBLE find_type(EVP_PKEY *pkey, enum key_type *out_type)
{
	char group[32] = "an unnamed curve";
	int bits = EVP_PKEY_get_bits(pkey);

	switch (EVP_PKEY_get_base_id(pkey)) {
	case EVP_PKEY_ED25519:
		*out_type = KEY_ED25519;
		return OK;
	case EVP_PKEY_X25519:
		*out_type = KEY_X25519;
		return OK;
	case EVP_PKEY_RSA:
		if (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX)
			return FAIL(ST_REFUSED, 0, "an RSA key of %d bits is not accepted: %d to %d are",
				    bits, RSA_BITS_MIN, RSA_BITS_MAX);
		*out_type = KEY_RSA;
		return OK;
	case EVP_PKEY_EC:
		if (EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL) != 1 ||
		    strcmp(group, "prime256v1") != 0)
			return crypto_failure(ST_REFUSED, "a key on %s is not accepted: P-256 is", group);
		*out_type = KEY_P256;
		return OK;
	default:
		return crypto_failure(ST_REFUSED, "a key of this type is not accepted: "
				      "P-256, Ed25519, X25519 and RSA are");
	}
}

FALLIBLE public_key_new(EVP_PKEY *pkey, struct bytes spki, struct public_key **out_key)
{
	AUTO(public_key_free) struct public_key *key = mem_new(struct public_key);

	key->pkey = pkey;
	key->verify = mem_new_array(struct warm, WARM_USES);
	TRY(find_type(pkey, &key->type));
	key->spki = buf_copy(spki);
	crypto_sha256(&spki, 1, key->id);
	*out_key = TAKE(key);
	return OK;
}

FALLIBLE public_key_decode(struct bytes spki, struct public_key **out_key)
{
	const uint8_t *at = spki.data;
	EVP_PKEY *pkey = d2i_PUBKEY(NULL, &at, (long)spki.len);

	if (!pkey)
		return crypto_failure(ST_PEER, "not a public key");
	if (at != spki.data + spki.len) {
		EVP_PKEY_free(pkey);
		return FAIL(ST_PEER, 0, "the public key has octets behind its end");
	}
	return public_key_new(pkey, spki, out_key);
}

void public_key_free(struct public_key **key)
{
	if (*key) {
		for (size_t i = 0; i < WARM_USES; i++)
			warm_free(&(*key)->verify[i]);
		mem_free(&(*key)->verify);
		EVP_PKEY_free((*key)->pkey);
		buf_free(&(*key)->spki);
	}
	mem_free(key);
}

struct bytes public_key_spki(const struct public_key *key)
{
	return buf_view(&key->spki);
}

struct bytes public_key_id(const struct public_key *key)
{
	return bytes_of(key->id, sizeof(key->id));
}

enum key_type public_key_type(const struct public_key *key)
{
	return key->type;
}

/* --- private keys --- */

FALLIBLE private_key_held(const struct key_holder *holder, void *state, struct bytes spki,
			  struct private_key **out_key)
{
	AUTO(private_key_free) struct private_key *key = mem_new(struct private_key);

	key->holder = holder;
	key->state = state;
	TRY(public_key_decode(spki, &key->public));
	*out_key = TAKE(key);
	return OK;
}

FALLIBLE private_key_generate(enum key_type type, struct private_key **out_key)
{
	EVP_PKEY *pkey = type == KEY_P256 ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256") :
		type == KEY_ED25519 ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519") :
		type == KEY_X25519 ? EVP_PKEY_Q_keygen(NULL, NULL, "X25519") :
		EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)RSA_BITS_MADE);

	if (!pkey)
		return crypto_failure(ST_LATER, "cannot make a key of type %s", key_type_name(type));
	return private_key_of(pkey, out_key);
}

void private_key_free(struct private_key **key)
{
	if (*key) {
		(*key)->holder->free((*key)->state);
		public_key_free(&(*key)->public);
	}
	mem_free(key);
}

const struct public_key *private_key_public(const struct private_key *key)
{
	return key->public;
}

void *private_key_state(const struct private_key *key, const struct key_holder *holder)
{
	return key->holder == holder ? key->state : NULL;
}

const char *key_operation_words(enum key_operation operation)
{
#define WORDS(name, words) [name] = (words),
	static const char *const words[] = { KEY_OPERATIONS(WORDS) };
#undef WORDS
	return words[operation];
}

FALLIBLE private_key_perform(const struct private_key *key, enum key_operation operation,
			     struct bytes in, struct secret *out)
{
	return key->holder->perform(key->state, operation, in, out);
}
