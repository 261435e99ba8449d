/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence as a text: what is written can be read, what was spoilt is told. */
#include "lib/mhs/evidence.h"

#include "lib/base/memory.h"
#include "tests/support/check.h"
#include "tests/support/pki.h"

static struct pki pki;

static int setup(void **state)
{
	(void)state;
	pki_make(&pki);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pki_cleanup(&pki);
	return 0;
}

static struct evidence *evidence_of_sent(void)
{
	struct evidence *evidence = evidence_new(EVIDENCE_SENT);

	evidence->checked = PKI_NOW;
	evidence->envelope = BYTES("\x31\x80 the envelope");
	evidence_set_content(evidence, BYTES("The bridge is closed."));
	evidence->result = BYTES("\x31\x02 the result");
	assert_ok(evidence_add_report(evidence, BYTES("\x31\x03 a report")));
	assert_ok(evidence_add_report(evidence, BYTES("\x31\x03 another")));
	cert_list_add(&evidence->certs, pki.bob_ms.cert);
	cert_list_add(&evidence->certs, pki.south.cert);
	crl_list_add(&evidence->crls, pki.crls.items[0]);
	return evidence;
}

static void what_is_written_can_be_read(void **state)
{
	AUTO(evidence_free) struct evidence *evidence = evidence_of_sent();
	AUTO(evidence_free) struct evidence *again = NULL;
	AUTO(buf_free) struct buf text = { 0 };

	(void)state;
	evidence_write(evidence, true, &text);
	assert_ok(evidence_read(buf_view(&text), &again));
	assert_int_equal(again->side, EVIDENCE_SENT);
	assert_int_equal(again->checked, PKI_NOW);
	assert_bytes(again->envelope, evidence->envelope);
	assert_bytes(again->content, evidence->content);
	assert_bytes(again->content_hash, evidence->content_hash);
	assert_bytes(again->result, evidence->result);
	assert_int_equal(again->report_count, 2);
	assert_bytes(again->reports[1], evidence->reports[1]);
	assert_int_equal(again->certs.count, 2);
	assert_bytes(again->certs.items[0]->der, pki.bob_ms.cert->der);
	assert_int_equal(again->crls.count, 1);
	assert_bytes(again->crls.items[0]->der, pki.crls.items[0]->der);
}

static void content_that_is_only_hashed_can_be_given(void **state)
{
	AUTO(evidence_free) struct evidence *evidence = evidence_of_sent();
	AUTO(evidence_free) struct evidence *again = NULL;
	AUTO(buf_free) struct buf text = { 0 };

	(void)state;
	evidence_write(evidence, false, &text);
	assert_null(memmem(text.data, text.len, "MESSAGE CONTENT", 15));
	assert_ok(evidence_read(buf_view(&text), &again));
	assert_false(again->has_content);
	assert_fails(evidence_give_content(again, BYTES("The bridge is open.")),
		     "is not the one of the line");
	assert_ok(evidence_give_content(again, evidence->content));
	assert_bytes(again->content, evidence->content);
}

static void a_text_that_was_cut_off_is_told(void **state)
{
	AUTO(evidence_free) struct evidence *evidence = evidence_of_sent();
	AUTO(buf_free) struct buf text = { 0 };

	(void)state;
	evidence_write(evidence, true, &text);
	for (size_t len = 0; len < text.len; len++) {
		struct evidence *none = NULL;
		AUTO(buf_free) struct buf cut = buf_copy(bytes_of(text.data, len));

		assert_fails(evidence_read(buf_view(&cut), &none), "");
		assert_null(none);
	}
}

/* The text with its first part like this replaced. */
static struct buf changed(struct bytes text, const char *what, const char *by)
{
	const uint8_t *at = memmem(text.data, text.len, what, strlen(what));
	struct buf out = { 0 };

	assert_non_null(at);
	buf_put(&out, bytes_of(text.data, (size_t)(at - text.data)));
	buf_put_text(&out, by);
	buf_put(&out, bytes_slice(text, (size_t)(at - text.data) + strlen(what), SIZE_MAX));
	return out;
}

static void what_was_spoilt_is_told(void **state)
{
	static const struct { const char *what, *by, *fails; } cases[] = {
		{ "version 1", "version 2", "does not begin with" },
		{ "Side: sent", "Side: both", "neither received nor sent" },
		{ "Side: sent", "Side: received", "does not belong into evidence of a received message" },
		{ "Checked: ", "Looked: ", "the line \"Checked: ...\" is missing" },
		{ "Checked: 2026-", "Checked: 2026 ", "no time such as" },
		{ "Checked: 2026-09", "Checked: 2026-19", "no time such as" },
		{ "Content-SHA-256: ", "Content-SHA-256: 00", "is no hash" },
		{ "-----BEGIN CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----\nAAAA", "not a certificate" },
		{ "-----END MESSAGE CONTENT", "-----END MESSAGE", "a block of the text is broken" },
		{ "X411 REPORT", "X999 REPORT", "a block of the text is broken" },
		{ "End of the evidence", "End of the", "its end is missing" },
	};
	AUTO(evidence_free) struct evidence *evidence = evidence_of_sent();
	AUTO(buf_free) struct buf text = { 0 };

	(void)state;
	evidence_write(evidence, true, &text);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(buf_free) struct buf bad = changed(buf_view(&text), cases[i].what, cases[i].by);
		struct evidence *none = NULL;

		print_message("  %s\n", cases[i].fails);
		assert_fails(evidence_read(buf_view(&bad), &none), cases[i].fails);
	}
}

static void another_content_or_a_second_one_is_refused(void **state)
{
	AUTO(evidence_free) struct evidence *evidence = evidence_of_sent();
	AUTO(buf_free) struct buf text = { 0 };
	AUTO(buf_free) struct buf other = { 0 };
	AUTO(buf_free) struct buf twice = { 0 };
	AUTO(mem_free) char *hash = bytes_hex(evidence->content_hash);
	AUTO(mem_free) char *flipped = mem_strdup(hash);
	struct evidence *none = NULL;

	(void)state;
	flipped[0] = hash[0] == '0' ? '1' : '0';
	evidence_write(evidence, true, &text);
	other = changed(buf_view(&text), hash, flipped);
	assert_fails(evidence_read(buf_view(&other), &none), "is not the one of the line");
	const char *block = strstr((const char *)text.data, "-----BEGIN MESSAGE CONTENT");
	const char *end = strstr(block, "-----BEGIN X411 MESSAGE SUBMISSION RESULT");
	AUTO(mem_free) char *copy = mem_printf("%.*s-----BEGIN MESSAGE CONTENT", (int)(end - block), block);
	twice = changed(buf_view(&text), "-----BEGIN MESSAGE CONTENT", copy);
	assert_fails(evidence_read(buf_view(&twice), &none), "two blocks \"MESSAGE CONTENT\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_can_be_read),
		cmocka_unit_test(content_that_is_only_hashed_can_be_given),
		cmocka_unit_test(a_text_that_was_cut_off_is_told),
		cmocka_unit_test(what_was_spoilt_is_told),
		cmocka_unit_test(another_content_or_a_second_one_is_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
