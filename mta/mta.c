/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of postern-mta share. */
#include "mta/mta.h"

FALLIBLE mta_new_id(const struct mta *mta, struct arena *arena, struct bytes *out_id)
{
	AUTO(buf_free) struct buf id = { 0 };
	uint64_t unique;

	crypto_random(&unique, sizeof(unique));
	TRY(mts_id_encode(mta->identity, mts_id_local(arena, mta->identity, clock_now(mta->clock),
						      unique), &id));
	*out_id = arena_dup(arena, buf_view(&id));
	return OK;
}
