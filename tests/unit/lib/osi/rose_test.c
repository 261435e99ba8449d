/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/osi/rose.h"

#include "tests/support/check.h"

/* --- APDUs --- */

static const struct {
	const char *name, *wire;
	struct rose_apdu want;
	const char *argument;
	const char *fails;
	int problem;
} pdus[] = {
	{ "invoke", "a1 09 020105 020103 040141",
	  .want = { .kind = ROSE_INVOKE, .has_invoke_id = true, .invoke_id = 5, .has_value = true, .value = 3 },
	  .argument = "040141" },
	{ "invoke without argument", "a1 06 020105 020103",
	  .want = { .kind = ROSE_INVOKE, .has_invoke_id = true, .invoke_id = 5, .has_value = true, .value = 3 } },
	{ "invoke of indefinite length", "a1 80 020105 020103 3080 0000 0000",
	  .want = { .kind = ROSE_INVOKE, .has_invoke_id = true, .invoke_id = 5, .has_value = true, .value = 3 },
	  .argument = "30800000" },
	{ "linked invoke", "a1 09 020105 800104 020103",
	  .want = { .kind = ROSE_INVOKE, .has_invoke_id = true, .invoke_id = 5, .linked = true,
	    .has_value = true, .value = 3 } },
	{ "invoke of a global operation", "a1 07 020105 06022a03",
	  .want = { .kind = ROSE_INVOKE, .has_invoke_id = true, .invoke_id = 5 } },
	{ "two results", "a2 0d 0202 00ff 3007 020103 0500 0500", .fails = "more than one",
	  .problem = ROSE_GENERAL_MISTYPED_APDU },
	{ "result with a value", "a2 0b 0202 00ff 3005 020103 0500",
	  .want = { .kind = ROSE_RESULT, .has_invoke_id = true, .invoke_id = 255, .has_value = true, .value = 3 },
	  .argument = "0500" },
	{ "result without a value", "a2 03 020101",
	  .want = { .kind = ROSE_RESULT, .has_invoke_id = true, .invoke_id = 1 } },
	{ "error", "a3 06 0201ff 020107",
	  .want = { .kind = ROSE_ERROR, .has_invoke_id = true, .invoke_id = -1, .has_value = true, .value = 7 } },
	{ "reject of an invocation", "a4 06 020105 810101",
	  .want = { .kind = ROSE_REJECT, .has_invoke_id = true, .invoke_id = 5,
	    .problem = ROSE_INVOKE_UNRECOGNIZED_OPERATION } },
	{ "reject of what has no identifier", "a4 05 0500 800102",
	  .want = { .kind = ROSE_REJECT, .problem = ROSE_GENERAL_BADLY_STRUCTURED } },
	{ "another tag", "a5 03 020101", .fails = "no known kind",
	  .problem = ROSE_GENERAL_UNRECOGNIZED_APDU },
	{ "identifier too wide", "a1 0a 020500ffffffff 020103", .fails = "no number",
	  .problem = ROSE_GENERAL_MISTYPED_APDU },
	{ "octets behind it", "a1 06 020105 020103 00", .fails = "badly structured",
	  .problem = ROSE_GENERAL_BADLY_STRUCTURED },
};

static void decodes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(pdus) / sizeof(pdus[0]); i++) {
		AUTO(buf_free) struct buf wire = hex(pdus[i].wire);
		AUTO(buf_free) struct buf argument = hex(pdus[i].argument ? pdus[i].argument : "");
		const struct rose_apdu *want = &pdus[i].want;
		struct rose_apdu got;
		struct status *st = rose_decode(buf_view(&wire), &got);

		if (pdus[i].fails) {
			if (st)
				assert_int_equal(st->diag, pdus[i].problem);
			assert_fails(st, pdus[i].fails);
			continue;
		}
		assert_ok(st);
		assert_int_equal(got.kind, want->kind);
		assert_int_equal(got.has_invoke_id, want->has_invoke_id);
		assert_int_equal(got.invoke_id, want->invoke_id);
		assert_int_equal(got.linked, want->linked);
		assert_int_equal(got.has_value, want->has_value);
		assert_int_equal(got.value, want->value);
		assert_int_equal(got.problem, want->problem);
		assert_bytes(got.argument, buf_view(&argument));
	}
}

static void fails_at_each_truncation(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(pdus) / sizeof(pdus[0]); i++) {
		AUTO(buf_free) struct buf wire = hex(pdus[i].wire);

		if (pdus[i].fails)
			continue;
		for (size_t len = 0; len < wire.len; len++) {
			struct rose_apdu got;

			assert_fails(rose_decode(bytes_of(wire.data, len), &got), "ROSE");
		}
	}
}

