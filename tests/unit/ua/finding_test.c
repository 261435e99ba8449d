/* SPDX-License-Identifier: Apache-2.0 */
/* What was found out about a message is kept as text, and told in a sentence. */
#include "ua/finding.h"

#include "lib/base/memory.h"
#include "tests/support/check.h"
#include "tests/support/pki.h"

static void a_finding_is_kept_and_told(void **state)
{
	static const struct { struct finding finding; const char *words; } cases[] = {
		{ { .verdict = VERDICT_GOOD, .signer = "CN=Alice,C=FR", .signed_at = PKI_NOW,
		    .sealed = true, .sequence = 3,
		    .sequence_words = "message 3 from this sender, none missing" },
		  "Signed by CN=Alice,C=FR on 2026-09-21 14:13:20 UTC; unchanged; sealed for you; "
		  "message 3 from this sender, none missing." },
		{ { .verdict = VERDICT_GOOD, .signer = "CN=Alice,C=FR", .signed_at = PKI_NOW,
		    .label = "mil:secret", .sequence = 1, .sequence_words = "message 1" },
		  "Signed by CN=Alice,C=FR on 2026-09-21 14:13:20 UTC; unchanged; labelled mil:secret; "
		  "not sealed; message 1." },
		{ { .verdict = VERDICT_UNSIGNED, .label = "mil:secret" },
		  "Not signed: nothing proves who wrote it, or that it is unchanged; it is labelled "
		  "mil:secret." },
		{ { .verdict = VERDICT_REFUSED, .why = "the seal is broken" },
		  "REFUSED: the seal is broken." },
		{ { .verdict = VERDICT_UNSIGNED },
		  "Not signed: nothing proves who wrote it, or that it is unchanged." },
		{ { .verdict = VERDICT_UNCHECKED, .why = "no directory" },
		  "Not checked yet: no directory." },
	};

	AUTO(arena_free) struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *json = finding_json(&cases[i].finding);
		AUTO(mem_free) char *text = json_dumps(json, 0);
		const struct finding again = finding_read(arena, text);

		json_decref(json);
		assert_string_equal(finding_sentence(arena, &again), cases[i].words);
	}
	assert_int_equal(finding_read(arena, NULL).verdict, VERDICT_UNCHECKED);
	assert_int_equal(finding_read(arena, "junk").verdict, VERDICT_UNCHECKED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_finding_is_kept_and_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
