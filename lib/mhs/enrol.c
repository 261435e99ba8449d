/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and requests for their certificates [RFC 2986]. */
#include "lib/mhs/enrol.h"

#include "asn1/dn.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/memory.h"
#include "lib/mhs/orname.h"
#include "lib/sec/passphrase.h"
#include "lib/sec/pkcs11.h"

#include <jansson.h>

const struct option_spec enrol_options[] = {
	{ "name", "NAME", "The directory name that the certificate is to have." },
	{ "or-address", "ADDRESS", "The O/R address that it is to have." },
	{ "key", "FILE", "The key (or a token's URI), instead of the one of the settings; made where there is "
	  "none." },
	{ "beside", NULL, "For another key, which is made beside the one that you have: that one signs the "
	  "request, and stays in use until the new one is certified." },
	{ "key-type", "TYPE", "Of a key that is made: p256 (the default), rsa, ed25519; beside one that "
	  "only signs, x25519: others seal for it." },
	{ "old-key", "FILE", "The key that you have a certificate for, where this is for another: it signs "
	  "the request, in a file beside it that ends in .proof." },
	{ "out", "FILE", "Where to write the request (default request.pem)." },
	{ 0 }
};

/* A user without an address could not be told from another of the same name. */
FALLIBLE enrol_check_use(enum scope scope, bool has_address)
{
	if (scope == SCOPE_CA || scope == SCOPE_NONE)
		return FAIL(ST_USAGE, 0, "a certificate is for a ua, an ms or an mta; "
			    "another authority is cross-certified");
	if (scope == SCOPE_UA && !has_address)
		return FAIL(ST_USAGE, 0, "the certificate of a UA needs an O/R address");
	return OK;
}

static FALLIBLE encode_address(const char *text, struct buf *out_der)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct orname *address = NULL;

	if (!text)
		return OK;
	TRY_DOING(orname_from_text(arena, text, &address), "the O/R address (--or-address)");
	TRY_DOING(orname_check(address), "the O/R address (--or-address)");
	return oraddress_encode(address, out_der);
}

static FALLIBLE encode_names(const struct enrolment *enrolment, struct buf *out_name,
			     struct buf *out_address)
{
	TRY(enrol_check_use(enrolment->scope, enrolment->or_address));
	TRY_DOING(dn_from_text(enrolment->name, out_name), "the directory name (--name)");
	return encode_address(enrolment->or_address, out_address);
}

FALLIBLE enrol_check(const struct enrolment *enrolment)
{
	AUTO(buf_free) struct buf name = { 0 };
	AUTO(buf_free) struct buf address = { 0 };

	return encode_names(enrolment, &name, &address);
}

static FALLIBLE save_proof(const struct enrolment *enrolment, const struct private_key *old_key,
			   struct bytes request)
{
	AUTO(mem_free) char *path = mem_printf("%s.proof", enrolment->request);
	AUTO(buf_free) struct buf line = { 0 };

	TRY(request_proof_make(old_key, request, &line));
	buf_put_u8(&line, '\n');	/* the file is the signed line and an end of line */
	return file_replace(path, 0644, buf_view(&line));
}

/* By the key itself and, where he has another, by that; or only by the other. */
static FALLIBLE make_request(const struct enrolment *enrolment, const struct private_key *key,
			     struct buf *out_der)
{
	const struct own_key *holder = enrolment->holder;
	AUTO(buf_free) struct buf name = { 0 };
	AUTO(buf_free) struct buf address = { 0 };

	TRY(encode_names(enrolment, &name, &address));
	if (public_key_type(private_key_public(key)) != KEY_X25519)
		return cert_request_make(key, buf_view(&name), buf_view(&address), enrolment->scope,
					 out_der);
	if (!holder)
		return FAIL(ST_USAGE, 0, "an X25519 key does not sign: it is made beside one that does and "
			    "is certified (--beside)");
	return cert_request_make_stated(private_key_public(key), holder->key, holder->cert,
					buf_view(&address), out_der);
}

FALLIBLE enrol_request(const struct enrolment *enrolment, const struct private_key *key,
		       struct spoken *out_words)
{
	bool signs = public_key_type(private_key_public(key)) != KEY_X25519;
	AUTO(buf_free) struct buf der = { 0 };
	uint8_t hash[HASH_OCTETS];

