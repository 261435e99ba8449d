/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/mhs/ipm.h"

#include "asn1/asn.h"
#include "lib/mhs/orname.h"
#include "tests/support/check.h"

#include <EncodedInformationTypes.h>
#include <InformationObject.h>

static const time_t now = 762598800;	/* 1994-03-02 09:00:00 UTC */

static struct bytes name_tlv(struct arena *arena, const char *text)
{
	struct bytes name = { 0 };

	assert_ok(orname_tlv_from_text(arena, text, &name));
	return name;
}

static void assert_type(const struct asn_TYPE_descriptor_s *type, struct bytes octets)
{
	void *value = NULL;

	assert_ok(asn_decode(type, octets, &value));
	asn_free(type, &value);
}

static void a_message_comes_back(void **state)
{
	struct arena *arena = arena_new();
	struct bytes alice = name_tlv(arena, "/S=Alice/ADMD=400net/C=FR/");
	struct ipm_name originator = { .name = alice, .free_form = "Alice Ünal" };
	struct ipm_name to[] = {
		{ .name = name_tlv(arena, "/S=Bob/ADMD=400net/C=GB/"),
		  .requests = IPM_WANTS_RECEIPT | IPM_WANTS_REPLY },
		{ .name = name_tlv(arena, "/S=Carol/ADMD=400net/C=GB/"), .telephone = "+44 1" },
	};
	struct ipm inner = { .id = { alice, "inner 1" },
			     .body = (struct ipm_body[]){ { .kind = IPM_TEXT, .text = "within" } },
			     .body_count = 1 };
	struct ipm_body body[] = {
		{ .kind = IPM_TEXT, .text = "Hello Bob\r\n#{}" },
		{ .kind = IPM_TEXT, .text = "Grüße, 日本" },
		{ .kind = IPM_FILE, .data = BYTES("\x00\x01\x02"), .file_name = "a b.bin",
		  .modified = now },
		{ .kind = IPM_BILATERAL, .data = BYTES("xyz") },
		{ .kind = IPM_FORWARDED, .message = &inner },
	};
	struct ipm ipm = {
		.id = { alice, "1994-17" }, .originator = &originator,
		.to = { to, 1 }, .cc = { to + 1, 1 }, .subject = "日本 report",
		.in_reply_to = { bytes_none(), "16" }, .expires = now, .importance = IMPORTANCE_HIGH,
		.sensitivity = SENSITIVITY_PRIVATE, .auto_forwarded = true,
		.body = body, .body_count = 5,
	};
	struct ipm *back;
	struct ipn *ipn;
	struct buf out = { 0 };

	(void)state;
	assert_ok(ipm_encode(&ipm, &out));
	assert_type(&asn_DEF_InformationObject, buf_view(&out));
	assert_ok(ipm_decode(arena, buf_view(&out), &back, &ipn));
	assert_null(ipn);
	assert_string_equal(back->id.local, "1994-17");
	assert_string_equal(back->originator->free_form, "Alice Ünal");
	assert_bytes(back->to.names[0].name, to[0].name);
	assert_int_equal(back->to.names[0].requests, IPM_WANTS_RECEIPT | IPM_WANTS_REPLY);
	assert_string_equal(back->cc.names[0].telephone, "+44 1");
	assert_string_equal(back->subject, "日本 report");
	assert_string_equal(back->in_reply_to.local, "16");
	assert_int_equal(back->expires, now);
	assert_int_equal(back->importance, IMPORTANCE_HIGH);
	assert_int_equal(back->sensitivity, SENSITIVITY_PRIVATE);
	assert_true(back->auto_forwarded);
	assert_int_equal(back->body_count, 5);
	assert_string_equal(back->body[0].text, body[0].text);
	assert_string_equal(back->body[1].text, body[1].text);
	assert_string_equal(back->body[2].file_name, "a b.bin");
	assert_int_equal(back->body[2].modified, now);
	assert_bytes(back->body[2].data, body[2].data);
	assert_bytes(back->body[3].data, body[3].data);
	assert_string_equal(back->body[4].message->body[0].text, "within");
	for (size_t len = 0; len < out.len; len++)
		assert_fails(ipm_decode(arena, bytes_of(out.data, len), &back, &ipn),
			     "no interpersonal message");

	buf_clear(&out);
	assert_ok(ipm_eits(&ipm, &out));
	assert_type(&asn_DEF_EncodedInformationTypes, buf_view(&out));
	buf_free(&out);
	arena_free(&arena);
}

/* The tags of X.420: [0] IPM, heading SET, [APPLICATION 11], subject [8] explicit T61String,
 * body with ia5-text [0] of an empty parameter SET and an IA5String. */
static void octets_are_the_recommendations(void **state)
{
	struct ipm ipm = { .id = { bytes_none(), "1" }, .subject = "Hi",
			   .importance = IMPORTANCE_NORMAL,
			   .body = (struct ipm_body[]){ { .kind = IPM_TEXT, .text = "ok" } },
			   .body_count = 1 };
	struct buf want = hex("a0 17 31 0b 6b 03 13 01 31 a8 04 14 02 4869 30 08 a0 06 31 00 16 02 6f6b");
	struct buf out = { 0 };

	(void)state;
	assert_ok(ipm_encode(&ipm, &out));
	assert_bytes(buf_view(&out), buf_view(&want));
	buf_free(&want);
	buf_free(&out);
}

static void notifications_come_back(void **state)
{
	struct arena *arena = arena_new();
	struct ipm_name bob = { .name = name_tlv(arena, "/S=Bob/ADMD=400net/C=GB/") };
	const struct ipn receipt = { .subject = { bob.name, "17" }, .originator = &bob,
				     .receipt = true, .receipt_time = now, .automatic = true };
	const struct ipn discarded = { .subject = { bob.name, "17" }, .discard_reason = 0 };
	struct buf out = { 0 };
	struct ipm *ipm;
	struct ipn *back;

	(void)state;
	assert_ok(ipn_encode(&receipt, &out));
	assert_type(&asn_DEF_InformationObject, buf_view(&out));
	assert_ok(ipm_decode(arena, buf_view(&out), &ipm, &back));
	assert_null(ipm);
	assert_true(back->receipt && back->automatic);
	assert_int_equal(back->receipt_time, now);
	assert_bytes(back->originator->name, bob.name);

	buf_clear(&out);
	assert_ok(ipn_encode(&discarded, &out));
	assert_type(&asn_DEF_InformationObject, buf_view(&out));
	assert_ok(ipm_decode(arena, buf_view(&out), &ipm, &back));
	assert_false(back->receipt);
	assert_string_equal(non_receipt_words(back->non_receipt_reason, back->discard_reason),
			    "discarded: it had expired");
	buf_free(&out);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_comes_back),
		cmocka_unit_test(octets_are_the_recommendations),
		cmocka_unit_test(notifications_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
