/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ca init, passphrase and request. */
#include "ca/cmd.h"

#include "asn1/dn.h"
#include "ca/journal.h"
#include "ca/profile.h"
#include "ca/rollover.h"
#include "lib/base/memory.h"
#include "lib/mhs/enrol.h"
#include "lib/sec/passphrase.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

const struct option_spec init_options[] = {
	{ "name", "NAME", "The authority's directory name: \"O=Ministry,C=FR\"." },
	{ "key", "TYPE", "p256 (default), ed25519 or rsa." },
	KEY_URI_OPTION
	PASSPHRASE_OPTIONS
	{ "days", "DAYS", "How long its own certificate is valid (default 3650)." },
	{ "v1-1989", NULL, "Certificates of version 1 with the hash of 1988, which is broken; needs "
	  "--key rsa, and allow-broken-1989 = yes." },
	{ 0 }
};

const struct option_spec request_options[] = {
	{ "name", "NAME", "The directory name: \"CN=Alice Smith,O=Ministry,C=FR\"." },
	{ "scope", "SCOPE", "What the key is for: ua, ms or mta." },
	{ "or-address", "ADDRESS", "The O/R address; a UA has to have one." },
	{ "key", "TYPE", "p256 (default), ed25519 or rsa." },
	KEY_URI_OPTION
	PASSPHRASE_OPTIONS
	{ 0 }
};

static FALLIBLE init_plan(const struct invocation *invocation, struct buf *name,
			  struct secret *passphrase, struct authority_plan *plan)
{
	const struct ca_settings *settings = invocation->settings;
	struct profiles profiles;
	const char *text = NULL;
	int days = 0;

	plan->form_1989 = options_has(&invocation->options, "v1-1989");
	TRY(cmd_allows(invocation, plan->form_1989));
	TRY(option_needed(invocation, "name", &text));
	TRY(dn_from_text(text, name));
	TRY(key_type_option(invocation, &plan->key));
	if (plan->form_1989 && plan->key != KEY_RSA)
		return FAIL(ST_USAGE, 0, "--v1-1989 goes with --key rsa");
	TRY(option_day_count(invocation, &days));
	TRY(profiles_read(&settings->profiles, &profiles));
	TRY(profile_check_key(&profiles, SCOPE_CA, plan->key));
	TRY(profile_end(&profiles, SCOPE_CA, days, plan->now, &plan->until));
	TRY(passphrase_new(&invocation->options, "the authority's key", passphrase));
	plan->name = buf_view(name);
	plan->key_uri = options_value(&invocation->options, "key-uri");
	plan->passphrase = secret_view(passphrase);
	plan->as = options_value(&invocation->options, "as");
	return OK;
}

FALLIBLE cmd_init(const struct invocation *invocation)
{
	AUTO(authority_free) struct authority *ca = NULL;
	AUTO(secret_free) struct secret passphrase = { 0 };
	AUTO(buf_free) struct buf name = { 0 };
	struct authority_plan plan = { .now = clock_now(&clock_real) };
	const char *path = cmd_authority_path(invocation);

	TRY(init_plan(invocation, &name, &passphrase, &plan));
	if (command_is_dry(invocation)) {
		if (invocation->json)
			print_json(invocation, json_pack("{s:s}", "authority", path));
		else
			printf("An authority would be made in %s, with a %s key, until %s.\n", path,
			       key_type_name(plan.key), time_text(plan.until).s);
		return cmd_done(invocation);
	}
	TRY(authority_create(path, &plan, &ca));
	print_issued(invocation, ca->cert, NULL);
	return OK;
}

const struct option_spec passphrase_options[] = { PASSPHRASE_OPTIONS { 0 } };

/* The files of the current key and of those before that still make lists, the current one last: until
 * it is changed, the passphrase that opens the authority is the old one.  A key in a token has a PIN,
 * which is changed there. */
static FALLIBLE key_files(const struct authority *ca, struct arena *arena, const char ***out_paths,
			  size_t *out_count)
{
	const char **paths = arena_new_array(arena, const char *, (size_t)ca->generation);
	size_t count = 0;

	for (int64_t n = 1; n <= ca->generation; n++) {
		AUTO(mem_free) char *path = generation_key_path(ca->path, n);
		AUTO(mem_free) char *uri = NULL;

		TRY(private_key_uri(path, &uri));
		if (access(path, F_OK) == 0 && !uri)
			paths[count++] = arena_strdup(arena, path);
	}
	if (!count)
		return FAIL(ST_USAGE, 0, "the key does not leave where it is: the PIN of its token is changed "
			    "with the token's own means");
	*out_paths = paths;
	*out_count = count;
	return OK;
}

static json_t *names_json(const char *const *paths, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_string(paths[i]));
	return json_pack("{s:o}", "keys", list);
}

FALLIBLE cmd_passphrase(const struct invocation *invocation)
{
	const struct key_opening opening = cmd_opening(invocation);
	AUTO(authority_free) struct authority *ca = NULL;
	AUTO(arena_free) struct arena *arena = arena_new();
	const char **paths = NULL;
	size_t count = 0;

	TRY(cmd_authority(invocation, &ca));
	TRY(key_files(ca, arena, &paths, &count));
	TRY(journal_add(ca, clock_now(&clock_real), "passphrase", names_json(paths, count)));
	if (!ca->rehearsal)
		TRY(passphrase_change(paths, count, &opening, &invocation->options));
	for (size_t i = 0; i < count && !invocation->json; i++)
		printf("%s has the new passphrase.\n", paths[i]);
	if (invocation->json)
		print_json(invocation, names_json(paths, count));
	return cmd_done(invocation);
}

/* --- requests --- */

FALLIBLE cmd_request(const struct invocation *invocation)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(private_key_free) struct private_key *key = NULL;
	AUTO(secret_free) struct secret passphrase = { 0 };
	const char *folder = invocation->words[0], *scope = NULL;
	struct enrolment enrolment = {
		.or_address = options_value(&invocation->options, "or-address"),
		.place.key = arena_printf(arena, "%s/key.pem", folder),
		.request = arena_printf(arena, "%s/request.pem", folder),
	};
	struct spoken words;
	enum key_type type;

	TRY(option_needed(invocation, "name", &enrolment.name));
	TRY(option_needed(invocation, "scope", &scope));
	TRY(scope_from_text(scope, &enrolment.scope));
	TRY(enrol_check(&enrolment));
	TRY(key_type_option(invocation, &type));
	if (command_is_dry(invocation)) {
		if (invocation->json)
			print_json(invocation, json_pack("{s:s, s:s}", "key", enrolment.place.key, "request",
							 enrolment.request));
		else
			printf("A %s key would be made in %s, and a request in %s.\n", key_type_name(type),
			       enrolment.place.key, enrolment.request);
		return cmd_done(invocation);
	}
	TRY(passphrase_new(&invocation->options, enrolment.place.key, &passphrase));
	if (mkdir(folder, 0700) && errno != EEXIST)
		return status_errno(errno, "cannot make the directory %s", folder);
	TRY(private_key_create(enrolment.place.key, options_value(&invocation->options, "key-uri"), type,
			       secret_view(&passphrase), &key));
	TRY(enrol_request(&enrolment, key, &words));
	enrol_tell(invocation, &enrolment, &words);
	return OK;
}
