/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ua enrol: a request for a certificate, the first or the next, for this key or another. */
#include "ua/init.h"

#include "lib/mhs/enrol.h"
#include "ua/home.h"

FALLIBLE cmd_enrol(const struct invocation *invocation)
{
	AUTO(home_free) struct home *home = NULL;

	TRY(home_of(invocation, &home));
	const struct ua_settings *settings = home->settings;
	const struct enrolment enrolment = {
		.name = settings->name,
		.or_address = settings->address,
		.scope = SCOPE_UA,
		.place = { home_file(home, settings->site.key),
			   home_file(home, settings->site.certificate) },
		.request = home_file(home, "request.pem"),
		.keys = home_keys_folder(home),
	};
	const struct key_opening opening = home_key_opening(home);

	return enrol_run(invocation, &opening, &enrolment);
}
