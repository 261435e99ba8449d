/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/dn.h"

#include "lib/base/memory.h"
#include "tests/support/check.h"

/* text -> DER -> text.  With no back, the text comes back as it was. */
static const struct { const char *name, *text, *der, *back, *fails; } texts[] = {
	{ "empty", "", .der = "3000" },
	{ "country", "C=FR", .der = "300d 310b 3009 0603550406 1302 4652" },
	{ "root comes first in DER", "O=M,C=FR",
	  .der = "3019 310b 3009 0603550406 1302 4652 310a 3008 060355040a 1301 4d" },
	{ "keywords in any case, spaces around", " cn = a  b , c=FR ",
	  .der = "301c 310b 3009 0603550406 1302 4652 310d 300b 0603550403 1304 61202062", .back = "CN=a  b,C=FR" },
	{ "dotted type with a keyword", "2.5.4.6=FR", .der = "300d 310b 3009 0603550406 1302 4652", .back = "C=FR" },
	{ "UTF-8 where PrintableString does not reach", "O=\xc3\xa9",
	  .der = "300d 310b 3009 060355040a 0c02 c3a9" },
	{ "an @ is not printable", "CN=a@b", .der = "300e 310c 300a 0603550403 0c03 614062" },
	{ "escaped comma", "CN=Smith\\, A", .der = "3013 3111 300f 0603550403 1308 536d6974682c2041" },
	{ "escaped semicolon", "CN=a\\;b", .der = "300e 310c 300a 0603550403 0c03 613b62" },
	{ "escaped octets", "CN=\\C3\\A9", .der = "300d 310b 3009 0603550403 0c02 c3a9", .back = "CN=\xc3\xa9" },
	{ "escaped space at the ends", "CN=\\ a\\ ", .der = "300e 310c 300a 0603550403 1303 206120" },
	{ "escaped number sign", "CN=\\#1", .der = "300d 310b 3009 0603550403 0c02 2331" },
	{ "control character", "CN=a\\0Ab", .der = "300e 310c 300a 0603550403 0c03 610a62" },
	{ "beyond ASCII, in between", "CN=x\xc3\xa9y", .der = "300f 310d 300b 0603550403 0c04 78c3a979" },
	{ "right-to-left override", "CN=a\\E2\\80\\AEb", .der = "3010 310e 300c 0603550403 0c05 61e280ae62" },
	{ "control character beyond ASCII", "CN=\\C2\\9B2J", .der = "300f 310d 300b 0603550403 0c04 c29b324a" },
	{ "hexadecimal value", "CN=#0c0161", .der = "300c 310a 3008 0603550403 0c01 61", .back = "CN=a" },
	{ "type without keyword", "1.2.3=#0500", .der = "300a 3108 3006 06022a03 0500" },
	{ "two attributes in one part are sorted", "SN=b+CN=a",
	  .der = "3016 3114 3008 0603550403 1301 61 3008 0603550404 1301 62", .back = "CN=a+SN=b" },
	{ "domain component", "DC=a", .der = "3013 3111 300f 060a0992268993f22c640119 1601 61" },
	{ "unknown keyword", "XX=a", .fails = "an unknown attribute at character 1" },
	{ "no equals", "CN", .fails = "no \"=\" at character 3" },
	{ "no type", "=a", .fails = "no attribute" },
	{ "empty value", "CN=,C=FR", .fails = "an empty value at character 4" },
	{ "trailing comma", "C=FR,", .fails = "no attribute at character 6" },
	{ "country in other characters", "C=F_", .fails = "characters that this attribute cannot have" },
	{ "unescaped semicolon", "CN=a;b", .fails = "has to be escaped" },
	{ "backslash at the end", "CN=a\\", .fails = "nothing that can be escaped" },
	{ "not UTF-8", "CN=\\FF", .fails = "not UTF-8" },
	{ "junk behind hexadecimal", "CN=#0500 x", .fails = "no \",\"" },
	{ "hexadecimal that is no value", "CN=#0502", .fails = "not a DER value" },
};

