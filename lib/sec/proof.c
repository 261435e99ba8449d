/* SPDX-License-Identifier: Apache-2.0 */
/* Proof of delivery [X.411 8.3.1.1.2.2]. */
#include "lib/sec/proof.h"

#include "lib/base/clock.h"
#include "lib/sec/der.h"

enum { PROOF_PARTS = 3 };

/* What is signed: the DER of SEQUENCE {algorithm, time, names, content, identifier, label},
 * in three parts, so that the content is not copied. */
struct proof_input {
	struct buf before;	/* to the header of the content */
	struct buf behind;
	struct bytes parts[PROOF_PARTS];
};

static void proof_input_free(struct proof_input *input)
{
	buf_free(&input->before);
	buf_free(&input->behind);
}

static FALLIBLE proof_input_make(const struct proof_facts *facts, struct bytes algorithm,
				 struct proof_input *out_input)
{
	struct buf *before = &out_input->before, *behind = &out_input->behind;
	uint8_t header[BER_HEADER_MAX];
	struct time_text time;

	TRY(time_to_utctime(facts->delivery_time, &time));
	buf_put(before, algorithm);
	ber_put(before, DER_UTC_TIME, bytes_text(time.s));
	buf_put(before, facts->this_recipient);
	buf_put(before, facts->intended_recipient);
	ber_put_header(before, BER_OCTET_STRING, false, facts->content.len);
	buf_put(behind, facts->content_identifier);
	buf_put(behind, facts->label);
	size_t len = ber_header(header, BER_SEQUENCE, true,
				before->len + facts->content.len + behind->len);
	buf_insert(before, 0, bytes_of(header, len));
	out_input->parts[0] = buf_view(before);
	out_input->parts[1] = facts->content;
	out_input->parts[2] = buf_view(behind);
	return OK;
}

FALLIBLE proof_make(const struct proof_facts *facts, const struct private_key *signer,
		    struct buf *out_proof)
{
	struct bytes algorithm = crypto_signature_algorithm(public_key_type(private_key_public(signer)));
	AUTO(proof_input_free) struct proof_input input = { 0 };
	AUTO(buf_free) struct buf signature = { 0 };

	TRY(proof_input_make(facts, algorithm, &input));
	TRY(crypto_sign(signer, input.parts, PROOF_PARTS, &signature));
	der_put_signature(out_proof, algorithm, buf_view(&signature));
	return OK;
}

FALLIBLE proof_check(const struct proof_facts *facts, const struct public_key *signer,
		     struct bytes proof)
{
	AUTO(proof_input_free) struct proof_input input = { 0 };
	struct bytes algorithm, signature;

	TRY(der_get_signature(proof, "the proof of delivery", &algorithm, &signature));
	TRY(proof_input_make(facts, algorithm, &input));
	TRY_DOING(crypto_verify(signer, algorithm, input.parts, PROOF_PARTS, signature),
		  "the proof of delivery does not prove this delivery");
	return OK;
}
