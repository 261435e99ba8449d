/* SPDX-License-Identifier: Apache-2.0 */
/* What the user asks of who serves him about himself. */
#include "ua/administer.h"

#include "asn1/mhs_operations.h"
#include "lib/mhs/password_change.h"
#include "lib/mhs/registration.h"
#include "lib/mhs/retrieval.h"

FALLIBLE administer_password(const struct home *home, struct session *session,
			     struct bytes before, struct bytes after)
{
	AUTO(secret_buf_free) struct buf argument = { 0 };

	if (home->mta)
		password_change_argument(before, after, &argument);
	else
		password_registration_encode(before, after, &argument);
	return session_ask(session, home->mta ? OP_CHANGE_CREDENTIALS : OP_REGISTER_MS,
			   buf_view(&argument));
}

FALLIBLE administer_labels(const struct home *home, struct session *session, struct bytes labels)
{
	const struct registration registration = {
		.registered = { .has_labels = true, .labels = labels },
	};
	AUTO(buf_free) struct buf argument = { 0 };

	if (home->mta)
		TRY(registration_encode(&registration, &argument));
	else
		labels_registration_encode(labels, &argument);
	return session_ask(session, home->mta ? OP_REGISTER : OP_REGISTER_MS, buf_view(&argument));
}
