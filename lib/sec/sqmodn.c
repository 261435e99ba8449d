/* SPDX-License-Identifier: Apache-2.0 */
/* The square-mod-n hash [X.509 (1988) Annex D]. */
#include "lib/sec/sqmodn.h"

#include "lib/sec/crypto_openssl.h"

enum {
	MODULUS_OCTETS_MAX = 8192 / 8,
	FILL = 0xf0,			/* 1111 before each group of four bits */
	ONES = 0xff,
};

struct sqmodn {
	BIGNUM *modulus, *number;
	BN_CTX *ctx;
	size_t modulus_octets, block_octets;	/* of a block before it is filled */
	uint8_t hash[MODULUS_OCTETS_MAX];	/* H, as long as the modulus */
	uint8_t block[MODULUS_OCTETS_MAX / 2];
	size_t held;				/* octets of the block that are there */
	uint64_t bits;				/* of the message so far */
};

static void sqmodn_cleanup(struct sqmodn *s)
{
	BN_free(s->modulus);
	BN_free(s->number);
	BN_CTX_free(s->ctx);
}

unsigned sqmodn_bits(const struct public_key *key)
{
	return key->type == KEY_RSA ? (unsigned)EVP_PKEY_get_bits(key->pkey) : 0;
}

static FALLIBLE sqmodn_init(struct sqmodn *s, const struct public_key *key)
{
	unsigned bits = sqmodn_bits(key);

	if (!bits)
		return FAIL(ST_USAGE, 0, "the square-mod-n hash needs an RSA key, not one of type %s",
			    key_type_name(key->type));
	s->modulus_octets = (bits + 7) / 8;
	s->block_octets = (bits - 1) / 16;
	s->number = BN_new();
	s->ctx = BN_CTX_new();
	crypto_must(s->number && s->ctx && s->modulus_octets <= sizeof(s->hash) &&
		    EVP_PKEY_get_bn_param(key->pkey, OSSL_PKEY_PARAM_RSA_N, &s->modulus) == 1,
		    "the modulus of an RSA key");
	return OK;
}

/* H = (H XOR block) squared mod n; the filled block stands at the right end. */
static void take_block(struct sqmodn *s)
{
	uint8_t *at = s->hash + s->modulus_octets - 2 * s->block_octets;

	for (size_t i = 0; i < s->block_octets; i++) {
		*at++ ^= FILL | s->block[i] >> 4;
		*at++ ^= FILL | (s->block[i] & 0x0f);
	}
	crypto_must(BN_bin2bn(s->hash, (int)s->modulus_octets, s->number) &&
		    BN_mod_sqr(s->number, s->number, s->modulus, s->ctx) == 1 &&
		    BN_bn2binpad(s->number, s->hash, (int)s->modulus_octets) >= 0, "modular squaring");
	s->held = 0;
}

static void add(struct sqmodn *s, struct bytes octets)
{
	s->bits += (uint64_t)octets.len * 8;
	while (octets.len) {
		size_t room = s->block_octets - s->held;
		size_t step = octets.len < room ? octets.len : room;

		memcpy(s->block + s->held, octets.data, step);
		s->held += step;
		octets = bytes_slice(octets, step, octets.len);
		if (s->held == s->block_octets)
			take_block(s);
	}
}

/* A started block is filled up; then the length, as a number at the right end of a block. */
static void finish(struct sqmodn *s, enum sqmodn_form form)
{
	if (s->held) {
		memset(s->block + s->held, ONES, s->block_octets - s->held);
		take_block(s);
	}
	if (form == SQMODN_BARE)
		return;
	memset(s->block, 0, s->block_octets);
	for (size_t i = 0; i < sizeof(s->bits); i++)
		s->block[s->block_octets - 1 - i] = (uint8_t)(s->bits >> (8 * i));
	take_block(s);
}

FALLIBLE sqmodn_hash(const struct public_key *key, enum sqmodn_form form,
		     const struct bytes *parts, size_t count, struct buf *out_hash)
{
	AUTO(sqmodn_cleanup) struct sqmodn s = { 0 };

	TRY(sqmodn_init(&s, key));
	for (size_t i = 0; i < count; i++)
		add(&s, parts[i]);
	finish(&s, form);
	buf_put(out_hash, bytes_of(s.hash, s.modulus_octets));
	return OK;
}
