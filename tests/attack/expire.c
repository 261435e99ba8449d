/* SPDX-License-Identifier: Apache-2.0 */
/*
 * expire AUTHORITY KEY REQUEST DAYS FILE: a certificate for a request as the authority would have
 * made it DAYS ago, for as many days: it ended a second ago.
 */
#include "lib/base/clock.h"
#include "lib/sec/issue.h"
#include "tests/support/stolen.h"

#include <stdlib.h>

enum { DAY = 86400 };

static FALLIBLE run(char **words)
{
	AUTO(private_key_free) struct private_key *key = NULL;
	AUTO(cert_free) const struct cert *authority = NULL, *cert = NULL;
	AUTO(cert_request_free) struct cert_request *request = NULL;
	time_t now = clock_now(&clock_real);

	TRY(cert_load(words[0], &authority));
	TRY(private_key_load(words[1], &key_is_plain, &key));
	TRY(cert_request_load(words[2], &request));
	const struct cert_plan plan = {
		.subject = request->subject, .or_address = request->or_address, .key = request->key,
		.scope = request->scope,
		.not_before = now - 1 - strtol(words[3], NULL, 10) * DAY, .not_after = now - 1,
	};
	TRY(cert_issue(authority, key, &plan, &cert));
	printf("a certificate for %s, until %s\n", request->subject_text, time_text(plan.not_after).s);
	return cert_save(words[4], cert);
}

int main(int argc, char **argv)
{
	return attack_main(argc, argv, 5, "expire AUTHORITY KEY REQUEST DAYS FILE", run);
}
