/* SPDX-License-Identifier: Apache-2.0 */
/* Security labels: there and back, cut off at each octet, and who dominates whom [X.411 8.5.9]. */
#include "lib/sec/label.h"

#include "asn1/ber.h"
#include "lib/sec/label_policy.h"
#include "lib/sec/message.h"
#include "tests/support/check.h"

static struct arena *arena;
static const struct label_policies *policies, *no_policy;

static const struct label_policies *read_policies(char **lines, size_t count)
{
	const struct text_list list = { lines, count };
	const struct label_policies *read = NULL;

	assert_ok(label_policies_read(arena, &list, &read));
	return read;
}

static int setup(void **state)
{
	static char *lines[] = {
		"1.3.6.1.4.1.99999.1 name=mil categories=nato:1.3.6.1.4.1.99999.2.1,"
		"crypto:1.3.6.1.4.1.99999.2.2",
		"1.3.6.1.4.1.99999.3 name=firm levels=public,internal,board:40,owner",
	};

	(void)state;
	arena = arena_new();
	policies = read_policies(lines, 2);
	no_policy = read_policies(NULL, 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static struct bytes tlv_of(const char *text)
{
	struct bytes tlv;

	assert_ok(label_from_text(policies, arena, text, &tlv));
	return tlv;
}

static struct bytes context_of(const char *text)
{
	AUTO(buf_free) struct buf labels = { 0 };
	AUTO(buf_free) struct buf context = { 0 };

	assert_ok(labels_from_text(policies, arena, text, &labels));
	context_encode(buf_view(&labels), &context);
	assert_ok(context_check(buf_view(&context)));
	return arena_dup(arena, buf_view(&context));
}

/* --- text --- */

static const struct { const char *text, *back, *fails; } texts[] = {
	{ "mil:secret" },
	{ "mil:secret+nato" },
	{ "mil:secret+crypto+nato", .back = "mil:secret+nato+crypto" },	/* DER's order */
	{ "mil:2", .back = "mil:restricted" },
	{ "mil:17" },
	{ "mil:secret+1.3.6.1.4.1.99999.2.1", .back = "mil:secret+nato" },
	{ "mil:secret+1.2.3" },
	{ "mil:secret/NO COPIES: A+B" },
	{ "firm:public" },
	{ "firm:41", .back = "firm:owner" },
	{ "1.2.3:4" },
	{ "1.3.6.1.4.1.99999.1:secret", .back = "mil:secret" },
	{ ":top-secret" },
	{ "secret", .fails = "of which policy is \"secret\"? POLICY:secret is wanted" },
	{ "army:secret", .fails = "no security policy is called army" },
	{ "mil:cosmic", .fails = "\"cosmic\" is no level; unmarked, unclassified, restricted, "
				 "confidential, secret, top-secret are" },
	{ "mil:", .fails = "is no level" },
	{ "mil:257", .fails = "0 to 256 are" },
	{ "mil:secret+moon", .fails = "\"moon\" is no category of the policy" },
	{ "mil:secret+", .fails = "is no category" },
	{ "mil:secret/50% off", .fails = "and not %" },
	{ "1.:3", .fails = "" },
};

static void labels_have_a_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct bytes tlv;
		struct status *st = label_from_text(policies, arena, texts[i].text, &tlv);

		print_message("%s\n", texts[i].text);
		if (texts[i].fails) {
			assert_fails(st, texts[i].fails);
			continue;
		}
		assert_ok(st);
		assert_string_equal(label_text(policies, arena, tlv),
				    texts[i].back ? texts[i].back : texts[i].text);
	}
}

static void without_policies_the_standard_names_are_there(void **state)
{
	struct bytes tlv;

	(void)state;
	assert_ok(label_from_text(no_policy, arena, "confidential", &tlv));
	assert_bytes(tlv, BYTES("\x31\x03\x02\x01\x03"));
	assert_string_equal(label_text(no_policy, arena, tlv), "confidential");
	assert_string_equal(label_text(policies, arena, tlv), ":confidential");
	assert_string_equal(label_text(no_policy, arena, tlv_of("mil:secret")),
			    "1.3.6.1.4.1.99999.1:4");
	assert_string_equal(label_text(no_policy, arena, BYTES("\x30")), "an unreadable label");
}

