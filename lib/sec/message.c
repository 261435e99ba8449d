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
		if ((plan->seal || plan->confidential_check) && !to->cert)
			return FAIL(ST_USAGE, 0, "a message can only be %s for recipients whose "
				    "certificate is known", plan->seal ? "sealed" : "checked in secret");
		if (to->cert)
			TRY(cert_check_scope(to->cert, SCOPE_UA));
		if (plan->seal || plan->confidential_check)
			TRY(cert_check_use(to->cert, CERT_SEALS));
		if (to->sequence > INT64_MAX)
			return FAIL(ST_USAGE, 0, "the sequence numbers are used up");
	}
	return OK;
}

/* A content integrity check that everybody may see, and what was agreed on with those who get it. */
struct shown_check {
	const struct suite_options *options;
	struct buf cic;
};

/* What the tokens of all recipients have in common. */
struct making {
	const struct protect_plan *plan;
	struct message_signed in_signed;
	struct message_encrypted in_secret;
	struct secret content_key, integrity_key;
	struct buf secret_cic;
	struct shown_check *checks;	/* mostly one */
	size_t check_count;
};

static void making_cleanup(struct making *m)
{
	secret_free(&m->content_key);
	secret_free(&m->integrity_key);
	buf_free(&m->secret_cic);
	for (size_t i = 0; i < m->check_count; i++)
		buf_free(&m->checks[i].cic);
	mem_free(&m->checks);
}

static const struct suite_options *agreed_with(const struct protect_plan *plan,
					       const struct protect_recipient *to)
{
	return to->options ? to->options : &plan->options;
}

/* Null where none was made for that. */
static const struct shown_check *find_check(const struct making *m, const struct suite_options *options)
{
	for (size_t i = 0; i < m->check_count; i++)
		if (m->checks[i].options == options)
			return &m->checks[i];
	return NULL;
}

/* [X.411 8.2.1.1.1.26] the token is made per recipient. */
static FALLIBLE make_token(const struct making *m, const struct protect_recipient *to,
			   struct buf *out_token)
{
	const struct protect_plan *plan = m->plan;
	const struct suite_options *options = agreed_with(plan, to);
	AUTO(buf_free) struct buf in_signed = { 0 };
	AUTO(secret_buf_free) struct buf in_secret = { 0 };
	struct message_signed data = m->in_signed;
	struct message_encrypted secret = m->in_secret;

	if (!plan->confidential_check)
		data.cic = buf_view(&find_check(m, options)->cic);
	data.proof_requested = to->proof;
	data.has_sequence = to->sequence && !plan->confidential_check;
	secret.has_sequence = to->sequence && plan->confidential_check;
	data.sequence = secret.sequence = to->sequence;
	message_signed_encode(&data, &in_signed);
	struct token_plan token = {
		.suite = plan->suite,
		.options = *options,
		.name = to->name,
		.time = plan->now,
		.signed_data = { TOKEN_DATA_MESSAGE_SIGNED, buf_view(&in_signed) },
	};
	if (!plan->seal && !plan->confidential_check)
		return token_make(&token, plan->signer, out_token);
	message_encrypted_encode(&secret, &in_secret);
	token.encrypted_data = (struct token_data){ TOKEN_DATA_MESSAGE_ENCRYPTED,
						    buf_view(&in_secret) };
	token.encrypt_to = to->cert->key;
	TRY_DOING(token_make(&token, plan->signer, out_token), "cannot %s for %s",
		  plan->seal ? "seal" : "make a secret check", to->cert->subject_text);
	return OK;
}

/* One for each choice that somebody has: a signature costs more than all else here. */
static FALLIBLE make_checks(struct making *m, struct bytes content)
{
	const struct protect_plan *plan = m->plan;

	m->checks = mem_new_array(struct shown_check, plan->count);
	for (size_t i = 0; i < plan->count; i++) {
		const struct suite_options *options = agreed_with(plan, &plan->recipients[i]);

		if (find_check(m, options))
			continue;
		struct shown_check *made = &m->checks[m->check_count++];
		made->options = options;
		TRY(cic_make(plan->suite, options, plan->signer, content, &made->cic));
	}
	return OK;
}

static FALLIBLE make_secret_check(struct making *m, struct bytes content)
{
	const struct protect_plan *plan = m->plan;

	if (!plan->suite->keyed_cic)
		return FAIL(ST_USAGE, 0, "the suite %s has no content integrity check for the recipients' "
			    "eyes alone", plan->suite->name);
	cic_make_keyed(plan->suite, private_key_public(plan->signer), content, &m->integrity_key,
		       &m->secret_cic);
	m->in_secret.cic = buf_view(&m->secret_cic);
	m->in_secret.integrity_key = secret_view(&m->integrity_key);
	return OK;
}

