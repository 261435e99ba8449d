/* SPDX-License-Identifier: Apache-2.0 */
/* Security labels and contexts, as an envelope or a bind of anybody may have them. */
#include "lib/sec/label.h"
#include "lib/sec/label_policy.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct arena *own;
static const struct label_policies *policies;

/* Before main: some of the labels of the corpus have names. */
__attribute__((constructor)) static void prepare(void)
{
	static char *lines[] = {
		"1.3.6.1.4.1.99999.1 name=mil categories=nato:1.3.6.1.4.1.99999.2.1",
		"1.3.6.1.4.1.99999.3 name=firm levels=public,internal,board:40,owner",
	};
	const struct text_list list = { lines, 2 };

	own = arena_new();
	if (label_policies_read(own, &list, &policies))
		abort();
}

static bool worked(struct status *st)
{
	bool ok = !st;

	status_drop(st);
	return ok;
}

static void must(bool so)
{
	if (!so)
		abort();
}

/* What is read says the same when it is written again. */
static void read_label(struct arena *arena, struct bytes in)
{
	AUTO(buf_free) struct buf out = { 0 };
	struct label label, again;

	must(label_text(policies, arena, in) != NULL);
	if (!worked(label_decode(in, &label))) {
		must(worked(label_check_signed(in, in)) == !in.len);	/* none is what was signed */
		return;
	}
	label_encode(&label, &out);
	must(worked(label_decode(buf_view(&out), &again)) && label_equal(&label, &again));
	must(worked(label_check_signed(in, buf_view(&out))));
	must(!worked(label_check_signed(in, bytes_none())));
}

/* What a context says lies within it. */
static void read_context(struct arena *arena, struct bytes in)
{
	must(context_text(policies, arena, in) != NULL);
	if (worked(context_check(in)))
		must(context_is_within(in, in));
	else
		context_covers(in, in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct bytes in = bytes_of(data, size);

	read_label(arena, in);
	read_context(arena, in);
	arena_free(&arena);
	return 0;
}
