/* SPDX-License-Identifier: Apache-2.0 */
/* An O/R name as text or as octets: a text that can be sent comes back the same name. */
#include "lib/mhs/orname.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool worked(struct status *st)
{
	bool ok = !st;

	status_drop(st);
	return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	AUTO(buf_free) struct buf der = { 0 };
	struct bytes in = bytes_of(data, size);
	struct orname *name, *back;

	if (worked(orname_decode(arena, in, &name)) || worked(oraddress_decode(arena, in, &name)) ||
	    worked(orname_from_text(arena, arena_text(arena, in), &name))) {
		const char *text = orname_text(arena, name);

		if (!orname_equal(name, name) || !*text || !*orname_key(arena, name))
			abort();
		if (worked(orname_encode(name, &der)) &&
		    !worked(orname_decode(arena, buf_view(&der), &back)))
			abort();
	}
	arena_free(&arena);
	return 0;
}
