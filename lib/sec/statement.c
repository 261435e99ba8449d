/* SPDX-License-Identifier: Apache-2.0 */
/* What the checks and proofs of X.411 are signatures over [X.509 8.7, SIGNATURE]. */
#include "lib/sec/statement.h"

#include "lib/base/clock.h"
#include "lib/sec/der.h"

static const struct suite_options no_options;

/* --- the fields --- */

void statement_free(struct statement *s)
{
	buf_free(&s->before);
	buf_free(&s->behind);
}

static struct buf *side(struct statement *s)
{
	return s->has_content ? &s->behind : &s->before;
}

void statement_put(struct statement *s, struct bytes field)
{
	buf_put(side(s), field);
}

void statement_put_integer(struct statement *s, int64_t number)
{
	ber_put_integer(side(s), BER_INTEGER, number);
}

FALLIBLE statement_put_time(struct statement *s, time_t when)
{
	struct time_text time;

	TRY(time_to_utctime(when, &time));
	ber_put(side(s), DER_UTC_TIME, bytes_text(time.s));
	return OK;
}

void statement_put_identifier(struct statement *s, struct bytes characters)
{
	if (characters.len)
		ber_put(side(s), BER_APPLICATION(10), characters);
}

void statement_put_content(struct statement *s, struct bytes content)
{
	ber_put_header(&s->before, BER_OCTET_STRING, false, content.len);
	s->content = content;
	s->has_content = true;
}

/* --- the signature --- */

enum { PARTS = 5 };

struct input {
	uint8_t header[BER_HEADER_MAX];
	struct bytes parts[PARTS];
};

/* The whole SEQUENCE, in parts.  It must not be moved afterwards. */
static void input_init(struct input *input, const struct statement *s, struct bytes algorithm)
{
	size_t len = ber_header(input->header, BER_SEQUENCE, true, algorithm.len + s->before.len +
				s->content.len + s->behind.len);

	input->parts[0] = bytes_of(input->header, len);
	input->parts[1] = algorithm;
	input->parts[2] = buf_view(&s->before);
	input->parts[3] = s->content;
	input->parts[4] = buf_view(&s->behind);
}

FALLIBLE statement_sign(const struct statement *s, const struct suite *suite,
			const struct suite_options *options, const struct private_key *signer,
			struct buf *out_signature)
{
	const struct signature_method *method = (suite ? suite : &suite_modern)->signature;
	AUTO(buf_free) struct buf algorithm = { 0 }, value = { 0 };
	struct input input;

	options = options ? options : &no_options;
	TRY(method->algorithm(private_key_public(signer), options, &algorithm));
	input_init(&input, s, buf_view(&algorithm));
	TRY(method->sign(signer, options, input.parts, PARTS, &value));
	der_put_signature(out_signature, buf_view(&algorithm), buf_view(&value));
	return OK;
}

FALLIBLE statement_check(const struct statement *s, const struct suite *suite,
			 const struct suite_options *options, const struct public_key *signer,
			 struct bytes signature)
{
	const struct signature_method *method = (suite ? suite : &suite_modern)->signature;
	struct bytes algorithm, value;
	struct input input;

	TRY(der_get_signature(signature, s->what, &algorithm, &value));
	input_init(&input, s, algorithm);
	return method->verify(signer, options ? options : &no_options, algorithm, input.parts, PARTS,
			      value);
}