static void policies_that_make_no_sense(void **state)
{
	static const struct { char *line; const char *fails; } cases[] = {
		{ "", "object identifier comes first" },
		{ "name=mil", "object identifier comes first" },
		{ "1.2.3", "name=... is missing" },
		{ "nonsense name=mil", "" },
		{ "1.2.3 name=a:b", "no name for a policy" },
		{ "1.2.3 name=a levels=", "no name for a level" },
		{ "1.2.3 name=a levels=low:x", "no classification" },
		{ "1.2.3 name=a levels=low:256,high", "above the highest" },
		{ "1.2.3 name=a categories=x", "NAME:OID is wanted" },
		{ "1.2.3 name=a categories=x:y", "category x" },
		{ "1.2.3 name=a colour=red", "name=, levels= and categories= are" },
	};
	char *twice[] = { "1.2.3 name=a", "1.2.4 name=a" };
	const struct text_list list = { twice, 2 };
	const struct label_policies *read;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *line = cases[i].line;
		const struct text_list one = { &line, 1 };

		assert_fails(label_policies_read(arena, &one, &read), cases[i].fails);
	}
	assert_fails(label_policies_read(arena, &list, &read), "stands there twice");
}

/* --- octets --- */

static void every_cut_is_noticed(void **state)
{
	const struct bytes whole = tlv_of("mil:secret+nato+crypto/EYES ONLY");
	struct label label;

	(void)state;
	assert_ok(label_decode(whole, &label));
	assert_int_equal(label.classification, 4);
	assert_int_equal(label.category_count, 2);
	assert_bytes(label.privacy_mark, BYTES("EYES ONLY"));
	for (size_t len = 0; len < whole.len; len++)
		assert_fails(label_decode(bytes_slice(whole, 0, len), &label), "");
}

static void what_is_no_label(void **state)
{
	static const struct { const char *octets, *fails; } cases[] = {
		{ "31 03 02 01 ff", "is not 0 to 256" },
		{ "31 04 02 02 01 01", "is not 0 to 256" },
		{ "31 06 02 01 03 02 01 04", "says something twice" },
		{ "31 03 01 01 ff", "a member that is not known" },
		{ "31 03 80 01 ff", "a member that is not known" },
		{ "31 04 31 02 05 00", "a security category is none" },
		{ "31 03 06 01 80", "" },
		{ "04 03 02 01 03", "is no set" },
		{ "31 00 00", "" },
	};
	struct label label;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(buf_free) struct buf octets = hex(cases[i].octets);

		assert_fails(label_decode(buf_view(&octets), &label), cases[i].fails);
	}
	/* In a token it has another tag. */
	assert_ok(label_decode(BYTES("\xa2\x03\x02\x01\x05"), &label));
	assert_int_equal(label.classification, 5);
}

static void bounds_are_kept(void **state)
{
	AUTO(buf_free) struct buf categories = { 0 };
	struct label label;

	(void)state;
	for (int i = 0; i <= UB_SECURITY_CATEGORIES; i++)
		label_put_category(BYTES("\x2a\x03"), &categories);
	ber_wrap(&categories, 0, BER_SET);
	ber_wrap(&categories, 0, BER_SET);
	assert_fails(label_decode(buf_view(&categories), &label), "more than 64 categories");
}

/* --- dominance --- */

static const struct { const char *high, *low; bool dominates; } pairs[] = {
	{ "mil:secret", "mil:secret", true },
	{ "mil:secret", "mil:restricted", true },
	{ "mil:restricted", "mil:secret", false },
	{ "mil:secret+nato", "mil:secret", true },
	{ "mil:secret", "mil:secret+nato", false },
	{ "mil:top-secret", "mil:restricted+nato", false },	/* higher, but without the category */
	{ "mil:secret+nato+crypto", "mil:confidential+crypto", true },
	{ "mil:secret+nato", "mil:secret+crypto", false },
	{ "mil:secret/FOR YOU", "mil:secret/FOR ME", true },	/* a mark is for people */
	{ "firm:owner", "mil:unmarked", false },		/* another policy */
	{ "mil:unmarked", "firm:public", false },
	{ "mil:top-secret", ":unmarked", false },
	{ ":top-secret", "mil:unmarked", false },
	{ ":secret", ":restricted", true },
};

