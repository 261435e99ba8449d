/* SPDX-License-Identifier: Apache-2.0 */
/* What P3 carries, in each of its forms; what was read of it can be written. */
#include "lib/mhs/delivery.h"
#include "lib/mhs/report.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool worked(struct status *st)
{
	bool ok = !st;

	status_drop(st);
	return ok;
}

static void must(struct status *st)
{
	if (!worked(st))
		abort();
}

static void check_submission(struct arena *arena, struct bytes in)
{
	const struct mta_identity self = { "FR", "400net", "Gov", "north" };
	AUTO(buf_free) struct buf out = { 0 };
	AUTO(buf_free) struct buf id = { 0 };
	struct envelope *env;

	if (!worked(submission_decode(arena, in, &env)) &&
	    !worked(probe_submission_decode(arena, in, &env)))
		return;
	must(mts_id_encode(&self, "1", &id));
	must(envelope_accept(env, &self, buf_view(&id), 762598800));
	must(p1_encode(env, &out));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct bytes in = bytes_of(data, size);
	AUTO(buf_free) struct buf out = { 0 };
	struct submission_result submitted;
	struct delivery_result delivered;
	struct delivery *delivery;
	struct report *report;

	check_submission(arena, in);
	if (worked(delivery_decode(arena, in, &delivery)))
		must(delivery_envelope_encode(delivery, &out));
	if (worked(delivery_envelope_decode(arena, in, &delivery)))
		must(delivery_envelope_encode(delivery, &out));
	if (worked(report_delivery_decode(arena, in, &report)))
		must(report_delivery_encode(report, &out));
	if (worked(submission_result_decode(arena, in, &submitted)))
		must(submission_result_encode(&submitted, &out));
	if (worked(delivery_result_decode(arena, in, &delivered)))
		delivery_result_encode(&delivered, &out);
	arena_free(&arena);
	return 0;
}
