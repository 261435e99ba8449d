/* SPDX-License-Identifier: Apache-2.0 */
/* Who may bind to the store, and who serves him then. */
#include "ms/ms.h"

#include "lib/mhs/contexts.h"
#include "ms/deliver.h"
#include "ms/mta_password.h"
#include "ms/p7.h"
#include "ms/password.h"
#include "ms/restrictions.h"

static bool is_p7(const struct app_context *context)
{
	return context == &context_ms_access || context == &context_ms_reliable_access;
}

static FALLIBLE expect_user(const struct ms *ms, const struct link_claim *claim,
			    struct link_expected *out)
{
	const struct user *user = claim->role == LINK_UA ? users_find(ms->users, claim->or_name)
							 : NULL;
	struct restrictions restrictions;

	TRY(restrictions_read(claim->fetch_restrictions, &restrictions));
	if (!user)
		return FAIL(ST_REFUSED, 0, "%s has no mailbox here", claim->text);
	*out = user->peer.expected;
	out->security_context = user_clearance(user, &ms->labels);
	if (out->password) {
		AUTO(buf_free) struct buf stored = { 0 };

		TRY(password_changed(ms->reader, user, &stored));
		out->password_stored = arena_dup(claim->arena, buf_view(&stored));
	}
	return OK;
}

static FALLIBLE expect_mta(const struct ms *ms, const struct link_claim *claim,
			   struct link_expected *out)
{
	const struct peer *mta = claim->role == LINK_MTA && claim->mta_name
		? users_find_mta(ms->users, claim->mta_name) : NULL;

	if (!mta)
		return FAIL(ST_REFUSED, 0, "%s is no MTA that delivers here", claim->text);
	*out = mta->expected;
	return out->password ? mta_password_stored(ms->reader, mta, claim->arena, &out->password_stored)
			     : OK;
}

static FALLIBLE on_expect(void *data, const struct link_claim *claim,
			  struct link_expected *out_expected)
{
	const struct ms *ms = data;

	return is_p7(claim->context) ? expect_user(ms, claim, out_expected)
				     : expect_mta(ms, claim, out_expected);
}

static void on_accepted(void *data, struct link *link, const struct link_claim *claim,
			const struct link_user **out_user, void **out_user_data)
{
	struct ms *ms = data;

	if (is_p7(claim->context)) {
		*out_user = &p7_user;
		*out_user_data = p7_new(ms, link, claim);
	} else {
		*out_user = &deliver_user;
		*out_user_data = deliver_new(ms, link,
					     users_find_mta(ms->users, claim->mta_name));
	}
}

const struct link_server_user ms_server = { .expect = on_expect, .accepted = on_accepted };