static void texts_and_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		AUTO(buf_free) struct buf got = { 0 };
		AUTO(mem_free) char *back = NULL;

		print_message("%s\n", texts[i].name);
		if (texts[i].fails) {
			assert_fails(dn_from_text(texts[i].text, &got), texts[i].fails);
			assert_int_equal(got.len, 0);
			continue;
		}
		AUTO(buf_free) struct buf want = hex(texts[i].der);

		assert_ok(dn_from_text(texts[i].text, &got));
		assert_bytes(buf_view(&got), buf_view(&want));
		assert_ok(dn_to_text(buf_view(&got), &back));
		assert_string_equal(back, texts[i].back ? texts[i].back : texts[i].text);
	}
}

/* DER from elsewhere -> text */
static const struct { const char *name, *der, *text, *fails; } ders[] = {
	{ "teletex as Latin-1", "300c 310a 3008 0603550403 1401 e9", .text = "CN=\xc3\xa9" },
	{ "BMP", "300d 310b 3009 0603550403 1e02 00e9", .text = "CN=\xc3\xa9" },
	{ "universal", "300f 310d 300b 0603550403 1c04 000000e9", .text = "CN=\xc3\xa9" },
	{ "BMP of odd length", "300c 310a 3008 0603550403 1e01 e9", .text = "CN=#1e01e9" },
	{ "UTF-8 that is none", "300c 310a 3008 0603550403 0c01 e9", .text = "CN=#0c01e9" },
	{ "no string", "300c 310a 3008 0603550403 0201 05", .text = "CN=#020105" },
	{ "empty string", "300b 3109 3007 0603550403 1300", .text = "CN=#1300" },
	{ "special characters", "3010 310e 300c 0603550403 0c05 2c2b5c2220", .text = "CN=\\,\\+\\\\\\\"\\ " },
	{ "country in other characters", "300c 310a 3008 0603550406 0c01 60", .text = "C=#0c0160" },
	{ "a SET", "310d 310b 3009 0603550406 1302 4652", .fails = "a SEQUENCE, not this" },
	{ "empty RDN", "3002 3100", .fails = "no SET of something" },
	{ "value missing", "3009 3107 3005 0603550406", .fails = "not a directory name" },
	{ "third member", "300e 310c 300a 0603550406 1301 46 0500",
	  .fails = "no type and value" },
	{ "octets behind", "3000 00", .fails = "not a directory name" },
	{ "part overruns", "300d 310b 300a 0603550406 1302 4652", .fails = "not a directory name" },
};

static void der_to_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof ders / sizeof *ders; i++) {
		AUTO(buf_free) struct buf der = hex(ders[i].der);
		AUTO(buf_free) struct buf again = { 0 };
		AUTO(mem_free) char *text = NULL;

		print_message("%s\n", ders[i].name);
		if (ders[i].fails) {
			assert_fails(dn_to_text(buf_view(&der), &text), ders[i].fails);
			continue;
		}
		assert_ok(dn_to_text(buf_view(&der), &text));
		assert_string_equal(text, ders[i].text);
		assert_ok(dn_from_text(text, &again));
		assert_true(dn_equal(buf_view(&again), buf_view(&der)));
	}
}

static void truncated_at_each_octet(void **state)
{
	AUTO(buf_free) struct buf der = { 0 };

	(void)state;
	assert_ok(dn_from_text("CN=Alice+SN=Smith,O=\xc3\xa9,C=FR", &der));
	for (size_t len = 0; len < der.len; len++) {
		char *text = NULL;

		assert_fails(dn_to_text(bytes_of(der.data, len), &text), "");
	}
}

