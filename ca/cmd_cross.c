/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ca cross-certify, revoke and crl. */
#include "ca/cmd.h"

#include "asn1/dn.h"
#include "lib/base/memory.h"

#include <ctype.h>
#include <stdlib.h>
#include <unistd.h>

enum { CROSS_DAYS = 730, LIST_DAYS = 7 };

const struct option_spec cross_options[] = {
	{ "fingerprint", "HEX", "What the other authority says its certificate's fingerprint is." },
	{ "received", NULL, "Keep a cross-certificate that the other authority issued to this one." },
	{ "days", "DAYS", "How long the cross-certificate is valid (default 730)." },
	{ "permit-or-address", "ADDRESS", "The domain of O/R addresses the other authority is held to; "
	  "may be repeated." },
	{ "permit-name", "NAME", "The subtree of directory names it is held to; may be repeated." },
	{ "path-length", "NUMBER", "How many further authorities may follow it." },
	{ "out", "FILE", "Where to write the cross-certificate (default cross.pem)." },
	{ 0 }
};

const struct option_spec revoke_options[] = {
	{ "reason", "REASON", "unspecified (default), key-compromise, ca-compromise, "
	  "affiliation-changed, superseded or cessation." },
	{ 0 }
};

const struct option_spec crl_options[] = {
	{ "days", "DAYS", "When the next list comes at the latest (default 7)." },
	{ "out", "FILE", "Where to write the list (default crl.pem)." },
	{ 0 }
};

/* --- cross-certify --- */

/* Colons and case do not matter, as others print fingerprints. */
static bool fingerprint_is(struct bytes fingerprint, const char *text)
{
	AUTO(buf_free) struct buf digits = { 0 };
	AUTO(buf_free) struct buf octets = { 0 };

	for (; *text; text++)
		if (*text != ':')
			buf_put_u8(&digits, (uint8_t)tolower((unsigned char)*text));
	buf_put_u8(&digits, 0);
	return buf_from_hex((char *)digits.data, &octets) &&
	       bytes_equal(buf_view(&octets), fingerprint);
}

static FALLIBLE check_fingerprint(const struct invocation *invocation, const struct cert *other)
{
	AUTO(mem_free) char *real = bytes_hex(other->fingerprint);
	const char *said = options_value(&invocation->options, "fingerprint");

	if (!said)
		return FAIL(ST_USAGE, 0, "the certificate of %s has the fingerprint %s: ask its owner "
			    "whether that is right, and say so with --fingerprint",
			    other->subject_text, real);
	if (!fingerprint_is(other->fingerprint, said))
		return FAIL(ST_REFUSED, 0, "the certificate of %s has the fingerprint %s, not %s",
			    other->subject_text, real, said);
	return OK;
}

enum { DOMAINS_MAX = 16 };

/* What the other authority is to be held to, with the octets it points at. */
struct held {
	struct cert_limits limits;
	struct buf octets[2 * DOMAINS_MAX];
	struct bytes addresses[DOMAINS_MAX], names[DOMAINS_MAX];
};

static void held_cleanup(struct held *held)
{
	for (size_t i = 0; i < 2 * DOMAINS_MAX; i++)
		buf_free(&held->octets[i]);
}

static FALLIBLE held_path_length(const char *text, struct cert_limits *limits)
{
	char *end = NULL;
	unsigned long length = strtoul(text, &end, 10);

	if (!isdigit((unsigned char)*text) || *end || length > 100)
		return FAIL(ST_USAGE, 0, "\"%s\" is no path length: 0 to 100 are", text);
	limits->has_path_length = true;
	limits->path_length = (unsigned)length;
	return OK;
}

static FALLIBLE held_from_options(const struct invocation *invocation, struct arena *arena,
				  struct held *held)
{
	const struct options *options = &invocation->options;
	const char *text = options_value(options, "path-length");
	size_t used = 0;

	if (text)
		TRY(held_path_length(text, &held->limits));
	for (size_t i = 0; (text = options_nth(options, "permit-or-address", i)); i++, used++) {
		const char *usual;

		if (i == DOMAINS_MAX)
			return FAIL(ST_USAGE, 0, "an authority is held to at most %d domains", DOMAINS_MAX);
		TRY(address_from_text(text, arena, &held->octets[used], &usual));
		held->addresses[held->limits.address_count++] = buf_view(&held->octets[used]);
	}
	for (size_t i = 0; (text = options_nth(options, "permit-name", i)); i++, used++) {
		if (i == DOMAINS_MAX)
			return FAIL(ST_USAGE, 0, "an authority is held to at most %d names", DOMAINS_MAX);
		TRY_DOING(dn_from_text(text, &held->octets[used]), "--permit-name");
		held->names[held->limits.name_count++] = buf_view(&held->octets[used]);
	}
	held->limits.addresses = held->addresses;
	held->limits.names = held->names;
	return OK;
}