FALLIBLE message_protect(const struct protect_plan *plan, struct buf *content,
			 struct protected_message **out_message)
{
	AUTO(protected_message_free) struct protected_message *message =
		mem_new(struct protected_message);
	AUTO(making_cleanup) struct making m = { .plan = plan, .in_signed.label = plan->label };

	TRY(suite_check_making(plan->suite, &plan->options, plan->seal));
	TRY(check_recipients(plan));
	/* Over the content before it is sealed. */
	TRY(plan->confidential_check ? make_secret_check(&m, buf_view(content))
				     : make_checks(&m, buf_view(content)));
	if (plan->seal)
		TRY(seal_content(plan->suite, content, &m.content_key, &message->seal_algorithm));
	m.in_signed.seal_algorithm = buf_view(&message->seal_algorithm);
	m.in_secret.content_key = secret_view(&m.content_key);
	message->tokens = mem_new_array(struct buf, plan->count);
	message->count = plan->count;
	for (size_t i = 0; i < plan->count; i++)
		TRY(make_token(&m, &plan->recipients[i], &message->tokens[i]));
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
	struct secret plain;		/* the token's encrypted data, */
	struct message_encrypted inside;	/* whose views point into them */
	struct message_facts facts;	/* true once all else has passed */
};

/* The check that a token shows everybody names its suite.  One that is not shown is of the first
 * suite that has such checks: what is inside has to be that suite's. */
static FALLIBLE find_suite(struct checking *c)
{
	struct cic cic;

	if (c->data.cic.len) {
		TRY(cic_decode(c->data.cic, &cic));
		return suite_find(c->plan->accepted, &c->plan->options, cic.algorithm, &c->suite);
	}
	for (const struct suite *const *s = c->plan->accepted; *s && c->token.encrypted.len; s++)
		if ((*s)->keyed_cic) {
			c->suite = *s;
			return OK;
		}
	return FAIL(ST_REFUSED, 0, "the token has no content integrity check: nothing says that the "
		    "content is unchanged");
}

