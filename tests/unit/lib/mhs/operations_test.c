/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/mhs/operations.h"

#include "asn1/asn.h"
#include "tests/support/check.h"

static void parameters_are_of_their_types(void **state)
{
	static const int errors[] = { ERR_SECURITY_ERROR, ERR_SEQUENCE_NUMBER_ERROR,
				      ERR_SERVICE_ERROR, ERR_REGISTER_REJECTED };

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		struct buf out = { 0 };
		void *value = NULL;

		switch (errors[i]) {
		case ERR_SECURITY_ERROR:
			error_security(SECURITY_TOKEN_ERROR, &out);
			break;
		case ERR_SEQUENCE_NUMBER_ERROR:
			error_sequence_number(17, &out);
			break;
		case ERR_SERVICE_ERROR:
			error_service(0, &out);
			break;
		default:
			error_null(&out);
		}
		assert_ok(asn_decode(error_parameter_type(errors[i]), buf_view(&out), &value));
		asn_free(error_parameter_type(errors[i]), &value);
		buf_free(&out);
	}
}

static void a_refusal_reads_well(void **state)
{
	struct buf parameter = { 0 };
	struct status *st;

	(void)state;
	error_security(SECURITY_TOKEN_ERROR, &parameter);
	st = operation_failed(OP_MESSAGE_SUBMISSION, ERR_SECURITY_ERROR, buf_view(&parameter));
	assert_int_equal(st->kind, ST_REFUSED);
	assert_string_equal(st->words, "message-submission was refused: a security service refused "
			    "it (security-error, token-error)");
	status_free(&st);
	buf_free(&parameter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters_are_of_their_types),
		cmocka_unit_test(a_refusal_reads_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
