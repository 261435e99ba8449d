/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ms: takes delivery, keeps, answers P7. */
#include "lib/base/memory.h"
#include "lib/mhs/contexts.h"
#include "lib/mhs/enrol.h"
#include "lib/mhs/orname.h"
#include "lib/store/mailbox.h"
#include "ms/administer.h"
#include "ms/ms.h"
#include "ms/submitter.h"

enum {
	CLEAN_INTERVAL_MS = 3600 * 1000,
	CLEAN_AT_ONCE = 10000,
	ENVELOPE_MAX = 4 << 20,		/* what comes with a content */
};

static const struct app_context *const served[] = {
	&context_ms_access, &context_ms_reliable_access,
	&context_mts_forced_access, &context_mts_forced_reliable_access, NULL
};

/* --- the store --- */

static FALLIBLE open_store(struct ms *ms)
{
	const struct writer_post post = writer_post_to(ms->loop);
	const char *path = ms->settings->store;
	struct db *db = NULL;
	struct status *failed;

	TRY(db_open(path, &mailbox_schema, DB_OWNER, &db));
	failed = users_open(ms->settings, &ms->labels, db, &ms->users);
	if (failed) {
		db_close(&db);
		return failed;
	}
	TRY(writer_start(db, &post, 0, &ms->writer));
	TRY(db_open(path, &mailbox_schema, DB_READER, &ms->reader));
	return seen_open(path, &mailbox_schema, ms->clock, &ms->seen);
}

static FALLIBLE clean_job(struct db *db, void *arg)
{
	const struct ms *ms = arg;
	size_t forgotten;

	return mailbox_forget(db, clock_now(ms->clock) - ms->settings->keep_seen, CLEAN_AT_ONCE,
			      &forgotten);
}

static void clean_done(void *arg, const struct status *failed)
{
	(void)arg;
	if (failed)
		log_event(LOG_LV_WARN, "not cleaned", log_why(failed));
}

static void clean(void *arg)
{
	struct ms *ms = arg;
	struct status *failed = writer_submit(ms->writer, clean_job, clean_done, ms);

	clean_done(ms, failed);
	status_free(&failed);
}

/* --- who we are --- */

static FALLIBLE set_self(struct ms *ms)
{
	struct bytes or_name = { 0 };

	TRY_DOING(orname_tlv_from_text(ms->arena, ms->settings->address, &or_name), "address = %s",
		  ms->settings->address);
	ms->env.self = (struct link_self){
		.role = LINK_MS,
		.or_name = or_name,
		.keys = &ms->site->keys,
	};
	return OK;
}

static void set_env(struct ms *ms)
{
	const struct ms_settings *settings = ms->settings;

	ms->limits = assoc_limits_default;
	ms->limits.apdu_max = (size_t)settings->content_max + ENVELOPE_MAX;
	ms->limits.invocations_max = (unsigned)settings->invocations_max;
	ms->limits.checkpoint_size = (uint32_t)(settings->resume.checkpoint / 1024);
	ms->recoveries = recoveries_new(ms->loop, ms->clock, &settings->resume,
					ms->limits.apdu_max);
	ms->env.loop = ms->loop;
	ms->env.clock = ms->clock;
	ms->env.limits = &ms->limits;
	ms->env.recoveries = ms->recoveries;
	ms->env.labels = &ms->labels;
	ms->env.bind_timeout_ms = settings->bind_timeout * 1000;
	ms->env.idle_timeout_ms = settings->idle_timeout * 1000;
}

/* --- the daemon --- */

static FALLIBLE ms_open(struct daemon *daemon, void **io_state)
{
	struct ms *ms = *io_state = mem_new(struct ms);

	ms->daemon = daemon;
	ms->settings = daemon_settings(daemon);
	ms->loop = daemon_loop(daemon);
	ms->clock = daemon_clock(daemon);
	ms->arena = arena_new();
	TRY(site_start_keys(&ms->settings->site, ms->settings->daemon.user, &ms->site));
	set_env(ms);
	return link_listen_all(&ms->env, &ms->settings->listen, served,
			       (unsigned)ms->settings->connections_max, &ms_server, ms,
			       &ms->servers);
}

