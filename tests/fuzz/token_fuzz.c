/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Message tokens: octets as a token, and octets as what the owner of a good key
 * signed and sealed, which is how far an attacker with a certificate gets.
 */
#include "lib/sec/message.h"
#include "lib/sec/message_data.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NAME BYTES("\x60\x02\x30\x00")

static struct private_key *key;
static struct cert originator;

static void prepare(void)
{
	if (key)
		return;
	if (private_key_generate(KEY_P256, &key))
		abort();
	originator = (struct cert){ .subject_text = "CN=Fuzz", .scope = SCOPE_UA,
				    .key = private_key_public(key) };
}

/* The octets as signed data, and as the encrypted data too. */
static void sign_and_check(struct bytes in)
{
	AUTO(buf_free) struct buf token = { 0 };
	AUTO(buf_free) struct buf content = buf_copy(BYTES("a content of more than sixteen octets"));
	struct message_signed known = { 0 };
	struct message_facts facts;
	const struct token_plan plan = {
		.name = NAME,
		.time = 1790000000,
		.signed_data = { TOKEN_DATA_MESSAGE_SIGNED, in },
		.encrypted_data = { TOKEN_DATA_MESSAGE_ENCRYPTED, in },
		.encrypt_to = private_key_public(key),
	};

	if (!in.len || in.len > TRANSPORT_MAX_OCTETS / 2)
		return;
	status_drop(message_signed_decode(in, &known));
	if (token_make(&plan, key, &token))
		abort();
	const struct check_plan check = {
		.accepted = suites_default,
		.originator = &originator,
		.own_key = key,
		.own_name = NAME,
		.token = buf_view(&token),
		.seal_algorithm = known.seal_algorithm,
	};
	status_drop(message_check(&check, &content, &facts));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = bytes_of(data, size);
	AUTO(secret_free) struct secret plain = { 0 };
	struct token_data inner;
	struct token token;
	bool asks;

	prepare();
	struct status *failed = token_decode(in, &token);
	if (!failed) {
		status_drop(token_verify(&token, private_key_public(key)));
		status_drop(token_open(&token, &suite_modern, key, &plain, &inner));
		status_drop(message_asks_for_proof(in, &asks));
	}
	status_free(&failed);
	sign_and_check(in);
	return 0;
}
