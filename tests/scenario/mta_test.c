/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two MTAs, each a process, with the stores of both domains played by this
 * program: submission, transfer, delivery, reports, and what is refused.
 */
#include "asn1/asn.h"
#include "lib/mhs/operations.h"
#include "lib/mhs/orname.h"
#include "tests/support/check.h"
#include "tests/support/stage.h"

#include <OriginatorAndDLExpansionHistory.h>

static struct process north, south;
static struct store a, b;

#define NORTH "/PRMD=North/ADMD=Net/C=FR/"
#define SOUTH "/PRMD=South/ADMD=Net/C=NO/"
#define ALICE "/G=Alice/S=Martin" NORTH
#define BOB "/G=Bob/S=Nilsen" SOUTH

static const struct stage_mta mta_north = {
	"mta-a", NORTH, "store-a", "mta-b", SOUTH, "content-max = 100K\n",
};
static const struct stage_mta mta_south = {
	"mta-b", SOUTH, "store-b", "mta-a", NORTH, "content-max = 100K\n",
};

static int setup(void **state)
{
	stage_open(state);
	store_open(&a, "store-a", NORTH);
	store_open(&b, "store-b", SOUTH);
	stage_start_mta(&north, &mta_north);
	stage_start_mta(&south, &mta_south);
	return 0;
}

static int teardown(void **state)
{
	process_stop(&north);
	process_stop(&south);
	store_close(&a);
	store_close(&b);
	return stage_close(state);
}

/* Submits a content to recipients, from a user of the store, asking for reports. */
static void submit(struct store *store, const char *from, const char *const *to, size_t count,
		   struct bytes content)
{
	store_submit(store, &(struct letter){ .from = from, .to = to, .count = count,
					      .content = content });
}

#define WAIT_FOR(field, wanted)                                                        \
	do {                                                                           \
		if (!stage_wait(&(field), (wanted))) {                                 \
			process_show_log(&north);                                      \
			process_show_log(&south);                                      \
			fail_msg("%s is %d, not %d", #field, (field), (wanted));       \
		}                                                                      \
	} while (0)

static void a_message_is_relayed_and_its_delivery_reported(void **state)
{
	static const char *const to[] = { BOB };

	(void)state;
	store_connect(&a, "mta-a", "secret");
	submit(&a, ALICE, to, 1, BYTES("what bob reads"));
	WAIT_FOR(a.results, 1);
	WAIT_FOR(b.deliveries, 1);
	assert_bytes(b.delivered->content, BYTES("what bob reads"));
	assert_string_equal(orname_tlv_text(stage_arena, b.delivered->originator), ALICE);
	WAIT_FOR(a.reports, 1);
	assert_int_equal(a.report->recipient_count, 1);
	assert_true(a.report->recipients[0].delivered);
	assert_int_equal(a.report->recipients[0].user_type, USER_MS);
	/* The store learns whose report it is. */
	OriginatorAndDLExpansionHistory_t *history = NULL;
	assert_ok(ext_get(&a.report->extensions, EXT_ORIGINATOR_AND_DL_EXPANSION_HISTORY,
			  (void **)&history));
	assert_non_null(history);
	assert_int_equal(history->list.count, 1);
	asn_free(&asn_DEF_OriginatorAndDLExpansionHistory, &history);
}

static void nobody_there_is_reported(void **state)
{
	static const char *const to[] = { "/S=Nobody/PRMD=East/ADMD=Net/C=SE/" };
	int before = a.reports;

	(void)state;
	submit(&a, ALICE, to, 1, BYTES("to nobody"));
	WAIT_FOR(a.reports, before + 1);
	assert_false(a.report->recipients[0].delivered);
	assert_int_equal(a.report->recipients[0].reason, REASON_UNABLE_TO_TRANSFER);
	assert_int_equal(a.report->recipients[0].diagnostic, DIAG_UNRECOGNISED_OR_NAME);
}

static void nobody_submits_for_others(void **state)
{
	static const char *const to[] = { BOB };
	int before = a.errors;

	(void)state;
	submit(&a, BOB, to, 1, BYTES("not bob's"));
	WAIT_FOR(a.errors, before + 1);
	assert_int_equal(a.last_error, ERR_ORIGINATOR_INVALID);
}

static void a_content_over_the_limit_is_refused(void **state)
{
	static const char *const to[] = { BOB };
	uint8_t *large = arena_alloc(stage_arena, (100 << 10) + 1, 1);
	int before = a.errors;

	(void)state;
	submit(&a, ALICE, to, 1, bytes_of(large, (100 << 10) + 1));
	WAIT_FOR(a.errors, before + 1);
	assert_int_equal(a.last_error, ERR_CONTROL_VIOLATED);
}

static void many_recipients(size_t count)
{
	const char **to = arena_new_array(stage_arena, const char *, count);

	for (size_t i = 0; i < count; i++)
		to[i] = arena_printf(stage_arena, "/S=User%zu%s", i, SOUTH);
	submit(&a, ALICE, to, count, BYTES("to all"));
}

static void five_hundred_and_twelve_recipients_are_served(void **state)
{
	int before = b.deliveries, reports = a.reports;

	(void)state;
	many_recipients(512);
	WAIT_FOR(b.deliveries, before + 512);
	WAIT_FOR(a.reports, reports + 1);
	assert_int_equal(a.report->recipient_count, 512);
}

static void five_hundred_and_thirteen_are_refused(void **state)
{
	int before = a.errors;

	(void)state;
	many_recipients(513);
	WAIT_FOR(a.errors, before + 1);
	assert_int_equal(a.last_error, ERR_INCONSISTENT_REQUEST);
}

static void a_message_survives_the_death_of_its_mta(void **state)
{
	static const char *const to[] = { BOB };
	int results = a.results, deliveries = b.deliveries;

	(void)state;
	process_kill(&south);
	submit(&a, ALICE, to, 1, BYTES("through a crash"));
	WAIT_FOR(a.results, results + 1);
	process_kill(&north);
	assert_int_equal(b.deliveries, deliveries);
	stage_start_mta(&south, &mta_south);
	stage_start_mta(&north, &mta_north);
	WAIT_FOR(b.deliveries, deliveries + 1);
	assert_bytes(b.delivered->content, BYTES("through a crash"));
}

static void a_wrong_password_is_refused(void **state)
{
	(void)state;
	store_connect(&a, "mta-a", "guess");
	assert_null(a.submitter);
	assert_fails(TAKE(a.why), "does not accept our credentials");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_relayed_and_its_delivery_reported),
		cmocka_unit_test(nobody_there_is_reported),
		cmocka_unit_test(nobody_submits_for_others),
		cmocka_unit_test(a_content_over_the_limit_is_refused),
		cmocka_unit_test(five_hundred_and_twelve_recipients_are_served),
		cmocka_unit_test(five_hundred_and_thirteen_are_refused),
		cmocka_unit_test(a_message_survives_the_death_of_its_mta),
		cmocka_unit_test(a_wrong_password_is_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