	TRY(make_request(enrolment, key, &der));
	TRY(cert_request_save(enrolment->request, buf_view(&der)));

	struct bytes octets = buf_view(&der);

	if (signs && enrolment->holder)
		TRY_DOING(save_proof(enrolment, enrolment->holder->key, octets),
			  "cannot sign the request with the key that is certified");
	crypto_sha256(&octets, 1, hash);
	*out_words = spoken_of(bytes_of(hash, sizeof hash));
	return OK;
}

/* With an old key that he names. */
static FALLIBLE prove(const struct enrolment *enrolment, const char *old_key,
		      const struct key_opening *opening)
{
	AUTO(private_key_free) struct private_key *key = NULL;
	AUTO(cert_request_free) struct cert_request *request = NULL;

	TRY(private_key_load(old_key, opening, &key));
	TRY(cert_request_load(enrolment->request, &request));
	TRY_DOING(save_proof(enrolment, key, request->der), "cannot sign the request with %s", old_key);
	return OK;
}

void enrol_tell(const struct invocation *invocation, const struct enrolment *enrolment,
		const struct spoken *words)
{
	if (invocation->json) {
		json_t *json = json_pack("{s:s, s:s*, s:s, s:s}", "key", enrolment->place.key,
					 "certificate",
					 enrolment->holder ? enrolment->place.certificate : NULL,
					 "request", enrolment->request, "words", words->s);

		json_dumpf(json, stdout, JSON_INDENT(2));
		putchar('\n');
		json_decref(json);
		return;
	}
	printf("The key is in %s: keep it.\nThe request is in %s: the authority needs it, and will ask "
	       "you to read these words to it:\n\n  %s\n", enrolment->place.key, enrolment->request,
	       words->s);
	if (enrolment->holder)
		printf("\nIt is used from the moment that its certificate is in %s; the key that you have "
		       "stays where it is.\n", enrolment->place.certificate);
}

/* --- a program's own --- */

static FALLIBLE choose_passphrase(const struct key_opening *opening, const char *path,
				  struct secret *out_passphrase)
{
	bool in_file = opening->passphrase_file && opening->passphrase_file[0];

	if (opening->unencrypted)
		return OK;
	return in_file || opening->known ? key_opening_passphrase(opening, path, out_passphrase)
					 : passphrase_choose(path, out_passphrase);
}

/* One that has a URI is made in its token; there is no new passphrase for it, but the token's PIN. */
static FALLIBLE make_in_token(enum key_type type, const struct key_opening *opening, const char *uri,
			      struct private_key **out_key)
{
	AUTO(secret_free) struct secret pin = { 0 };

	TRY(key_opening_passphrase(opening, uri, &pin));
	return pkcs11_key_generate(uri, secret_view(&pin), type, out_key);
}

static FALLIBLE make_key(enum key_type type, const struct key_opening *opening, const char *path,
			 struct private_key **out_key)
{
	AUTO(private_key_free) struct private_key *key = NULL;
	AUTO(secret_free) struct secret passphrase = { 0 };

	if (pkcs11_is_uri(path))
		return make_in_token(type, opening, path, out_key);
	TRY(choose_passphrase(opening, path, &passphrase));
	TRY(private_key_generate(type, &key));
	TRY(private_key_save(path, key, secret_view(&passphrase)));
	*out_key = TAKE(key);
	return OK;
}

static FALLIBLE type_wanted(const struct invocation *invocation, enum key_type *out_type)
{
	const char *name = options_value(&invocation->options, "key-type");

	*out_type = KEY_P256;
	return name ? key_type_any_from_text(name, out_type) : OK;
}

static FALLIBLE find_key(const struct invocation *invocation, const struct key_opening *opening,
			 const char *path, struct private_key **out_key)
{
	struct status *st = private_key_load(path, opening, out_key);
	enum key_type type;

	if (!st || st->kind != ST_NOT_FOUND)
		return st;
	status_free(&st);
	TRY(type_wanted(invocation, &type));
	if (type == KEY_X25519)
		return FAIL(ST_USAGE, 0, "an X25519 key does not sign: it is made beside one that does and "
			    "is certified (--beside)");
	return make_key(type, opening, path, out_key);
}

static const char *option_or(const struct invocation *invocation, const char *name,
			     const char *fallback)
{
	const char *given = options_value(&invocation->options, name);

	return given ? given : fallback;
}

