/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, signatures, hashes, ciphers, key transport: against known answers and against harm. */
#include "lib/sec/crypto.h"

#include "tests/support/check.h"
#include "tests/support/scratch.h"

#include <sys/stat.h>
#include <unistd.h>

static struct private_key *keys[KEY_X25519 + 1];

static int make_keys(void **state)
{
	for (int type = KEY_P256; type <= KEY_X25519; type++)
		assert_ok(private_key_generate((enum key_type)type, &keys[type]));
	return scratch_setup(state);
}

static int free_keys(void **state)
{
	for (int type = KEY_P256; type <= KEY_X25519; type++)
		private_key_free(&keys[type]);
	return scratch_teardown(state);
}

static void the_hash_is_sha256(void **state)
{
	/* FIPS 180-4, example B.1 */
	AUTO(buf_free) struct buf want = hex("ba7816bf 8f01cfea 414140de 5dae2223"
					     "b00361a3 96177a9c b410ff61 f20015ad");
	const struct bytes parts[] = { BYTES("a"), BYTES(""), BYTES("bc") };
	AUTO(digest_free) struct digest *digest = digest_new();
	uint8_t hash[HASH_OCTETS];

	(void)state;
	crypto_sha256(parts, 3, hash);
	assert_bytes(bytes_of(hash, sizeof(hash)), buf_view(&want));
	for (int again = 0; again < 2; again++) {
		digest_add(digest, BYTES("ab"));
		digest_add(digest, BYTES("c"));
		digest_finish(digest, hash);
		assert_bytes(bytes_of(hash, sizeof(hash)), buf_view(&want));
	}
}

static void the_cipher_is_aes_256_gcm(void **state)
{
	/* "The Galois/Counter Mode of Operation", test case 15 */
	AUTO(buf_free) struct buf key = hex("feffe9928665731c6d6a8f9467308308"
					    "feffe9928665731c6d6a8f9467308308");
	AUTO(buf_free) struct buf nonce = hex("cafebabefacedbaddecaf888");
	AUTO(buf_free) struct buf plain = hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
					      "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255");
	AUTO(buf_free) struct buf sealed = hex("522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
					       "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad");
	AUTO(buf_free) struct buf tag = hex("b094dac5d93471bdec1a502270e3cc6c");
	AUTO(buf_free) struct buf text = buf_copy(buf_view(&plain));
	AUTO(cipher_free) struct cipher *cipher = NULL, *back = NULL, *harmed = NULL;
	uint8_t made[CONTENT_TAG_OCTETS];

	(void)state;
	assert_ok(cipher_new(CIPHER_ENCRYPT, buf_view(&key), buf_view(&nonce), &cipher));
	assert_ok(cipher_update(cipher, text.data, 7));
	assert_ok(cipher_update(cipher, text.data + 7, text.len - 7));
	assert_ok(cipher_seal(cipher, made));
	assert_bytes(buf_view(&text), buf_view(&sealed));
	assert_bytes(bytes_of(made, sizeof(made)), buf_view(&tag));

	assert_ok(cipher_new(CIPHER_DECRYPT, buf_view(&key), buf_view(&nonce), &back));
	assert_ok(cipher_update(back, text.data, text.len));
	assert_ok(cipher_open(back, buf_view(&tag)));
	assert_bytes(buf_view(&text), buf_view(&plain));

	made[0] ^= 1;
	assert_ok(cipher_new(CIPHER_DECRYPT, buf_view(&key), buf_view(&nonce), &harmed));
	assert_ok(cipher_update(harmed, sealed.data, sealed.len));
	assert_fails(cipher_open(harmed, bytes_of(made, sizeof(made))), "changed");
	assert_fails(cipher_open(harmed, BYTES("short")), "the tag has 5 octets");
	cipher_free(&harmed);
	assert_fails(cipher_new(CIPHER_DECRYPT, BYTES("short"), buf_view(&nonce), &harmed),
		     "wants a key of 32");
}

