/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ca rollover. */
#include "ca/cmd.h"

#include "ca/approval.h"
#include "ca/rollover.h"
#include "lib/base/memory.h"
#include "lib/sec/passphrase.h"

enum { OWN_DAYS = 3650 };

const struct option_spec rollover_options[] = {
	{ "key", "TYPE", "p256 (default), ed25519 or rsa." },
	{ "days", "DAYS", "How long the new certificate is valid (default 3650)." },
	{ "destroy-old-key", NULL, "Remove the old key: whoever trusts the old certificate alone gets no "
	  "more revocation lists." },
	PASSPHRASE_OPTIONS
	{ 0 }
};

FALLIBLE cmd_rollover(const struct invocation *invocation)
{
	AUTO(authority_free) struct authority *ca = NULL;
	AUTO(secret_free) struct secret passphrase = { 0 };
	struct rollover_plan plan = {
		.now = clock_now(&clock_real),
		.destroy = options_has(&invocation->options, "destroy-old-key"),
	};

	TRY(key_type_option(invocation, &plan.key));
	TRY(option_days(invocation, OWN_DAYS, plan.now, &plan.until));
	TRY(cmd_authority(invocation, &ca));
	TRY(command_confirm(invocation, "Give %s a new key%s?", ca->cert->subject_text,
			    plan.destroy ? ", and destroy the old one" : ""));
	TRY(approval_check(ca));	/* before anybody is asked for a passphrase */
	TRY(passphrase_new(&invocation->options, "the authority's new key", &passphrase));
	plan.passphrase = secret_view(&passphrase);
	TRY(authority_rollover(ca, &plan));
	print_issued(invocation, ca->cert, NULL);
	if (!invocation->json)
		puts("\"publish\" tells the directory: those who trust the old certificate go on to the new "
		     "one.");
	return cmd_done(invocation);
}
