/* SPDX-License-Identifier: Apache-2.0 */
/* Proof of delivery: for what was delivered, and for nothing else. */
#include "lib/sec/proof.h"

#include "tests/support/check.h"
#include "tests/support/pki.h"

static const struct proof_facts delivered = {
	.delivery_time = PKI_NOW,
	.this_recipient = { (const uint8_t *)"\x60\x02\x30\x00", 4 },
	.intended_recipient = { (const uint8_t *)"\x60\x02\x30\x00", 4 },
	.content = { (const uint8_t *)"a letter", 8 },
	.content_identifier = { (const uint8_t *)"7", 1 },
	.label = { (const uint8_t *)"\x31\x00", 2 },
};

static void a_proof_is_for_its_facts(void **state)
{
	static const char *const names[] = {
		"time", "recipient", "intended recipient", "content", "identifier", "label",
	};
	AUTO(private_key_free) struct private_key *key = NULL, *other = NULL;

	(void)state;
	assert_ok(private_key_generate(KEY_P256, &other));
	for (int type = KEY_P256; type <= KEY_RSA; type++) {
		AUTO(buf_free) struct buf proof = { 0 };

		private_key_free(&key);
		assert_ok(private_key_generate((enum key_type)type, &key));
		assert_ok(proof_make(&delivered, key, &proof));
		assert_ok(proof_check(&delivered, private_key_public(key), buf_view(&proof)));
		assert_fails(proof_check(&delivered, private_key_public(other), buf_view(&proof)),
			     "does not prove this delivery");
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			struct proof_facts facts = delivered;

			if (i == 0)
				facts.delivery_time++;
			*(i == 1 ? &facts.this_recipient : i == 2 ? &facts.intended_recipient :
			  i == 3 ? &facts.content : i == 4 ? &facts.content_identifier :
			  &facts.label) = i ? bytes_none() : facts.label;
			print_message("  another %s\n", names[i]);
			assert_fails(proof_check(&facts, private_key_public(key), buf_view(&proof)),
				     "does not prove this delivery");
		}
		for (size_t len = 0; len < proof.len; len++)
			assert_fails(proof_check(&delivered, private_key_public(key),
						 bytes_of(proof.data, len)), "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_proof_is_for_its_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
