/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/mhs/retrieval.h"

#include "asn1/asn.h"
#include "asn1/ber.h"
#include "asn1/ms_attributes.h"
#include "asn1/oid.h"
#include "asn1/x400_oids.h"
#include "tests/support/check.h"

#include <DeleteArgument.h>
#include <FetchArgument.h>
#include <ListArgument.h>
#include <Register-MSArgument.h>

ASN_CLEANUP(DeleteArgument)
ASN_CLEANUP(FetchArgument)
ASN_CLEANUP(ListArgument)

static struct arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static const char *const attributes[] = { ID_ATT_CONTENT, ID_ATT_MESSAGE_DELIVERY_ENVELOPE, NULL };

/* The generated decoder, which knows nothing of ours, reads what we ask. */
static void a_list_is_asked_for(void **state)
{
	(void)state;
	AUTO(buf_free) struct buf out = { 0 };
	AUTO(ListArgument_cleanup) ListArgument_t *list = NULL;

	assert_ok(list_argument_encode(42, 200, attributes, &out));
	assert_ok(asn_decode(&asn_DEF_ListArgument, buf_view(&out), (void **)&list));
	assert_null(list->information_base_type);
	assert_int_equal(*list->selector.limit, 200);
	assert_int_equal(list->selector.range->present, Range_PR_sequence_number_range);
	const NumberRange_t *range = &list->selector.range->choice.sequence_number_range;
	assert_int_equal(*range->from, 42);
	assert_null(range->to);
	assert_int_equal(list->requested_attributes->list.count, 2);
	assert_true(oid_is(oid_bytes(&list->requested_attributes->list.array[0]->type),
			   ID_ATT_CONTENT));
}

static void an_entry_is_asked_for(void **state)
{
	(void)state;
	AUTO(buf_free) struct buf out = { 0 };
	AUTO(FetchArgument_cleanup) FetchArgument_t *fetch = NULL;

	assert_ok(fetch_argument_encode(70000, attributes, &out));
	assert_ok(asn_decode(&asn_DEF_FetchArgument, buf_view(&out), (void **)&fetch));
	assert_int_equal(fetch->item.present, FetchItem_PR_precise);
	assert_int_equal(fetch->item.choice.precise, 70000);
	assert_int_equal(fetch->requested_attributes->list.count, 2);
}

static void entries_are_deleted(void **state)
{
	(void)state;
	AUTO(buf_free) struct buf out = { 0 };
	AUTO(DeleteArgument_cleanup) DeleteArgument_t *delete = NULL;
	const int32_t numbers[] = { 3, 5 };

	delete_argument_encode(numbers, 2, &out);
	assert_ok(asn_decode(&asn_DEF_DeleteArgument, buf_view(&out), (void **)&delete));
	assert_int_equal(delete->items.present, DeleteItems_PR_sequence_numbers);
	assert_int_equal(delete->items.choice.sequence_numbers.list.count, 2);
}

static void alerts_are_registered(void **state)
{
	(void)state;
	AUTO(buf_free) struct buf out = { 0 };
	Register_MSArgument_t *args = NULL;

	assert_ok(alert_registration_encode(&out));
	assert_ok(asn_decode(&asn_DEF_Register_MSArgument, buf_view(&out), (void **)&args));
	const AutoActionRegistrations_t *actions = args->auto_action_registrations;
	assert_int_equal(actions->list.count, 1);
	assert_true(oid_is(oid_bytes(&actions->list.array[0]->type), ID_ACT_AUTO_ALERT));
	asn_free(&asn_DEF_Register_MSArgument, &args);
}

/* --- answers, as they travel --- */

static const char entry_wire[] = "3013 020107 310e 300c 060456040306 3004 0202012c";

/* SET { next [0] 9, requested [1] { entry 7 with its content-length, entry 8 } } */
static struct buf list_wire(void)
{
	struct buf wire = hex(entry_wire);
	AUTO(buf_free) struct buf second = hex("3003 020108");
	AUTO(buf_free) struct buf next = hex("a003 020109");

	buf_put(&wire, buf_view(&second));
	ber_wrap(&wire, 0, BER_SEQUENCE);
	ber_wrap(&wire, 0, BER_CONTEXT(1));
	buf_insert(&wire, 0, buf_view(&next));
	ber_wrap(&wire, 0, BER_SET);
	return wire;
}

/* SET { entry-information [0] entry 7 with its content "hi" in two segments } */
static struct buf fetch_wire(void)
{
	struct buf wire = hex("a0 1b 3019 020107 3114 3012 060456040301 300a 2480 040168 040169 0000");