FALLIBLE cmd_cross(const struct invocation *invocation)
{
	const char *out = options_value(&invocation->options, "out");
	AUTO(authority_free) struct authority *ca = NULL;
	AUTO(cert_free) const struct cert *other = NULL;
	AUTO(cert_free) const struct cert *cert = NULL;
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(held_cleanup) struct held held = { 0 };
	struct cert_plan plan = { .scope = SCOPE_CA, .limits = &held.limits, .not_before = clock_now(&clock_real) };

	out = out ? out : "cross.pem";
	TRY(cmd_authority(invocation, &ca));
	TRY(cert_load(invocation->words[0], &other));
	if (options_has(&invocation->options, "received")) {
		TRY(authority_receive(ca, other, plan.not_before));
		if (invocation->json)
			print_json(invocation, json_pack("{s:b}", "received", 1));
		else
			printf("Kept: %s certifies this authority.\n", other->issuer_text);
		return cmd_done(invocation);
	}
	TRY(cert_check_scope(other, SCOPE_CA));
	if (bytes_equal(other->subject, ca->cert->subject))
		return FAIL(ST_USAGE, 0, "%s is this authority itself", other->subject_text);
	TRY(check_fingerprint(invocation, other));
	TRY(option_days(invocation, CROSS_DAYS, plan.not_before, &plan.not_after));
	/* Not past what either side says of itself. */
	if (plan.not_after > other->not_after)
		plan.not_after = other->not_after;
	if (plan.not_after > ca->cert->not_after)
		plan.not_after = ca->cert->not_after;
	TRY(held_from_options(invocation, arena, &held));
	plan.subject = other->subject;
	plan.key = other->key;
	TRY(authority_issue(ca, &plan, ISSUED_CROSS, NULL, plan.not_before, &cert));
	return save_issued(invocation, cert, out);
}

/* --- revoke --- */

/* A file with the certificate, or its serial number. */
static FALLIBLE serial_from_word(const char *word, struct buf *out_serial)
{
	AUTO(cert_free) const struct cert *cert = NULL;

	if (access(word, F_OK)) {
		if (!buf_from_hex(word, out_serial) || !out_serial->len)
			return FAIL(ST_USAGE, 0, "\"%s\" is neither a file nor a serial number", word);
		return OK;
	}
	TRY(cert_load(word, &cert));
	buf_put(out_serial, cert->serial);
	return OK;
}

FALLIBLE cmd_revoke(const struct invocation *invocation)
{
	const char *reason_text = options_value(&invocation->options, "reason");
	enum revocation_reason reason = REVOKED_UNSPECIFIED;
	AUTO(authority_free) struct authority *ca = NULL;
	AUTO(buf_free) struct buf serial = { 0 };

	if (reason_text)
		TRY(revocation_reason_from_text(reason_text, &reason));
	TRY(serial_from_word(invocation->words[0], &serial));
	TRY(cmd_authority(invocation, &ca));

	AUTO(mem_free) char *text = bytes_hex(buf_view(&serial));

	TRY(command_confirm(invocation, "Revoke the certificate %s?", text));
	TRY(authority_revoke(ca, buf_view(&serial), reason, clock_now(&clock_real)));
	if (invocation->json)
		print_json(invocation, json_pack("{s:s}", "revoked", text));
	else
		printf("Revoked %s.  \"publish\" tells the directory.\n", text);
	return cmd_done(invocation);
}

/* --- crl --- */

FALLIBLE cmd_crl(const struct invocation *invocation)
{
	const char *out = options_value(&invocation->options, "out");
	AUTO(authority_free) struct authority *ca = NULL;
	AUTO(crl_free) const struct crl *crl = NULL;
	time_t now = clock_now(&clock_real), next = 0;

	out = out ? out : "crl.pem";
	TRY(option_days(invocation, LIST_DAYS, now, &next));
	TRY(cmd_authority(invocation, &ca));
	TRY(authority_list(ca, now, next, &crl));
	if (!command_is_dry(invocation))
		TRY(crl_save(out, crl));
	if (invocation->json)
		print_json(invocation, json_pack("{s:I, s:s}", "revoked", (json_int_t)crl->revoked_count,
						 "next_update", time_rfc3339(crl->next_update).s));
	else
		printf("A list of %zu revoked certificates, good until %s.\n  written to     %s\n",
		       crl->revoked_count, time_text(crl->next_update).s, out);
	return cmd_done(invocation);
}
