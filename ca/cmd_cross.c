/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ca cross-certify. */
#include "ca/cmd.h"

#include "lib/base/memory.h"

const struct option_spec cross_options[] = {
	IDENTITY_OPTIONS,
	LIMITS_OPTIONS("the other authority is"),
	{ "received", NULL, "Keep a cross-certificate that the other authority issued to this one." },
	{ "days", "DAYS", "How long the cross-certificate is valid (default 730)." },
	{ "out", "FILE", "Where to write the cross-certificate (default cross.pem)." },
	{ 0 }
};

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
	TRY(option_cross_days(invocation, other, now, &until));
	TRY(limits_from_options(invocation, arena, &limits));
	TRY(authority_certify(ca, other, &limits, now, until, &cert));
	return save_issued(invocation, cert, out ? out : "cross.pem");
}
