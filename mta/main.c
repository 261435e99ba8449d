/* SPDX-License-Identifier: Apache-2.0 */
/* postern-mta: takes messages from users and other MTAs, and passes them on or delivers them. */
#include "mta/administer.h"
#include "mta/hop.h"
#include "mta/housekeeping.h"
#include "mta/incoming.h"
#include "mta/origin.h"
#include "mta/where.h"

#include "lib/base/memory.h"
#include "lib/mhs/enrol.h"
#include "lib/store/submitted.h"

#include <stdlib.h>

static FALLIBLE open_queue(struct mta *mta)
{
	const struct writer_post post = writer_post_to(mta->loop);
	const char *path = mta->settings->queue;
	struct db *owner = NULL;

	TRY(db_open(path, &queue_schema, DB_OWNER, &owner));
	struct status *st = submitted_broke(owner, 0);
	if (st) {
		db_close(&owner);
		return st;
	}
	TRY(writer_start(owner, &post, 0, &mta->writer));
	TRY(db_open(path, &queue_schema, DB_READER, &mta->reader));
	mta->taken = queue_taken_new();
	return seen_open(path, &queue_schema, mta->clock, &mta->seen);
}

static void set_env(struct mta *mta)
{
	const struct mta_settings *settings = mta->settings;

	mta->limits = assoc_limits_default;
	/* The envelope, with as many recipients and extensions as there may be, besides the content. */
	mta->limits.apdu_max = (size_t)settings->content_max + (16 << 20);
	mta->limits.invocations_max = (unsigned)settings->window;
	mta->limits.checkpoint_size = (uint32_t)(settings->resume.checkpoint / 1024);
	mta->recoveries = recoveries_new(mta->loop, mta->clock, &settings->resume,
					 mta->limits.apdu_max);
	mta->env = (struct link_env){
		.loop = mta->loop,
		.clock = mta->clock,
		.limits = &mta->limits,
		.recoveries = mta->recoveries,
		.labels = &mta->labels,
		.bind_timeout_ms = settings->bind_timeout * 1000,
		.idle_timeout_ms = settings->idle_timeout * 1000,
	};
}

static FALLIBLE open_listeners(struct daemon *daemon, void **io_state)
{
	struct mta *mta = *io_state = mem_new(struct mta);

	mta->daemon = daemon;
	mta->settings = daemon_settings(daemon);
	mta->loop = daemon_loop(daemon);
	mta->clock = daemon_clock(daemon);
	mta->arena = arena_new();
	TRY(site_start_keys(&mta->settings->site, mta->settings->daemon.user, &mta->site));
	set_env(mta);
	return link_listen_all(&mta->env, &mta->settings->listen, incoming_contexts,
			       (unsigned)mta->settings->connections_max, &incoming_server_user, mta,
			       &mta->servers);
}

static FALLIBLE set_self(struct mta *mta)
{
	TRY_DOING(mta_identity_from_text(mta->arena, mta->settings->domain, mta->settings->name,
					 &mta->identity),
		  "name = %s and domain = %s", mta->settings->name, mta->settings->domain);
	domain_encode(mta->identity, &mta->domain);
	mta->env.self = (struct link_self){
		.role = LINK_MTA,
		.mta_name = mta->settings->name,
		.domain = buf_view(&mta->domain),
		.keys = &mta->site->keys,
	};
	return OK;
}

/* Without it nothing can be proved to anybody; what was taken is stored. */
static void key_lost(void *arg, struct status *why)
{
	struct mta *mta = arg;

	daemon_fail(mta->daemon, why);
}