static void every_key_signs(void **state)
{
	const struct bytes parts[] = { BYTES("to be "), BYTES("signed") };
	const struct bytes whole = BYTES("to be signed"), other = BYTES("to be signee");

	(void)state;
	for (int type = KEY_P256; type <= KEY_RSA; type++) {
		const struct public_key *public = private_key_public(keys[type]);
		const struct public_key *stranger = private_key_public(keys[(type + 1) % 3]);
		struct bytes algorithm = crypto_signature_algorithm((enum key_type)type);
		AUTO(buf_free) struct buf signature = { 0 };

		buf_put_text(&signature, "before");
		assert_ok(crypto_sign(keys[type], parts, 2, &signature));
		struct bytes made = bytes_slice(buf_view(&signature), 6, signature.len);
		assert_ok(crypto_verify(public, algorithm, &whole, 1, made));
		assert_fails(crypto_verify(public, algorithm, &other, 1, made), "the signature is wrong");
		assert_fails(crypto_verify(public, algorithm, &whole, 1, bytes_none()),
			     "the signature is wrong");
		assert_fails(crypto_verify(stranger, algorithm, &whole, 1, made), "does not go with");
		signature.data[signature.len - 1] ^= 1;
		assert_fails(crypto_verify(public, algorithm, &whole, 1, made), "the signature is wrong");
		/* sha256WithRSAEncryption, which goes with none of our keys' schemes */
		AUTO(buf_free) struct buf old = hex("300d 0609 2a864886f70d01010b 0500");
		assert_fails(crypto_verify(public, buf_view(&old), &whole, 1, made),
			     "the signature algorithm sha256WithRSAEncryption does not go with");
		assert_fails(crypto_verify(public, BYTES("junk"), &whole, 1, made),
			     "that cannot be read");
	}
}

static void what_is_sealed_opens_for_its_key_alone(void **state)
{
	static const enum key_type types[] = { KEY_P256, KEY_X25519, KEY_RSA };
	struct private_key *other = NULL;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		AUTO(buf_free) struct buf sealed = { 0 };
		AUTO(secret_free) struct secret plain = { 0 };
		struct private_key *key = keys[types[i]];
		struct bytes algorithm;

		assert_ok(transport_seal(private_key_public(key), BYTES("a content key, say"), &algorithm,
					 &sealed));
		assert_ok(transport_open(key, algorithm, buf_view(&sealed), &plain));
		assert_bytes(secret_view(&plain), BYTES("a content key, say"));
		secret_free(&plain);

		assert_ok(private_key_generate(types[i], &other));
		assert_fails(transport_open(other, algorithm, buf_view(&sealed), &plain), "not for this key");
		private_key_free(&other);
		assert_fails(transport_open(keys[KEY_ED25519], algorithm, buf_view(&sealed), &plain),
			     "not for this key");
		assert_fails(transport_open(key, crypto_signature_algorithm(KEY_P256), buf_view(&sealed),
					    &plain), "not for this key");
		for (size_t len = 0; len < sealed.len; len++)
			assert_fails(transport_open(key, algorithm, bytes_of(sealed.data, len), &plain),
				     "not for this key");
		for (size_t at = 0; at < sealed.len; at += 5) {
			sealed.data[at] ^= 0x10;
			assert_fails(transport_open(key, algorithm, buf_view(&sealed), &plain),
				     "not for this key");
			sealed.data[at] ^= 0x10;
		}
	}
}

#define ECDH_ALGORITHM	"\x30\x1a\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x03\x13" \
			"\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x30"
#define ZEROES_8	"\0\0\0\0\0\0\0\0"
#define SMALL_ORDER	"\x30\x3c\x04\x20" ZEROES_8 ZEROES_8 ZEROES_8 ZEROES_8 "\x04\x18" \
			ZEROES_8 ZEROES_8 ZEROES_8

static void some_cannot_be_sealed_for(void **state)
{
	AUTO(buf_free) struct buf sealed = { 0 }, long_one = { 0 };
	AUTO(secret_free) struct secret secret = { 0 };
	struct bytes algorithm;

	(void)state;
	assert_fails(transport_seal(private_key_public(keys[KEY_ED25519]), BYTES("x"), &algorithm, &sealed),
		     "nothing can be sealed for a key of type Ed25519");
	memset(buf_extend(&long_one, 2000), 'x', 2000);
	assert_fails(transport_seal(private_key_public(keys[KEY_P256]), buf_view(&long_one), &algorithm,
				    &sealed), "2000 octets cannot be sealed");
	/* [RFC 8017 7.1.1] the modulus, less two hashes and two octets */
	assert_int_equal(transport_room(private_key_public(keys[KEY_RSA])), 3072 / 8 - 66);
	assert_fails(transport_seal(private_key_public(keys[KEY_RSA]), bytes_of(long_one.data, 319),
				    &algorithm, &sealed), "319 octets cannot be sealed for the RSA key: 1 to 318 can");
	assert_ok(transport_seal(private_key_public(keys[KEY_RSA]), bytes_of(long_one.data, 318),
				 &algorithm, &sealed));
	buf_clear(&sealed);
	/* A point of small order, with which any key agrees on zeroes. */
	assert_fails(transport_open(keys[KEY_X25519], BYTES(ECDH_ALGORITHM), BYTES(SMALL_ORDER), &secret),
		     "not for this key");
	assert_fails(crypto_sign(keys[KEY_X25519], &algorithm, 1, &sealed), "does not sign");
	assert_int_equal(crypto_signature_algorithm(KEY_X25519).len, 0);
	assert_int_equal(sealed.len, 0);
}

