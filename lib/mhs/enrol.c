/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and requests for their certificates [RFC 2986]. */
#include "lib/mhs/enrol.h"

#include "asn1/dn.h"
#include "lib/base/file.h"
#include "lib/base/memory.h"
#include "lib/mhs/orname.h"
#include "lib/sec/passphrase.h"

#include <jansson.h>

const struct option_spec enrol_options[] = {
	{ "name", "NAME", "The directory name that the certificate is to have." },
	{ "or-address", "ADDRESS", "The O/R address that it is to have." },
	{ "key", "FILE", "The key, instead of the one of the settings; made where there is none." },
	{ "key-type", "TYPE", "Of a key that is made: p256 (the default), rsa, ed25519." },
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

FALLIBLE enrol_request(const struct enrolment *enrolment, const struct private_key *key,
		       struct spoken *out_words)
{
	AUTO(buf_free) struct buf name = { 0 };
	AUTO(buf_free) struct buf address = { 0 };
	AUTO(buf_free) struct buf der = { 0 };
	uint8_t hash[HASH_OCTETS];

	TRY(encode_names(enrolment, &name, &address));
	TRY(cert_request_make(key, buf_view(&name), buf_view(&address), enrolment->scope, &der));
	TRY(cert_request_save(enrolment->request, buf_view(&der)));

	struct bytes octets = buf_view(&der);

	crypto_sha256(&octets, 1, hash);
	*out_words = spoken_of(bytes_of(hash, sizeof hash));
	return OK;
}

/* The file is the signed line and an end of line. */
static FALLIBLE prove(const struct enrolment *enrolment, const char *old_key,
		      const struct key_opening *opening)
{
	AUTO(mem_free) char *path = mem_printf("%s.proof", enrolment->request);
	AUTO(private_key_free) struct private_key *key = NULL;
	AUTO(cert_request_free) struct cert_request *request = NULL;
	AUTO(buf_free) struct buf line = { 0 };

	TRY(private_key_load(old_key, opening, &key));
	TRY(cert_request_load(enrolment->request, &request));
	TRY_DOING(request_proof_make(key, request->der, &line), "cannot sign the request with %s", old_key);
	buf_put_u8(&line, '\n');
	return file_replace(path, 0644, buf_view(&line));
}

void enrol_tell(const struct invocation *invocation, const struct enrolment *enrolment,
		const struct spoken *words)
{
	if (invocation->json) {
		json_t *json = json_pack("{s:s, s:s, s:s}", "key", enrolment->key,
					 "request", enrolment->request, "words", words->s);

		json_dumpf(json, stdout, JSON_INDENT(2));
		putchar('\n');
		json_decref(json);
		return;
	}
	printf("The key is in %s: keep it.\nThe request is in %s: the authority needs it, and will ask "
	       "you to read these words to it:\n\n  %s\n", enrolment->key, enrolment->request, words->s);
}

/* --- a program's own --- */

static FALLIBLE make_key(const struct invocation *invocation, const struct key_opening *opening,
			 const char *path, struct private_key **out_key)
{
	const char *type_name = options_value(&invocation->options, "key-type");
	AUTO(secret_free) struct secret passphrase = { 0 };
	enum key_type type = KEY_P256;

	if (type_name)
		TRY(key_type_from_text(type_name, &type));
	if (!opening->unencrypted && opening->passphrase_file && opening->passphrase_file[0])
		TRY(passphrase_read(opening->passphrase_file, &passphrase));
	else if (!opening->unencrypted)
		TRY(passphrase_choose(path, &passphrase));
	TRY(private_key_generate(type, out_key));
	return private_key_save(path, *out_key, secret_view(&passphrase));
}

static FALLIBLE find_key(const struct invocation *invocation, const struct key_opening *opening,
			 const char *path, struct private_key **out_key)
{
	struct status *st = private_key_load(path, opening, out_key);

	if (!st || st->kind != ST_NOT_FOUND)
		return st;
	status_free(&st);
	return make_key(invocation, opening, path, out_key);
}

static const char *option_or(const struct invocation *invocation, const char *name,
			     const char *fallback)
{
	const char *given = options_value(&invocation->options, name);

	return given ? given : fallback;
}

FALLIBLE enrol_run(const struct invocation *invocation, const struct key_opening *opening,
		   const struct enrolment *enrolment)
{
	AUTO(private_key_free) struct private_key *key = NULL;
	const struct enrolment wanted = {
		.name = option_or(invocation, "name", enrolment->name),
		.or_address = option_or(invocation, "or-address", enrolment->or_address),
		.scope = enrolment->scope,
		.key = option_or(invocation, "key", enrolment->key),
		.request = option_or(invocation, "out", enrolment->request),
	};
	const char *old_key = options_value(&invocation->options, "old-key");
	struct spoken words;

	if (!wanted.key[0])
		return FAIL(ST_USAGE, 0, "where is the key to be? Set \"key\" in the settings file, "
			    "or say --key");
	if (!wanted.name)
		return FAIL(ST_USAGE, 0, "enrol needs --name");
	TRY(enrol_check(&wanted));
	TRY(find_key(invocation, opening, wanted.key, &key));
	TRY(enrol_request(&wanted, key, &words));
	if (old_key)
		TRY(prove(&wanted, old_key, opening));
	enrol_tell(invocation, &wanted, &words);
	return OK;
}
