/* SPDX-License-Identifier: Apache-2.0 */
/* "Where is my message?": what the queue knows of it, while the MTA runs or not. */
#include "mta/where.h"

#include "lib/base/command.h"
#include "lib/mhs/diagnostics.h"
#include "lib/store/queue.h"
#include "mta/peers.h"

#include <jansson.h>

enum { WHERE_MAX = 1000 };

struct where {
	struct db *db;
	bool history;
	json_t *json;			/* null: a text for people */
	size_t found;
	struct status *failed;
};

static const char *const kind_names[] = {
	[QUEUE_MESSAGE] = "message", [QUEUE_PROBE] = "probe", [QUEUE_REPORT] = "report",
};

/* --- for people --- */

static void print_event(void *arg, const struct queue_event *event)
{
	(void)arg;
	printf("    %s  %s%s%s\n", time_text(event->at).s, event->what, event->words ? ": " : "",
	       event->words ? event->words : "");
}

static FALLIBLE print_entry(struct where *where, const struct queue_entry *entry)
{
	const struct queue_recipient *to = &entry->recipient;

	printf("%s %s\n  from %s\n  to   %s\n  %s", kind_names[entry->kind], entry->mts_id,
	       entry->originator, to->address, queue_state_names[to->state]);
	if (to->state == QUEUE_WAITING && peers_is_user_name(to->next_hop))
		printf(" until he binds and takes it");
	else if (to->state == QUEUE_WAITING)
		printf(" for %s, next attempt %s", to->next_hop, time_text(to->due).s);
	if (to->state == QUEUE_FAILED && to->reason >= 0)
		printf(", %s: %s", reason_name(to->reason), diagnostic_name(to->diagnostic));
	if (to->words)
		printf(" (%s)", to->words);
	printf("\n  arrived %s, %llu octets, attempts %d\n", time_text(entry->arrived).s,
	       (unsigned long long)entry->octets, to->attempts);
	return where->history ? queue_history(where->db, entry->message, print_event, NULL) : OK;
}

/* --- for programs --- */

static void add_event(void *arg, const struct queue_event *event)
{
	json_array_append_new(arg, json_pack("{s:s, s:i, s:s, s:s*}",
					     "at", time_rfc3339(event->at).s,
					     "recipient", event->number,
					     "what", event->what, "words", event->words));
}

static FALLIBLE add_entry(struct where *where, const struct queue_entry *entry)
{
	const struct queue_recipient *to = &entry->recipient;
	json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s*, s:s*, s:i, s:s, s:I}",
		"kind", kind_names[entry->kind], "id", entry->mts_id,
		"originator", entry->originator, "recipient", to->address,
		"state", queue_state_names[to->state], "next-hop", to->next_hop,
		"words", to->words, "attempts", to->attempts,
		"arrived", time_rfc3339(entry->arrived).s, "octets", (json_int_t)entry->octets);

	json_array_append_new(where->json, json);
	if (to->state == QUEUE_WAITING)
		json_object_set_new(json, "due", json_string(time_rfc3339(to->due).s));
	if (to->state == QUEUE_FAILED && to->reason >= 0) {
		json_object_set_new(json, "reason", json_string(reason_name(to->reason)));
		json_object_set_new(json, "diagnostic",
				    json_string(diagnostic_name(to->diagnostic)));
	}
	if (!where->history)
		return OK;
	json_t *history = json_array();
	json_object_set_new(json, "history", history);
	return queue_history(where->db, entry->message, add_event, history);
}

static void show(void *arg, const struct queue_entry *entry)
{
	struct where *where = arg;

	where->found++;
	if (!where->failed)
		where->failed = where->json ? add_entry(where, entry) : print_entry(where, entry);
}

/* --- the command --- */

static FALLIBLE state_from_text(const char *text, int *out_state)
{
	*out_state = -1;
	if (!text)
		return OK;
	for (int i = 0; queue_state_names[i]; i++)
		if (!strcmp(queue_state_names[i], text)) {
			*out_state = i;
			return OK;
		}
	return FAIL(ST_USAGE, 0, "\"%s\" is no state: waiting, transferred, delivered and failed "
		    "are", text);
}

FALLIBLE cmd_where(const struct invocation *invocation)
{
	const struct mta_settings *settings = invocation->settings;
	struct queue_filter filter = {
		.mts_id = invocation->word_count ? invocation->words[0] : NULL,
		.address = options_value(&invocation->options, "to"),
		.max = WHERE_MAX,
	};
	AUTO(db_close) struct db *db = NULL;

	TRY(state_from_text(options_value(&invocation->options, "state"), &filter.state));
	TRY_DOING(db_open(settings->queue, &queue_schema, DB_READER, &db),
		  "cannot open the queue %s", settings->queue);
	struct where where = {
		.db = db,
		.history = filter.mts_id || options_has(&invocation->options, "history"),
		.json = invocation->json ? json_array() : NULL,
	};
	struct status *st = queue_find(db, &filter, show, &where);
	if (where.json) {
		json_dumpf(where.json, stdout, JSON_INDENT(2));
		putchar('\n');
		json_decref(where.json);
	}
	if (st)
		status_free(&where.failed);
	TRY(st);
	TRY(where.failed);
	if (!where.found)
		return FAIL(ST_NOT_FOUND, 0, "the queue knows of no such message");
	return OK;
}

const struct option_spec where_options[] = {
	{ "to", "ORADDRESS", "Only those for this recipient." },
	{ "state", "STATE", "Only those waiting, transferred, delivered or failed." },
	{ "history", NULL, "What happened when, for each." },
	{ 0 }
};
