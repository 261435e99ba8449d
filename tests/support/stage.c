/* SPDX-License-Identifier: Apache-2.0 */
/* What all the played parties share: the loop, the folder, names, and MTAs as processes. */
#include "tests/support/stage.h"

#include "lib/mhs/orname.h"
#include "tests/support/check.h"
#include "tests/support/scratch.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct loop *stage_loop;
struct arena *stage_arena;
struct assoc_limits stage_limits;

/* A process that ends is an event, too: whoever waits looks again. */
static void nothing(void *arg)
{
	(void)arg;
}

int stage_open(void **state)
{
	scratch_setup(state);
	stage_loop = loop_new();
	loop_signal(stage_loop, SIGCHLD, nothing, NULL);
	stage_arena = arena_new();
	stage_limits = assoc_limits_default;
	stage_limits.apdu_max = 80 << 20;
	stage_write("password", "secret\n");
	return 0;
}

int stage_close(void **state)
{
	loop_free(&stage_loop);
	arena_free(&stage_arena);
	return scratch_teardown(state);
}

const char *stage_socket(const char *name)
{
	char *folder = realpath(scratch_path("."), NULL);
	const char *address = arena_printf(stage_arena, "unix:%s/%s", folder, name);

	free(folder);
	return address;
}

const char *stage_file(const char *name)
{
	return scratch_path(name);
}

void stage_write(const char *name, const char *text)
{
	FILE *file = fopen(scratch_path(name), "we");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(scratch_path(name), 0600), 0);
}

struct bytes stage_or_name(const char *text)
{
	struct bytes name = { 0 };

	assert_ok(orname_tlv_from_text(stage_arena, text, &name));
	return name;
}

bool stage_is_new(struct arena *arena, const char **io_ids, const char *id)
{
	const char *entry = arena_printf(arena, "%s;", id);

	if (*io_ids && strstr(*io_ids, entry))
		return false;
	*io_ids = arena_printf(arena, "%s%s", *io_ids ? *io_ids : "", entry);
	return true;
}

struct wait {
	const int *value;
	int wanted;
};

static bool reached(void *arg)
{
	const struct wait *wait = arg;

	return *wait->value >= wait->wanted;
}

bool stage_wait(const int *value, int wanted)
{
	struct wait wait = { value, wanted };

	return loop_run_until(stage_loop, reached, &wait, STAGE_TIMEOUT_MS);
}

void stage_start_mta(struct process *process, const struct stage_mta *mta)
{
	const char *config = arena_printf(stage_arena, "%s.conf", mta->name);
	const char *secret = scratch_path("password");

	stage_write(config, arena_printf(stage_arena,
		"name = %s\n"
		"domain = %s\n"
		"listen = %s\n"
		"queue = %s\n"
		"mta = %s %s domain=%s password-file=%s own-password-file=%s\n"
		"store = %s %s address=%s password-file=%s own-password-file=%s\n"
		"route = %s %s\n"
		"route = %s %s\n"
		"retry-first = 1s\n"
		"%s",
		mta->name, mta->domain, stage_socket(mta->name),
		scratch_path(arena_printf(stage_arena, "%s.db", mta->name)),
		mta->other, stage_socket(mta->other), mta->other_domain, secret, secret,
		mta->store, stage_socket(mta->store), mta->domain, secret, secret,
		mta->domain, mta->store, mta->other_domain, mta->other,
		mta->more ? mta->more : ""));
	process_start(process, "postern-mta", scratch_path(config),
		      scratch_path(arena_printf(stage_arena, "%s.log", mta->name)));
}
