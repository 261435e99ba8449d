/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A home is made in one or two steps: with a certificate that is there already,
 * or with a request that is taken to the authority, and its answer later.
 */
#include "ua/init.h"

#include "lib/base/file.h"
#include "lib/base/memory.h"
#include "lib/mhs/enrol.h"
#include "lib/sec/passphrase.h"
#include "ua/home.h"
#include "ua/print.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

const struct option_spec init_options[] = {
	{ "name", "NAME", "Your directory name: CN=Alice Martin,O=Ministry,C=FR." },
	{ "or-address", "ADDRESS", "Your O/R address: /G=Alice/S=Martin/O=.../ADMD=.../C=FR/." },
	{ "ms", "HOST:PORT", "Your message store." },
	{ "ms-name", "NAME", "The directory name in the certificate of your message store." },
	{ "mta", "MTA", "In place of a message store, your MTA: \"NAME HOST:PORT domain=DOMAIN "
	  "dn=NAME\"." },
	{ "directory", "URI", "The directory: ldap://HOST:PORT." },
	{ "authority", "FILE", "PEM certificate of the authority that you trust." },
	{ "key", "FILE", "Your private key, PEM; without it one is made." },
	{ "key-type", "TYPE", "Of the key that is made: p256 (the default), rsa, ed25519." },
	PASSPHRASE_OPTIONS
	{ "certificate", "FILE", "Your certificate, PEM; may be given later." },
	{ 0 }
};

/* What init was told, and makes. */
struct making {
	const struct invocation *invocation;
	struct arena *arena;
	const char *path;		/* the home */
	struct private_key *key;
	struct secret passphrase;	/* that the key is encrypted with */
	const struct cert *authority;
	bool requested;			/* a request was written */
	struct spoken words;		/* the request's */
};

static void making_cleanup(struct making *m)
{
	private_key_free(&m->key);
	secret_free(&m->passphrase);
	cert_free(&m->authority);
	arena_free(&m->arena);
}

static const char *given(const struct making *m, const char *option)
{
	return options_value(&m->invocation->options, option);
}

static const char *in_home(const struct making *m, const char *name)
{
	return arena_printf(m->arena, "%s/%s", m->path, name);
}

static struct enrolment enrolment_of(const struct making *m)
{
	return (struct enrolment){
		.name = given(m, "name"),
		.or_address = given(m, "or-address"),
		.scope = SCOPE_UA,
		.place.key = in_home(m, "key.pem"),
		.request = in_home(m, "request.pem"),
	};
}

/* --- what was told makes sense --- */

static FALLIBLE need(const struct making *m, const char *option)
{
	if (!given(m, option))
		return FAIL(ST_USAGE, 0, "init needs --%s", option);
	return OK;
}

/* Before there are files that say so. */
static FALLIBLE check_mta(struct making *m)
{
	static const struct label_settings none = { .unlabelled = true };
	const char *line = given(m, "mta");
	struct labels labels;
	struct peer mta;

	if (!line)
		return OK;
	if (given(m, "ms"))
		return FAIL(ST_USAGE, 0, "--ms and --mta exclude each other: who has a message store takes "
			    "his messages from it");
	TRY(labels_open(m->arena, &none, &labels));
	TRY_DOING(peer_read_in(m->arena, &labels, PEER_MTA, m->path, line, &mta), "--mta");
	return OK;
}

static FALLIBLE read_names(struct making *m)
{
	TRY(need(m, "name"));
	TRY(need(m, "or-address"));
	TRY(need(m, "authority"));
	const struct enrolment enrolment = enrolment_of(m);
	TRY(enrol_check(&enrolment));
	TRY_DOING(cert_load(given(m, "authority"), &m->authority), "--authority");
	TRY_DOING(cert_check_scope(m->authority, SCOPE_CA), "--authority");
	return check_mta(m);
}

