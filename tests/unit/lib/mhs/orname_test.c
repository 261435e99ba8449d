/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/mhs/orname.h"

#include "tests/support/check.h"

static const struct { const char *name, *text, *prints, *fails; } texts[] = {
	{ "slashes", "/G=Alice/S=Smith/O=Ministry/PRMD=Gov/ADMD=400net/C=FR/",
	  "/G=Alice/S=Smith/O=Ministry/PRMD=Gov/ADMD=400net/C=FR/", NULL },
	{ "semicolons, short keys", "C=FR; A=400net; P=Gov; S=Smith",
	  "/S=Smith/PRMD=Gov/ADMD=400net/C=FR/", NULL },
	{ "units, most significant first", "/OU2=b/OU1=a/O=x/ADMD=d/C=GB/",
	  "/OU2=b/OU1=a/O=x/ADMD=d/C=GB/", NULL },
	{ "escapes", "/CN=a\\/b\\=c/ADMD= /C=GB/", "/CN=a\\/b\\=c/ADMD= /C=GB/", NULL },
	{ "domain-defined", "/DDA:RFC-822=a(a)b/ADMD=d/C=GB/", "/DDA:RFC-822=a(a)b/ADMD=d/C=GB/", NULL },
	{ "accents", "/S=Émile/ADMD=d/C=FR/", "/S=Émile/ADMD=d/C=FR/", NULL },
	{ "outside T.61", "/CN=日本/O=日/ADMD=d/C=JP/", "/CN=日本/O=日/ADMD=d/C=JP/", NULL },
	{ "X.121", "/X.121=20805678/", "/X.121=20805678/", NULL },
	{ "numeric", "/N-ID=12345/ADMD=d/C=208/", "/N-ID=12345/ADMD=d/C=208/", NULL },
	{ "postal", "/PD-SERVICE=p/PD-PN=Zoë/PD-S=Rue 1/PD-CODE=75001/PD-C=FR/ADMD=d/C=FR/",
	  "/PD-SERVICE=p/PD-PN=Zoë/PD-S=Rue 1/PD-CODE=75001/PD-C=FR/ADMD=d/C=FR/", NULL },
	{ "with a directory name", "/DN=CN=Alice,C=FR/S=Smith/ADMD=d/C=FR/",
	  "/S=Smith/ADMD=d/C=FR/DN=CN\\=Alice,C\\=FR/", NULL },
	{ "unknown key", "/XX=1/C=FR/", NULL, "\"XX\" is no attribute" },
	{ "twice", "/C=FR/C=DE/", NULL, "C stands there twice" },
	{ "no value", "/S=/C=FR/", NULL, "S has no value" },
	{ "no equals", "/Smith/", NULL, "has no \"=\"" },
	{ "empty", "", NULL, "it names nothing" },
	{ "no country", "/S=a/ADMD=d/", NULL, "no country-name" },
	{ "no ADMD", "/S=a/C=FR/", NULL, "no administration-domain-name" },
	{ "given without surname", "/G=a/ADMD=d/C=FR/", NULL, "no surname" },
	{ "country too long", "/S=a/ADMD=d/C=FRANCE/", NULL, "country-name" },
	{ "domain too long", "/S=a/PRMD=12345678901234567/ADMD=d/C=FR/", NULL,
	  "more than 16 characters" },
	{ "a unit without the one above", "/OU2=b/O=x/ADMD=d/C=GB/", NULL, "OU2 without OU1" },
};

static void text_and_octets_come_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct arena *arena = arena_new();
		struct buf der = { 0 };
		struct orname *name = NULL, *back;
		struct status *st = orname_from_text(arena, texts[i].text, &name);

		print_message("%s\n", texts[i].name);
		if (!st)
			st = orname_encode(name, &der);
		if (texts[i].fails) {
			assert_fails(st, texts[i].fails);
		} else {
			assert_ok(st);
			assert_ok(orname_decode(arena, buf_view(&der), &back));
			assert_string_equal(orname_text(arena, back), texts[i].prints);
			assert_true(orname_equal(name, back));
		}
		buf_free(&der);
		arena_free(&arena);
	}
}

