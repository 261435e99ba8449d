/* SPDX-License-Identifier: Apache-2.0 */
/* Each application context, written out as X.419 has it. */
#include "lib/mhs/contexts.h"
#include "asn1/mhs_operations.h"
#include "tests/support/check.h"

static const struct {
	const char *oid, *name;
	bool rtse, rose;
	const char *syntaxes[5];	/* the first carries the bind */
} contexts[] = {
	{ "2.6.0.1.0", "mts-access", false, true,
	  { "2.6.0.2.11", "2.6.0.2.1", "2.6.0.2.2", "2.6.0.2.6" } },
	{ "2.6.0.1.1", "mts-forced-access", false, true,
	  { "2.6.0.2.11", "2.6.0.2.1", "2.6.0.2.2", "2.6.0.2.6" } },
	{ "2.6.0.1.2", "mts-reliable-access", true, true,
	  { "2.6.0.2.8", "2.6.0.2.1", "2.6.0.2.2", "2.6.0.2.6" } },
	{ "2.6.0.1.3", "mts-forced-reliable-access", true, true,
	  { "2.6.0.2.8", "2.6.0.2.1", "2.6.0.2.2", "2.6.0.2.6" } },
	{ "2.6.0.1.4", "ms-access", false, true,
	  { "2.6.0.2.9", "2.6.0.2.1", "2.6.0.2.5", "2.6.0.2.6" } },
	{ "2.6.0.1.5", "ms-reliable-access", true, true,
	  { "2.6.0.2.10", "2.6.0.2.1", "2.6.0.2.5", "2.6.0.2.6" } },
	{ "2.6.0.1.6", "mts-transfer", true, false, { "2.6.0.2.12", "2.6.0.2.7" } },
};

static void finds_each_context_by_its_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof contexts / sizeof *contexts; i++) {
		const struct app_context *c = context_find(contexts[i].oid);
		size_t n = 0;

		print_message("  %s\n", contexts[i].name);
		assert_non_null(c);
		assert_string_equal(c->name, contexts[i].name);
		assert_int_equal(c->rtse, contexts[i].rtse);
		assert_int_equal(c->rose, contexts[i].rose);
		assert_int_equal(c->operation_syntax != NULL, contexts[i].rose);
		assert_int_equal(c->bind_syntax, 0);
		for (; contexts[i].syntaxes[n]; n++)
			assert_string_equal(c->syntaxes[n].oid, contexts[i].syntaxes[n]);
		assert_null(c->syntaxes[n].name);
	}
	assert_null(context_find("2.6.0.1.11"));
	assert_null(context_find(""));
}

/* The abstract syntax in which an outside decoder looks for each operation. */
static const struct { const char *context; int operation; const char *syntax; } operations[] = {
	{ "2.6.0.1.0", OP_MESSAGE_SUBMISSION, "id-as-msse" },
	{ "2.6.0.1.0", OP_PROBE_SUBMISSION, "id-as-msse" },
	{ "2.6.0.1.0", OP_CANCEL_DEFERRED_DELIVERY, "id-as-msse" },
	{ "2.6.0.1.0", OP_CONTROL, "id-as-msse" },
	{ "2.6.0.1.0", OP_REGISTER, "id-as-mase" },
	{ "2.6.0.1.0", OP_CHANGE_CREDENTIALS, "id-as-mase" },
	{ "2.6.0.1.0", OP_FETCH, NULL },
	{ "2.6.0.1.1", OP_MESSAGE_DELIVERY, "id-as-mdse" },
	{ "2.6.0.1.1", OP_REPORT_DELIVERY, "id-as-mdse" },
	{ "2.6.0.1.1", OP_CONTROL, "id-as-mdse" },
	{ "2.6.0.1.2", OP_MESSAGE_SUBMISSION, "id-as-msse" },
	{ "2.6.0.1.3", OP_CONTROL, "id-as-mdse" },
	{ "2.6.0.1.4", OP_MESSAGE_SUBMISSION, "id-as-msse" },
	{ "2.6.0.1.4", OP_SUMMARIZE, "id-as-mrse" },
	{ "2.6.0.1.4", OP_LIST, "id-as-mrse" },
	{ "2.6.0.1.4", OP_FETCH, "id-as-mrse" },
	{ "2.6.0.1.4", OP_DELETE, "id-as-mrse" },
	{ "2.6.0.1.4", OP_REGISTER_MS, "id-as-mrse" },
	{ "2.6.0.1.5", OP_ALERT, "id-as-mrse" },
	{ "2.6.0.1.4", OP_CHANGE_CREDENTIALS, "id-as-mase" },
	{ "2.6.0.1.4", OP_MESSAGE_DELIVERY, NULL },
	{ "2.6.0.1.4", 99, NULL },
};

static void says_in_which_syntax_an_operation_travels(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
		const struct app_context *c = context_find(operations[i].context);
		int syntax = c->operation_syntax(operations[i].operation);

		if (operations[i].syntax)
			assert_string_equal(c->syntaxes[syntax].name, operations[i].syntax);
		else
			assert_int_equal(syntax, -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_each_context_by_its_name),
		cmocka_unit_test(says_in_which_syntax_an_operation_travels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
