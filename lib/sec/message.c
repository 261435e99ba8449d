/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end-to-end services of a message, put together.  The order of the checks
 * is that of what they rest on: whose signature, for whom, then the seal, and
 * the content integrity check over what the seal gave.
 */
#include "lib/sec/message.h"

#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/sec/cic.h"
#include "lib/sec/der.h"
#include "lib/sec/message_data.h"
#include "lib/sec/seal.h"

/* --- making --- */

FALLIBLE message_check_services(bool seal, bool proof)
{
	if (seal && proof)
		return FAIL(ST_USAGE, 0, "a sealed message cannot ask for proof of delivery: the "
			    "recipient's message store has to prove what was delivered, and cannot "
			    "read what is sealed; leave out one of the two");
	return OK;
}

static FALLIBLE check_recipients(const struct protect_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct protect_recipient *to = &plan->recipients[i];

		TRY(message_check_services(plan->seal, to->proof));
		if (plan->seal && !to->cert)
			return FAIL(ST_USAGE, 0, "a message can only be sealed for recipients whose "
				    "certificate is known");
		if (to->cert)
			TRY(cert_check_scope(to->cert, SCOPE_UA));
		if (to->sequence > INT64_MAX)
			return FAIL(ST_USAGE, 0, "the sequence numbers are used up");
	}
	return OK;
}

/* [X.411 8.2.1.1.1.26] the token is made per recipient. */
static FALLIBLE make_token(const struct protect_plan *plan, const struct protect_recipient *to,
			   const struct message_signed *common, struct bytes content_key,
			   struct buf *out_token)
{
	AUTO(buf_free) struct buf in_signed = { 0 };
	AUTO(secret_buf_free) struct buf in_secret = { 0 };
	struct message_signed data = *common;

	data.proof_requested = to->proof;
	data.has_sequence = to->sequence != 0;
	data.sequence = to->sequence;
	message_signed_encode(&data, &in_signed);
	struct token_plan token = {
		.suite = plan->suite,
		.options = plan->options,
		.name = to->name,
		.time = plan->now,
		.signed_data = { TOKEN_DATA_MESSAGE_SIGNED, buf_view(&in_signed) },
	};
	if (plan->seal) {
		message_encrypted_encode(content_key, &in_secret);
		token.encrypted_data = (struct token_data){ TOKEN_DATA_MESSAGE_ENCRYPTED,
							    buf_view(&in_secret) };
		token.encrypt_to = to->cert->key;
		TRY_DOING(token_make(&token, plan->signer, out_token), "cannot seal for %s",
			  to->cert->subject_text);
		return OK;
	}
	return token_make(&token, plan->signer, out_token);
}

FALLIBLE message_protect(const struct protect_plan *plan, struct buf *content,
			 struct protected_message **out_message)
{
	AUTO(protected_message_free) struct protected_message *message =
		mem_new(struct protected_message);
	AUTO(secret_free) struct secret key = { 0 };
	AUTO(buf_free) struct buf cic = { 0 };

	if (!plan->suite->may_make)
		return FAIL(ST_USAGE, 0, "the suite %s is only for checking what others made",
			    plan->suite->name);
	TRY(suite_check_allowed(plan->suite, &plan->options));
	TRY(check_recipients(plan));
	TRY(cic_make(plan->suite, &plan->options, plan->signer, buf_view(content), &cic));
	if (plan->seal)
		TRY(seal_content(plan->suite, content, &key, &message->seal_algorithm));
	const struct message_signed common = {
		.seal_algorithm = buf_view(&message->seal_algorithm),
		.cic = buf_view(&cic),
		.label = plan->label,
	};
	message->tokens = mem_new_array(struct buf, plan->count);
	message->count = plan->count;
	for (size_t i = 0; i < plan->count; i++)
		TRY(make_token(plan, &plan->recipients[i], &common, secret_view(&key),
			       &message->tokens[i]));
	*out_message = TAKE(message);
	return OK;
}

void protected_message_free(struct protected_message **message)
{
	if (*message) {
		for (size_t i = 0; i < (*message)->count; i++)
			buf_free(&(*message)->tokens[i]);
		mem_free(&(*message)->tokens);
		buf_free(&(*message)->seal_algorithm);
	}
	mem_free(message);
}

/* --- checking --- */

static FALLIBLE read_signed(const struct token *token, struct message_signed *out_data)
{
	if (token->signed_data.type == TOKEN_DATA_NONE)
		return FAIL(ST_REFUSED, 0, "the token has no signed data");
	if (token->signed_data.type != TOKEN_DATA_MESSAGE_SIGNED)
		return FAIL(ST_REFUSED, 0, "the token is not one for messages");
	TRY_DOING(message_signed_decode(token->signed_data.value, out_data),
		  "the token's signed data cannot be read");
	return OK;
}

/* A message on its way through the checks. */
struct checking {
	const struct check_plan *plan;
	const struct suite *suite;	/* that it names, and that is accepted */
	struct token token;
	struct message_signed data;
	struct cic cic;
};

/* What the token says, and whether that may be said here; nothing of it is proved yet. */
static FALLIBLE read_token(struct checking *c)
{
	if (!c->plan->token.len)
		return FAIL(ST_REFUSED, 0, "there is no message token: nothing says who the message "
			    "is from");
	TRY(token_decode(c->plan->token, &c->token));
	TRY(read_signed(&c->token, &c->data));
	if (!c->data.cic.len)
		return FAIL(ST_REFUSED, 0, "the token has no content integrity check: nothing says that "
			    "the content is unchanged");
	TRY(cic_decode(c->data.cic, &c->cic));
	TRY(suite_find(c->plan->accepted, &c->plan->options, c->cic.algorithm, &c->suite));
	return c->suite->check_token ? c->suite->check_token(&c->token, &c->data) : OK;
}