static void bounds(void **state)
{
	AUTO(buf_free) struct buf text = { 0 };
	AUTO(buf_free) struct buf der = { 0 };
	char *out = NULL;

	(void)state;
	for (int i = 0; i < DN_MAX_RDNS; i++)
		buf_printf(&text, "%sO=x", i ? "," : "");
	buf_put_u8(&text, 0);
	assert_ok(dn_from_text((char *)text.data, &der));
	text.len--;
	buf_put_text(&text, ",O=x");
	buf_put_u8(&text, 0);
	assert_fails(dn_from_text((char *)text.data, &der), "more than 64 parts");
	buf_clear(&der);
	memset(buf_extend(&der, DN_MAX_OCTETS + 1), 0x30, DN_MAX_OCTETS + 1);
	assert_fails(dn_to_text(buf_view(&der), &out), "more than 4096");
}

static const struct { const char *a, *b; bool equal; } pairs[] = {
	{ "CN=Alice Smith,C=FR", "cn=ALICE   smith, c=fr", true },
	{ "CN=Alice,C=FR", "CN=#0c05616c696365,C=FR", true },
	{ "CN=\xc3\x89tat", "CN=\xc3\xa9tat", true },
	{ "CN=\xef\xbc\xa1lice", "CN=alice", true },	/* FULLWIDTH LATIN CAPITAL LETTER A */
	{ "CN=Stra\xc3\x9f" "e", "CN=STRASSE", true },
	{ "CN=Alice,C=FR", "C=FR,CN=Alice", false },
	{ "CN=Alice,C=FR", "CN=Alice", false },
	{ "CN=a+SN=b", "SN=b+CN=a", true },
	{ "CN=a+SN=b", "CN=a,SN=b", false },
	{ "CN=a+SN=b", "CN=a+SN=c", false },
	{ "CN=a", "SN=a", false },
	{ "1.2.3=#0500", "1.2.3=#020100", false },
	{ "", "", true },
	{ "CN=a", "not a name", false },
};

static bool same_key(const char *a, const char *b)
{
	AUTO(buf_free) struct buf x = { 0 };
	AUTO(buf_free) struct buf y = { 0 };
	AUTO(buf_free) struct buf x_key = { 0 };
	AUTO(buf_free) struct buf y_key = { 0 };

	assert_ok(dn_from_text(a, &x));
	assert_ok(dn_key(buf_view(&x), &x_key));
	struct status *no_name = dn_from_text(b, &y);
	if (no_name) {
		status_free(&no_name);
		return false;
	}
	assert_ok(dn_key(buf_view(&y), &y_key));
	return bytes_equal(buf_view(&x_key), buf_view(&y_key));
}

static void equality(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		print_message("%s | %s\n", pairs[i].a, pairs[i].b);
		assert_int_equal(dn_text_equal(pairs[i].a, pairs[i].b), pairs[i].equal);
		assert_int_equal(dn_text_equal(pairs[i].b, pairs[i].a), pairs[i].equal);
		assert_int_equal(same_key(pairs[i].a, pairs[i].b), pairs[i].equal);
	}
}

static void taken_apart(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(mem_free) char *parent = NULL;
	AUTO(mem_free) char *top = NULL;
	struct dn_attribute *attributes;
	size_t count;

	(void)state;
	assert_ok(dn_parent("CN=Smith\\, A+SN=Smith,O=M\\+N,C=FR", &parent));
	assert_string_equal(parent, "O=M\\+N,C=FR");
	assert_ok(dn_parent("C=FR", &top));
	assert_string_equal(top, "");
	assert_ok(dn_first("CN=Smith\\, A+1.2.3=#0500,C=FR", arena, &attributes, &count));
	assert_int_equal(count, 2);
	assert_string_equal(attributes[0].type, "CN");
	assert_string_equal(attributes[0].value, "Smith, A");
	assert_string_equal(attributes[1].type, "1.2.3");
	assert_null(attributes[1].value);
	assert_fails(dn_first("", arena, &attributes, &count), "is empty");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_and_back),
		cmocka_unit_test(der_to_text),
		cmocka_unit_test(truncated_at_each_octet),
		cmocka_unit_test(bounds),
		cmocka_unit_test(equality),
		cmocka_unit_test(taken_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
