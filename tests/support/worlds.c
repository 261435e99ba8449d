/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/worlds.h"

#include <stdlib.h>

const struct world worlds[WORLDS_MAX + 1] = {
	{ "modern", &suite_modern, { 0 }, KEY_P256, KEY_P256 },
	{ "modern with RSA", &suite_modern, { 0 }, KEY_RSA, KEY_RSA },
	{ "modern with Ed25519 and X25519", &suite_modern, { 0 }, KEY_ED25519, KEY_X25519 },
	{ "amhs with SHA-1", &suite_amhs, { 0 }, KEY_P256, KEY_P256 },
	{ "amhs with SHA-256, joined", &suite_amhs,
	  { .amhs_hash = ECDSA_SHA256, .amhs_cic = CIC_JOINED }, KEY_P256, KEY_P256 },
	{ "locator-1989", &suite_locator_1989, { .allow_broken_1989 = true }, KEY_RSA, KEY_RSA },
	{ "locator-1989, bare", &suite_locator_1989,
	  { .allow_broken_1989 = true, .sqmodn = SQMODN_BARE }, KEY_RSA, KEY_RSA },
	{ .name = NULL }
};

const struct world *world_of(const struct suite *suite, enum key_type signs)
{
	const struct world *w = worlds;

	while (w->name && (w->suite != suite || w->signs != signs))
		w++;
	if (!w->name)
		abort();
	return w;
}

struct private_key *world_key(enum key_type type)
{
	static struct private_key *keys[KEY_X25519 + 1];

	if (!keys[type] && private_key_generate(type, &keys[type]))
		abort();
	return keys[type];
}
