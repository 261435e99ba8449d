/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What it costs to relay: messages go from this program by P3 to an MTA, by P1
 * to another, and by P3 into a message store, all of them processes with durable
 * stores.  One line for each measurement, "name=value" for machines.
 *
 *	relay MESSAGES ASSOCIATIONS plain|sealed
 */
#include "bench/site.h"

#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/mhs/contexts.h"
#include "lib/mhs/envelope.h"
#include "lib/mhs/link.h"
#include "lib/mhs/operations.h"
#include "lib/mhs/orname.h"
#include "lib/sec/message.h"
#include "lib/store/mailbox.h"
#include "tests/support/pki.h"

#include <stdlib.h>

enum { CONTENT_OCTETS = 2048, OUTSTANDING = 8, PREPARED = 64, TIMEOUT_MS = 600000 };

/* A message that can be submitted again and again. */
struct prepared {
	struct buf head, content;
};

struct sender {
	struct bench *bench;
	struct link *link;
	unsigned outstanding;
};

struct bench {
	struct site_processes site;
	struct loop *loop;
	struct arena *arena;
	struct link_env env;
	struct buf or_name;
	struct prepared prepared[PREPARED];
	struct sender *senders;
	size_t sender_count, bound;
	size_t wanted, sent, confirmed;
	struct db *mailbox;
	int64_t user;
	bool failed;
};

/* --- messages --- */

static struct bytes or_name(struct arena *arena, const char *text)
{
	struct bytes name = { 0 };

	bench_must(orname_tlv_from_text(arena, text, &name));
	return name;
}

static void protect(struct envelope *env, struct buf *content, const struct pki *pki)
{
	const struct protect_recipient recipient = {
		.name = env->recipients[0].name,
		.cert = pki->bob.cert,
		.sequence = 1,
	};
	const struct protect_plan plan = {
		.suite = &suite_modern,
		.signer = pki->alice.key,
		.now = clock_now(&clock_real),
		.seal = true,
		.recipients = &recipient,
		.count = 1,
	};
	struct protected_message *protection = NULL;

	bench_must(message_protect(&plan, content, &protection));
	ext_put(env->arena, &env->extensions, EXT_CONTENT_CONFIDENTIALITY_ALGORITHM,
		buf_view(&protection->seal_algorithm));
	ext_put(env->arena, &env->recipients[0].extensions, EXT_MESSAGE_TOKEN,
		buf_view(&protection->tokens[0]));
	protected_message_free(&protection);
}

static void prepare(struct bench *bench, const struct pki *pki)
{
	for (size_t i = 0; i < PREPARED; i++) {
		struct prepared *p = &bench->prepared[i];
		struct envelope *env = envelope_new(bench->arena);

		memset(buf_extend(&p->content, CONTENT_OCTETS), 'x', CONTENT_OCTETS);
		env->originator = or_name(bench->arena, BENCH_ALICE);
		env->content_type = content_type_tlv(bench->arena, CONTENT_TYPE_P22);
		env->recipient_count = 1;
		env->recipients = arena_new_of(bench->arena, struct recipient);
		env->recipients[0] = (struct recipient){
			.name = or_name(bench->arena, BENCH_BOB),
			.number = 1,
			.explicit_conversion = -1,
		};
		if (pki)
			protect(env, &p->content, pki);
		env->content = buf_view(&p->content);
		bench_must(submission_encode(env, &p->head));
	}
}

/* --- sending --- */

static void send_more(struct sender *sender)
{
	struct bench *bench = sender->bench;

	while (sender->link && sender->outstanding < OUTSTANDING && bench->sent < bench->wanted) {
		const struct prepared *p = &bench->prepared[bench->sent % PREPARED];
		const struct bytes parts[] = { buf_view(&p->head), buf_view(&p->content) };
		int32_t id;

		bench_must(assoc_invoke_req(link_assoc(sender->link), OP_MESSAGE_SUBMISSION, parts,
					    2, &id));
		sender->outstanding++;
		bench->sent++;
	}
}

static void confirmed(void *user, struct link *link, int32_t id, struct bytes result,
		      struct buf *apdu)
{
	struct sender *sender = user;

	(void)link;
	(void)id;
	(void)result;
	(void)apdu;
	sender->outstanding--;
	sender->bench->confirmed++;
	send_more(sender);
}

static void refused(void *user, struct link *link, int32_t id, int error, struct bytes parameter,
		    struct buf *apdu)
{
	struct sender *sender = user;

	(void)link;
	(void)id;
	(void)apdu;
	status_print(stderr, "bench", operation_failed(OP_MESSAGE_SUBMISSION, error, parameter));
	sender->bench->failed = true;
}

static void ended(void *user, struct link *link, const struct status *why)
{
	struct sender *sender = user;

	(void)link;
	sender->link = NULL;
	if (why) {
		status_print(stderr, "bench", why);
		sender->bench->failed = true;
	}
}

static void opened(void *user, struct link *link)
{
	struct sender *sender = user;

	sender->link = link;
	sender->bench->bound++;
}

static bool all_bound(void *arg)
{
	const struct bench *bench = arg;

	return bench->failed || bench->bound == bench->sender_count;
}

