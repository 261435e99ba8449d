/* SPDX-License-Identifier: Apache-2.0 */
/* SPDUs: each kind read, written again octet for octet, and cut at each octet. */
#include "lib/osi/session_spdu.h"
#include "tests/support/check.h"

static const struct { const char *wire; bool first; enum spdu_kind kind; } spdus[] = {
	{ "0d 2b 01 0b 0a 03 616263 0b 04 31323334 05 0f 13 01 00 15 04 00000100 16 01 02 17 01 30"
	  "14 02 0249 34 01 53 3c 01 01 c2 01 41", true, SPDU_CN },
	{ "10 03 16 01 02", true, SPDU_OA },
	{ "0f 06 19 01 02 c1 01 41", true, SPDU_CDO },
	{ "0e 15 05 09 13 01 00 16 01 02 1a 01 15 14 02 0249 34 00 c1 02 4142", true, SPDU_AC },
	{ "0c 0b 11 01 01 14 02 0249 32 02 0241", true, SPDU_RF },
	{ "09 06 11 01 01 c1 01 41", true, SPDU_FN },
	{ "0a 03 c1 01 41", true, SPDU_DN },
	{ "19 06 11 01 03 c1 01 41", true, SPDU_AB },
	{ "19 07 11 01 05 31 02 0102", true, SPDU_AB },
	{ "1a 00", true, SPDU_AA },
	{ "15 00", true, SPDU_GTC },
	{ "16 00", true, SPDU_GTA },
	{ "01 03 10 01 15", true, SPDU_GT },
	{ "02 06 10 01 01 c1 01 05", true, SPDU_PT },
	{ "21 03 19 01 03", true, SPDU_TD },
	{ "01 03 19 01 01", false, SPDU_DT },
	{ "31 06 0f 01 01 2a 01 37", false, SPDU_MIP },
	{ "32 0b 2a 06 393939393939 2e 01 41", false, SPDU_MIA },
	{ "2d 06 29 01 31 c1 01 41", false, SPDU_AS },
	{ "1d 11 21 0a 0b 02 3031 29 01 31 2a 01 37 29 03 323334", false, SPDU_AR },
	{ "19 03 32 01 05", false, SPDU_AI },
	{ "1a 00", false, SPDU_AIA },
	{ "39 03 32 01 06", false, SPDU_AD },
	{ "3a 00", false, SPDU_ADA },
	{ "29 03 2a 01 38", false, SPDU_AE },
	{ "2a 03 2a 01 38", false, SPDU_AEA },
	{ "00 04 31 02 0102", false, SPDU_ER },
	{ "30 03 32 01 01", false, SPDU_ED },
};

static void encodes_what_it_decodes(void **state)
{
	(void)state;
	bool seen[SPDU_COUNT] = { false };

	for (size_t i = 0; i < sizeof spdus / sizeof *spdus; i++) {
		struct buf wire = hex(spdus[i].wire), again = { 0 };
		struct cursor in = cursor_over(buf_view(&wire));
		struct spdu spdu;

		print_message("  %s\n", spdu_name(spdus[i].kind));
		assert_ok(spdu_decode(&in, spdus[i].first, &spdu));
		assert_int_equal(spdu.kind, spdus[i].kind);
		assert_ok(cur_check_end(&in, "SPDU"));
		assert_ok(spdu_encode(&spdu, &again));
		assert_bytes(buf_view(&again), buf_view(&wire));
		seen[spdu.kind] = true;
		for (size_t cut = 0; cut < wire.len; cut++) {
			in = cursor_over(bytes_slice(buf_view(&wire), 0, cut));
			assert_fails(spdu_decode(&in, spdus[i].first, &spdu), "an SPDU ends too early");
		}
		buf_free(&again);
		buf_free(&wire);
	}
	for (int kind = 0; kind < SPDU_COUNT; kind++)
		assert_true(seen[kind]);
}

static void writes_both_forms_of_lengths(void **state)
{
	(void)state;
	static const size_t lengths[] = { 0, 252, 253, 254, 255, 65000 };
	static uint8_t octets[65000];

	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		struct spdu dn = { .kind = SPDU_DN }, again;
		struct buf wire = { 0 };

		spdu_set_octets(&dn, SP_USER_DATA, bytes_of(octets, lengths[i]));
		assert_ok(spdu_encode(&dn, &wire));
		struct cursor in = cursor_over(buf_view(&wire));
		assert_ok(spdu_decode(&in, true, &again));
		assert_int_equal(again.value[SP_USER_DATA].octets.len, lengths[i]);
		buf_free(&wire);
	}
}

static void refuses_to_write_what_cannot_be_said(void **state)
{
	(void)state;
	struct buf wire = { 0 };
	struct spdu as = { .kind = SPDU_AS }, mip = { .kind = SPDU_MIP };

	spdu_set_octets(&as, SP_ACTIVITY, BYTES("1234567"));
	assert_fails(spdu_encode(&as, &wire), "Activity Identifier of 7 octets, not 0 to 6");
	spdu_set_number(&mip, SP_SERIAL, 1000000);
	assert_fails(spdu_encode(&mip, &wire), "Serial Number of 7 octets, not 1 to 6");
	buf_free(&wire);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encodes_what_it_decodes),
		cmocka_unit_test(writes_both_forms_of_lengths),
		cmocka_unit_test(refuses_to_write_what_cannot_be_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
