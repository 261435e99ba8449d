/* SPDX-License-Identifier: Apache-2.0 */
/* Proof of delivery, from its making to its judgement. */
#include "lib/mhs/delivery_proof.h"

#include "lib/mhs/orname.h"
#include "lib/sec/message.h"
#include "lib/sec/proof.h"

/* --- who takes delivery --- */

static bool asks_for_proof(const struct delivery *d)
{
	struct bytes token = ext_value(&d->extensions, EXT_MESSAGE_TOKEN);
	bool asks = ext_long(&d->extensions, EXT_PROOF_OF_DELIVERY_REQUEST, 0) == 1;

	if (!asks && token.len)
		status_drop(message_asks_for_proof(token, &asks));
	return asks;
}

static bool is_sealed(const struct delivery *d)
{
	return ext_find(&d->extensions, EXT_CONTENT_CONFIDENTIALITY_ALGORITHM) != NULL;
}

bool delivery_wants_proof(const struct delivery *d)
{
	return asks_for_proof(d) && !is_sealed(d);
}

FALLIBLE delivery_prove(const struct delivery *d, const struct own_key *prover,
			struct buf *out_proof)
{
	const struct proof_facts facts = {
		.delivery_time = d->time,
		.this_recipient = d->this_recipient,
		.intended_recipient = d->intended_recipient,
		.content = d->content,
		.content_identifier = d->content_identifier,
		.label = ext_value(&d->extensions, EXT_MESSAGE_SECURITY_LABEL),
	};

	return proof_make(&facts, prover->key, out_proof);
}

void delivery_answer(const struct own_key *prover, struct bytes proof, struct buf *out_result)
{
	AUTO(buf_free) struct buf certificates = { 0 };

	if (proof.len)
		certificates_put(prover->cert, &certificates);
	delivery_result_encode(&(struct delivery_result){ buf_view(&certificates), proof },
			       out_result);
}

/* --- who sent it --- */

static FALLIBLE want(struct arena *arena, const struct cert *prover, const struct orname *recipient,
		     struct trust_wanted *out)
{
	AUTO(buf_free) struct buf address = { 0 };

	if (prover->scope != SCOPE_UA) {
		*out = (struct trust_wanted){ .scope = SCOPE_MS };
		return store_serves(prover, recipient);
	}
	TRY(oraddress_encode(recipient, &address));
	*out = (struct trust_wanted){
		.scope = SCOPE_UA,
		.directory_name = recipient->directory_name,
		.or_address = arena_dup(arena, buf_view(&address)),
	};
	return OK;
}

FALLIBLE delivery_prover(struct arena *arena, const struct report_recipient *r,
			 const struct cert **out_prover, struct trust_wanted *out_wanted)
{
	AUTO(cert_free) const struct cert *prover = NULL;
	struct orname *recipient = NULL;

	TRY(certificates_first(ext_value(&r->extensions, EXT_RECIPIENT_CERTIFICATE), "recipient",
			       &prover));
	TRY(orname_decode(arena, r->name, &recipient));
	TRY(want(arena, prover, recipient, out_wanted));
	*out_prover = TAKE(prover);
	return OK;
}

FALLIBLE delivery_proof_check(const struct envelope *submitted, const struct report_recipient *r,
			      const struct cert *prover)
{
	const struct proof_facts facts = {
		.delivery_time = r->delivery_time,
		.this_recipient = r->name,
		.intended_recipient = r->intended_name,
		.content = submitted->content,
		.content_identifier = submitted->content_identifier,
		.label = ext_value(&submitted->extensions, EXT_MESSAGE_SECURITY_LABEL),
	};

	return proof_check(&facts, prover->key, ext_value(&r->extensions, EXT_PROOF_OF_DELIVERY));
}
