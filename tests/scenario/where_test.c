/* SPDX-License-Identifier: Apache-2.0 */
/* "Where is my message?": postern-mta where, asked of a real queue in which everything has happened. */
#include "lib/base/memory.h"
#include "lib/mhs/diagnostics.h"
#include "lib/store/queue.h"
#include "tests/support/check.h"
#include "tests/support/stage.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define SOUTH "/PRMD=South/ADMD=Net/C=NO/"
#define ID(name) "[/PRMD=North/ADMD=Net/C=FR/;" name "]"

enum { ARRIVED = 1790000000, LATER = ARRIVED + 60 };

static void add(struct db *db, const char *id, const char *to, const struct queue_result *result)
{
	const struct queue_recipient recipient = {
		.number = 1, .address = to, .next_hop = "mta-b", .due = ARRIVED,
		.reason = -1, .diagnostic = -1,
	};
	const struct queue_message message = {
		.mts_id = id, .copy = "1", .originator = "/S=Martin/PRMD=North/ADMD=Net/C=FR/",
		.source = "store-a", .priority = QUEUE_NORMAL, .arrived = ARRIVED,
		.expires = ARRIVED + 86400, .envelope = BYTES("envelope"), .content = BYTES("content"),
		.recipients = &recipient, .recipient_count = 1,
	};
	struct queue_result marked = *result;
	bool duplicate;

	assert_ok(queue_add(db, &message, &marked.message, &duplicate));
	assert_false(duplicate);
	marked.number = 1;
	assert_ok(queue_mark(db, &marked, LATER));
}

static int fill(void **state)
{
	struct db *db = NULL;

	stage_open(state);
	stage_write("mta.conf", arena_printf(stage_arena, "name = north\ndomain = /ADMD=Net/C=FR/\n"
					     "queue = %s\n", stage_file("queue.db")));
	assert_ok(db_open(stage_file("queue.db"), &queue_schema, DB_OWNER, &db));
	add(db, ID("waits"), "/S=Nilsen" SOUTH, &(struct queue_result){
		.state = QUEUE_WAITING, .due = LATER + 30, .reason = -1, .diagnostic = -1,
		.words = "mta-b does not answer" });
	add(db, ID("went"), "/S=Olsen" SOUTH, &(struct queue_result){
		.state = QUEUE_TRANSFERRED, .reason = -1, .diagnostic = -1, .words = "to mta-b" });
	add(db, ID("arrived"), "/S=Petit" SOUTH, &(struct queue_result){
		.state = QUEUE_DELIVERED, .reason = -1, .diagnostic = -1 });
	add(db, ID("failed"), "/S=Nobody" SOUTH, &(struct queue_result){
		.state = QUEUE_FAILED, .reason = REASON_UNABLE_TO_TRANSFER,
		.diagnostic = DIAG_UNRECOGNISED_OR_NAME, .words = "the store has no such user" });
	db_close(&db);
	return 0;
}

/* Runs the command; what it prints is in *out, its exit code is returned. */
static int where(const char *arguments, const char **out)
{
	const char *build = getenv("B") ? getenv("B") : "build";
	const char *command = arena_printf(stage_arena, "%s/postern-mta where --config %s %s 2>&1",
					   build, stage_file("mta.conf"), arguments);
	AUTO(buf_free) struct buf text = { 0 };
	FILE *pipe = popen(command, "r");
	char line[1000];

	assert_non_null(pipe);
	while (fgets(line, sizeof(line), pipe))
		buf_put(&text, bytes_text(line));
	*out = arena_text(stage_arena, buf_view(&text));
	return WEXITSTATUS(pclose(pipe));
}

static const struct { const char *name, *arguments, *says, *not; int exits; } cases[] = {
	{ "all", "", ID("waits"), NULL, 0 },
	{ "one that waits", "--state waiting",
	  "waiting for mta-b, next attempt 2026-09-21 14:14:50 UTC (mta-b does not answer)",
	  ID("went"), 0 },
	{ "one that went on", "--state transferred", "transferred (to mta-b)", ID("waits"), 0 },
	{ "one that was delivered", "--state delivered", "delivered\n", ID("failed"), 0 },
	{ "one that failed", "--state failed",
	  "failed, unable-to-transfer: unrecognised-OR-name (the store has no such user)", NULL, 0 },
	{ "its size and age", "'" ID("waits") "'",
	  "arrived 2026-09-21 14:13:20 UTC, 7 octets, attempts 1", NULL, 0 },
	{ "its history", "'" ID("waits") "'", "arrived: store-a", NULL, 0 },
	{ "its history goes on", "'" ID("waits") "'",
	  "2026-09-21 14:14:20 UTC  deferred: mta-b does not answer", NULL, 0 },
	{ "a recipient's", "--to /S=Olsen" SOUTH, ID("went"), ID("waits"), 0 },
	{ "an unknown one", "'" ID("nothing") "'", "the queue knows of no such message", NULL, 66 },
	{ "an unknown one as JSON", "--json '" ID("nothing") "'", "[]", NULL, 66 },
	{ "no state", "--state lost",
	  "\"lost\" is no state: waiting, transferred, delivered and failed are", NULL, 64 },
	{ "no queue", "--set queue=/nowhere/queue.db", "cannot open the queue /nowhere/queue.db",
	  NULL, 75 },
};

static void it_says_where(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *out;
		int exits = where(cases[i].arguments, &out);

		if (exits != cases[i].exits || !strstr(out, cases[i].says) ||
		    (cases[i].not && strstr(out, cases[i].not)))
			fail_msg("%s: exit code %d and\n%s", cases[i].name, exits, out);
	}
}

static const char *text_of(const json_t *entry, const char *name)
{
	const char *text = json_string_value(json_object_get(entry, name));

	return text ? text : "";
}

static void it_says_so_in_json(void **state)
{
	static const char *const always[] = { "kind", "id", "originator", "recipient", "state",
					      "arrived" };
	const char *out;
	json_error_t error;
	size_t failed = 0;

	(void)state;
	assert_int_equal(where("--json --history", &out), 0);
	json_t *all = json_loads(out, 0, &error);
	assert_non_null(all);
	assert_int_equal(json_array_size(all), 4);
	for (size_t i = 0; i < 4; i++) {
		const json_t *entry = json_array_get(all, i);

		for (size_t k = 0; k < sizeof(always) / sizeof(always[0]); k++)
			assert_true(text_of(entry, always[k])[0]);
		assert_int_equal(json_array_size(json_object_get(entry, "history")), 2);
		if (strcmp(text_of(entry, "state"), "failed") != 0)
			continue;
		failed++;
		assert_string_equal(text_of(entry, "reason"), "unable-to-transfer");
		assert_string_equal(text_of(entry, "diagnostic"), "unrecognised-OR-name");
		assert_string_equal(text_of(entry, "arrived"), "2026-09-21T14:13:20Z");
	}
	assert_int_equal(failed, 1);
	json_decref(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_says_where),
		cmocka_unit_test(it_says_so_in_json),
	};

	return cmocka_run_group_tests(tests, fill, stage_close);
}
