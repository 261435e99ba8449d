/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of X.411 for an MTA between others that this test plays: splitting
 * and responsibility, extensions that nobody here knows, criticality, loops,
 * repetitions, probes, deferral and latest times, and who hears of what.
 */
#include "asn1/asn.h"
#include "lib/mhs/fields.h"
#include "tests/support/check.h"
#include "tests/support/stage.h"

#include <time.h>

#define NORTH "/PRMD=North/ADMD=Net/C=FR/"
#define SOUTH "/PRMD=South/ADMD=Net/C=NO/"
#define WEST "/PRMD=West/ADMD=Net/C=GB/"
#define ALICE "/G=Alice/S=Martin" NORTH
#define BOB "/G=Bob/S=Nilsen" SOUTH
#define CAROL "/G=Carol/S=Jones" WEST

enum { UNKNOWN_EXTENSION = 4242 };

static struct process mta;
static struct store store;
static struct relay south, west;

static int setup(void **state)
{
	stage_open(state);
	store_open(&store, "store-a", NORTH);
	relay_open(&south, "mta-b", SOUTH);
	relay_open(&west, "mta-c", WEST);
	const struct stage_mta north = {
		"mta-a", NORTH, "store-a", "mta-b", SOUTH,
		arena_printf(stage_arena, "content-max = 100K\nmta = mta-c %s domain=%s "
			     "password-file=%s own-password-file=%s\nroute = %s mta-c\n",
			     stage_socket("mta-c"), WEST, stage_file("password"),
			     stage_file("password"), WEST),
	};
	stage_start_mta(&mta, &north);
	store_connect(&store, "mta-a", "secret");
	relay_connect(&south, "mta-a");
	return 0;
}

static int teardown(void **state)
{
	process_stop(&mta);
	store_close(&store);
	relay_close(&south);
	relay_close(&west);
	return stage_close(state);
}

#define WAIT_FOR(field, wanted) STAGE_WAIT_FOR(&mta, field, wanted)

static void submit(const char *const *to, size_t count, uint32_t flags,
		   void (*more)(struct envelope *env))
{
	store_submit(&store, &(struct letter){ .from = ALICE, .to = to, .count = count,
					       .content = BYTES("text"), .flags = flags,
					       .more = more });
}

static struct envelope *from_south(const char *const *to, size_t count, const char *id,
				   void (*more)(struct envelope *env))
{
	const struct letter letter = {
		.from = BOB, .to = to, .count = count, .content = BYTES("text"), .more = more,
		.flags = RCPT_ORIGINATOR_REPORT | RCPT_ORIGINATOR_NON_DELIVERY_REPORT,
	};

	return relay_envelope(&south, &letter, id);
}

/* An extension with octets in it that are no value of its type, and whatever criticality. */
static void put_opaque(struct ext_set *set, int number, unsigned criticality)
{
	AUTO(buf_free) struct buf field = { 0 };
	size_t at;

	ber_put_integer(&field, BER_CONTEXT(0), number);
	put_bits(&field, BER_CONTEXT(1), criticality);
	at = field.len;
	ber_put(&field, BER_OCTET_STRING, BYTES("opaque"));
	ber_wrap(&field, at, BER_CONTEXT(2));
	ber_wrap(&field, 0, BER_SEQUENCE);
	struct ext_set one = { 0 };
	assert_ok(ext_decode(stage_arena, arena_dup(stage_arena, buf_view(&field)), &one));
	ext_copy(stage_arena, set, &one, EXT_IN_TRANSFER | EXT_IN_TRANSFER_RECIPIENT);
}

/* One that is in no Recommendation. */
static void put_unknown(struct ext_set *set, unsigned criticality)
{
	put_opaque(set, UNKNOWN_EXTENSION, criticality);
}

/* --- splitting --- */

