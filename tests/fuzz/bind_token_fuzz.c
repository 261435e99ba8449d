/* SPDX-License-Identifier: Apache-2.0 */
/* Bind tokens: octets as a token, and octets as the random that the owner of a good key signed. */
#include "lib/sec/bind_token.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NAME BYTES("\x60\x02\x30\x00")

enum { NOW = 1790000000 };

static FALLIBLE record(void *data, struct bytes key_id, struct bytes random, time_t forget_after,
		       bool *out_new)
{
	(void)data;
	(void)forget_after;
	if (key_id.len != HASH_OCTETS || random.len != BIND_RANDOM_OCTETS)
		abort();
	*out_new = true;
	return OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct private_key *key;
	static struct cert peer;
	const struct seen_before seen = { NULL, record };
	struct bytes in = bytes_of(data, size);
	AUTO(buf_free) struct buf token = { 0 };
	uint8_t random[BIND_RANDOM_OCTETS];

	if (!key && private_key_generate(KEY_P256, &key))
		abort();
	peer = (struct cert){ .subject_text = "CN=Fuzz", .key = private_key_public(key) };
	const struct bind_check check = { .peer = &peer, .own_name = NAME, .now = NOW };
	const struct token_plan plan = {
		.name = NAME,
		.time = NOW,
		.signed_data = { TOKEN_DATA_BIND_SIGNED, in },
	};

	status_drop(bind_token_check_initiator(&check, in, &seen, random));
	if (token_make(&plan, key, &token))
		abort();
	status_drop(bind_token_check_initiator(&check, buf_view(&token), &seen, random));
	status_drop(bind_token_check_responder(&check, buf_view(&token), BYTES("12345678")));
	return 0;
}
