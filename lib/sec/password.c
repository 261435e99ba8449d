/* SPDX-License-Identifier: Apache-2.0 */
/* Passwords of simple credentials that are stored. */
#include "lib/sec/password.h"

#include "lib/sec/crypto.h"

enum { COST = 14, SALT_OCTETS = 16, STORED_OCTETS = 1 + SALT_OCTETS + HASH_OCTETS };

void password_store(struct bytes password, struct buf *out)
{
	uint8_t salt[SALT_OCTETS], hash[HASH_OCTETS];

	crypto_random(salt, sizeof(salt));
	crypto_scrypt(password, bytes_of(salt, sizeof(salt)), COST, hash);
	buf_put_u8(out, COST);
	buf_put(out, bytes_of(salt, sizeof(salt)));
	buf_put(out, bytes_of(hash, sizeof(hash)));
}

bool password_is(struct bytes stored, struct bytes password)
{
	uint8_t hash[HASH_OCTETS];

	if (stored.len != STORED_OCTETS || stored.data[0] < 1 || stored.data[0] > SCRYPT_COST_MAX)
		return false;
	crypto_scrypt(password, bytes_slice(stored, 1, SALT_OCTETS), stored.data[0], hash);
	return crypto_equal(bytes_of(hash, sizeof(hash)),
			    bytes_slice(stored, 1 + SALT_OCTETS, HASH_OCTETS));
}

/* Not even their lengths are to be told apart. */
static bool is_same(struct bytes a, struct bytes b)
{
	uint8_t hash_a[HASH_OCTETS], hash_b[HASH_OCTETS];

	crypto_sha256(&a, 1, hash_a);
	crypto_sha256(&b, 1, hash_b);
	return crypto_equal(bytes_of(hash_a, sizeof(hash_a)), bytes_of(hash_b, sizeof(hash_b)));
}

bool password_matches(struct bytes stored, const char *text, struct bytes password)
{
	static const uint8_t nobodys[STORED_OCTETS] = { COST };
	bool is_stored = password_is(stored.len ? stored : bytes_of(nobodys, sizeof(nobodys)),
				     password);
	bool is_text = is_same(bytes_text(text ? text : ""), password);

	return stored.len ? is_stored : text && is_text;
}
