/* SPDX-License-Identifier: Apache-2.0 */
/* Bind arguments, results and errors of each kind; what was read is written and read again. */
#include "lib/mhs/binds.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_again(enum bind_kind kind, const struct bind *bind, struct arena *arena)
{
	AUTO(buf_free) struct buf out = { 0 };
	struct bind again;
	struct status *st = bind_argument_encode(kind, bind, &out);

	if (!st && bind_argument_decode(kind, buf_view(&out), arena, &again))
		abort();
	status_drop(st);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct bytes in = bytes_of(data, size);

	for (int kind = BIND_MTA; kind <= BIND_MS; kind++) {
		AUTO(arena_free) struct arena *arena = arena_new();
		struct bind bind;
		struct status *st = bind_argument_decode((enum bind_kind)kind, in, arena, &bind);

		if (!st)
			write_again((enum bind_kind)kind, &bind, arena);
		status_drop(st);
		status_drop(bind_result_decode((enum bind_kind)kind, in, arena, &bind));
		status_drop(bind_error_status((enum bind_kind)kind, in));
	}
	return 0;
}
