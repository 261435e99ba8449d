/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a journal: what they say, and whether a key signed them. */
#include "lib/sec/jws.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Made before main: how long that takes is no finding. */
static struct private_key *key;
__attribute__((constructor)) static void make_key(void)
{
	if (private_key_generate(KEY_P256, &key))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = bytes_of(data, size);
	const struct public_key *public = private_key_public(key);
	AUTO(buf_free) struct buf payload = { 0 };
	AUTO(buf_free) struct buf line = { 0 };

	status_drop(jws_payload(in, &payload));

	struct status *failed = jws_verify(in, public);

	if (!failed)
		abort();	/* nobody has signed that */
	status_free(&failed);
	if (jws_sign(key, in, &line) || jws_verify(buf_view(&line), public))
		abort();
	return 0;
}