/* --- beside the key that there is --- */

/* What is there already, and what is asked for beside it. */
struct beside {
	struct arena *arena;
	struct key_places places;
	struct secret passphrase;
	struct key_opening opening;
	struct own_keys keys;
	struct private_key *key;
};

static void beside_cleanup(struct beside *b)
{
	private_key_free(&b->key);
	own_keys_free(&b->keys);
	secret_free(&b->passphrase);
	arena_free(&b->arena);
}

/* One that was made and not certified, so that whoever was interrupted may say the same again. */
static FALLIBLE find_pending(struct beside *b, enum key_type type, struct key_place *out_place)
{
	for (size_t i = 0; i < b->places.count && !b->key; i++) {
		AUTO(private_key_free) struct private_key *key = NULL;
		const struct key_place *place = &b->places.items[i];

		if (key_place_is_certified(place))
			continue;
		TRY(private_key_load(place->key, &b->opening, &key));
		if (public_key_type(private_key_public(key)) != type)
			continue;
		*out_place = *place;
		b->key = TAKE(key);
	}
	return OK;
}

static FALLIBLE run_beside(const struct invocation *invocation, const struct key_opening *opening,
			   struct enrolment *wanted)
{
	AUTO(beside_cleanup) struct beside b = { .arena = arena_new(), .opening = *opening };
	struct spoken words;
	enum key_type type;

	if (options_has(&invocation->options, "key") || options_has(&invocation->options, "old-key"))
		return FAIL(ST_USAGE, 0, "--beside says where the key is, and which one is the old: leave "
			    "out --key and --old-key");
	if (!wanted->keys || !wanted->keys[0])
		return FAIL(ST_USAGE, 0, "where are further keys to be? Set \"keys\" to a folder in the "
			    "settings file");
	TRY(type_wanted(invocation, &type));
	TRY(key_places_find(b.arena, &wanted->place, wanted->keys, &b.places));
	/* The new key gets the passphrase of the old one. */
	TRY(key_places_ask_once(&b.places, &b.opening, &b.passphrase));
	TRY(own_keys_load(&b.keys, &b.places, &b.opening, wanted->scope));
	wanted->holder = own_keys_signer(&b.keys, clock_now(&clock_real));
	if (!wanted->holder)
		return FAIL(ST_USAGE, 0, "there is no certified key that another could be beside: enrol "
			    "without --beside first");
	if (!wanted->name)
		wanted->name = wanted->holder->cert->subject_text;
	TRY(enrol_check(wanted));
	TRY(find_pending(&b, type, &wanted->place));
	if (!b.key) {
		TRY(key_place_new(b.arena, wanted->keys, &wanted->place));
		TRY(make_key(type, &b.opening, wanted->place.key, &b.key));
	}
	TRY(enrol_request(wanted, b.key, &words));
	enrol_tell(invocation, wanted, &words);
	return OK;
}

/* --- the first one --- */

static FALLIBLE run_alone(const struct invocation *invocation, const struct key_opening *opening,
			  const struct enrolment *wanted)
{
	const char *old_key = options_value(&invocation->options, "old-key");
	AUTO(private_key_free) struct private_key *key = NULL;
	struct spoken words;

	if (!wanted->name)
		return FAIL(ST_USAGE, 0, "enrol needs --name");
	TRY(enrol_check(wanted));
	TRY(find_key(invocation, opening, wanted->place.key, &key));
	TRY(enrol_request(wanted, key, &words));
	if (old_key)
		TRY(prove(wanted, old_key, opening));
	enrol_tell(invocation, wanted, &words);
	return OK;
}

FALLIBLE enrol_run(const struct invocation *invocation, const struct key_opening *opening,
		   const struct enrolment *enrolment)
{
	struct enrolment wanted = *enrolment;

	wanted.name = option_or(invocation, "name", enrolment->name);
	wanted.or_address = option_or(invocation, "or-address", enrolment->or_address);
	wanted.place.key = option_or(invocation, "key", enrolment->place.key);
	wanted.request = option_or(invocation, "out", enrolment->request);
	if (!wanted.place.key[0])
		return FAIL(ST_USAGE, 0, "where is the key to be? Set \"key\" in the settings file, "
			    "or say --key");
	return options_has(&invocation->options, "beside") ? run_beside(invocation, opening, &wanted)
							   : run_alone(invocation, opening, &wanted);
}
