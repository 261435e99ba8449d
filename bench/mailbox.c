/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the entries that a mailbox holds already cost the next one: to deliver
 * it, to list the hundred that are new, to fetch one.  One line for each size.
 *
 *	mailbox ENTRIES...
 */
#include "bench/site.h"

#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/store/mailbox.h"

#include <stdlib.h>

enum { CONTENT_OCTETS = 2048, ENVELOPE_OCTETS = 400, ATTRIBUTES_OCTETS = 300, NEW = 100,
       ROUNDS = 11 };

struct bench {
	struct db *db;
	struct buf content;
	int64_t user;
	int32_t last;			/* the sequence-number given last */
};

static double now_us(void)
{
	return (double)clock_now_us(&clock_real);
}

/* What one commit delivers. */
struct filling {
	struct bench *bench;
	size_t count;
	enum mailbox_status status;
};

static FALLIBLE fill(struct db *db, void *arg)
{
	const struct filling *f = arg;
	struct bench *bench = f->bench;
	struct bytes octets = buf_view(&bench->content);

	for (size_t i = 0; i < f->count; i++) {
		AUTO(mem_free) char *identity = mem_printf("M [" BENCH_NORTH ";%d]", bench->last + 1);
		const struct mailbox_entry entry = {
			.kind = MAILBOX_MESSAGE,
			.status = f->status,
			.created = 1000 + bench->last,
			.mts_id = identity + 2,
			.originator = BENCH_ALICE,
			.content_type = "22",
			.content_length = CONTENT_OCTETS,
			.attributes = bytes_slice(octets, 0, ATTRIBUTES_OCTETS),
		};
		bool duplicate;

		TRY(mailbox_add(db, bench->user, identity, &entry,
				bytes_slice(octets, 0, ENVELOPE_OCTETS), octets, &bench->last,
				&duplicate));
	}
	return OK;
}

static void deliver(struct bench *bench, size_t count, enum mailbox_status status)
{
	while (count) {
		struct filling f = { bench, count < 1000 ? count : 1000, status };

		bench_must(db_atomically(bench->db, fill, &f));
		count -= f.count;
	}
}

struct listed {
	int32_t numbers[NEW];
	size_t count;
};

static bool list_one(void *arg, const struct mailbox_entry *entry)
{
	struct listed *listed = arg;

	listed->numbers[listed->count++] = entry->number;
	return listed->count < NEW;
}

static FALLIBLE make_user(struct db *db, void *arg)
{
	struct bench *bench = arg;

	return mailbox_user(db, BENCH_BOB, true, &bench->user);
}

static void report(const char *folder, size_t entries)
{
	AUTO(mem_free) char *path = mem_printf("%s/mailbox-%zu.db", folder, entries);
	struct mailbox_select select = MAILBOX_SELECT_ALL;
	double delivered[ROUNDS], listed[ROUNDS], fetched[ROUNDS];
	AUTO(buf_free) struct buf octets = { 0 };
	struct bench bench = { 0 };

	bench_must(db_open(path, &mailbox_schema, DB_OWNER, &bench.db));
	bench_must(db_atomically(bench.db, make_user, &bench));
	memset(buf_extend(&bench.content, CONTENT_OCTETS), 'x', CONTENT_OCTETS);
	deliver(&bench, entries, MAILBOX_PROCESSED);
	select.status = MAILBOX_NEW;
	for (size_t i = 0; i < ROUNDS; i++) {
		struct listed found = { 0 };

		const double from = now_us();
		deliver(&bench, NEW, MAILBOX_NEW);
		const double after_delivery = now_us();
		bench_must(mailbox_scan(bench.db, bench.user, &select, list_one, &found));
		const double after_list = now_us();
		for (size_t k = 0; k < found.count; k++) {
			buf_clear(&octets);
			bench_must(mailbox_read(bench.db, bench.user, found.numbers[k], &octets,
						&octets));
		}
		const double after_fetch = now_us();
		if (found.count != NEW)
			bench_die("not every new entry was listed");
		bench_must(mailbox_raise_status(bench.db, bench.user, found.numbers, found.count,
						MAILBOX_PROCESSED));
		delivered[i] = (after_delivery - from) / NEW;
		listed[i] = (after_list - after_delivery) / 1000;
		fetched[i] = (after_fetch - after_list) / NEW;
	}
	db_close(&bench.db);
	printf("bench=mailbox entries=%zu content=%d deliver_us=%.1f list_100_new_ms=%.3f "
	       "fetch_us=%.1f\n", entries, CONTENT_OCTETS, bench_median(delivered, ROUNDS),
	       bench_median(listed, ROUNDS), bench_median(fetched, ROUNDS));
	buf_free(&bench.content);
}

int main(int argc, char **argv)
{
	if (argc < 2)
		bench_die("usage: mailbox ENTRIES...");
	for (int i = 1; i < argc; i++)
		report(bench_folder(), (size_t)strtoul(argv[i], NULL, 10));
	return 0;
}
