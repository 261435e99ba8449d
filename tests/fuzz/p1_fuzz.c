/* SPDX-License-Identifier: Apache-2.0 */
/* A message, probe or report that can be read can be sent on, and reads the same again: what is
 * sent for it is sent for what was read from that. */
#include "lib/mhs/report.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool worked(struct status *st)
{
	bool ok = !st;

	status_drop(st);
	return ok;
}

static bool again(struct arena *arena, struct bytes in, struct buf *out)
{
	struct envelope *env;
	struct report *report;

	if (worked(p1_decode(arena, in, &env))) {
		bool sent = worked(p1_encode(env, out));

		if (sent && !env->probe)
			buf_put(out, env->content);
		return sent;
	}
	return worked(report_p1_decode(arena, in, &report)) && worked(report_p1_encode(report, out));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	AUTO(buf_free) struct buf first = { 0 };
	AUTO(buf_free) struct buf second = { 0 };

	if (again(arena, bytes_of(data, size), &first) &&
	    (!again(arena, buf_view(&first), &second) ||
	     !bytes_equal(buf_view(&first), buf_view(&second))))
		abort();
	arena_free(&arena);
	return 0;
}