static void a_message_to_two_domains_is_split(void **state)
{
	static const char *const to[] = { BOB, CAROL };

	(void)state;
	submit(to, 2, 0, NULL);
	WAIT_FOR(south.messages, 1);
	WAIT_FOR(west.messages, 1);
	/* Both copies name both recipients, and each MTA is responsible for its own. */
	assert_int_equal(south.taken->recipient_count, 2);
	assert_true(south.taken->recipients[0].flags & RCPT_RESPONSIBLE);
	assert_false(south.taken->recipients[1].flags & RCPT_RESPONSIBLE);
	assert_false(west.taken->recipients[0].flags & RCPT_RESPONSIBLE);
	assert_true(west.taken->recipients[1].flags & RCPT_RESPONSIBLE);
	assert_int_equal(west.taken->recipients[1].number, 2);
	assert_true(mts_id_equal(south.taken->id, west.taken->id));
	assert_bytes(south.taken->trace, west.taken->trace);
}

static void nobody_else_is_served(void **state)
{
	static const char *const to[] = { ALICE, CAROL };
	struct envelope *env = from_south(to, 2, "one of two", NULL);
	int before = west.messages;

	(void)state;
	env->recipients[1].flags &= ~(uint32_t)RCPT_RESPONSIBLE;
	relay_transfer(&south, env);
	WAIT_FOR(store.deliveries, 1);
	WAIT_FOR(south.confirmed, 1);
	assert_int_equal(west.messages, before);
}

/* --- extensions --- */

static void unknown_for_all(struct envelope *env)
{
	put_unknown(&env->extensions, 0);
	put_unknown(&env->recipients[0].extensions, EXT_FOR_DELIVERY);
}

static void unknown_extensions_pass_to_the_octet(void **state)
{
	static const char *const to[] = { CAROL };
	struct envelope *env = from_south(to, 1, "with unknown extensions", unknown_for_all);
	int before = west.messages;

	(void)state;
	relay_transfer(&south, env);
	WAIT_FOR(west.messages, before + 1);
	assert_bytes(ext_find(&west.taken->extensions, UNKNOWN_EXTENSION)->whole,
		     ext_find(&env->extensions, UNKNOWN_EXTENSION)->whole);
	assert_bytes(ext_find(&west.taken->recipients[0].extensions, UNKNOWN_EXTENSION)->whole,
		     ext_find(&env->recipients[0].extensions, UNKNOWN_EXTENSION)->whole);
}

/* Those of the originator's security services that an MTA on the way has nothing to do with. */
static const int of_message[] = {
	EXT_ORIGINATOR_CERTIFICATE, EXT_CONTENT_CONFIDENTIALITY_ALGORITHM,
	EXT_MESSAGE_ORIGIN_AUTHENTICATION_CHECK, EXT_MESSAGE_SECURITY_LABEL,
	EXT_MULTIPLE_ORIGINATOR_CERTIFICATES,
};
static const int of_probe[] = {
	EXT_ORIGINATOR_CERTIFICATE, EXT_MESSAGE_SECURITY_LABEL,
	EXT_PROBE_ORIGIN_AUTHENTICATION_CHECK,
};
static const int of_recipient[] = {
	EXT_MESSAGE_TOKEN, EXT_CONTENT_INTEGRITY_CHECK, EXT_PROOF_OF_DELIVERY_REQUEST,
};

#define EACH(list, i) (size_t i = 0; i < sizeof(list) / sizeof((list)[0]); i++)

/* Critical for delivery, as X.411 recommends of most, and once for transfer: they are known. */
static void with_security(struct envelope *env)
{
	for EACH(of_message, i)
		put_opaque(&env->extensions, of_message[i], i ? EXT_FOR_DELIVERY : EXT_FOR_TRANSFER);
	for EACH(of_recipient, i)
		put_opaque(&env->recipients[0].extensions, of_recipient[i], EXT_FOR_DELIVERY);
}

static void assert_same_field(const struct ext_set *a, const struct ext_set *b, int number)
{
	assert_non_null(ext_find(a, number));
	assert_non_null(ext_find(b, number));
	assert_bytes(ext_find(a, number)->whole, ext_find(b, number)->whole);
}

static void security_passes_to_the_octet(void **state)
{
	static const char *const to[] = { CAROL };
	struct envelope *env = from_south(to, 1, "with security", with_security);
	int before = west.messages;

	(void)state;
	relay_transfer(&south, env);
	WAIT_FOR(west.messages, before + 1);
	for EACH(of_message, i)
		assert_same_field(&west.taken->extensions, &env->extensions, of_message[i]);
	for EACH(of_recipient, i)
		assert_same_field(&west.taken->recipients[0].extensions,
				  &env->recipients[0].extensions, of_recipient[i]);
}

