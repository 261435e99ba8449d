/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Message tokens: octets as a token, and octets as what the owner of a good key
 * signed and sealed, which is how far an attacker with a certificate gets; in
 * each suite.
 */
#include "lib/sec/message.h"
#include "lib/sec/message_data.h"
#include "tests/support/worlds.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NAME BYTES("\x60\x02\x30\x00")

/* Worlds with keys of RSA take a hundred times as long as the others. */
static const struct world *quick[WORLDS_MAX], *slow[WORLDS_MAX];
static size_t quick_count, slow_count;

static bool is_slow(const struct world *w)
{
	return w->signs == KEY_RSA;
}

/* Before main: how long it takes is no finding. */
__attribute__((constructor)) static void prepare(void)
{
	for (const struct world *w = worlds; w->name; w++) {
		*(is_slow(w) ? &slow[slow_count++] : &quick[quick_count++]) = w;
		world_key(w->signs);
		world_key(w->opens);
	}
}

/* Octets as signed data, and others as the encrypted data where the suite has them. */
static void sign_and_check(const struct world *w, struct bytes in, struct bytes secret)
{
	AUTO(buf_free) struct buf token = { 0 };
	AUTO(buf_free) struct buf content = buf_copy(BYTES("a content of more than sixteen octets"));
	struct private_key *signer = world_key(w->signs), *opener = world_key(w->opens);
	const struct cert originator = { .subject_text = "CN=Fuzz", .scope = SCOPE_UA,
					 .key = private_key_public(signer) };
	struct message_signed known = { 0 };
	struct message_encrypted inside;
	struct message_facts facts;
	struct token_plan plan = {
		.suite = w->suite,
		.options = w->options,
		.name = NAME,
		.time = 1790000000,
		.signed_data = { TOKEN_DATA_MESSAGE_SIGNED, in },
	};

	if (w->suite->transport) {
		plan.encrypted_data = (struct token_data){ TOKEN_DATA_MESSAGE_ENCRYPTED, secret };
		plan.encrypt_to = private_key_public(opener);
	}
	status_drop(message_signed_decode(in, &known));
	status_drop(message_encrypted_decode(secret, &inside));
	if (token_make(&plan, signer, &token))
		abort();
	const struct check_plan check = {
		.accepted = suites_all,
		.options = w->options,
		.originator = &originator,
		.own_keys = &opener,
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
		status_drop(token_verify_as(&token, w->suite, &w->options,
					    private_key_public(world_key(w->signs))));
		status_drop(token_open(&token, w->suite, world_key(w->opens), &plain, &inner));
		status_drop(message_asks_for_proof(in, &asks));
	}
	status_free(&failed);
}

/* Of what is neither signed nor encrypted data, a sixteenth gets a signature, to be refused for that. */
static bool is_worth_signing(struct bytes in)
{
	struct message_signed known;
	struct message_encrypted inside;
	struct status *not_signed = message_signed_decode(in, &known);
	struct status *not_secret = message_encrypted_decode(in, &inside);
	bool worth = !not_signed || !not_secret || in.len % 16 == 0;

	status_drop(not_signed);
	status_drop(not_secret);
	return worth;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	struct bytes in = bytes_of(data + 1, size - 1);
	/* What is slow gets one try in sixty-four. */
	const struct world *w = data[0] < 0xfc ? quick[data[0] % quick_count] : slow[data[0] % slow_count];
	decode(w, in);
	if (in.len > TRANSPORT_MAX_OCTETS / 2 || !is_worth_signing(in))
		return 0;
	sign_and_check(w, in, bytes_slice(in, 0, 128));
	/* Check and number are in the encrypted data alone. */
	sign_and_check(w, BYTES("\x30\x00"), is_slow(w) ? bytes_slice(in, 0, 128) : in);
	return 0;
}