/* What the token says, and whether that may be said here; nothing of it is proved yet. */
static FALLIBLE read_token(struct checking *c)
{
	if (!c->plan->token.len)
		return FAIL(ST_REFUSED, 0, "there is no message token: nothing says who the message "
			    "is from");
	TRY(token_decode(c->plan->token, &c->token));
	TRY(read_signed(&c->token, &c->data));
	TRY(find_suite(c));
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

/* The request for proof, which the envelope has for the message store, likewise. */
static FALLIBLE check_proof_named(const struct check_plan *plan, const struct message_signed *data)
{
	if (plan->asks_for_proof && !data->proof_requested)
		return FAIL(ST_REFUSED, 0, "the envelope asks for proof of delivery and the signed token "
			    "does not: somebody on the way put the request in");
	if (!plan->asks_for_proof && data->proof_requested)
		return FAIL(ST_REFUSED, 0, "the signed token asks for proof of delivery and the envelope "
			    "does not: somebody on the way took the request out");
	return OK;
}

static bool is_sealed(const struct checking *c)
{
	return c->data.seal_algorithm.len > 0;
}

/* With the first key that can.  What a key cannot do now it may later, and has not refused. */
static FALLIBLE open_with_any(struct checking *c, struct token_data *out_data)
{
	const struct check_plan *plan = c->plan;
	struct status *failed = OK;

	if (!plan->own_key_count)
		return FAIL(ST_REFUSED, 0, "the message is sealed, and our key is not at hand");
	for (size_t i = 0; i < plan->own_key_count; i++) {
		struct status *why = token_open(&c->token, c->suite, plan->own_keys[i], &c->plain, out_data);

		if (!why || (why->kind != ST_REFUSED && failed))
			status_free(&failed);
		if (!why)
			return OK;
		if (failed)
			status_drop(why);
		else
			failed = why;
	}
	return status_doing(failed, "cannot open the %s", is_sealed(c) ? "seal" : "token");
}

/* What is for the recipient's eyes alone.  Where the same is said twice, it has to be the same. */
static FALLIBLE open_token(struct checking *c)
{
	struct token_data data = { 0 };

	if (c->data.cic.len && (!is_sealed(c) || c->plan->is_open))
		return OK;
	if (c->plan->is_open)
		return FAIL(ST_REFUSED, 0, "the integrity check was made for the recipient's eyes alone: it "
			    "convinces nobody else");
	TRY(open_with_any(c, &data));
	if (data.type != TOKEN_DATA_MESSAGE_ENCRYPTED)
		return FAIL(ST_REFUSED, 0, "the token's encrypted data are not those of a message");
	TRY(message_encrypted_decode(data.value, &c->inside));
	if (c->inside.has_sequence && c->data.has_sequence && c->inside.sequence != c->data.sequence)
		return FAIL(ST_REFUSED, 0, "the token has two sequence numbers");
	if (c->inside.label.len && c->data.label.len &&
	    !der_same_contents(c->inside.label, c->data.label))
		return FAIL(ST_REFUSED, 0, "the token has two security labels");
	return OK;
}

/* Each check that there is; one there is at least. */
static FALLIBLE check_integrity(const struct checking *c, struct bytes content)
{
	const struct check_plan *plan = c->plan;
	const struct public_key *signer = plan->originator->key;
	struct cic cic;

	if (c->data.cic.len) {
		TRY(cic_decode(c->data.cic, &cic));
		TRY(cic_check(c->suite, &plan->options, &cic, signer, content));
	}
	if (c->inside.cic.len) {
		TRY(cic_decode(c->inside.cic, &cic));
		return cic_check_keyed(c->suite, &cic, signer, c->inside.integrity_key, content);
	}
	if (!c->data.cic.len)
		return FAIL(ST_REFUSED, 0, "the token has no content integrity check: nothing says that "
			    "the content is unchanged");
	return OK;
}

static FALLIBLE check_content(struct checking *c, struct buf *content)
{
	TRY(open_token(c));
	if (is_sealed(c) && !c->plan->is_open)
		TRY(seal_open(c->suite, c->data.seal_algorithm, c->inside.content_key, content));
	return check_integrity(c, buf_view(content));
}

static struct message_facts facts_of(const struct checking *c)
{
	bool secret = c->inside.has_sequence;

	return (struct message_facts){
		.suite = c->suite,
		.time = c->token.time,
		.sealed = is_sealed(c),
		.confidential_check = !c->data.cic.len,
		.proof_requested = c->data.proof_requested,
		.has_sequence = c->data.has_sequence || secret,
		.sequence = secret ? c->inside.sequence : c->data.sequence,
		.label = c->data.label,
		.signed_part = c->token.tbs,
		.signer_text = c->plan->originator->subject_text,
	};
}

/* What was signed is recorded, not the signature: of one ECDSA signature anybody makes two.
 * Last of all checks, so that nobody else can fill the record. */
FALLIBLE message_check_new(const struct check_plan *plan, const struct message_facts *facts)
{
	time_t lasts = plan->seen_seconds ? plan->seen_seconds : MESSAGE_SEEN_SECONDS;
	uint8_t once[HASH_OCTETS];
	bool fresh = false;

	if (facts->time < plan->now - lasts)
		return FAIL(ST_REFUSED, MESSAGE_DIAGNOSTIC, "the token of %s was made on %s: whether it "
			    "is a repeat is not remembered that long", facts->signer_text,
			    time_text(facts->time).s);
	crypto_sha256(&facts->signed_part, 1, once);
	TRY_DOING(plan->seen->record(plan->seen->data, public_key_id(plan->originator->key),
				     bytes_of(once, sizeof(once)), facts->time + lasts, &fresh),
		  "cannot tell whether the message of %s came before", facts->signer_text);
	if (!fresh)
		return FAIL(ST_REFUSED, MESSAGE_DIAGNOSTIC, "the message of %s, signed on %s, is repeated",
			    facts->signer_text, time_text(facts->time).s);
	return OK;
}

static FALLIBLE check_all(struct checking *c, struct buf *content)
{
	TRY(cert_check_scope(c->plan->originator, SCOPE_UA));
	TRY(read_token(c));
	TRY(check_token(c));
	TRY(check_seal_named(c->plan, &c->data));
	TRY(check_proof_named(c->plan, &c->data));
	struct status *failed = check_content(c, content);
	if (!failed) {
		c->facts = facts_of(c);
		failed = c->plan->seen ? message_check_new(c->plan, &c->facts) : OK;
	}
	if (failed && is_sealed(c))
		buf_clear(content);	/* nobody shall take it for what was sent */
	return failed;
}

FALLIBLE message_check(const struct check_plan *plan, struct buf *content,
		       struct message_facts *out_facts)
{
	struct checking c = { .plan = plan };
	struct status *failed = check_all(&c, content);

	if (failed)
		failed->diag = MESSAGE_DIAGNOSTIC;
	else
		*out_facts = c.facts;
	secret_free(&c.plain);
	return failed;
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