static void bind_senders(struct bench *bench, size_t count)
{
	static const struct link_user user = {
		.result = confirmed, .error = refused, .closed = ended,
	};
	const struct link_target target = {
		.address = bench->site.mta_a_address,
		.context = &context_mts_access,
		.role = LINK_MTA,
		.mta_name = "mta-a",
		.expected = { .scope = SCOPE_MTA, .password = BENCH_PASSWORD,
			      .own_password = BENCH_PASSWORD },
		.connect_timeout_ms = 5000,
	};

	bench->env = (struct link_env){
		.loop = bench->loop,
		.clock = &clock_real,
		.self = { .role = LINK_MS, .or_name = buf_view(&bench->or_name) },
		.limits = &assoc_limits_default,
		.bind_timeout_ms = 10000,
	};
	bench->sender_count = count;
	bench->senders = mem_new_array(struct sender, count);
	for (size_t i = 0; i < count; i++) {
		bench->senders[i].bench = bench;
		link_connect(&bench->env, &target, opened, &user, &bench->senders[i]);
	}
	if (!loop_run_until(bench->loop, all_bound, bench, 10000) || bench->failed)
		bench_die("the senders are not bound");
}

/* --- arriving --- */

static bool count_entry(void *arg, const struct mailbox_entry *entry)
{
	(void)entry;
	++*(size_t *)arg;
	return true;
}

/* How many lie in bob's mailbox, from a number on. */
static size_t arrived(struct bench *bench, int32_t from)
{
	struct mailbox_select select = MAILBOX_SELECT_ALL;
	size_t count = 0;

	select.from = from;
	bench_must(mailbox_scan(bench->mailbox, bench->user, &select, count_entry, &count));
	return count;
}

static bool all_arrived(void *arg)
{
	struct bench *bench = arg;

	if (bench->failed || bench->confirmed < bench->wanted)
		return bench->failed;
	/* The last sequence-number is there: all before it are. */
	return arrived(bench, (int32_t)bench->wanted) > 0;
}

static void keep_looking(void *arg)
{
	(void)arg;
}

static double run(struct bench *bench, size_t messages)
{
	struct timer *tick = timer_new(bench->loop, 1, 1, keep_looking, NULL);
	int64_t begin = clock_now_us(&clock_real);

	bench->wanted += messages;
	for (size_t i = 0; i < bench->sender_count; i++)
		send_more(&bench->senders[i]);
	if (!loop_run_until(bench->loop, all_arrived, bench, TIMEOUT_MS) || bench->failed)
		bench_die("the messages did not all arrive");
	timer_free(&tick);
	return (double)(clock_now_us(&clock_real) - begin) / 1e6;
}

static void report(struct bench *bench, const char *kind, size_t messages, size_t associations)
{
	const struct site_usage before = site_usage(&bench->site);
	double seconds = run(bench, messages);
	const struct site_usage after = site_usage(&bench->site);
	double n = (double)messages;

	printf("bench=relay kind=%s content=%d associations=%zu messages=%zu seconds=%.3f "
	       "messages_per_second=%.0f cpu_us_mta_a=%.0f cpu_us_mta_b=%.0f cpu_us_ms=%.0f "
	       "cpu_us_all=%.0f octets_per_message=%.0f\n",
	       kind, CONTENT_OCTETS, associations, messages, seconds, n / seconds,
	       (after.mta_a - before.mta_a) / n, (after.mta_b - before.mta_b) / n,
	       (after.ms - before.ms) / n,
	       (after.mta_a - before.mta_a + after.mta_b - before.mta_b + after.ms - before.ms) / n,
	       (after.octets - before.octets) / n);
}

/* One message at a time, from its submission until it lies in the mailbox. */
static void report_latency(struct bench *bench, const char *kind)
{
	enum { TIMES = 50 };
	double seconds[TIMES];

	for (size_t i = 0; i < TIMES; i++)
		seconds[i] = run(bench, 1);
	printf("bench=latency kind=%s content=%d messages=%d median_ms=%.2f worst_ms=%.2f\n", kind,
	       CONTENT_OCTETS, TIMES, bench_median(seconds, TIMES) * 1000,
	       bench_largest(seconds, TIMES) * 1000);
}

static void find_mailbox(struct bench *bench)
{
	struct orname *bob = NULL;

	bench_must(db_open(bench->site.store, &mailbox_schema, DB_READER, &bench->mailbox));
	bench_must(orname_from_text(bench->arena, BENCH_BOB, &bob));
	bench_must(mailbox_user(bench->mailbox, orname_key(bench->arena, bob), false,
				&bench->user));
}

int main(int argc, char **argv)
{
	struct bench *bench = mem_new(struct bench);
	struct pki pki = { 0 };

	if (argc != 4)
		bench_die("usage: relay MESSAGES ASSOCIATIONS plain|sealed");
	size_t messages = (size_t)strtoul(argv[1], NULL, 10);
	size_t associations = (size_t)strtoul(argv[2], NULL, 10);
	bool sealed = !strcmp(argv[3], "sealed");

	bench_must(log_open(&(struct log_options){ .program = "bench", .path = "/dev/null" }));
	bench->loop = loop_new();
	bench->arena = arena_new();
	if (sealed)
		pki_make(&pki);
	prepare(bench, sealed ? &pki : NULL);
	site_start(&bench->site, associations);
	buf_put(&bench->or_name, or_name(bench->arena, BENCH_NORTH));
	bind_senders(bench, associations);
	find_mailbox(bench);
	report(bench, argv[3], messages, associations);
	if (associations == 1)
		report_latency(bench, argv[3]);
	db_close(&bench->mailbox);
	site_stop(&bench->site);
	return 0;
}