static FALLIBLE read_key(struct making *m)
{
	const char *type_name = given(m, "key-type");
	enum key_type type = KEY_P256;

	if (given(m, "key")) {
		const struct key_opening opening = { .passphrase_file = given(m, "passphrase-file"),
						     .ask = true, .unencrypted = true };

		TRY_DOING(private_key_load(given(m, "key"), &opening, &m->key), "--key");
		return OK;
	}
	if (given(m, "certificate"))
		return FAIL(ST_USAGE, 0, "--certificate belongs to a key: give --key, too");
	if (type_name)
		TRY_DOING(key_type_from_text(type_name, &type), "--key-type");
	return private_key_generate(type, &m->key);
}

/* --- the files --- */

static FALLIBLE put_setting(const struct making *m, const char *option, struct buf *out)
{
	const char *value = given(m, option);

	if (!value)
		return OK;
	if (strpbrk(value, "\r\n"))
		return FAIL(ST_USAGE, 0, "--%s has more than one line", option);
	buf_printf(out, "%s = %s\n", option, value);
	return OK;
}

/* How the key is opened from now on: on the terminal, unless this says otherwise. */
static FALLIBLE put_protection(const struct making *m, struct buf *out)
{
	const char *file = given(m, "passphrase-file");
	AUTO(mem_free) char *whole = file ? realpath(file, NULL) : NULL;

	if (file && !whole)
		return status_errno(errno, "--passphrase-file %s", file);
	if (whole && strpbrk(whole, "\r\n"))
		return FAIL(ST_USAGE, 0, "--passphrase-file has more than one line");
	if (whole)
		buf_printf(out, "key-passphrase-file = %s\n", whole);
	if (!m->passphrase.len)
		buf_put_text(out, "key-unencrypted = yes\n");
	return OK;
}

static FALLIBLE write_settings(const struct making *m)
{
	static const char *const options[] = { "name", "or-address", "ms", "ms-name", "mta",
					       "directory" };
	AUTO(buf_free) struct buf text = { 0 };

	buf_put_text(&text, "# Made by postern-ua init; ua.conf(5) says what may be set.\n");
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		TRY(put_setting(m, options[i], &text));
	TRY(put_protection(m, &text));
	buf_put_text(&text, "key = key.pem\ncertificate = cert.pem\nauthority = ca.pem\n");
	return file_create(in_home(m, "ua.conf"), 0600, buf_view(&text));
}

static FALLIBLE write_request(struct making *m)
{
	const struct enrolment enrolment = enrolment_of(m);

	m->requested = true;
	return enrol_request(&enrolment, m->key, &m->words);
}

/* The settings last: with them the home is there. */
static FALLIBLE write_files(struct making *m)
{
	if (mkdir(m->path, 0700) != 0 && errno != EEXIST)
		return status_errno(errno, "cannot make %s", m->path);
	TRY(private_key_save(in_home(m, "key.pem"), m->key, secret_view(&m->passphrase)));
	TRY(cert_save(in_home(m, "ca.pem"), m->authority));
	if (!given(m, "certificate"))
		TRY(write_request(m));
	return write_settings(m);
}

/* --- the certificate --- */

/* The key that it is for: one of the user's, which waits for it or had another. */
static FALLIBLE find_place(const struct home *home, const struct cert *cert, const char *file,
			   struct key_place *out_place)
{
	AUTO(secret_free) struct secret passphrase = { 0 };
	struct key_opening opening = home_key_opening(home);
	struct key_places places;

	TRY(home_key_places(home, &places));
	TRY(key_places_ask_once(&places, &opening, &passphrase));
	for (size_t i = 0; i < places.count; i++) {
		AUTO(private_key_free) struct private_key *key = NULL;

		TRY(private_key_load(places.items[i].key, &opening, &key));
		*out_place = places.items[i];
		if (bytes_equal(public_key_id(cert->key), public_key_id(private_key_public(key))))
			return OK;
	}
	return FAIL(ST_REFUSED, 0, "the certificate %s is not for your key", file);
}

