/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/mhs/delivery.h"

#include "asn1/asn.h"
#include "lib/mhs/orname.h"
#include "lib/mhs/report.h"
#include "tests/support/check.h"

#include <MTS-APDU.h>
#include <MessageDeliveryArgument.h>
#include <MessageSubmissionArgument.h>
#include <ProbeSubmissionArgument.h>
#include <ReportDeliveryArgument.h>

static const time_t now = 762598800;	/* 1994-03-02 09:00:00 UTC */

struct fixture {
	struct arena *arena;
	struct mta_identity *north, *south;
	struct bytes id;
	struct envelope *env;		/* a submission of three recipients */
};

static struct bytes name_tlv(struct arena *arena, const char *text)
{
	struct bytes name = { 0 };

	assert_ok(orname_tlv_from_text(arena, text, &name));
	return name;
}

static void setup(struct fixture *f)
{
	struct buf id = { 0 };
	struct envelope *env;

	f->arena = arena_new();
	assert_ok(mta_identity_from_text(f->arena, "/PRMD=Gov/ADMD=400net/C=FR/", "north",
					 &f->north));
	assert_ok(mta_identity_from_text(f->arena, "/PRMD=Mil/ADMD=400net/C=GB/", "south",
					 &f->south));
	assert_ok(mts_id_encode(f->north, "1994-17", &id));
	f->id = arena_dup(f->arena, buf_view(&id));
	buf_free(&id);

	f->env = env = envelope_new(f->arena);
	env->originator = name_tlv(f->arena, "/S=Alice/PRMD=Gov/ADMD=400net/C=FR/");
	env->content_type = content_type_tlv(f->arena, CONTENT_TYPE_P22);
	env->content_identifier = BYTES("17");
	env->priority = PRIORITY_URGENT;
	env->indicators = IND_DISCLOSURE_OF_RECIPIENTS | IND_CONTENT_RETURN_REQUEST;
	env->content = BYTES("the content");
	env->recipient_count = 3;
	env->recipients = arena_new_array(f->arena, struct recipient, 3);
	for (unsigned i = 0; i < 3; i++) {
		char text[64];

		snprintf(text, sizeof(text), "/S=Bob%u/PRMD=Mil/ADMD=400net/C=GB/", i);
		env->recipients[i].name = name_tlv(f->arena, text);
		env->recipients[i].number = i + 1;
		env->recipients[i].flags = RCPT_ORIGINATOR_NON_DELIVERY_REPORT;
		env->recipients[i].explicit_conversion = -1;
		ext_put_enumerated(f->arena, &env->recipients[i].extensions,
				   EXT_PROOF_OF_DELIVERY_REQUEST, 1);
	}
	env->recipients[1].flags |= RCPT_ORIGINATOR_REPORT;
	ext_put_enumerated(f->arena, &env->extensions, EXT_DL_EXPANSION_PROHIBITED, 1);
	ext_put_enumerated(f->arena, &env->extensions, EXT_PROOF_OF_SUBMISSION_REQUEST, 1);
	ext_put_enumerated(f->arena, &env->extensions, EXT_RECIPIENT_REASSIGNMENT_PROHIBITED, 1);
}

static void teardown(struct fixture *f)
{
	arena_free(&f->arena);
}

/* The octets are a value of the type to the generated decoder, which knows nothing of ours. */
static void assert_type(const struct asn_TYPE_descriptor_s *type, struct bytes octets)
{
	void *value = NULL;

	assert_ok(asn_decode(type, octets, &value));
	asn_free(type, &value);
}

static struct buf with_content(struct buf head, struct bytes content)
{
	buf_put(&head, content);
	return head;
}

static struct buf submission_octets(const struct envelope *env)
{
	struct buf head = { 0 };

	assert_ok(submission_encode(env, &head));
	return env->probe ? head : with_content(head, env->content);
}

static struct buf p1_octets(const struct envelope *env)
{
	struct buf head = { 0 };

	assert_ok(p1_encode(env, &head));
	return env->probe ? head : with_content(head, env->content);
}