	ber_wrap(&wire, 0, BER_SET);
	return wire;
}

static void a_list_is_read(void **state)
{
	(void)state;
	AUTO(buf_free) struct buf wire = list_wire();
	struct ms_entries entries;
	int64_t length;

	assert_ok(list_result_decode(arena, buf_view(&wire), &entries));
	assert_int_equal(entries.next, 9);
	assert_int_equal(entries.count, 2);
	assert_int_equal(entries.list[0].number, 7);
	assert_ok(ms_entry_integer(&entries.list[0], ID_ATT_CONTENT_LENGTH, -1, &length));
	assert_int_equal(length, 300);
	assert_int_equal(entries.list[1].number, 8);
	assert_ok(ms_entry_integer(&entries.list[1], ID_ATT_CONTENT_LENGTH, -1, &length));
	assert_int_equal(length, -1);
}

static void an_empty_list_is_read(void **state)
{
	(void)state;
	AUTO(buf_free) struct buf wire = hex("3100");
	struct ms_entries entries;

	assert_ok(list_result_decode(arena, buf_view(&wire), &entries));
	assert_int_equal(entries.count, 0);
	assert_int_equal(entries.next, 0);
}

static void an_entry_is_read(void **state)
{
	(void)state;
	AUTO(buf_free) struct buf wire = fetch_wire();
	struct ms_entry entry;
	struct bytes content;

	assert_ok(fetch_result_decode(arena, buf_view(&wire), &entry));
	assert_int_equal(entry.number, 7);
	assert_ok(ms_entry_octets(arena, &entry, ID_ATT_CONTENT, &content));
	assert_bytes(content, BYTES("hi"));
	assert_int_equal(ms_entry_value(&entry, ID_ATT_MESSAGE_TOKEN).len, 0);
}

static void an_alert_is_read(void **state)
{
	(void)state;
	AUTO(buf_free) struct buf wire = hex("310c a003020101 a205 3003 020108");
	AUTO(buf_free) struct buf bare = hex("3105 a003020101");
	struct ms_entry entry;

	assert_ok(alert_argument_decode(arena, buf_view(&wire), &entry));
	assert_int_equal(entry.number, 8);
	assert_ok(alert_argument_decode(arena, buf_view(&bare), &entry));
	assert_int_equal(entry.number, 0);
}

static void nonsense_is_refused(void **state)
{
	static const struct { const char *name, *wire, *fails; } cases[] = {
		{ "not a SET",			"3000",				"is not a SET" },
		{ "an entry without a number",	"3106 a104 3002 3000",		"sequence number" },
		{ "a number of 0",		"3109 a107 3005 3003 020100",	"not 1 to" },
		{ "a negative number",		"3109 a107 3005 3003 0201ff",	"not 1 to" },
		{ "a list of another type",	"3105 a103 020101",		"of another type" },
		{ "an attribute without values",
		  "3113 a111 300f 300d 020107 3108 3006 060456040306",	"type with its values" },
		{ "octets behind it",		"3100 00",			"cannot read" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(buf_free) struct buf wire = hex(cases[i].wire);
		struct ms_entries entries;

		print_message("%s\n", cases[i].name);
		assert_fails(list_result_decode(arena, buf_view(&wire), &entries), cases[i].fails);
	}
}

static void what_is_cut_off_is_refused(void **state)
{
	(void)state;
	AUTO(buf_free) struct buf list = list_wire();
	AUTO(buf_free) struct buf fetch = fetch_wire();
	struct ms_entries entries;
	AUTO(buf_free) struct buf alert = hex("310c a003020101 a205 3003 020108");
	struct ms_entry entry;

	for (size_t len = 0; len < alert.len; len++)
		assert_fails(alert_argument_decode(arena, bytes_of(alert.data, len), &entry), "");
	for (size_t len = 0; len < list.len; len++)
		assert_fails(list_result_decode(arena, bytes_of(list.data, len), &entries), "");
	for (size_t len = 0; len < fetch.len; len++)
		assert_fails(fetch_result_decode(arena, bytes_of(fetch.data, len), &entry), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_list_is_asked_for),
		TEST(an_entry_is_asked_for),
		TEST(entries_are_deleted),
		TEST(alerts_are_registered),
		TEST(a_list_is_read),
		TEST(an_empty_list_is_read),
		TEST(an_entry_is_read),
		TEST(an_alert_is_read),
		TEST(nonsense_is_refused),
		TEST(what_is_cut_off_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