/* Without it nothing can be proved to anybody; what was taken is stored. */
static void key_lost(void *arg, struct status *why)
{
	const struct ms *ms = arg;

	daemon_fail(ms->daemon, why);
}

static FALLIBLE ms_start(struct daemon *daemon, void **io_state)
{
	struct ms *ms = *io_state;

	TRY(site_open(&ms->settings->site, SCOPE_MS, ms->clock, &ms->site));
	TRY(set_self(ms));
	TRY(labels_open(ms->arena, &ms->settings->labels, &ms->labels));
	TRY(suite_terms_read(ms->arena, &ms->settings->site, &ms->settings->suites, &ms->terms));
	TRY_DOING(open_store(ms), "cannot open the store");
	site_watch(ms->site, ms->loop, key_lost, ms);
	ms->env.trust = ms->site->trust;
	ms->env.seen = seen_before_of(ms->seen);
	ms->submitter = submitter_new(ms);
	ms->rest_timer = timer_new(ms->loop, DB_REST_MS, DB_REST_MS, db_rest, ms->reader);
	ms->clean_timer = timer_new(ms->loop, CLEAN_INTERVAL_MS, CLEAN_INTERVAL_MS, clean, ms);
	for (size_t i = 0; i < ms->servers.count; i++)
		daemon_announce(daemon, "listen", link_server_address(ms->servers.list[i]));
	return OK;
}

static void all_written(void *arg, const struct status *failed)
{
	const struct ms *ms = arg;

	(void)failed;
	daemon_finished(ms->daemon);
}

/* What was taken is written and confirmed first: it stands before this in the writer's queue. */
static void ms_stop(struct daemon *daemon, void *state)
{
	struct ms *ms = state;

	(void)daemon;
	link_servers_close(&ms->servers);
	writer_drain(ms->writer, all_written, ms);
}

static void ms_cleanup(struct daemon *daemon, void *state)
{
	struct ms *ms = state;

	(void)daemon;
	if (!ms)
		return;
	link_servers_close(&ms->servers);
	timer_free(&ms->clean_timer);
	timer_free(&ms->rest_timer);
	writer_stop(&ms->writer);
	loop_shutdown(ms->loop);	/* tells those whose jobs ran last */
	recoveries_free(&ms->recoveries);
	submitter_free(&ms->submitter);
	seen_close(&ms->seen);
	db_close(&ms->reader);
	users_free(&ms->users);
	site_free(&ms->site);
	arena_free(&ms->arena);
	mem_free(&ms);
}

/* --- beside the daemon --- */

static FALLIBLE cmd_enrol(const struct invocation *invocation)
{
	const struct ms_settings *settings = invocation->settings;
	const struct enrolment enrolment = { .or_address = settings->address, .scope = SCOPE_MS,
					     .place = { settings->site.key, settings->site.certificate },
					     .request = "request.pem", .keys = settings->site.keys };
	const struct key_opening opening = site_key_opening(&settings->site, SCOPE_MS);

	return enrol_run(invocation, &opening, &enrolment);
}

static const struct command commands[] = {
	{ .name = "password", .options = password_options, .run = cmd_password,
	  .summary = "Change the password that this store gives to its MTA, there and in its file." },
	{ .name = "register", .options = register_options, .run = cmd_register,
	  .summary = "Say what the MTA is to deliver to this store." },
	{ .name = "enrol", .options = enrol_options, .run = cmd_enrol,
	  .summary = "Make a key, where there is none, and a request for its certificate." },
	{ 0 }
};

static const struct daemon_program program = {
	.name = "postern-ms",
	.log_name = "ms",
	.summary = "Keeps the messages of users who are not always there.",
	.config = "/etc/postern/ms.conf",
	.settings = ms_settings_table,
	.settings_size = sizeof(struct ms_settings),
	.commands = commands,
	.open = ms_open,
	.start = ms_start,
	.stop = ms_stop,
	.cleanup = ms_cleanup,
};

int main(int argc, char **argv)
{
	return daemon_main(&program, argc, argv);
}