/* [RFC 4231 4.2, 4.3] */
static void hmac_is_that_of_the_standard(void **state)
{
	const struct bytes one = BYTES("Hi There"), two[] = { BYTES("what do ya want"), BYTES(" for nothing?") };
	AUTO(buf_free) struct buf key = hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b");
	AUTO(buf_free) struct buf first = hex("b0344c61d8db38535ca8afceaf0bf12b 881dc200c9833da726e9376c2e32cff7");
	AUTO(buf_free) struct buf second = hex("5bdcc146bf60754e6a042426089575c7 5a003f089d2739839dec58b964ec3843");
	uint8_t mac[HASH_OCTETS];

	(void)state;
	crypto_hmac_sha256(buf_view(&key), &one, 1, mac);
	assert_bytes(bytes_of(mac, sizeof(mac)), buf_view(&first));
	crypto_hmac_sha256(BYTES("Jefe"), two, 2, mac);
	assert_bytes(bytes_of(mac, sizeof(mac)), buf_view(&second));
}

static void keys_are_kept_in_files(void **state)
{
	const char *path = scratch_path("key.pem");
	AUTO(private_key_free) struct private_key *loaded = NULL;
	struct stat info;

	(void)state;
	for (int type = KEY_P256; type <= KEY_X25519; type++) {
		assert_ok(private_key_save(path, keys[type], bytes_none()));
		assert_int_equal(stat(path, &info), 0);
		assert_int_equal(info.st_mode & 07777, 0600);
		assert_fails(private_key_save(path, keys[type], bytes_none()), "is there already");
		assert_ok(private_key_load(path, &key_is_plain, &loaded));
		assert_bytes(public_key_id(private_key_public(loaded)),
			     public_key_id(private_key_public(keys[type])));
		private_key_free(&loaded);
		assert_int_equal(chmod(path, 0640), 0);
		assert_fails(private_key_load(path, &key_is_plain, &loaded), "is open to others (mode 0640)");
		assert_int_equal(unlink(path), 0);
	}
	assert_fails(private_key_load(path, &key_is_plain, &loaded), "cannot read the private key");
}

static void a_key_is_named_by_the_hash_of_its_octets(void **state)
{
	AUTO(public_key_free) struct public_key *decoded = NULL;
	uint8_t hash[HASH_OCTETS];

	(void)state;
	for (int type = KEY_P256; type <= KEY_X25519; type++) {
		struct bytes spki = public_key_spki(private_key_public(keys[type]));
		AUTO(buf_free) struct buf longer = buf_copy(spki);

		crypto_sha256(&spki, 1, hash);
		assert_ok(public_key_decode(spki, &decoded));
		assert_bytes(public_key_id(decoded), bytes_of(hash, sizeof(hash)));
		assert_int_equal(public_key_type(decoded), type);
		public_key_free(&decoded);
		buf_put_u8(&longer, 0);
		assert_fails(public_key_decode(buf_view(&longer), &decoded), "behind its end");
		for (size_t len = 0; len < spki.len; len++)
			assert_fails(public_key_decode(bytes_of(spki.data, len), &decoded),
				     "not a public key");
	}
}

static void names_of_key_types(void **state)
{
	enum key_type type;

	(void)state;
	assert_ok(key_type_from_text("P256", &type));
	assert_int_equal(type, KEY_P256);
	assert_fails(key_type_from_text("dsa", &type), "p256, ed25519 and rsa are");
}

static void secrets_are_compared_whole(void **state)
{
	(void)state;
	assert_true(crypto_equal(BYTES("same"), BYTES("same")));
	assert_true(crypto_equal(bytes_none(), BYTES("")));
	assert_false(crypto_equal(BYTES("same"), BYTES("samE")));
	assert_false(crypto_equal(BYTES("same"), BYTES("sam")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_hash_is_sha256),
		cmocka_unit_test(the_cipher_is_aes_256_gcm),
		cmocka_unit_test(every_key_signs),
		cmocka_unit_test(what_is_sealed_opens_for_its_key_alone),
		cmocka_unit_test(some_cannot_be_sealed_for),
		cmocka_unit_test(hmac_is_that_of_the_standard),
		cmocka_unit_test(keys_are_kept_in_files),
		cmocka_unit_test(a_key_is_named_by_the_hash_of_its_octets),
		cmocka_unit_test(names_of_key_types),
		cmocka_unit_test(secrets_are_compared_whole),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
