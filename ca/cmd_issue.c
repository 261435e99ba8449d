/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ca init, request and issue. */
#include "ca/cmd.h"

#include "asn1/dn.h"
#include "ca/journal.h"
#include "ca/rollover.h"
#include "lib/base/memory.h"
#include "lib/mhs/orname.h"
#include "lib/sec/passphrase.h"

#include <errno.h>
#include <sys/stat.h>

enum { OWN_DAYS = 3650, USER_DAYS = 365 };

const struct option_spec init_options[] = {
	{ "name", "NAME", "The authority's directory name: \"O=Ministry,C=FR\"." },
	{ "key", "TYPE", "p256 (default), ed25519 or rsa." },
	PASSPHRASE_OPTIONS
	{ "days", "DAYS", "How long its own certificate is valid (default 3650)." },
	{ 0 }
};

const struct option_spec request_options[] = {
	{ "name", "NAME", "The directory name: \"CN=Alice Smith,O=Ministry,C=FR\"." },
	{ "scope", "SCOPE", "What the key is for: ua, ms or mta." },
	{ "or-address", "ADDRESS", "The O/R address; a UA has to have one." },
	{ "key", "TYPE", "p256 (default), ed25519 or rsa." },
	PASSPHRASE_OPTIONS
	{ 0 }
};

const struct option_spec issue_options[] = {
	{ "name", "NAME", "The directory name that the request has to have." },
	{ "scope", "SCOPE", "What the key is for: ua, ms or mta." },
	{ "or-address", "ADDRESS", "The O/R address." },
	{ "days", "DAYS", "How long the certificate is valid (default 365)." },
	{ "out", "FILE", "Where to write the certificate (default cert.pem)." },
	{ 0 }
};

static FALLIBLE init_plan(const struct invocation *invocation, struct buf *name,
			  struct secret *passphrase, struct authority_plan *plan)
{
	const char *text = NULL;

