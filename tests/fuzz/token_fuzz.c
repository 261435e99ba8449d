/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Message tokens: octets as a token, and octets as what the owner of a good key
 * signed and sealed, which is how far an attacker with a certificate gets; in
 * each suite.
 */
#include "lib/sec/message.h"
#include "lib/sec/message_data.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NAME BYTES("\x60\x02\x30\x00")

/* A suite, and a key that it can use. */
static struct world {
	const struct suite *suite;
	enum key_type type;
	struct private_key *key;
	struct cert originator;
} worlds[] = {
	{ .suite = &suite_modern, .type = KEY_P256 },
	{ .suite = &suite_amhs, .type = KEY_P256 },
	{ .suite = &suite_locator_1989, .type = KEY_RSA },
};
enum { WORLD_COUNT = sizeof(worlds) / sizeof(worlds[0]) };

static const struct suite_options options = { .allow_broken_1989 = true };

/* Before main: how long it takes is no finding. */
__attribute__((constructor)) static void prepare(void)
{
	for (struct world *w = worlds; w < worlds + WORLD_COUNT; w++) {
		if (private_key_generate(w->type, &w->key))
			abort();
		w->originator = (struct cert){ .subject_text = "CN=Fuzz", .scope = SCOPE_UA,
					       .key = private_key_public(w->key) };
	}
}

/* Octets as signed data, and others as the encrypted data where the suite has them. */
static void sign_and_check(const struct world *w, struct bytes in, struct bytes secret)
{
	AUTO(buf_free) struct buf token = { 0 };
	AUTO(buf_free) struct buf content = buf_copy(BYTES("a content of more than sixteen octets"));
	struct message_signed known = { 0 };
	struct message_encrypted inside;
	struct message_facts facts;
	struct token_plan plan = {
		.suite = w->suite,
		.options = options,
		.name = NAME,
		.time = 1790000000,
		.signed_data = { TOKEN_DATA_MESSAGE_SIGNED, in },
	};

	if (w->suite->transport) {
		plan.encrypted_data = (struct token_data){ TOKEN_DATA_MESSAGE_ENCRYPTED, secret };
		plan.encrypt_to = private_key_public(w->key);
	}
	status_drop(message_signed_decode(in, &known));
	status_drop(message_encrypted_decode(secret, &inside));
	if (token_make(&plan, w->key, &token))
		abort();
	const struct check_plan check = {
		.accepted = suites_all,
		.options = options,
		.originator = &w->originator,
		.own_keys = &w->key,
		.own_key_count = 1,
		.own_name = NAME,
		.token = buf_view(&token),
		.seal_algorithm = known.seal_algorithm,
	};
	status_drop(message_check(&check, &content, &facts));
}

static void decode(const struct world *w, struct bytes in)
{
	AUTO(secret_free) struct secret plain = { 0 };
	struct token_data inner;
	struct token token;
	bool asks;

	struct status *failed = token_decode(in, &token);
	if (!failed) {
		status_drop(token_verify_as(&token, w->suite, &options, w->originator.key));
		status_drop(token_open(&token, w->suite, w->key, &plain, &inner));
		status_drop(message_asks_for_proof(in, &asks));
	}
	status_free(&failed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	struct bytes in = bytes_of(data + 1, size - 1);
	/* RSA takes a hundred times as long: it gets a sixteenth of the tries. */
	const struct world *w = &worlds[data[0] < 0xf0 ? data[0] % 2 : 2];
	decode(w, in);
	if (in.len > TRANSPORT_MAX_OCTETS / 2)
		return 0;
	sign_and_check(w, in, bytes_slice(in, 0, 128));
	/* Check and number are in the encrypted data alone. */
	sign_and_check(w, BYTES("\x30\x00"), w->type == KEY_RSA ? bytes_slice(in, 0, 128) : in);
	return 0;
}