static void probe_with_security(struct envelope *env)
{
	env->probe = true;
	env->content_length = 1000;
	for EACH(of_probe, i)
		put_opaque(&env->extensions, of_probe[i], EXT_FOR_DELIVERY);
}

static void so_does_that_of_a_probe(void **state)
{
	static const char *const to[] = { CAROL };
	struct envelope *env = from_south(to, 1, "a probe with security", probe_with_security);
	int before = west.messages;

	(void)state;
	relay_transfer(&south, env);
	WAIT_FOR(west.messages, before + 1);
	assert_true(west.taken->probe);
	for EACH(of_probe, i)
		assert_same_field(&west.taken->extensions, &env->extensions, of_probe[i]);
}

static void critical_for_transfer(struct envelope *env)
{
	put_unknown(&env->extensions, EXT_FOR_TRANSFER);
}

static void what_is_critical_and_unknown_is_not_transferred(void **state)
{
	static const char *const to[] = { CAROL };
	int before = south.reports;

	(void)state;
	relay_transfer(&south, from_south(to, 1, "critical for transfer", critical_for_transfer));
	WAIT_FOR(south.reports, before + 1);
	assert_int_equal(south.report->recipients[0].diagnostic,
			 DIAG_UNSUPPORTED_CRITICAL_FUNCTION);
}

static void second_is_critical(struct envelope *env)
{
	put_unknown(&env->recipients[1].extensions, EXT_FOR_DELIVERY);
}

/* The other recipient gets his message. */
static void one_recipients_critical_extension_is_his_alone(void **state)
{
	static const char *const to[] = { ALICE, "/S=Petit" NORTH };
	int deliveries = store.deliveries, reports = south.reports;

	(void)state;
	relay_transfer(&south, from_south(to, 2, "critical for one", second_is_critical));
	WAIT_FOR(store.deliveries, deliveries + 1);
	WAIT_FOR(south.reports, reports + 1);
	assert_int_equal(south.report->recipient_count, 2);
	assert_true(south.report->recipients[0].delivered);
	assert_false(south.report->recipients[1].delivered);
	assert_int_equal(south.report->recipients[1].diagnostic,
			 DIAG_UNSUPPORTED_CRITICAL_FUNCTION);
}

/* --- loops and repetitions --- */

static void a_message_that_was_here_is_a_loop(void **state)
{
	static const char *const to[] = { CAROL };
	struct envelope *env = from_south(to, 1, "a loop", NULL);
	struct mta_identity *self = NULL;
	AUTO(buf_free) struct buf trace = { 0 };
	int before = south.reports;

	(void)state;
	assert_ok(mta_identity_from_text(stage_arena, NORTH, "mta-a", &self));
	assert_ok(trace_add(self, time(NULL), false, &trace));
	buf_put(&trace, env->trace);
	env->trace = arena_dup(stage_arena, buf_view(&trace));
	relay_transfer(&south, env);
	WAIT_FOR(south.reports, before + 1);
	assert_int_equal(south.report->recipients[0].diagnostic, DIAG_LOOP_DETECTED);
}

static void what_comes_again_has_no_consequences(void **state)
{
	static const char *const to[] = { ALICE, "/S=Nobody/ADMD=Nowhere/C=XX/" };
	struct envelope *env = from_south(to, 2, "twice", NULL);
	int deliveries = store.deliveries, reports = south.reports, confirmed = south.confirmed;

	(void)state;
	relay_transfer(&south, env);
	WAIT_FOR(south.confirmed, confirmed + 1);
	WAIT_FOR(south.reports, reports + 2);	/* of the one, and of the other */
	relay_transfer(&south, env);
	WAIT_FOR(south.confirmed, confirmed + 2);
	relay_transfer(&south, from_south(to, 1, "and another", NULL));
	WAIT_FOR(store.deliveries, deliveries + 2);
	WAIT_FOR(south.reports, reports + 3);
	assert_int_equal(store.new_deliveries, store.deliveries);
	assert_int_equal(south.reports, reports + 3);
}