/* Octets by hand from the tags of X.411: [APPLICATION 0], 1, 2, [2] explicit, [3], [5]. */
static void octets_are_the_recommendations(void **state)
{
	struct arena *arena = arena_new();
	struct buf want = hex("60 2b 30 29 61 04 13 02 4652 62 08 13 06 3430306e6574"
			      "a2 05 13 03 476f76 83 01 4d a5 0d 80 05 536d697468 81 04 416c6c65");
	struct buf der = { 0 };
	struct orname *name;

	(void)state;
	assert_ok(orname_from_text(arena, "/G=Alle/S=Smith/O=M/PRMD=Gov/ADMD=400net/C=FR/", &name));
	assert_ok(orname_encode(name, &der));
	assert_bytes(buf_view(&der), buf_view(&want));
	buf_free(&want);
	buf_free(&der);
	arena_free(&arena);
}

static const struct { const char *a, *b; bool same; } pairs[] = {
	{ "/S=Smith/ADMD=d/C=FR/", "/S=SMITH/ADMD=D/C=fr/", true },
	{ "/O=The  Firm/ADMD=d/C=FR/", "/O= the firm /ADMD=d/C=FR/", true },
	{ "/S=ÉMILE/ADMD=d/C=FR/", "/S=émile/ADMD=d/C=FR/", true },
	{ "/S=Smith/ADMD=d/C=FR/", "/S=Smith/G=A/ADMD=d/C=FR/", false },
	{ "/DDA:a=1/DDA:b=2/ADMD=d/C=FR/", "/DDA:B=2/DDA:A=1/ADMD=d/C=FR/", true },
	{ "/DDA:a=1/DDA:a=2/ADMD=d/C=FR/", "/DDA:a=2/DDA:a=1/ADMD=d/C=FR/", true },
	{ "/DDA:a=1/ADMD=d/C=FR/", "/DDA:a=2/ADMD=d/C=FR/", false },
};

static void comparison_ignores_case_and_spaces(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct orname *a, *b;

		assert_ok(orname_from_text(arena, pairs[i].a, &a));
		assert_ok(orname_from_text(arena, pairs[i].b, &b));
		assert_int_equal(orname_equal(a, b), pairs[i].same);
	}
	arena_free(&arena);
}

static void patterns_match_what_lies_below(void **state)
{
	struct arena *arena = arena_new();
	struct orname *alice, *gov, *other, *any;

	(void)state;
	assert_ok(orname_from_text(arena, "/S=Smith/PRMD=Gov/ADMD=400net/C=FR/", &alice));
	assert_ok(orname_from_text(arena, "/PRMD=gov/ADMD=400NET/C=FR/", &gov));
	assert_ok(orname_from_text(arena, "/PRMD=Mil/ADMD=400net/C=FR/", &other));
	assert_ok(orname_from_text(arena, "/PRMD=Gov/ADMD= /C=FR/", &any));
	assert_true(orname_matches(gov, alice));
	assert_true(orname_matches(any, alice));
	assert_false(orname_matches(other, alice));
	assert_false(orname_matches(alice, gov));
	assert_int_equal(orname_attribute_count(gov), 3);
	arena_free(&arena);
}

static void truncated_octets_are_refused(void **state)
{
	struct buf der = { 0 };
	struct arena *arena = arena_new();
	struct orname *name;

	(void)state;
	assert_ok(orname_from_text(arena, texts[5].text, &name));
	assert_ok(orname_encode(name, &der));
	for (size_t len = 0; len < der.len; len++)
		assert_fails(orname_decode(arena, bytes_of(der.data, len), &name), "");
	buf_free(&der);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_and_octets_come_back),
		cmocka_unit_test(octets_are_the_recommendations),
		cmocka_unit_test(comparison_ignores_case_and_spaces),
		cmocka_unit_test(patterns_match_what_lies_below),
		cmocka_unit_test(truncated_octets_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