static void headers_decode_to_what_they_were_made_of(void **state)
{
	static const int32_t numbers[] = { 0, 1, -1, 127, 128, 255, 256, 32767, 32768, 8388608,
					   -128, -129, INT32_MAX, INT32_MIN };
	AUTO(buf_free) struct buf argument = hex("0403414243");

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		for (int kind = ROSE_INVOKE; kind <= ROSE_ERROR; kind++) {
			struct rose_apdu apdu = { .kind = (enum rose_kind)kind, .has_invoke_id = true,
						  .invoke_id = numbers[i], .has_value = true,
						  .value = numbers[i] };
			uint8_t header[ROSE_HEADER_MAX];
			AUTO(buf_free) struct buf wire = { 0 };
			struct rose_apdu got;

			buf_put(&wire, rose_header(&apdu, argument.len, header));
			buf_put(&wire, buf_view(&argument));
			assert_ok(rose_decode(buf_view(&wire), &got));
			assert_int_equal(got.invoke_id, numbers[i]);
			assert_int_equal(got.value, numbers[i]);
			assert_bytes(got.argument, buf_view(&argument));
		}
	}
}

/* --- the machine: two of them, back to back --- */

struct peer {
	struct rose *rose;
	struct peer *other;
	struct buf queue[64];	/* APDUs that were sent and not yet delivered */
	size_t queued;
	char told[512];		/* what the user was told */
	int32_t last_invoke;
};

static FALLIBLE queue_apdu(void *below, int operation, const struct bytes *parts, size_t count)
{
	struct peer *p = below;
	struct buf *apdu = &p->queue[p->queued++];

	(void)operation;
	*apdu = (struct buf){ 0 };
	for (size_t i = 0; i < count; i++)
		buf_put(apdu, parts[i]);
	return OK;
}

/* Operations 1 to 5 are of the class of that number. */
static enum rose_class class_of(void *below, int operation)
{
	(void)below;
	return operation >= 1 && operation <= 5 ? (enum rose_class)operation : ROSE_NOT_AN_OPERATION;
}

__attribute__((format(printf, 2, 3))) static void note(struct peer *p, const char *format, ...)
{
	size_t len = strlen(p->told);
	va_list args;

	va_start(args, format);
	vsnprintf(p->told + len, sizeof(p->told) - len, format, args);
	va_end(args);
}

static void on_invoke(void *user, int32_t id, int operation, struct bytes argument)
{
	struct peer *p = user;

	p->last_invoke = id;
	note(p, "invoke %d op %d of %zu;", id, operation, argument.len);
}

static void on_result(void *user, int32_t id, int operation, struct bytes result)
{
	note(user, "result %d op %d of %zu;", id, operation, result.len);
}

static void on_error(void *user, int32_t id, int error, struct bytes parameter)
{
	note(user, "error %d number %d of %zu;", id, error, parameter.len);
}

static void on_reject(void *user, int32_t id, const struct status *why)
{
	note(user, "reject %d %s;", id, why->words);
}

static const struct rose_service service = { queue_apdu, class_of };
static const struct rose_user user = { on_invoke, on_result, on_error, on_reject };

static void peers_init(struct peer *a, struct peer *b)
{
	*a = *b = (struct peer){ 0 };
	a->rose = rose_new(4, &service, a, &user, a);
	b->rose = rose_new(4, &service, b, &user, b);
	a->other = b;
	b->other = a;
}

static void deliver(struct peer *from)
{
	for (size_t i = 0; i < from->queued; i++) {
		assert_ok(rose_apdu_ind(from->other->rose, buf_view(&from->queue[i])));
		buf_free(&from->queue[i]);
	}
	from->queued = 0;
}

static void deliver_hex(struct peer *to, const char *apdu)
{
	AUTO(buf_free) struct buf wire = hex(apdu);

	assert_ok(rose_apdu_ind(to->rose, buf_view(&wire)));
}

static void assert_told(struct peer *p, const char *what)
{
	assert_string_equal(p->told, what);
	p->told[0] = 0;
}

static void peers_free(struct peer *a, struct peer *b)
{
	deliver(a);
	deliver(b);
	deliver(a);
	rose_free(&a->rose);
	rose_free(&b->rose);
}

static void several_operations_are_answered_in_any_order(void **state)
{
	struct bytes argument[2] = { BYTES("\x04\x04"), BYTES("abcd") };
	struct peer a, b;
	int32_t first, second;

	(void)state;
	peers_init(&a, &b);
	assert_ok(rose_invoke_req(a.rose, 2, argument, 2, &first));
	assert_ok(rose_invoke_req(a.rose, 2, argument, 2, &second));
	deliver(&a);
	assert_told(&b, "invoke 1 op 2 of 6;invoke 2 op 2 of 6;");
	assert_int_equal(rose_owed(b.rose), 2);
	assert_ok(rose_result_req(b.rose, second, argument, 2));
	assert_ok(rose_error_req(b.rose, first, 9, bytes_none()));
	deliver(&b);
	assert_told(&a, "result 2 op 2 of 6;error 1 number 9 of 0;");
	assert_int_equal(rose_awaited(a.rose), 0);
	assert_fails(rose_result_req(b.rose, first, NULL, 0), "no invocation 1 awaits an answer");
	peers_free(&a, &b);
}

