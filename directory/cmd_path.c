/* SPDX-License-Identifier: Apache-2.0 */
/* postern-dir path: whom we trust on the way to somebody's certificate, or why we do not. */
#include "directory/cmd.h"

#include "asn1/dn.h"
#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/mhs/trust.h"

const struct option_spec path_options[] = {
	{ "authority", "FILE", "The authority that is trusted, instead of the one in the settings." },
	{ "for", "SCOPE", "What the certificate has to be for: ua (default), ms, mta or ca." },
	{ 0 }
};

/* What a path that was found has been checked for [RFC 5280 6.1]. */
static const char checked[] =
	"signatures, dates, constraints, policies, scope of use, name, and that nothing is revoked";

static FALLIBLE open_trust(const struct invocation *invocation,
			   const struct directory_config *directory, struct trust **out_trust)
{
	const struct dir_settings *settings = invocation->settings;
	const char *authority = options_value(&invocation->options, "authority");
	const struct trust_options options = {
		.anchor = authority ? authority : settings->authority,
		.directory = directory,
		.clock = &clock_real,
		.list_seconds = settings->list_age,
		.limits = { (unsigned)settings->path_certificates, (unsigned)settings->path_lookups, 0 },
		.allow_broken_1989 = settings->allow_broken_1989,
		.policies = &settings->policies,
	};

	if (!directory_is_set(&settings->directory))
		return FAIL(ST_USAGE, 0, "which directory? Set \"directory\" in the settings file, "
			    "or --set directory=ldap://HOST:PORT");
	if (!*options.anchor)
		return FAIL(ST_USAGE, 0, "which authority is trusted? Say --authority FILE, or set "
			    "\"authority\" in the settings file");
	return trust_open(&options, out_trust);
}

/* The revocation list of the authority that issued a certificate, among those of a path. */
static const struct crl *list_for(const struct cert_path *path, const struct cert *cert)
{
	for (size_t i = 0; i < path->lists.count; i++)
		if (dn_equal(path->lists.items[i]->issuer, cert->issuer))
			return path->lists.items[i];
	return NULL;
}

/* --- for people --- */

static void show_address(const struct cert *cert)
{
	AUTO(mem_free) char *address = cert_address(cert);

	if (address)
		printf("  O/R address %s\n", address);
}

static void show_path(const struct cert_path *path)
{
	for (size_t i = 0; i < path->chain.count; i++) {
		const struct cert *cert = path->chain.items[i];
		AUTO(mem_free) char *subject = text_shown(bytes_text(cert->subject_text));

		printf("%*s%s\n", (int)(2 * i), "", subject);
		if (i == 0)
			show_address(cert);
		if (i + 1 < path->chain.count)
			printf("%*s  %s, serial %s, until %s; certified by\n", (int)(2 * i), "",
			       scope_name(cert->scope), cert->serial_text,
			       time_text(cert->not_after).s);
	}
	printf("\n%s\nChecked: %s.\nGood until %s; %u entries of authorities were looked at.\n",
	       path->explanation, checked, time_text(path->valid_until).s, path->lookups);
}

/* --- for programs --- */

static json_t *json_text(const char *text)
{
	AUTO(mem_free) char *shown = text_shown(bytes_text(text));

	return json_string(shown);
}

/* The list in which a certificate was looked for and not found. */
static json_t *json_list(const struct crl *list)
{
	json_t *json;

	if (!list)
		return json_null();
	json = json_pack("{s:o, s:s}", "issuer", json_text(list->issuer_text), "made",
			 time_rfc3339(list->this_update).s);
	if (list->next_update)
		json_object_set_new(json, "next_due", json_string(time_rfc3339(list->next_update).s));
	if (list->number)
		json_object_set_new(json, "number", json_integer((json_int_t)list->number));
	return json;
}

static json_t *json_step(const struct cert_path *path, size_t at)
{
	const struct cert *cert = path->chain.items[at];
	AUTO(mem_free) char *address = cert_address(cert);
	const bool anchor = at + 1 == path->chain.count;
	json_t *json = json_pack("{s:o, s:o, s:s, s:s, s:s, s:s, s:o}",
				 "subject", json_text(cert->subject_text),
				 "issuer", json_text(cert->issuer_text),
				 "serial", cert->serial_text,
				 "scope", scope_name(cert->scope),
				 "not_before", time_rfc3339(cert->not_before).s,
				 "not_after", time_rfc3339(cert->not_after).s,
				 "revocation_list", json_list(anchor ? NULL : list_for(path, cert)));

	if (address)
		json_object_set_new(json, "or_address", json_string(address));
	return json;
}

static void print_path(const struct cert_path *path)
{
	json_t *chain = json_array(), *policies = json_array();

	for (size_t i = 0; i < path->chain.count; i++)
		json_array_append_new(chain, json_step(path, i));
	for (size_t i = 0; i < path->policy_count; i++)
		json_array_append_new(policies, json_string(path->policies[i]));
	print_json(json_pack("{s:b, s:o, s:o, s:s, s:s, s:I, s:s}", "trusted", 1, "chain", chain, "policies",
			     policies,
			     "valid_until", time_rfc3339(path->valid_until).s, "checked", checked,
			     "lookups", (json_int_t)path->lookups, "explanation", path->explanation));
}

/* The sentences of a failure, the paths that were tried among them. */
static void print_failure(const struct status *why)
{
	json_t *reasons = json_array();

	for (const struct status *st = why; st; st = st->cause)
		json_array_append_new(reasons, json_text(st->words));
	print_json(json_pack("{s:b, s:o}", "trusted", 0, "reasons", reasons));
}

FALLIBLE cmd_path(const struct invocation *invocation)
{
	const struct dir_settings *settings = invocation->settings;
	const char *scope = options_value(&invocation->options, "for");
	struct directory_config directory = directory_config_of(&settings->directory);
	struct trust_wanted wanted = { .scope = SCOPE_UA };
	AUTO(trust_free) struct trust *trust = NULL;
	AUTO(buf_free) struct buf name = { 0 };
	AUTO(cert_path_free) struct cert_path *path = NULL;

	if (scope)
		TRY(scope_from_text(scope, &wanted.scope));
	TRY(dn_from_text(invocation->words[0], &name));
	wanted.directory_name = buf_view(&name);
	TRY(open_trust(invocation, &directory, &trust));

	struct status *failed = trust_find(trust, &wanted, &path);

	if (failed && invocation->json)
		print_failure(failed);
	if (failed)
		return status_doing(failed, "the certificate of %s is not trusted",
				    invocation->words[0]);
	if (invocation->json)
		print_path(path);
	else
		show_path(path);
	return OK;
}