static void who_dominates_whom(void **state)
{
	struct label high, low;

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		print_message("%s over %s\n", pairs[i].high, pairs[i].low);
		assert_ok(label_decode(tlv_of(pairs[i].high), &high));
		assert_ok(label_decode(tlv_of(pairs[i].low), &low));
		assert_int_equal(label_dominates(&high, &low), pairs[i].dominates);
		assert_int_equal(context_covers(context_of(pairs[i].high), tlv_of(pairs[i].low)),
				 pairs[i].dominates);
	}
}

static void contexts_within_others(void **state)
{
	const struct bytes wide = context_of("mil:secret+nato,mil:top-secret,firm:board");

	(void)state;
	assert_true(context_is_within(wide, wide));
	assert_true(context_is_within(context_of("mil:secret+nato"), wide));
	assert_true(context_is_within(context_of("firm:internal,mil:restricted"), wide));
	assert_false(context_is_within(context_of("mil:top-secret+nato"), wide));
	assert_false(context_is_within(context_of("firm:internal,mil:secret+crypto"), wide));
	assert_false(context_is_within(wide, context_of("mil:top-secret+nato")));
	assert_false(context_covers(wide, BYTES("\x31\x03\x02\x01")));
	assert_false(context_covers(BYTES("\x31\x02\x31"), tlv_of("mil:secret")));
	assert_fails(context_check(BYTES("\x31\x02\x30\x01")), "");
	assert_string_equal(context_text(policies, arena, context_of("mil:secret,firm:public")),
			    "mil:secret,firm:public");
}

/* --- what the originator signed --- */

static void the_envelope_has_what_was_signed(void **state)
{
	const struct bytes label = tlv_of("mil:secret+nato+crypto/EYES ONLY"), none = bytes_none();
	AUTO(buf_free) struct buf in_token = { 0 };

	(void)state;
	buf_put(&in_token, label);
	in_token.data[0] = 0xa2;
	assert_ok(label_check_signed(none, none));
	assert_ok(label_check_signed(buf_view(&in_token), label));
	/* Members in another order, as an MTA that encodes anew may have them. */
	assert_ok(label_check_signed(BYTES("\x31\x06\x06\x01\x2a\x02\x01\x04"),
				     BYTES("\x31\x06\x02\x01\x04\x06\x01\x2a")));
	assert_fails(label_check_signed(label, none), "was taken off the message on its way");
	assert_fails(label_check_signed(none, label), "its originator did not sign");
	assert_fails(label_check_signed(label, tlv_of("mil:restricted+nato+crypto/EYES ONLY")),
		     "was changed on its way");
	assert_fails(label_check_signed(label, tlv_of("mil:secret+nato/EYES ONLY")),
		     "was changed on its way");
	assert_fails(label_check_signed(label, tlv_of("mil:secret+nato+crypto")),
		     "was changed on its way");
	assert_fails(label_check_signed(label, BYTES("\x31\x01")), "cannot be read");
	AUTO(status_free) struct status *why = label_check_signed(label, none);
	assert_int_equal(why->kind, ST_REFUSED);
	assert_int_equal(why->diag, MESSAGE_DIAGNOSTIC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels_have_a_text),
		cmocka_unit_test(without_policies_the_standard_names_are_there),
		cmocka_unit_test(policies_that_make_no_sense),
		cmocka_unit_test(every_cut_is_noticed),
		cmocka_unit_test(what_is_no_label),
		cmocka_unit_test(bounds_are_kept),
		cmocka_unit_test(who_dominates_whom),
		cmocka_unit_test(contexts_within_others),
		cmocka_unit_test(the_envelope_has_what_was_signed),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
