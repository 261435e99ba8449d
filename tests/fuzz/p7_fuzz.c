/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments and results of every operation of P3 and P7, and parameters of every error, each by
 * its own type: the first octet says which. */
#include "lib/mhs/operations.h"

#include "asn1/asn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void decode(const struct asn_TYPE_descriptor_s *type, struct bytes in)
{
	AUTO(buf_free) struct buf out = { 0 };
	void *value = NULL;
	struct status *st = asn_decode(type, in, &value);

	if (!st)
		st = asn_encode(type, value, &out);
	status_drop(st);
	asn_free(type, &value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct asn_TYPE_descriptor_s *argument, *result;
	struct bytes in = bytes_of(data, size);
	int number;

	if (!size)
		return 0;
	number = data[0] & 0x3f;
	in = bytes_slice(in, 1, size);
	if (operation_types_find(number, &argument, &result)) {
		decode(argument, in);
		decode(result, in);
	}
	decode(error_parameter_type(number), in);
	status_drop(operation_failed(number, number, in));
	return 0;
}