/* Who signed, and for whom. */
static FALLIBLE check_token(const struct checking *c)
{
	const struct check_plan *plan = c->plan;
	const struct cert *signer = plan->originator;

	TRY_DOING(token_verify_as(&c->token, c->suite, &plan->options, signer->key),
		  "the token was not signed by %s, or was changed", signer->subject_text);
	bool for_us = plan->same_name ? plan->same_name(c->token.name, plan->own_name) :
		bytes_equal(c->token.name, plan->own_name);
	if (!for_us)
		return FAIL(ST_REFUSED, 0, "the token of %s is for another recipient",
			    signer->subject_text);
	return OK;
}

/* The seal of the envelope has to be the one that was signed: nobody can add or drop it. */
static FALLIBLE check_seal_named(const struct check_plan *plan, const struct message_signed *data)
{
	struct bytes outside = plan->seal_algorithm, inside = data->seal_algorithm;

	if (!outside.len != !inside.len)
		return FAIL(ST_REFUSED, 0, "the envelope says that the content is%s sealed, the signed "
			    "token says that it is%s", outside.len ? "" : " not", inside.len ? "" : " not");
	if (outside.len && !der_same_contents(outside, inside))
		return FAIL(ST_REFUSED, 0, "the envelope and the signed token name different ways of "
			    "sealing the content");
	return OK;
}

static FALLIBLE open_seal(const struct checking *c, struct buf *content)
{
	AUTO(secret_free) struct secret plain = { 0 };
	struct token_data data;
	struct bytes key;

	if (!c->plan->own_key)
		return FAIL(ST_REFUSED, 0, "the message is sealed, and our key is not at hand");
	TRY_DOING(token_open(&c->token, c->suite, c->plan->own_key, &plain, &data),
		  "cannot open the seal");
	if (data.type != TOKEN_DATA_MESSAGE_ENCRYPTED)
		return FAIL(ST_REFUSED, 0, "the token's encrypted data are not those of a message");
	TRY(message_encrypted_decode(data.value, &key));
	return seal_open(c->suite, c->data.seal_algorithm, key, content);
}

static FALLIBLE check_content(const struct checking *c, struct buf *content)
{
	if (c->data.seal_algorithm.len)
		TRY(open_seal(c, content));
	return cic_check(c->suite, &c->plan->options, &c->cic, c->plan->originator->key,
			 buf_view(content));
}

/* What was signed is recorded, not the signature: of one ECDSA signature anybody makes two.
 * Last of all checks, so that nobody else can fill the record. */
static FALLIBLE check_new(const struct checking *c)
{
	const struct check_plan *plan = c->plan;
	time_t lasts = plan->seen_seconds ? plan->seen_seconds : MESSAGE_SEEN_SECONDS;
	const char *who = plan->originator->subject_text;
	uint8_t once[HASH_OCTETS];
	bool fresh = false;

	if (!plan->seen)
		return OK;
	if (c->token.time < plan->now - lasts)
		return FAIL(ST_REFUSED, 0, "the token of %s was made on %s: whether it is a repeat is not "
			    "remembered that long", who, time_text(c->token.time).s);
	crypto_sha256(&c->token.tbs, 1, once);
	TRY_DOING(plan->seen->record(plan->seen->data, public_key_id(plan->originator->key),
				     bytes_of(once, sizeof(once)), c->token.time + lasts, &fresh),
		  "cannot tell whether the message of %s came before", who);
	if (!fresh)
		return FAIL(ST_REFUSED, 0, "the message of %s, signed on %s, is repeated", who,
			    time_text(c->token.time).s);
	return OK;
}

static FALLIBLE check_all(struct checking *c, struct buf *content)
{
	TRY(cert_check_scope(c->plan->originator, SCOPE_UA));
	TRY(read_token(c));
	TRY(check_token(c));
	TRY(check_seal_named(c->plan, &c->data));
	struct status *failed = check_content(c, content);
	if (!failed)
		failed = check_new(c);
	if (failed && c->data.seal_algorithm.len)
		buf_clear(content);	/* nobody shall take it for what was sent */
	return failed;
}

FALLIBLE message_check(const struct check_plan *plan, struct buf *content,
		       struct message_facts *out_facts)
{
	struct checking c = { .plan = plan };
	struct status *failed = check_all(&c, content);

	if (failed) {
		failed->diag = MESSAGE_DIAGNOSTIC;
		return failed;
	}
	*out_facts = (struct message_facts){
		.suite = c.suite,
		.time = c.token.time,
		.sealed = c.data.seal_algorithm.len > 0,
		.proof_requested = c.data.proof_requested,
		.has_sequence = c.data.has_sequence,
		.sequence = c.data.sequence,
		.label = c.data.label,
		.signer_text = plan->originator->subject_text,
	};
	return OK;
}

FALLIBLE message_asks_for_proof(struct bytes octets, bool *out_asks)
{
	struct token token;
	struct message_signed data;

	TRY(token_decode(octets, &token));
	TRY(read_signed(&token, &data));
	*out_asks = data.proof_requested;
	return OK;
}
