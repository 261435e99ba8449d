/* SPDX-License-Identifier: Apache-2.0 */
/* What each suite reads by itself: algorithm identifiers, checks, seals, encrypted keys. */
#include "lib/sec/cic.h"
#include "lib/sec/suite.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct suite_options options = { .allow_broken_1989 = true };
static struct private_key *elliptic, *rsa;

/* Before main: how long it takes is no finding. */
__attribute__((constructor)) static void prepare(void)
{
	if (private_key_generate(KEY_P256, &elliptic) || private_key_generate(KEY_RSA, &rsa))
		abort();
}

/* Opening with RSA takes a hundred times as long, whatever the octets are: those that do not say
 * RSA get a try in sixty-four. */
static bool is_tried(const struct suite *suite, struct bytes algorithm, struct bytes in)
{
	static const uint8_t says_rsa[] = { 0x06, 0x04, 0x55, 0x08, 0x01, 0x01 };
	uint8_t sum = 0;

	for (size_t i = 0; i < in.len; i++)
		sum += in.data[i];
	return suite != &suite_locator_1989 || sum % 64 == 0 ||
	       (algorithm.len && memmem(algorithm.data, algorithm.len, says_rsa,
					sizeof(says_rsa)));
}

/* The octets as an algorithm identifier with something behind it, and as each of both. */
static void read_parts(const struct suite *suite, struct bytes in)
{
	static const uint8_t known_key[CONTENT_KEY_OCTETS] = { 1 };
	const struct private_key *key = suite == &suite_locator_1989 ? rsa : elliptic;
	const struct public_key *signer = private_key_public(key);
	size_t split = in.len > 1 && in.data[1] < 0x80 ? in.data[1] + 2u : in.len;
	struct bytes algorithm = bytes_slice(in, 0, split), rest = bytes_slice(in, split, in.len);
	AUTO(buf_free) struct buf content = buf_copy(rest);
	AUTO(secret_free) struct secret plain = { 0 };

	status_drop(suite->signature->verify(signer, &options, algorithm, &in, 1, rest));
	status_drop(suite->cic->check(signer, &options, algorithm, in, rest));
	if (suite->seal)
		status_drop(suite->seal->open(algorithm, bytes_of(known_key, suite == &suite_modern ?
								  CONTENT_KEY_OCTETS : 8), &content));
	if (suite->transport && is_tried(suite, algorithm, in))
		status_drop(suite->transport->open(key, algorithm, rest, &plain));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = bytes_of(data, size);
	const struct suite *suite;
	struct cic cic;

	struct status *failed = cic_decode(in, &cic);
	if (!failed)
		status_drop(suite_find(suites_all, &options, cic.algorithm, &suite));
	status_free(&failed);
	for (size_t i = 0; suites_all[i]; i++)
		read_parts(suites_all[i], in);
	return 0;
}