static void assert_same_envelope(const struct envelope *a, const struct envelope *b)
{
	assert_bytes(a->id, b->id);
	assert_bytes(a->originator, b->originator);
	assert_bytes(a->content_type, b->content_type);
	assert_bytes(a->content_identifier, b->content_identifier);
	assert_bytes(a->content, b->content);
	assert_bytes(a->trace, b->trace);
	assert_int_equal(a->priority, b->priority);
	assert_int_equal(a->indicators, b->indicators);
	assert_int_equal(a->extensions.count, b->extensions.count);
	assert_int_equal(a->recipient_count, b->recipient_count);
	for (size_t i = 0; i < a->recipient_count; i++) {
		assert_bytes(a->recipients[i].name, b->recipients[i].name);
		assert_int_equal(a->recipients[i].number, b->recipients[i].number);
		assert_int_equal(a->recipients[i].flags, b->recipients[i].flags);
		assert_int_equal(a->recipients[i].explicit_conversion,
				 b->recipients[i].explicit_conversion);
		assert_int_equal(a->recipients[i].extensions.count,
				 b->recipients[i].extensions.count);
	}
}

static void a_submission_comes_back(void **state)
{
	struct fixture f;
	struct envelope *back;
	struct buf octets;

	(void)state;
	setup(&f);
	octets = submission_octets(f.env);
	assert_type(&asn_DEF_MessageSubmissionArgument, buf_view(&octets));
	assert_ok(submission_decode(f.arena, buf_view(&octets), &back));
	assert_same_envelope(back, f.env);
	/* the content is not copied */
	assert_ptr_equal(back->content.data, octets.data + octets.len - f.env->content.len);
	for (size_t len = 0; len < octets.len; len++)
		assert_fails(submission_decode(f.arena, bytes_of(octets.data, len), &back), "");
	buf_free(&octets);
	teardown(&f);
}

static void a_probe_comes_back(void **state)
{
	struct fixture f;
	struct envelope *back;
	struct buf octets;

	(void)state;
	setup(&f);
	f.env->probe = true;
	f.env->content = bytes_none();
	f.env->priority = PRIORITY_NORMAL;
	f.env->content_length = 2048;
	octets = submission_octets(f.env);
	assert_type(&asn_DEF_ProbeSubmissionArgument, buf_view(&octets));
	assert_ok(probe_submission_decode(f.arena, buf_view(&octets), &back));
	assert_same_envelope(back, f.env);
	assert_int_equal(back->content_length, 2048);
	for (size_t len = 0; len < octets.len; len++)
		assert_fails(probe_submission_decode(f.arena, bytes_of(octets.data, len), &back), "");
	buf_free(&octets);

	assert_ok(envelope_accept(f.env, f.north, f.id, now));
	octets = p1_octets(f.env);
	assert_type(&asn_DEF_MTS_APDU, buf_view(&octets));
	assert_ok(p1_decode(f.arena, buf_view(&octets), &back));
	assert_same_envelope(back, f.env);
	buf_free(&octets);
	teardown(&f);
}

static void an_accepted_message_is_relayed(void **state)
{
	struct fixture f;
	struct envelope *back;
	struct buf octets, again;
	bool chosen[3] = { true, false, true };
	struct buf split = { 0 };

	(void)state;
	setup(&f);
	assert_ok(envelope_accept(f.env, f.north, f.id, now));
	assert_null(ext_find(&f.env->extensions, EXT_PROOF_OF_SUBMISSION_REQUEST));
	assert_int_equal(f.env->recipients[0].flags & RCPT_RESPONSIBLE, RCPT_RESPONSIBLE);
	octets = p1_octets(f.env);
	assert_type(&asn_DEF_MTS_APDU, buf_view(&octets));
	assert_ok(p1_decode(f.arena, buf_view(&octets), &back));
	assert_same_envelope(back, f.env);
	again = p1_octets(back);
	assert_bytes(buf_view(&again), buf_view(&octets));
	for (size_t len = 0; len < octets.len; len++)
		assert_fails(p1_decode(f.arena, bytes_of(octets.data, len), &back), "");

	assert_ok(p1_encode_split(f.env, chosen, &split));
	split = with_content(split, f.env->content);
	assert_ok(p1_decode(f.arena, buf_view(&split), &back));
	assert_int_equal(back->recipients[1].flags & RCPT_RESPONSIBLE, 0);
	assert_int_equal(back->recipients[2].flags & RCPT_RESPONSIBLE, RCPT_RESPONSIBLE);
	buf_free(&split);
	buf_free(&again);
	buf_free(&octets);
	teardown(&f);
}