	TRY(option_needed(invocation, "name", &text));
	TRY(dn_from_text(text, name));
	TRY(key_type_option(invocation, &plan->key));
	TRY(option_days(invocation, OWN_DAYS, plan->now, &plan->until));
	TRY(passphrase_new(&invocation->options, "the authority's key", passphrase));
	plan->name = buf_view(name);
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

FALLIBLE cmd_passphrase(const struct invocation *invocation)
{
	const struct key_opening opening = cmd_opening(invocation);
	AUTO(authority_free) struct authority *ca = NULL;
	AUTO(mem_free) char *key = NULL;

	TRY(cmd_authority(invocation, &ca));
	key = generation_key_path(ca->path, ca->generation);

	TRY(journal_add(ca, clock_now(&clock_real), "passphrase", json_pack("{s:s}", "key", key)));
	if (!ca->rehearsal)
		TRY(passphrase_change(key, &opening, &invocation->options));
	if (invocation->json)
		print_json(invocation, json_pack("{s:s}", "key", key));
	else
		printf("%s has the new passphrase.\n", key);
	return cmd_done(invocation);
}

/* --- requests --- */

/* A user without an address could not be told from another of the same name. */
static FALLIBLE check_address(enum scope scope, bool has_address)
{
	if (scope == SCOPE_CA || scope == SCOPE_NONE)
		return FAIL(ST_USAGE, 0, "a certificate is for a ua, an ms or an mta; "
			    "another authority is cross-certified");
	if (scope == SCOPE_UA && !has_address)
		return FAIL(ST_USAGE, 0, "the certificate of a UA needs an O/R address");
	return OK;
}

FALLIBLE cmd_request(const struct invocation *invocation)
{
	const char *address = options_value(&invocation->options, "or-address");
	const char *name_text = NULL, *scope_text = NULL, *usual = NULL;
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(private_key_free) struct private_key *key = NULL;
	AUTO(secret_free) struct secret passphrase = { 0 };
	AUTO(buf_free) struct buf name = { 0 };
	AUTO(buf_free) struct buf or_address = { 0 };
	AUTO(buf_free) struct buf der = { 0 };
	const char *key_path = arena_printf(arena, "%s/key.pem", invocation->words[0]);
	const char *request_path = arena_printf(arena, "%s/request.pem", invocation->words[0]);
	enum key_type type;
	enum scope scope;

	TRY(option_needed(invocation, "name", &name_text));
	TRY(option_needed(invocation, "scope", &scope_text));
	TRY(scope_from_text(scope_text, &scope));
	TRY(check_address(scope, address));
	TRY(dn_from_text(name_text, &name));
	if (address)
		TRY(address_from_text(address, arena, &or_address, &usual));
	TRY(key_type_option(invocation, &type));
	TRY(passphrase_new(&invocation->options, key_path, &passphrase));
	if (mkdir(invocation->words[0], 0700) && errno != EEXIST)
		return status_errno(errno, "cannot make the directory %s", invocation->words[0]);
	TRY(private_key_generate(type, &key));
	TRY(cert_request_make(key, buf_view(&name), buf_view(&or_address), scope, &der));
	TRY(private_key_save(key_path, key, secret_view(&passphrase)));
	TRY(cert_request_save(request_path, buf_view(&der)));
	if (invocation->json)
		printf("{\"key\": \"%s\", \"request\": \"%s\"}\n", key_path, request_path);
	else
		printf("The key is in %s: keep it.\nThe request is in %s: the authority needs it.\n",
		       key_path, request_path);
	return OK;
}

/* --- issuing --- */

static FALLIBLE check_name(const struct invocation *invocation,
			   const struct cert_request *request)
{
	const char *text = options_value(&invocation->options, "name");

	if (text && !dn_text_equal(text, request->subject_text))
		return FAIL(ST_REFUSED, 0, "the request is from %s, not from %s",
			    request->subject_text, text);
	return OK;
}

static FALLIBLE decide_scope(const struct invocation *invocation,
			     const struct cert_request *request, enum scope *out_scope)
{
	const char *text = options_value(&invocation->options, "scope");

	*out_scope = request->scope;
	if (text)
		TRY(scope_from_text(text, out_scope));
	if (request->scope != SCOPE_NONE && *out_scope != request->scope)
		return FAIL(ST_REFUSED, 0, "the request is for a key of a %s, not of a %s",
			    scope_name(request->scope), scope_name(*out_scope));
	return OK;
}

static FALLIBLE same_address(const char *a, const char *b, struct arena *arena, bool *out_same)
{
	struct orname *x = NULL, *y = NULL;

	TRY(orname_from_text(arena, a, &x));
	TRY(orname_from_text(arena, b, &y));
	*out_same = orname_equal(x, y);
	return OK;
}

/* *out_text is null where there is none. */
static FALLIBLE decide_address(const struct invocation *invocation,
			       const struct cert_request *request, struct arena *arena,
			       struct buf *out_der, const char **out_text)
{
	const char *text = options_value(&invocation->options, "or-address");
	const char *requested = NULL;
	bool same = true;

	TRY_DOING(address_text(request->or_address, arena, &requested),
		  "the request has an unreadable O/R address");
	if (text && requested)
		TRY(same_address(text, requested, arena, &same));
	if (!same)
		return FAIL(ST_REFUSED, 0, "the request is for the O/R address %s, not for %s",
			    requested, text);
	*out_text = NULL;
	if (!text && !requested)
		return OK;
	return address_from_text(text ? text : requested, arena, out_der, out_text);
}

FALLIBLE cmd_issue(const struct invocation *invocation)
{
	const char *out = options_value(&invocation->options, "out"), *address = NULL;
	AUTO(authority_free) struct authority *ca = NULL;
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(cert_request_free) struct cert_request *request = NULL;
	AUTO(cert_free) const struct cert *cert = NULL;
	AUTO(buf_free) struct buf or_address = { 0 };
	struct cert_plan plan = { .not_before = clock_now(&clock_real) };

	out = out ? out : "cert.pem";
	TRY(cmd_authority(invocation, &ca));
	TRY(cert_request_load(invocation->words[0], &request));
	TRY(check_name(invocation, request));
	TRY(decide_scope(invocation, request, &plan.scope));
	TRY(decide_address(invocation, request, arena, &or_address, &address));
	TRY(check_address(plan.scope, address));
	TRY(option_days(invocation, USER_DAYS, plan.not_before, &plan.not_after));
	plan.subject = request->subject;
	plan.or_address = buf_view(&or_address);
	plan.key = request->key;
	TRY(authority_issue(ca, &plan, ISSUED_USER, address, plan.not_before, &cert));
	return save_issued(invocation, cert, out);
}
