/* SPDX-License-Identifier: Apache-2.0 */
/* The decoder's door, with each PDU of the layers: what is decoded encodes to DER that decodes again. */
#include "asn1/asn.h"

#include <ACSE-apdu.h>
#include <Abort-type.h>
#include <Bind-forms.h>
#include <CP-type.h>
#include <CPA-PPDU.h>
#include <CPR-PPDU.h>
#include <ROSEapdus.h>
#include <RTSE-apdus.h>
#include <User-data.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void decode(const asn_TYPE_descriptor_t *type, struct bytes in)
{
	AUTO(buf_free) struct buf der = { 0 };
	AUTO(buf_free) struct buf again = { 0 };
	void *value;
	struct status *st = asn_decode(type, in, &value);

	if (!st)
		st = asn_encode(type, value, &der);
	asn_free(type, &value);
	if (st) {
		status_free(&st);
		return;
	}
	if (asn_decode(type, buf_view(&der), &value) || asn_encode(type, value, &again) ||
	    !bytes_equal(buf_view(&der), buf_view(&again)))
		abort();
	asn_free(type, &value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const asn_TYPE_descriptor_t *const types[] = {
		&asn_DEF_CP_type, &asn_DEF_CPA_PPDU, &asn_DEF_CPR_PPDU, &asn_DEF_Abort_type,
		&asn_DEF_User_data, &asn_DEF_ACSE_apdu, &asn_DEF_RTSE_apdus, &asn_DEF_ROSEapdus,
		&asn_DEF_Bind_forms,
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		decode(types[i], bytes_of(data, size));
	return 0;
}
