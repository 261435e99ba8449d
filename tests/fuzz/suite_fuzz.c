/* SPDX-License-Identifier: Apache-2.0 */
/* What each suite reads by itself: algorithm identifiers, checks, seals, encrypted keys. */
#include "lib/sec/cic.h"
#include "lib/sec/suite.h"
#include "tests/support/worlds.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What each world makes itself: a content's key, and how keys travel. */
static struct made {
	struct secret content_key;
	struct buf transport;
} made[WORLDS_MAX];

/* Before main: how long it takes is no finding. */
__attribute__((constructor)) static void prepare(void)
{
	for (size_t i = 0; worlds[i].name; i++) {
		const struct world *w = &worlds[i];
		AUTO(buf_free) struct buf content = buf_copy(BYTES("a content"));
		AUTO(buf_free) struct buf octets = { 0 };
		AUTO(buf_free) struct buf algorithm = { 0 };
		const struct public_key *to = private_key_public(world_key(w->opens));

		world_key(w->signs);
		if (w->suite->seal && w->suite->seal->seal(&content, &made[i].content_key, &algorithm))
			abort();
		if (w->suite->transport &&
		    w->suite->transport->seal(to, BYTES("a key"), &made[i].transport, &octets))
			abort();
	}
}

/* Opening with RSA takes a hundred times as long, whatever the octets are: those that do not say
 * how this world's keys travel get a try in sixty-four. */
static bool is_tried(const struct world *w, struct bytes algorithm, struct bytes in)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < in.len; i++)
		sum += in.data[i];
	return w->opens != KEY_RSA || sum % 64 == 0 ||
	       bytes_equal(algorithm, buf_view(&made[w - worlds].transport));
}

/* The octets as an algorithm identifier with something behind it, and as each of both. */
static void read_parts(const struct world *w, struct bytes in)
{
	const struct public_key *signer = private_key_public(world_key(w->signs));
	const struct suite *suite = w->suite;
	size_t split = in.len > 1 && in.data[1] < 0x80 ? in.data[1] + 2u : in.len;
	struct bytes algorithm = bytes_slice(in, 0, split), rest = bytes_slice(in, split, in.len);
	AUTO(buf_free) struct buf content = buf_copy(rest);
	AUTO(secret_free) struct secret plain = { 0 };

	status_drop(suite->signature->verify(signer, &w->options, algorithm, &in, 1, rest));
	status_drop(suite->cic->check(signer, &w->options, algorithm, in, rest));
	if (suite->seal)
		status_drop(suite->seal->open(algorithm, secret_view(&made[w - worlds].content_key),
					      &content));
	if (suite->transport && is_tried(w, algorithm, in))
		status_drop(suite->transport->open(world_key(w->opens), algorithm, rest, &plain));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = bytes_of(data, size);
	const struct suite *suite;
	struct cic cic;

	struct status *failed = cic_decode(in, &cic);
	if (!failed)
		status_drop(suite_find(suites_all, &(struct suite_options){ 0 }, cic.algorithm, &suite));
	status_free(&failed);
	for (const struct world *w = worlds; w->name; w++)
		read_parts(w, in);
	return 0;
}
