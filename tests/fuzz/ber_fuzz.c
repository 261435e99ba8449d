/* SPDX-License-Identifier: Apache-2.0 */
/* The BER front end: what it passes is well-formed, and definite afterwards. */
#include "asn1/ber.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = bytes_of(data, size);
	AUTO(buf_free) struct buf definite = { 0 };
	AUTO(buf_free) struct buf joined = { 0 };
	struct ber_shape before, after;
	struct ber_tlv tlv, child;
	struct status *st = ber_check(in, &ber_limits_default, &before);

	if (st) {
		status_free(&st);
		return 0;
	}
	if (ber_to_definite(in, &ber_limits_default, &definite) ||
	    ber_check(buf_view(&definite), &ber_limits_default, &after) ||
	    after.indefinite || after.count != before.count ||
	    after.constructed != before.constructed ||
	    (!before.indefinite && !bytes_equal(in, buf_view(&definite))))
		abort();
	if (ber_only(in, &tlv) || tlv.whole.len != size)
		abort();
	for (struct bytes left = tlv.constructed ? tlv.contents : bytes_none(); left.len; )
		if (ber_next(&left, &child))
			abort();
	status_drop(ber_join(&tlv, &joined));
	return 0;
}
