/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/sec/spoken.h"

#include "lib/sec/crypto.h"
#include "tests/support/check.h"

/* Of RFC 1751, section "Examples". */
static const struct { const char *octets, *words; } vectors[] = {
	{ "CCAC 2AED 5910 56BE 4F90 FD44 1C53 4766",
	  "RASH BUSH MILK LOOK BAD BRIM AVID GAFF BAIT ROT POD LOVE" },
	{ "EFF8 1F9B FBC6 5350 920C DD74 16DE 8009",
	  "TROD MUTE TAIL WARM CHAR KONG HAAG CITY BORE O TEAL AWL" },
};

static void says_what_the_rfc_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
		AUTO(buf_free) struct buf octets = hex(vectors[i].octets);
		uint8_t back[SPOKEN_OCTETS];

		assert_string_equal(spoken_of(buf_view(&octets)).s, vectors[i].words);
		assert_ok(spoken_read(vectors[i].words, back));
		assert_bytes(bytes_of(back, sizeof back), buf_view(&octets));
	}
}

static void comes_back_whatever_it_was(void **state)
{
	(void)state;
	for (int i = 0; i < 2000; i++) {
		uint8_t hash[HASH_OCTETS], back[SPOKEN_OCTETS];

		crypto_random(hash, sizeof hash);
		assert_ok(spoken_read(spoken_of(bytes_of(hash, sizeof hash)).s, back));
		assert_memory_equal(back, hash, sizeof back);
		assert_ok(spoken_check(bytes_of(hash, sizeof hash), spoken_of(bytes_of(hash, sizeof hash)).s));
	}
}

static void is_read_as_people_write_it(void **state)
{
	uint8_t octets[SPOKEN_OCTETS];
	AUTO(buf_free) struct buf want = hex(vectors[1].octets);

	(void)state;
	assert_ok(spoken_read("  trod-mute-tail-warm-char-kong,\n haag city b0re 0 tea1 AW1 ", octets));
	assert_bytes(bytes_of(octets, sizeof octets), buf_view(&want));
}

static const struct { const char *name, *said, *fails; } wrong[] = {
	{ "none", "", "has 12 words, not 0" },
	{ "one too few", "TROD MUTE TAIL WARM CHAR KONG HAAG CITY BORE O TEAL", "not 11" },
	{ "one too many", "TROD MUTE TAIL WARM CHAR KONG HAAG CITY BORE O TEAL AWL A", "not more" },
	{ "no word of it", "TROD MUTE TAIL WARM CHAR KONG HAAG CITY BORE O TEAL OWLS", "word 12" },
	{ "a very long one", "TROD MUTETAILWARMCHARKONGHAAGCITYBORETEALAWL", "word 2 is not" },
	{ "not of letters", "TROD \xff\xfe", "word 2 is not" },
	{ "misheard", "TROD MUTE TAIL WARM CHAR KING HAAG CITY BORE O TEAL AWL", "do not fit" },
	{ "misheard at the end", "TROD MUTE TAIL WARM CHAR KONG HAAG CITY BORE O TEAL OWL", "do not fit" },
	{ "another's", "RASH BUSH MILK LOOK BAD BRIM AVID GAFF BAIT ROT POD LOVE", "belong to another" },
};

static void refuses_what_was_not_said(void **state)
{
	AUTO(buf_free) struct buf hash = hex(vectors[1].octets);

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_fails(spoken_check(buf_view(&hash), wrong[i].said), wrong[i].fails);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_the_rfc_says),
		cmocka_unit_test(comes_back_whatever_it_was),
		cmocka_unit_test(is_read_as_people_write_it),
		cmocka_unit_test(refuses_what_was_not_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
