/* SPDX-License-Identifier: Apache-2.0 */
/* What the evil operator of an MTA does. */
#include "tests/support/stolen.h"

#include "lib/base/clock.h"
#include "lib/mhs/orname.h"
#include "lib/sec/crypto.h"
#include "lib/store/query.h"
#include "lib/store/queue.h"

/* --- out of a queue --- */

/* The newest of a kind that waits and is older than the one before. */
static FALLIBLE find(struct stolen *stolen, enum queue_kind kind)
{
	AUTO(buf_free) struct buf octets = { 0 };
	AUTO(query_end) struct query *q = db_query(stolen->db,
		"SELECT message, next_hop FROM recipient JOIN message ON message.id = message "
		"WHERE state = ? AND kind = ? AND message < ? ORDER BY message DESC LIMIT 1",
		v_int(QUEUE_WAITING), v_int(kind), v_int(stolen->number));

	TRY(query_get(q, "message that waits in %s", db_path(stolen->db)));
	stolen->number = query_int(q, 0);
	stolen->next_hop = arena_strdup(stolen->arena, query_text(q, 1));
	TRY(queue_read(stolen->db, stolen->number, &octets, &octets));
	stolen->octets = arena_dup(stolen->arena, buf_view(&octets));
	return OK;
}

static FALLIBLE open_queue(const char *queue, struct stolen *out)
{
	*out = (struct stolen){ .arena = arena_new(), .number = INT64_MAX };
	return db_open(queue, &queue_schema, DB_OWNER, &out->db);
}

FALLIBLE stolen_open(const char *queue, struct stolen *out)
{
	TRY(open_queue(queue, out));
	return stolen_go_back(out);
}

FALLIBLE stolen_go_back(struct stolen *stolen)
{
	TRY(find(stolen, QUEUE_MESSAGE));
	return p1_decode(stolen->arena, stolen->octets, &stolen->env);
}

FALLIBLE stolen_open_report(const char *queue, struct stolen *out)
{
	TRY(open_queue(queue, out));
	return stolen_report_before(out);
}

FALLIBLE stolen_report_before(struct stolen *stolen)
{
	return find(stolen, QUEUE_REPORT);
}

FALLIBLE stolen_drop(const struct stolen *stolen)
{
	return db_run(stolen->db, "DELETE FROM recipient WHERE message = ?", v_int(stolen->number));
}

void stolen_close(struct stolen *stolen)
{
	db_close(&stolen->db);
	arena_free(&stolen->arena);
}

/* --- into a queue --- */

FALLIBLE queue_plant(struct db *db, const struct envelope *env, const char *next_hop)
{
	struct queue_recipient *to =
		arena_new_array(env->arena, struct queue_recipient, env->recipient_count);
	AUTO(buf_free) struct buf head = { 0 };
	time_t now = clock_now(&clock_real);
	bool duplicate = false;
	int64_t id;

	for (size_t i = 0; i < env->recipient_count; i++)
		to[i] = (struct queue_recipient){
			.number = (int)env->recipients[i].number,
			.address = orname_tlv_text(env->arena, env->recipients[i].name),
			.next_hop = next_hop,
			.due = now,
			.reason = -1,
			.diagnostic = -1,
		};
	TRY(p1_encode(env, &head));
	const struct queue_message message = {
		.kind = QUEUE_MESSAGE,
		.mts_id = mts_id_text(env->arena, env->id),
		.copy = "planted",
		.originator = orname_tlv_text(env->arena, env->originator),
		.source = "an attacker",
		.priority = QUEUE_NORMAL,
		.arrived = now,
		.envelope = buf_view(&head),
		.content = env->content,
		.recipients = to,
		.recipient_count = env->recipient_count,
	};
	TRY(queue_add(db, &message, &id, &duplicate));
	return duplicate ? FAIL(ST_USAGE, 0, "%s is in the queue already", message.mts_id) : OK;
}

FALLIBLE envelope_renumber(struct envelope *env)
{
	struct orname *from = NULL;
	AUTO(buf_free) struct buf id = { 0 };
	uint64_t unique;

	TRY(orname_decode(env->arena, env->originator, &from));
	const struct mta_identity domain = {
		.country = from->value[OR_COUNTRY],
		.admd = from->value[OR_ADMD],
		.prmd = from->value[OR_PRMD],
		.mta_name = "evil",
	};
	crypto_random(&unique, sizeof(unique));
	TRY(mts_id_encode(&domain, mts_id_local(env->arena, &domain, clock_now(&clock_real), unique),
			  &id));
	env->id = arena_dup(env->arena, buf_view(&id));
	return OK;
}

/* --- both --- */

int attack_main(int argc, char **argv, int words, const char *usage,
		FALLIBLE (*run)(char **words))
{
	const char *slash = strrchr(argv[0], '/');
	AUTO(status_free) struct status *failed = argc == words + 1 ? run(argv + 1)
		: FAIL(ST_USAGE, 0, "usage: %s", usage);

	if (failed)
		status_print(stderr, slash ? slash + 1 : argv[0], failed);
	return status_exit_code(failed);
}