/* --- time --- */

static void a_deferred_message_waits(void **state)
{
	static const char *const to[] = { ALICE };
	int deliveries = store.deliveries, reports = store.reports;
	time_t then = time(NULL) + 2;

	(void)state;
	store_submit(&store, &(struct letter){ .from = ALICE, .to = to, .count = 1,
					       .content = BYTES("later"), .deferred_until = then });
	WAIT_FOR(store.deliveries, deliveries + 1);
	assert_true(time(NULL) >= then);
	WAIT_FOR(store.reports, reports + 1);
}

static void latest_is_past(struct envelope *env)
{
	AUTO(buf_free) struct buf latest = { 0 };

	assert_ok(put_time(&latest, BER_UTC_TIME, time(NULL) - 60));
	ext_put(stage_arena, &env->extensions, EXT_LATEST_DELIVERY_TIME, buf_view(&latest));
}

static void nothing_is_delivered_after_its_latest_time(void **state)
{
	static const char *const to[] = { ALICE };
	int reports = store.reports, deliveries = store.deliveries;

	(void)state;
	submit(to, 1, 0, latest_is_past);
	WAIT_FOR(store.reports, reports + 1);
	assert_int_equal(store.report->recipients[0].diagnostic, DIAG_MAXIMUM_TIME_EXPIRED);
	assert_int_equal(store.deliveries, deliveries);
}

/* --- probes and reports --- */

static void small_probe(struct envelope *env)
{
	env->probe = true;
	env->content_length = 1000;
}

static void large_probe(struct envelope *env)
{
	env->probe = true;
	env->content_length = (100 << 10) + 1;
}

static void probes_say_what_would_be(void **state)
{
	static const char *const to[] = { ALICE };
	int reports = store.reports, deliveries = store.deliveries;

	(void)state;
	submit(to, 1, 0, small_probe);
	WAIT_FOR(store.reports, reports + 1);
	assert_true(store.report->recipients[0].delivered);
	submit(to, 1, 0, large_probe);
	WAIT_FOR(store.reports, reports + 2);
	assert_false(store.report->recipients[0].delivered);
	assert_int_equal(store.report->recipients[0].diagnostic, DIAG_CONTENT_TOO_LONG);
	assert_int_equal(store.deliveries, deliveries);
}

static void no_reports(struct envelope *env)
{
	for (size_t i = 0; i < env->recipient_count; i++)
		env->recipients[i].flags = 0;
}

/* Those who want no report get none, not even of a failure; the next who does is told. */
static void who_asks_for_nothing_hears_nothing(void **state)
{
	static const char *const nobody[] = { "/S=Nobody/ADMD=Nowhere/C=XX/" };
	static const char *const to[] = { ALICE };
	int reports = store.reports;

	(void)state;
	submit(nobody, 1, RCPT_ORIGINATOR_REPORT, no_reports);
	submit(to, 1, RCPT_ORIGINATOR_NON_DELIVERY_REPORT, NULL);
	submit(nobody, 1, RCPT_ORIGINATOR_NON_DELIVERY_REPORT, NULL);
	WAIT_FOR(store.reports, reports + 1);
	assert_false(store.report->recipients[0].delivered);
	assert_int_equal(store.reports, reports + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_to_two_domains_is_split),
		cmocka_unit_test(nobody_else_is_served),
		cmocka_unit_test(unknown_extensions_pass_to_the_octet),
		cmocka_unit_test(security_passes_to_the_octet),
		cmocka_unit_test(so_does_that_of_a_probe),
		cmocka_unit_test(what_is_critical_and_unknown_is_not_transferred),
		cmocka_unit_test(one_recipients_critical_extension_is_his_alone),
		cmocka_unit_test(a_message_that_was_here_is_a_loop),
		cmocka_unit_test(what_comes_again_has_no_consequences),
		cmocka_unit_test(a_deferred_message_waits),
		cmocka_unit_test(nothing_is_delivered_after_its_latest_time),
		cmocka_unit_test(probes_say_what_would_be),
		cmocka_unit_test(who_asks_for_nothing_hears_nothing),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