static void a_loop_is_found(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f);
	assert_ok(envelope_accept(f.env, f.north, f.id, now));
	assert_ok(envelope_arrive(f.env, f.south, now + 1));
	assert_ok(envelope_arrive(f.env, f.south, now + 2));
	assert_fails(envelope_arrive(f.env, f.north, now + 3), "left this domain and came back");
	teardown(&f);
}

static void unknown_extensions_pass_untouched(void **state)
{
	struct fixture f;
	struct envelope *back;
	struct buf octets;
	/* an old peer's [0] EXPLICIT number, and a private one with a long-form length */
	struct buf fields = hex("30 0a a0 03 02 01 3f a2 03 04 01 aa"
				"30 0e 83 03 2a 03 04 81 02 05 20 a2 81 02 05 00");
	struct ext_set set;

	(void)state;
	setup(&f);
	assert_ok(ext_decode(f.arena, buf_view(&fields), &set));
	assert_int_equal(set.count, 2);
	assert_int_equal(set.fields[0].number, 63);
	assert_int_equal(set.fields[1].number, EXT_PRIVATE);
	assert_fails(ext_check_critical(&set, EXT_FOR_DELIVERY), "critical");
	assert_ok(ext_check_critical(&set, EXT_FOR_SUBMISSION));
	ext_copy(f.arena, &f.env->extensions, &set, EXT_IN_SUBMISSION);
	assert_ok(envelope_accept(f.env, f.north, f.id, now));
	octets = p1_octets(f.env);
	assert_ok(p1_decode(f.arena, buf_view(&octets), &back));
	assert_non_null(memmem(octets.data, octets.len, fields.data, fields.len));
	buf_free(&octets);
	buf_free(&fields);
	teardown(&f);
}

static void a_delivery_comes_back(void **state)
{
	struct fixture f;
	struct delivery *delivery, *back;
	struct buf head = { 0 };

	(void)state;
	setup(&f);
	assert_ok(envelope_accept(f.env, f.north, f.id, now));
	assert_ok(delivery_from_envelope(f.env, 1, now + 60, &delivery));
	assert_ok(delivery_encode(delivery, &head));
	head = with_content(head, delivery->content);
	assert_type(&asn_DEF_MessageDeliveryArgument, buf_view(&head));
	assert_ok(delivery_decode(f.arena, buf_view(&head), &back));
	assert_bytes(back->id, f.id);
	assert_bytes(back->this_recipient, f.env->recipients[1].name);
	assert_int_equal(back->other_count, 2);
	assert_bytes(back->other_recipients[1], f.env->recipients[2].name);
	assert_int_equal(back->time, now + 60);
	assert_int_equal(back->submission_time, now);
	assert_int_equal(content_type_number(back->content_type), CONTENT_TYPE_P22);
	assert_bytes(back->content, f.env->content);
	assert_int_equal(ext_long(&back->extensions, EXT_PROOF_OF_DELIVERY_REQUEST, 0), 1);
	for (size_t len = 0; len < head.len; len++)
		assert_fails(delivery_decode(f.arena, bytes_of(head.data, len), &back), "");
	buf_free(&head);
	teardown(&f);
}

