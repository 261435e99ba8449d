/* SPDX-License-Identifier: Apache-2.0 */
/* Bind tokens [X.411 8.1.2.1.1]. */
#include "lib/sec/bind_token.h"

#include "lib/base/clock.h"
#include "lib/sec/der.h"

#include <inttypes.h>

FALLIBLE bind_token_make(const struct private_key *signer, struct bytes peer_name, time_t now,
			 struct bytes random, struct buf *out_token)
{
	AUTO(buf_free) struct buf number = { 0 };

	der_put_bits(&number, BER_BIT_STRING, random);
	const struct token_plan plan = {
		.name = peer_name,
		.time = now,
		.signed_data = { TOKEN_DATA_BIND_SIGNED, buf_view(&number) },
	};
	return token_make(&plan, signer, out_token);
}

static unsigned window_of(const struct bind_check *check)
{
	return check->window ? check->window : BIND_WINDOW_SECONDS;
}

static FALLIBLE check_fresh(const struct bind_check *check, time_t made)
{
	int64_t age = (int64_t)check->now - (int64_t)made;
	unsigned window = window_of(check);

	if (age > window)
		return FAIL(ST_REFUSED, 0, "the bind token was made %" PRId64 " seconds ago; "
			    "at most %u are accepted", age, window);
	if (age < -(int64_t)window)
		return FAIL(ST_REFUSED, 0, "the bind token is dated %" PRId64 " seconds ahead; "
			    "at most %u are accepted: compare the clocks", -age, window);
	return OK;
}

static FALLIBLE read_random(const struct token *token, struct bytes *out_random)
{
	struct ber_tlv number;

	if (token->signed_data.type != TOKEN_DATA_BIND_SIGNED)
		return FAIL(ST_REFUSED, 0, "the token is not one for binding");
	TRY(ber_only(token->signed_data.value, &number));
	if (number.tag != BER_BIT_STRING)
		return FAIL(ST_PEER, 0, "the bind token's random is not a BIT STRING");
	TRY(der_get_bits(&number, "the bind token's random", out_random));
	if (out_random->len != BIND_RANDOM_OCTETS)
		return FAIL(ST_REFUSED, 0, "the bind token's random has %zu octets, not %d",
			    out_random->len, BIND_RANDOM_OCTETS);
	return OK;
}

/* What both sides check; the random is then the signer's word. */
static FALLIBLE check_token(const struct bind_check *check, struct bytes octets,
			    struct token *out_token, struct bytes *out_random)
{
	TRY(token_decode(octets, out_token));
	TRY_DOING(token_verify(out_token, check->peer->key), "the bind token was not signed by %s",
		  check->peer->subject_text);
	bool for_us = check->same_name ? check->same_name(out_token->name, check->own_name) :
		bytes_equal(out_token->name, check->own_name);
	if (!for_us)
		return FAIL(ST_REFUSED, 0, "the bind token of %s is for someone else",
			    check->peer->subject_text);
	TRY(check_fresh(check, out_token->time));
	return read_random(out_token, out_random);
}

FALLIBLE bind_token_check_initiator(const struct bind_check *check, struct bytes token,
				    const struct seen_before *seen,
				    uint8_t out_random[static BIND_RANDOM_OCTETS])
{
	struct token read;
	struct bytes random;
	bool fresh = false;

	TRY(check_token(check, token, &read, &random));
	/* Last, so that nobody else can fill the record. */
	TRY_DOING(seen->record(seen->data, public_key_id(check->peer->key), random,
			       read.time + (time_t)window_of(check), &fresh),
		  "cannot tell whether the bind token of %s was used before",
		  check->peer->subject_text);
	if (!fresh)
		return FAIL(ST_REFUSED, 0, "the bind token of %s, made on %s, was used before",
			    check->peer->subject_text, time_text(read.time).s);
	memcpy(out_random, random.data, BIND_RANDOM_OCTETS);
	return OK;
}

FALLIBLE bind_token_check_responder(const struct bind_check *check, struct bytes token,
				    struct bytes random_sent)
{
	struct token read;
	struct bytes random;

	TRY(check_token(check, token, &read, &random));
	if (!crypto_equal(random, random_sent))
		return FAIL(ST_REFUSED, 0, "the answer of %s is not to our bind: it returns another "
			    "random", check->peer->subject_text);
	return OK;
}
