/* SPDX-License-Identifier: Apache-2.0 */
/* What the administrator asks a store for. */
#include "mta/administer.h"

#include "lib/mhs/contexts.h"
#include "lib/mhs/errand.h"
#include "lib/mhs/mts_id.h"
#include "lib/mhs/password_file.h"
#include "lib/store/queue.h"
#include "lib/store/registered.h"
#include "mta/mts_user.h"

#include <unistd.h>

const struct option_spec password_options[] = { PASSWORD_OPTIONS { 0 } };

struct asking {
	const struct mta_settings *settings;
	struct errands *errands;
	struct buf domain;
	struct peers *peers;
	const struct peer *store;
};

static void asking_cleanup(struct asking *a)
{
	errands_free(&a->errands);
	peers_free(&a->peers);
	buf_free(&a->domain);
}

static FALLIBLE asking_open(const struct invocation *invocation, struct asking *a)
{
	const struct mta_settings *settings = invocation->settings;
	const char *name = invocation->words[0];
	struct mta_identity *identity = NULL;

	a->settings = settings;
	TRY(errands_open(&settings->daemon, "mta", &settings->site, SCOPE_MTA, &settings->labels,
			 settings->bind_timeout, &a->errands));
	TRY(mta_identity_from_text(a->errands->arena, settings->domain, settings->name, &identity));
	domain_encode(identity, &a->domain);
	a->errands->env.self.role = LINK_MTA;
	a->errands->env.self.mta_name = settings->name;
	a->errands->env.self.domain = buf_view(&a->domain);
	TRY(peers_open(settings, &a->errands->labels, &a->peers));
	a->store = peers_find(a->peers, PEER_STORE, name);
	if (!a->store && peers_find(a->peers, PEER_MTA, name))
		return FAIL(ST_USAGE, 0, "%s is an MTA, and MTAs have no way to change their passwords: "
			    "the settings on both sides have to", name);
	return a->store ? OK : FAIL(ST_USAGE, 0, "no store in the settings is called %s", name);
}

/* What the store answers with may have been changed, too. */
static FALLIBLE find_stored(const struct asking *a, struct bytes *out_stored)
{
	AUTO(db_close) struct db *db = NULL;
	AUTO(buf_free) struct buf stored = { 0 };
	struct arena *arena = a->errands->arena;

	*out_stored = bytes_none();
	if (access(a->settings->queue, F_OK) != 0)
		return OK;
	TRY(db_open(a->settings->queue, &queue_schema, DB_READER, &db));
	TRY(registered_password(db, mts_user_of_store(arena, a->store).name, &stored));
	*out_stored = arena_dup(arena, buf_view(&stored));
	return OK;
}

FALLIBLE cmd_password(const struct invocation *invocation)
{
	AUTO(asking_cleanup) struct asking a = { 0 };

	TRY(asking_open(invocation, &a));
	struct link_target target = peer_target(a.store, &context_mts_forced_access,
						a.settings->bind_timeout * 1000);
	TRY(find_stored(&a, &target.expected.password_stored));
	return errand_password(invocation, a.errands, &target, a.store->name);
}
