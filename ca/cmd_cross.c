/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ca cross-certify, revoke and crl. */
#include "ca/cmd.h"

#include "lib/base/memory.h"

#include <unistd.h>

enum { CROSS_DAYS = 730, LIST_DAYS = 7 };

const struct option_spec cross_options[] = {
	IDENTITY_OPTIONS,
	LIMITS_OPTIONS("the other authority is"),
	{ "received", NULL, "Keep a cross-certificate that the other authority issued to this one." },
	{ "days", "DAYS", "How long the cross-certificate is valid (default 730)." },
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

static FALLIBLE receive(const struct invocation *invocation, struct authority *ca,
			const struct cert *cert, time_t now)
{
	TRY(authority_receive(ca, cert, now));
	if (invocation->json)
		print_json(invocation, json_pack("{s:b}", "received", 1));
	else
		printf("Kept: %s certifies this authority.\n", cert->issuer_text);
	return cmd_done(invocation);
}

FALLIBLE cmd_cross(const struct invocation *invocation)
{
	const char *out = options_value(&invocation->options, "out");
	AUTO(authority_free) struct authority *ca = NULL;
	AUTO(cert_free) const struct cert *other = NULL;
	AUTO(cert_free) const struct cert *cert = NULL;
	AUTO(arena_free) struct arena *arena = arena_new();
	time_t now = clock_now(&clock_real), until = 0;
	struct cert_limits limits;

	TRY(cmd_authority(invocation, &ca));
	TRY(cert_load(invocation->words[0], &other));
	if (options_has(&invocation->options, "received"))
		return receive(invocation, ca, other, now);
	TRY(cert_check_scope(other, SCOPE_CA));
	if (bytes_equal(other->subject, ca->cert->subject))
		return FAIL(ST_USAGE, 0, "%s is this authority itself", other->subject_text);
	TRY(check_identity(invocation, other));
	TRY(option_days(invocation, CROSS_DAYS, now, &until));
	TRY(limits_from_options(invocation, arena, &limits));
	TRY(authority_certify(ca, other, &limits, now, until, &cert));
	return save_issued(invocation, cert, out ? out : "cross.pem");
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
	AUTO(crl_list_free) struct crl_list lists = { 0 };
	time_t now = clock_now(&clock_real), next = 0;

	out = out ? out : "crl.pem";
	TRY(option_days(invocation, LIST_DAYS, now, &next));
	TRY(cmd_authority(invocation, &ca));
	TRY(authority_list(ca, now, next, &crl));
	TRY(authority_lists(ca, &lists));
	if (!command_is_dry(invocation))
		TRY(crl_list_save(out, &lists));
	if (invocation->json)
		print_json(invocation, json_pack("{s:I, s:s}", "revoked", (json_int_t)crl->revoked_count,
						 "next_update", time_rfc3339(crl->next_update).s));
	else
		printf("A list of %zu revoked certificates, good until %s.\n  written to     %s\n",
		       crl->revoked_count, time_text(crl->next_update).s, out);
	return cmd_done(invocation);
}
