/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a message costs in an MTA's queue while many others wait for a peer that
 * is dead: to add, to take, to settle, to find expired; and what a waiting one
 * occupies.  One line for each length of the queue.
 *
 *	queue WAITING...
 */
#include "bench/site.h"

#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/store/queue.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CONTENT_OCTETS = 2048, ENVELOPE_OCTETS = 400, AT_ONCE = 100, ROUNDS = 10 };

struct bench {
	struct db *db;
	struct queue_taken *taken;
	struct buf content;
	int64_t number;			/* the message added last */
};

/* What one commit adds. */
struct filling {
	struct bench *bench;
	const char *hop;
	size_t count;
};

static double now_us(void)
{
	return (double)clock_now_us(&clock_real);
}

static FALLIBLE fill(struct db *db, void *arg)
{
	const struct filling *f = arg;

	for (size_t i = 0; i < f->count; i++) {
		AUTO(mem_free) char *mts_id = mem_printf("[" BENCH_NORTH ";%lld]",
							 (long long)++f->bench->number);
		struct queue_recipient recipient = {
			.number = 1, .address = BENCH_BOB, .next_hop = f->hop, .due = 1000,
			.reason = -1, .diagnostic = -1,
		};
		int64_t id;
		bool duplicate;

		TRY(queue_add(db, &(struct queue_message){
			.mts_id = mts_id,
			.copy = "1",
			.originator = BENCH_ALICE,
			.source = "mta-a",
			.priority = QUEUE_NORMAL,
			.arrived = 1000,
			.expires = 2000 + f->bench->number,
			.envelope = bytes_slice(buf_view(&f->bench->content), 0, ENVELOPE_OCTETS),
			.content = buf_view(&f->bench->content),
			.recipients = &recipient,
			.recipient_count = 1,
		}, &id, &duplicate));
	}
	return OK;
}

static void add(struct bench *bench, const char *hop, size_t count)
{
	while (count) {
		struct filling f = { bench, hop, count < 1000 ? count : 1000 };

		bench_must(db_atomically(bench->db, fill, &f));
		count -= f.count;
	}
}

/* What one commit settles. */
struct settling {
	const struct queue_work *work;
	size_t count;
};

static FALLIBLE settle(struct db *db, void *arg)
{
	const struct settling *s = arg;

	for (size_t i = 0; i < s->count; i++)
		TRY(queue_mark(db, &(struct queue_result){
			.message = s->work[i].message, .number = 1, .state = QUEUE_TRANSFERRED,
			.reason = -1, .diagnostic = -1, .words = "to live",
		}, 1500));
	return OK;
}

/* Microseconds for each message of a peer that lives. */
struct costs {
	double add, take, settle, expired;
};

static void round_of(struct bench *bench, struct costs *costs)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct queue_work *work, *expired;
	size_t count, expired_count;

	const double begin = now_us();
	add(bench, "live", AT_ONCE);
	const double added = now_us();
	bench_must(queue_take(bench->db, bench->taken, "live", 1500, AT_ONCE, arena, &work,
			      &count));
	const double taken = now_us();
	struct settling s = { work, count };
	bench_must(db_atomically(bench->db, settle, &s));
	const double settled = now_us();
	bench_must(queue_expired(bench->db, bench->taken, 2000 + AT_ONCE, AT_ONCE, arena,
				 &expired, &expired_count));
	const double found = now_us();
	if (count != AT_ONCE || expired_count != AT_ONCE)
		bench_die("the queue gave something else than was added");
	for (size_t i = 0; i < AT_ONCE; i++) {
		queue_untake(bench->taken, work[i].message, "live");
		queue_untake(bench->taken, expired[i].message, "dead");
	}
	costs->add += (added - begin) / (AT_ONCE * ROUNDS);
	costs->take += (taken - added) / (AT_ONCE * ROUNDS);
	costs->settle += (settled - taken) / (AT_ONCE * ROUNDS);
	costs->expired += (found - settled) / (AT_ONCE * ROUNDS);
}

static double resident_octets(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	unsigned long pages = 0;

	if (!file || fscanf(file, "%*u %lu", &pages) != 1)
		bench_die("the memory in use cannot be read");
	fclose(file);
	return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static double file_octets(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		bench_die("the queue's size cannot be read");
	return (double)st.st_size;
}

static void report(const char *folder, size_t waiting)
{
	AUTO(mem_free) char *path = mem_printf("%s/queue-%zu.db", folder, waiting);
	struct bench bench = { .taken = queue_taken_new() };
	struct costs costs = { 0 };

	bench_must(db_open(path, &queue_schema, DB_OWNER, &bench.db));
	memset(buf_extend(&bench.content, CONTENT_OCTETS), 'x', CONTENT_OCTETS);
	const double before = resident_octets();
	add(&bench, "dead", waiting);
	const double resident = resident_octets() - before;
	for (size_t i = 0; i < ROUNDS; i++)
		round_of(&bench, &costs);
	db_close(&bench.db);
	printf("bench=queue waiting=%zu content=%d add_us=%.1f take_us=%.1f settle_us=%.1f "
	       "expired_us=%.1f memory_octets_per_waiting=%.0f disk_octets_per_waiting=%.0f\n",
	       waiting, CONTENT_OCTETS, costs.add, costs.take, costs.settle, costs.expired,
	       resident / (double)waiting, file_octets(path) / (double)waiting);
	queue_taken_free(&bench.taken);
	buf_free(&bench.content);
}

int main(int argc, char **argv)
{
	if (argc < 2)
		bench_die("usage: queue WAITING...");
	for (int i = 1; i < argc; i++)
		report(bench_folder(), (size_t)strtoul(argv[i], NULL, 10));
	return 0;
}
