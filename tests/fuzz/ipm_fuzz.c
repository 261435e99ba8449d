/* SPDX-License-Identifier: Apache-2.0 */
/* The content of an interpersonal message: what was read is shown or written without harm. */
#include "lib/mhs/ipm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	AUTO(buf_free) struct buf out = { 0 };
	struct ipm *ipm;
	struct ipn *ipn;
	struct status *st = ipm_decode(arena, bytes_of(data, size), &ipm, &ipn);

	if (!st && ipm)
		st = ipm_encode(ipm, &out);
	if (!st && ipm)
		st = ipm_eits(ipm, &out);
	if (!st && ipn)
		st = ipn_encode(ipn, &out);
	status_drop(st);
	arena_free(&arena);
	return 0;
}