static FALLIBLE start(struct daemon *daemon, void **io_state)
{
	struct mta *mta = *io_state;

	TRY(labels_open(mta->arena, &mta->settings->labels, &mta->labels));
	TRY(peers_open(mta->settings, &mta->labels, &mta->peers));
	TRY(site_open(&mta->settings->site, SCOPE_MTA, mta->clock, &mta->site));
	TRY(origin_can_be_judged(mta));
	TRY(set_self(mta));
	TRY_DOING(open_queue(mta), "cannot open the queue %s", mta->settings->queue);
	site_watch(mta->site, mta->loop, key_lost, mta);
	mta->env.trust = mta->site->trust;
	mta->env.seen = seen_before_of(mta->seen);
	mta->hops = hops_new(mta);
	mta->rest_timer = timer_new(mta->loop, DB_REST_MS, DB_REST_MS, db_rest, mta->reader);
	mta->housekeeper = timer_new(mta->loop, 0, HOUSEKEEPING_SECONDS * 1000, housekeeping, mta);
	for (size_t i = 0; i < mta->servers.count; i++)
		daemon_announce(daemon, "listen", link_server_address(mta->servers.list[i]));
	return hops_start(mta->hops);
}

/* --- the end: no more is taken on; what is under way is finished, stored and confirmed --- */

static void all_stored(void *arg, const struct status *failed)
{
	struct mta *mta = arg;

	(void)failed;
	daemon_finished(mta->daemon);
}

static void hops_idle(void *arg)
{
	struct mta *mta = arg;

	writer_drain(mta->writer, all_stored, mta);
}

static void stop(struct daemon *daemon, void *state)
{
	struct mta *mta = state;

	(void)daemon;
	link_servers_close(&mta->servers);
	hops_stop(mta->hops, hops_idle, mta);
}

static void cleanup(struct daemon *daemon, void *state)
{
	struct mta *mta = state;

	(void)daemon;
	if (!mta)
		return;
	link_servers_close(&mta->servers);
	timer_free(&mta->housekeeper);
	timer_free(&mta->rest_timer);
	if (mta->hops)
		hops_stop(mta->hops, NULL, NULL);
	if (mta->writer)
		writer_stop(&mta->writer);
	/* What the writer did last is still told, to what is freed next. */
	loop_shutdown(mta->loop);
	hops_free(&mta->hops);
	recoveries_free(&mta->recoveries);
	db_close(&mta->reader);
	seen_close(&mta->seen);
	queue_taken_free(&mta->taken);
	site_free(&mta->site);
	peers_free(&mta->peers);
	buf_free(&mta->domain);
	arena_free(&mta->arena);
	free(mta);
}

static FALLIBLE cmd_enrol(const struct invocation *invocation)
{
	const struct mta_settings *settings = invocation->settings;
	const struct enrolment enrolment = { .scope = SCOPE_MTA, .request = "request.pem",
					     .place = { settings->site.key, settings->site.certificate },
					     .keys = settings->site.keys };
	const struct key_opening opening = site_key_opening(&settings->site, SCOPE_MTA);

	return enrol_run(invocation, &opening, &enrolment);
}

int main(int argc, char **argv)
{
	static const struct command commands[] = {
		{ .name = "enrol", .options = enrol_options, .run = cmd_enrol,
		  .summary = "Make a key, where there is none, and a request for its certificate." },
		{ .name = "password", .words = "STORE", .words_min = 1, .words_max = 1,
		  .options = password_options, .run = cmd_password,
		  .summary = "Change the password that this MTA gives to a store, there and in its "
			     "file." },
		{ "where", "[--to ORADDRESS] [--state STATE] [--history] [MTS-IDENTIFIER]", 0, 1,
		  "Says where messages are, and what happened to them.", NULL, where_options, cmd_where },
		{ 0 }
	};
	static const struct daemon_program program = {
		.name = "postern-mta",
		.log_name = "mta",
		.summary = "Takes messages from users and other MTAs, and passes them on or delivers them.",
		.config = "/etc/postern/mta.conf",
		.settings = mta_settings_table,
		.settings_size = sizeof(struct mta_settings),
		.commands = commands,
		.open = open_listeners,
		.start = start,
		.stop = stop,
		.cleanup = cleanup,
	};

	return daemon_main(&program, argc, argv);
}
