/* SPDX-License-Identifier: Apache-2.0 */
/* ACSE's APDUs: what is decoded lies within the octets that came, or beside them. */
#include "lib/osi/acse_pdu.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(acse_apdu_cleanup) struct acse_apdu apdu = { 0 };
	AUTO(buf_free) struct buf out = { 0 };
	struct status *st = acse_apdu_decode(bytes_of(data, size), &apdu);

	if (!st) {
		apdu.associate.information = apdu.information;
		aarq_encode(&apdu.associate, &out);
		aare_encode(&apdu.associate, &out);
		rlrq_encode(&apdu.information, &out);
	}
	status_free(&st);
	return 0;
}
