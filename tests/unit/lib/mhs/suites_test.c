/* SPDX-License-Identifier: Apache-2.0 */
/* What is agreed on, and with whom. */
#include "lib/mhs/suites.h"

#include "tests/support/check.h"

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

static const struct site_settings site = { .allow_broken_1989 = true };

static FALLIBLE read_terms(const char *const *lines, size_t count, struct suite_terms *out)
{
	const struct suite_settings settings = {
		.amhs_hash = ECDSA_SHA1, .amhs_cic = CIC_JOINED,
		.amhs_peers = { (char **)lines, count },
	};

	return suite_terms_read(arena, &site, &settings, out);
}

static const struct suite_options *with(const struct suite_terms *terms, const char *text)
{
	struct orname *name = NULL;

	assert_ok(orname_from_text(arena, text, &name));
	return suite_terms_with(terms, name);
}

static const struct { const char *peer; enum ecdsa_hash hash; enum cic_form cic; } cases[] = {
	{ "/S=Tower/O=South/PRMD=ATC/ADMD=ICAO/C=XX/", ECDSA_SHA1, CIC_SEQUENCE },
	{ "/s=TOWER/O=South/PRMD=ATC/ADMD=ICAO/C=XX/", ECDSA_SHA1, CIC_SEQUENCE },
	{ "/S=Apron/O=South/PRMD=ATC/ADMD=ICAO/C=XX/", ECDSA_SHA256, CIC_JOINED },
	{ "/S=Tower/O=North/PRMD=ATC/ADMD=ICAO/C=XX/", ECDSA_SHA256, CIC_SEQUENCE },
	{ "/S=Tower/O=North/PRMD=Other/ADMD=ICAO/C=XX/", ECDSA_SHA1, CIC_JOINED },
};

static void the_first_line_that_fits_counts(void **state)
{
	const char *const lines[] = {
		"/S=Tower/O=South/PRMD=ATC/ADMD=ICAO/C=XX/ cic=sequence",
		"/O=South/PRMD=ATC/ADMD=ICAO/C=XX/ hash=sha256",
		"/PRMD=ATC/ADMD=ICAO/C=XX/ hash=sha256 cic=sequence",
	};
	struct suite_terms terms;

	(void)state;
	assert_ok(read_terms(lines, 3, &terms));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct suite_options *options = with(&terms, cases[i].peer);

		assert_int_equal(options->amhs_hash, cases[i].hash);
		assert_int_equal(options->amhs_cic, cases[i].cic);
		assert_true(options->allow_broken_1989);
	}
	assert_ptr_equal(suite_terms_with_tlv(&terms, BYTES("junk")), &terms.others);
}

static const struct { const char *line, *fails; } bad[] = {
	{ "hash=sha256", "amhs-peer = hash=sha256" },
	{ "hash=sha256", "an O/R address comes first" },
	{ "/C=XX/ sha256", "\"sha256\" is neither hash=... nor cic=..." },
	{ "/C=XX/ hash=md5", "\"hash=md5\" is neither hash=sha1 nor hash=sha256" },
	{ "/C=XX/ cic=both", "\"cic=both\" is neither cic=sequence nor cic=joined" },
	{ "/NONSENSE=XX/", "amhs-peer = /NONSENSE=XX/" },
};

static void what_makes_no_sense_is_named(void **state)
{
	struct suite_terms terms;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_fails(read_terms(&bad[i].line, 1, &terms), bad[i].fails);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_first_line_that_fits_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(what_makes_no_sense_is_named, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
