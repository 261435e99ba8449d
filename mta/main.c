/* SPDX-License-Identifier: Apache-2.0 */
/* postern-mta: takes messages from users and other MTAs, and passes them on or delivers them. */
#include "mta/hop.h"
#include "mta/housekeeping.h"
#include "mta/incoming.h"
#include "mta/where.h"

#include "lib/base/memory.h"

#include <stdlib.h>

FALLIBLE mta_new_id(const struct mta *mta, struct arena *arena, struct bytes *out_id)
{
	AUTO(buf_free) struct buf id = { 0 };
	uint64_t unique;

	crypto_random(&unique, sizeof(unique));
	TRY(mts_id_encode(mta->identity, mts_id_local(arena, mta->identity, clock_now(mta->clock),
						      unique), &id));
	*out_id = arena_dup(arena, buf_view(&id));
	return OK;
}

static void post_to_loop(void *loop, void (*run)(void *arg), void *arg)
{
	loop_post(loop, run, arg);
}

static FALLIBLE open_queue(struct mta *mta)
{
	const struct writer_post post = { post_to_loop, mta->loop };
	struct db *owner = NULL;

	TRY(db_open(mta->settings->queue, &queue_schema, DB_OWNER, &owner));
	struct status *st = writer_start(owner, &post, 0, &mta->writer);
	if (st) {
		db_close(&owner);
		return st;
	}
	TRY(db_open(mta->settings->queue, &queue_schema, DB_READER, &mta->reader));
	mta->taken = queue_taken_new();
	return seen_open(mta->settings->queue, &queue_schema, mta->clock, &mta->seen);
}

static void set_env(struct mta *mta)
{
	const struct mta_settings *settings = mta->settings;

	mta->limits = assoc_limits_default;
	/* The envelope, with as many recipients and extensions as there may be, besides the content. */
	mta->limits.apdu_max = (size_t)settings->content_max + (16 << 20);
	mta->limits.invocations_max = (unsigned)settings->window;
	mta->env = (struct link_env){
		.loop = mta->loop,
		.clock = mta->clock,
		.self = {
			.role = LINK_MTA,
			.mta_name = settings->name,
			.domain = buf_view(&mta->domain),
			.key = mta->site->key,
			.cert = mta->site->cert,
		},
		.trust = mta->site->trust,
		.seen = seen_before_of(mta->seen),
		.limits = &mta->limits,
		.bind_timeout_ms = settings->bind_timeout * 1000,
		.idle_timeout_ms = settings->idle_timeout * 1000,
	};
}

static FALLIBLE listen_everywhere(struct mta *mta)
{
	const struct text_list *addresses = &mta->settings->listen;

	mta->servers = mem_new_array(struct link_server *, addresses->count);
	for (size_t i = 0; i < addresses->count; i++) {
		TRY(link_listen(&mta->env, addresses->items[i], incoming_contexts,
				(unsigned)mta->settings->connections_max, &incoming_server_user, mta,
				&mta->servers[mta->server_count]));
		daemon_announce(mta->daemon, "listen",
				link_server_address(mta->servers[mta->server_count]));
		mta->server_count++;
	}
	return OK;
}

static FALLIBLE start(struct daemon *daemon, void **io_state)
{
	struct mta *mta = mem_new(struct mta);

	*io_state = mta;
	mta->daemon = daemon;
	mta->settings = daemon_settings(daemon);
	mta->loop = daemon_loop(daemon);
	mta->clock = daemon_clock(daemon);
	mta->arena = arena_new();
	TRY(mta_identity_from_text(mta->arena, mta->settings->domain, mta->settings->name,
				   &mta->identity));
	domain_encode(mta->identity, &mta->domain);
	TRY(peers_open(mta->settings, &mta->peers));
	TRY(site_open(&mta->settings->site, SCOPE_MTA, mta->clock, &mta->site));
	TRY_DOING(open_queue(mta), "cannot open the queue %s", mta->settings->queue);
	set_env(mta);
	mta->hops = hops_new(mta);
	TRY(listen_everywhere(mta));
	mta->housekeeper = timer_new(mta->loop, 0, HOUSEKEEPING_SECONDS * 1000, housekeeping, mta);
	return hops_start(mta->hops);
}

/* --- the end: no more is taken on; what is under way is finished, stored and confirmed --- */

static FALLIBLE nothing_more(struct db *db, void *arg)
{
	(void)db;
	(void)arg;
	return OK;
}

static void all_stored(void *arg, const struct status *failed)
{
	struct mta *mta = arg;

	(void)failed;
	daemon_finished(mta->daemon);
}

static void hops_idle(void *arg)
{
	struct mta *mta = arg;
	struct status *st = writer_submit(mta->writer, nothing_more, all_stored, mta);

	if (st)
		daemon_finished(mta->daemon);
	status_drop(st);
}

static void stop(struct daemon *daemon, void *state)
{
	struct mta *mta = state;

	(void)daemon;
	for (size_t i = 0; i < mta->server_count; i++)
		link_server_close(&mta->servers[i]);
	hops_stop(mta->hops, hops_idle, mta);
}

static void cleanup(struct daemon *daemon, void *state)
{
	struct mta *mta = state;

	(void)daemon;
	if (!mta)
		return;
	for (size_t i = 0; i < mta->server_count; i++)
		link_server_close(&mta->servers[i]);
	free(mta->servers);
	timer_free(&mta->housekeeper);
	if (mta->hops)
		hops_stop(mta->hops, NULL, NULL);
	if (mta->writer)
		writer_stop(&mta->writer);
	/* What the writer did last is still told, to what is freed next. */
	loop_shutdown(mta->loop);
	hops_free(&mta->hops);
	db_close(&mta->reader);
	seen_close(&mta->seen);
	queue_taken_free(&mta->taken);
	site_free(&mta->site);
	peers_free(&mta->peers);
	buf_free(&mta->domain);
	arena_free(&mta->arena);
	free(mta);
}

int main(int argc, char **argv)
{
	static const struct daemon_program program = {
		.name = "postern-mta",
		.log_name = "mta",
		.summary = "Takes messages from users and other MTAs, and passes them on or delivers them.",
		.config = "/etc/postern/mta.conf",
		.settings = mta_settings_table,
		.settings_size = sizeof(struct mta_settings),
		.start = start,
		.stop = stop,
		.cleanup = cleanup,
	};

	if (argc > 1 && !strcmp(argv[1], "where"))
		return where_main(argc, argv);
	return daemon_main(&program, argc, argv);
}