static FALLIBLE install_in(struct making *m, const struct ua_settings *settings)
{
	AUTO(home_free) struct home *home = NULL;
	AUTO(cert_free) const struct cert *cert = NULL;
	const char *file = given(m, "certificate");
	struct key_place place = { 0 };

	TRY(home_open(m->path, settings, &clock_real, &home));
	if (!file)
		return OK;
	TRY_DOING(cert_load(file, &cert), "--certificate");
	TRY(find_place(home, cert, file, &place));
	TRY_DOING(home_check_certificate(home, cert), "cannot use the certificate %s", file);
	return cert_save(place.certificate, cert);
}

/* The settings as they are now in the home. */
static FALLIBLE install(struct making *m)
{
	struct ua_settings settings = { 0 };
	struct status *failed;

	settings_init(ua_settings_table, &settings);
	failed = settings_read(ua_settings_table, &settings, in_home(m, "ua.conf"));
	if (!failed)
		failed = settings_finish(ua_settings_table, &settings);
	if (!failed)
		failed = install_in(m, &settings);
	settings_cleanup(ua_settings_table, &settings);
	return failed;
}

/* --- the command --- */

static FALLIBLE make_home(struct making *m)
{
	TRY(read_names(m));
	TRY(passphrase_new(&m->invocation->options, "your key", &m->passphrase));
	TRY(read_key(m));
	return write_files(m);
}

static void tell(const struct making *m)
{
	if (m->invocation->json)
		print_json(json_pack("{s:s, s:s?, s:s?}", "home", m->path,
				     "request", m->requested ? in_home(m, "request.pem") : NULL,
				     "words", m->requested ? m->words.s : NULL));
	else if (m->requested)
		printf("Made %s with a new key.\nHave %s certified by your authority, which will ask "
		       "you to read these words to it:\n\n  %s\n\nThen: postern-ua init --certificate "
		       "FILE\n", m->path, in_home(m, "request.pem"), m->words.s);
	else
		printf("%s is ready.\n", m->path);
}

FALLIBLE cmd_init(const struct invocation *invocation)
{
	AUTO(mem_free) char *path = home_path(&invocation->options);
	AUTO(making_cleanup) struct making m = { .invocation = invocation, .arena = arena_new(),
						 .path = path };
	bool is_there = access(in_home(&m, "ua.conf"), F_OK) == 0;

	if (is_there && !given(&m, "certificate"))
		return FAIL(ST_USAGE, 0, "%s is there already; what it says may be changed in %s",
			    path, in_home(&m, "ua.conf"));
	if (!is_there)
		TRY(make_home(&m));
	TRY(install(&m));
	tell(&m);
	return OK;
}

/* --- the passphrase --- */

const struct option_spec passphrase_options[] = { PASSPHRASE_OPTIONS { 0 } };

static FALLIBLE change_passphrases(const struct key_places *places, const struct key_opening *opening,
				   const struct options *options)
{
	const char *paths[OWN_KEYS_MAX + 1];

	for (size_t i = 0; i < places->count; i++)
		paths[i] = places->items[i].key;
	return passphrase_change(paths, places->count, opening, options);
}

FALLIBLE cmd_passphrase(const struct invocation *invocation)
{
	const struct ua_settings *settings = invocation->settings;
	AUTO(mem_free) char *path = home_path(&invocation->options);
	AUTO(home_free) struct home *home = NULL;

	TRY(home_open(path, settings, &clock_real, &home));
	const struct key_opening opening = home_key_opening(home);
	struct key_places places;

	TRY(home_key_places(home, &places));
	TRY(change_passphrases(&places, &opening, &invocation->options));
	if (invocation->json) {
		json_t *keys = json_array();

		for (size_t i = 0; i < places.count; i++)
			json_array_append_new(keys, json_string(places.items[i].key));
		print_json(json_pack("{s:s, s:o}", "key", places.items[0].key, "keys", keys));
		return OK;
	}
	for (size_t i = 0; i < places.count; i++)
		printf("%s has the new passphrase.\n", places.items[i].key);
	printf("key-passphrase-file and key-unencrypted in %s are to go with it.\n",
	       home_file(home, "ua.conf"));
	return OK;
}