static void a_report_comes_back(void **state)
{
	struct fixture f;
	struct report *report, *back;
	struct buf octets = { 0 }, delivery = { 0 };
	struct buf proof = hex("30 0a 30 03 06 01 2a 03 03 00 01 02");
	const struct outcome outcomes[] = {
		{ .recipient = 0, .delivered = true, .when = now + 5, .user_type = USER_MS },
		{ .recipient = 1, .delivered = true, .when = now + 5, .user_type = USER_MS,
		  .proof = buf_view(&proof) },
		{ .recipient = 2, .reason = REASON_UNABLE_TO_TRANSFER,
		  .diagnostic = DIAG_UNRECOGNISED_OR_NAME, .supplementary = "nobody: \"Bob2\"" },
	};

	(void)state;
	setup(&f);
	assert_ok(envelope_accept(f.env, f.north, f.id, now));
	f.env->recipients[0].flags &= ~(uint32_t)RCPT_MTA_REPORT;
	assert_ok(report_make(f.env, outcomes, 3, REPORT_FOR_ORIGINATOR, f.south, f.id, now + 10,
			      f.arena, &report));
	assert_int_equal(report->recipient_count, 2);	/* nobody asked about the first */
	assert_ok(report_p1_encode(report, &octets));
	assert_type(&asn_DEF_MTS_APDU, buf_view(&octets));
	assert_ok(report_p1_decode(f.arena, buf_view(&octets), &back));
	assert_bytes(back->destination, f.env->originator);
	assert_bytes(back->subject_id, f.id);
	assert_bytes(back->content, f.env->content);
	assert_true(back->recipients[0].delivered);
	assert_int_equal(back->recipients[0].number, 2);
	assert_bytes(ext_value(&back->recipients[0].extensions, EXT_PROOF_OF_DELIVERY),
		     buf_view(&proof));
	assert_string_equal(report_recipient_text(f.arena, &back->recipients[1]),
			    "not delivered: nobody has this address (unable-to-transfer, "
			    "unrecognised-OR-name): nobody: ?Bob2?");
	for (size_t len = 0; len < octets.len; len++)
		assert_fails(report_p1_decode(f.arena, bytes_of(octets.data, len), &report), "");

	assert_ok(report_delivery_encode(back, &delivery));
	assert_type(&asn_DEF_ReportDeliveryArgument, buf_view(&delivery));
	assert_ok(report_delivery_decode(f.arena, buf_view(&delivery), &report));
	assert_int_equal(report->recipient_count, 2);
	assert_int_equal(report->recipients[1].diagnostic, DIAG_UNRECOGNISED_OR_NAME);
	assert_bytes(report->content, f.env->content);
	for (size_t len = 0; len < delivery.len; len++)
		assert_fails(report_delivery_decode(f.arena, bytes_of(delivery.data, len), &report), "");
	buf_free(&octets);
	buf_free(&delivery);
	buf_free(&proof);
	teardown(&f);
}

static void recipients_are_bounded(void **state)
{
	struct fixture f;
	struct envelope *back;

	(void)state;
	setup(&f);
	for (size_t count = RECIPIENTS_MAX; count <= RECIPIENTS_MAX + 1; count++) {
		struct recipient *many = arena_new_array(f.arena, struct recipient, count);
		struct buf octets;
		struct status *st;

		for (size_t i = 0; i < count; i++) {
			many[i] = f.env->recipients[0];
			many[i].number = (unsigned)i + 1;
		}
		f.env->recipients = many;
		f.env->recipient_count = count;
		octets = submission_octets(f.env);
		st = submission_decode(f.arena, buf_view(&octets), &back);
		if (count == RECIPIENTS_MAX)
			assert_ok(st);
		else
			assert_fails(st, "more than 512 recipients");
		buf_free(&octets);
	}
	teardown(&f);
}

static void identifiers_have_a_text(void **state)
{
	struct fixture f;
	struct buf back = { 0 };

	(void)state;
	setup(&f);
	assert_string_equal(mts_id_text(f.arena, f.id), "[/PRMD=Gov/ADMD=400net/C=FR/;1994-17]");
	assert_ok(mts_id_from_text(mts_id_text(f.arena, f.id), &back));
	assert_bytes(buf_view(&back), f.id);
	assert_true(mts_id_equal(f.id, buf_view(&back)));
	buf_free(&back);
	assert_int_equal(strlen(mts_id_local(f.arena, f.north, now, UINT64_MAX)), 30);
	teardown(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_submission_comes_back),
		cmocka_unit_test(a_probe_comes_back),
		cmocka_unit_test(an_accepted_message_is_relayed),
		cmocka_unit_test(a_loop_is_found),
		cmocka_unit_test(unknown_extensions_pass_untouched),
		cmocka_unit_test(a_delivery_comes_back),
		cmocka_unit_test(a_report_comes_back),
		cmocka_unit_test(recipients_are_bounded),
		cmocka_unit_test(identifiers_have_a_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
