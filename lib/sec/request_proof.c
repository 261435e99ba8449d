/* SPDX-License-Identifier: Apache-2.0 */
/* The old key vouches for a request for the new one. */
#include "lib/sec/issue.h"

#include "lib/sec/jws.h"

FALLIBLE request_proof_make(const struct private_key *old_key, struct bytes request, struct buf *out_line)
{
	return jws_sign(old_key, request, out_line);
}

FALLIBLE request_proof_check(struct bytes line, const struct public_key *old_key, struct bytes request)
{
	AUTO(buf_free) struct buf payload = { 0 };

	TRY(jws_verify(line, old_key));
	TRY(jws_payload(line, &payload));
	if (!bytes_equal(buf_view(&payload), request))
		return FAIL(ST_REFUSED, 0, "the proof is for another request");
	return OK;
}