static void the_number_outstanding_is_bounded_on_both_sides(void **state)
{
	struct peer a, b;
	int32_t id;

	(void)state;
	peers_init(&a, &b);
	for (int i = 0; i < 4; i++)
		assert_ok(rose_invoke_req(a.rose, 2, NULL, 0, &id));
	assert_fails(rose_invoke_req(a.rose, 2, NULL, 0, &id), "4 operations are outstanding");
	deliver(&a);
	b.told[0] = 0;
	deliver_hex(&b, "a1 06 020163 020102");
	assert_told(&b, "");
	deliver(&b);
	assert_told(&a, "reject 99 the peer rejected it: too many operations are outstanding;");
	peers_free(&a, &b);
}

static void what_is_wrong_is_rejected(void **state)
{
	static const struct { const char *name, *apdu, *reject; } wrong[] = {
		{ "duplicate", "a1 06 020101 020102", "a406 020101 810100" },
		{ "unknown operation", "a1 06 020105 020109", "a406 020105 810101" },
		{ "global operation", "a1 07 020105 06022a03", "a406 020105 810101" },
		{ "linked", "a1 09 020105 800101 020102", "a406 020105 810105" },
		{ "result of nothing", "a2 03 020105", "a406 020105 820100" },
		{ "error of nothing", "a3 06 020105 020102", "a406 020105 830100" },
		{ "no ROSE", "30 00", "a405 0500 800100" },
		{ "mistyped", "a1 03 040105", "a405 0500 800101" },
		{ "badly structured", "a1 06 0201", "a405 0500 800102" },
	};
	struct peer a, b;

	(void)state;
	peers_init(&a, &b);
	deliver_hex(&b, "a1 06 020101 020102");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		AUTO(buf_free) struct buf want = hex(wrong[i].reject);

		deliver_hex(&b, wrong[i].apdu);
		assert_int_equal(b.queued, 1);
		assert_bytes(buf_view(&b.queue[0]), buf_view(&want));
		buf_free(&b.queue[0]);
		b.queued = 0;
	}
	deliver_hex(&b, "a4 03 020101");
	assert_int_equal(b.queued, 0);
	peers_free(&a, &b);
}

static void an_answer_that_cannot_be_is_told(void **state)
{
	struct peer a, b;
	int32_t id;

	(void)state;
	peers_init(&a, &b);
	assert_ok(rose_invoke_req(a.rose, 2, NULL, 0, &id));
	deliver_hex(&a, "a2 0a 020101 3005 020103 0500");
	assert_told(&a, "reject 1 the peer's answer was rejected: the result is not as its type says;");
	assert_int_equal(rose_awaited(a.rose), 0);
	assert_ok(rose_invoke_req(a.rose, 3, NULL, 0, &id));
	deliver_hex(&a, "a2 03 020102");
	assert_told(&a, "reject 2 the peer's answer was rejected: the operation reports no result;");
	assert_ok(rose_invoke_req(a.rose, 4, NULL, 0, &id));
	deliver_hex(&a, "a3 06 020103 020101");
	assert_told(&a, "reject 3 the peer's answer was rejected: the operation reports no error;");
	peers_free(&a, &b);
}

static void classes_are_kept(void **state)
{
	struct peer a, b;
	int32_t id;

	(void)state;
	peers_init(&a, &b);
	assert_ok(rose_invoke_req(a.rose, 5, NULL, 0, &id));
	assert_int_equal(rose_awaited(a.rose), 0);
	assert_ok(rose_invoke_req(a.rose, 1, NULL, 0, &id));
	assert_fails(rose_invoke_req(a.rose, 2, NULL, 0, &id), "a synchronous operation runs alone");
	assert_fails(rose_invoke_req(a.rose, 6, NULL, 0, &id), "6 is no operation");
	deliver(&a);
	assert_told(&b, "invoke 1 op 5 of 0;invoke 2 op 1 of 0;");
	assert_fails(rose_result_req(b.rose, 1, NULL, 0), "no invocation 1");
	assert_ok(rose_result_req(b.rose, 2, NULL, 0));
	deliver(&b);
	assert_told(&a, "result 2 op 1 of 0;");
	/* Nobody hears that these succeeded: the oldest gives way. */
	for (int i = 0; i < 9; i++)
		assert_ok(rose_invoke_req(a.rose, 3, NULL, 0, &id));
	assert_int_equal(rose_awaited(a.rose), 4);
	peers_free(&a, &b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decodes),
		cmocka_unit_test(fails_at_each_truncation),
		cmocka_unit_test(headers_decode_to_what_they_were_made_of),
		cmocka_unit_test(several_operations_are_answered_in_any_order),
		cmocka_unit_test(the_number_outstanding_is_bounded_on_both_sides),
		cmocka_unit_test(what_is_wrong_is_rejected),
		cmocka_unit_test(an_answer_that_cannot_be_is_told),
		cmocka_unit_test(classes_are_kept),
	};

	return cmocka_run_group_tests_name("rose", tests, NULL, NULL);
}
