/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence that somebody hands to a judge: what can be read can be written, and read again. */
#include "lib/mhs/evidence_judge.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(evidence_free) struct evidence *evidence = NULL;
	AUTO(evidence_free) struct evidence *again = NULL;
	AUTO(buf_free) struct buf text = { 0 };
	AUTO(claims_free) struct claims claims = { 0 };
	const struct evidence_trust nobody = { 0 };
	struct status *failed = evidence_read(bytes_of(data, size), &evidence);

	if (failed) {
		status_drop(failed);
		return 0;
	}
	evidence_write(evidence, true, &text);
	if (evidence_read(buf_view(&text), &again))
		abort();
	/* Who trusts nobody is convinced of nothing. */
	status_drop(evidence_judge(evidence, &nobody, &claims));
	for (size_t i = 0; i < claims.count; i++)
		if (claims.list[i].proved)
			abort();
	return 0;
}
