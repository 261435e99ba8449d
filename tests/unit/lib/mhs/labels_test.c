/* SPDX-License-Identifier: Apache-2.0 */
/* What may go where, by settings and labels. */
#include "lib/mhs/labels.h"

#include "lib/mhs/diagnostics.h"
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

static struct bytes label(const struct labels *labels, const char *text)
{
	struct bytes tlv = bytes_none();

	if (text)
		assert_ok(label_from_text(labels->policies, arena, text, &tlv));
	return tlv;
}

static const struct { const char *label; bool unlabelled; const char *fails; } cases[] = {
	{ "secret", .fails = NULL },
	{ "restricted", .fails = NULL },
	{ "top-secret", .fails = "the message is labelled top-secret, and the link is for messages "
				 "within secret,confidential+1.2.3" },
	{ "confidential+1.2.3", .fails = NULL },
	{ "secret+1.2.3", .fails = "is labelled secret+1.2.3" },
	{ "1.2.3:unmarked", .fails = "is labelled 1.2.3:0" },
	{ NULL, .unlabelled = true },
	{ NULL, .fails = "the message has no security label, and the link is for messages within" },
};

static void messages_go_where_the_context_covers_them(void **state)
{
	char *context[] = { "secret", "confidential+1.2.3" };
	struct label_settings settings = { .context = { context, 2 } };
	struct labels labels;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		settings.unlabelled = cases[i].unlabelled;
		assert_ok(labels_open(arena, &settings, &labels));
		const struct bytes tlv = label(&labels, cases[i].label);
		struct status *st = labels_check(&labels, labels.context, tlv);

		print_message("%s\n", cases[i].label ? cases[i].label : "no label");
		assert_ok(labels_check(&labels, bytes_none(), tlv));
		if (!cases[i].fails) {
			assert_ok(st);
			continue;
		}
		assert_int_equal(st->kind, ST_NEVER);
		assert_int_equal(st->diag, DIAG_SECURE_MESSAGING_ERROR);
		assert_fails(st, cases[i].fails);
	}
	assert_ok(labels_check_report(&labels, labels.context, bytes_none()));
	assert_fails(labels_check_report(&labels, labels.context, label(&labels, "top-secret")),
		     "is labelled top-secret");
	assert_fails(labels_check(&labels, labels.context, BYTES("\x31\x03\x02\x01")),
		     "an unreadable label");
}

static void settings_that_make_no_sense(void **state)
{
	char *wrong[] = { "cosmic" };
	const struct label_settings policy = { .policies = { wrong, 1 } };
	const struct label_settings context = { .context = { wrong, 1 } };
	struct labels labels;

	(void)state;
	assert_fails(labels_open(arena, &policy, &labels), "security-policy = cosmic");
	assert_fails(labels_open(arena, &context, &labels), "setting security-context");
}

static void a_peers_own_context_comes_first(void **state)
{
	char *own[] = { "secret" };
	const struct label_settings settings = { .context = { own, 1 } };
	struct bytes context;
	struct labels labels;

	(void)state;
	assert_ok(labels_open(arena, &settings, &labels));
	assert_ok(labels_context(&labels, arena, "restricted", &context));
	assert_bytes(labels_allowed(&labels, context), context);
	assert_bytes(labels_allowed(&labels, bytes_none()), labels.context);
	assert_true(labels_allowed(NULL, bytes_none()).len == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_go_where_the_context_covers_them),
		cmocka_unit_test(settings_that_make_no_sense),
		cmocka_unit_test(a_peers_own_context_comes_first),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
