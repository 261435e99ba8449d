/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys in files: PKCS#8 [RFC 5958], encrypted by PBES2 with scrypt and AES-256 [RFC 8018,
 * RFC 7914]; or named, where a token holds them. */
#include "lib/sec/crypto_openssl.h"

#include "lib/base/file.h"
#include "lib/base/memory.h"
#include "lib/sec/passphrase.h"
#include "lib/sec/pkcs11.h"

#include <openssl/pkcs12.h>
#include <unistd.h>

/* What the passphrase costs: 16 MiB of memory, five times one after the other. */
enum { KEY_FILE_MAX = 64 * 1024, SCRYPT_N = 1 << 14, SCRYPT_R = 8, SCRYPT_P = 5, SALT_OCTETS = 16 };

CRYPTO_AUTO(PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free)
CRYPTO_AUTO(X509_SIG, X509_SIG_free)

const struct key_opening key_is_plain = { .unencrypted = true };

/* --- reading --- */

/* A PEM block whose octets are wiped. */
struct block {
	char *label, *header;
	uint8_t *der;
	long len;
};

static void block_cleanup(struct block *b)
{
	OPENSSL_free(b->label);
	OPENSSL_free(b->header);
	OPENSSL_clear_free(b->der, b->der ? (size_t)b->len : 0);
}

static FALLIBLE read_private(const char *path, struct buf *out)
{
	mode_t mode;

	TRY_DOING(file_read(path, KEY_FILE_MAX, out, &mode), "cannot read the private key");
	if (mode & 077)
		return FAIL(ST_REFUSED, 0, "the private key %s is open to others (mode %04o): "
			    "make it 0600", path, (unsigned)mode);
	return OK;
}

static FALLIBLE read_block(const char *path, struct bytes pem, struct block *out)
{
	AUTO(auto_BIO) BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.len);

	crypto_must(bio != NULL, "a memory BIO");
	if (PEM_read_bio(bio, &out->label, &out->header, &out->der, &out->len) != 1)
		return crypto_failure(ST_USAGE, "%s holds no private key in PEM", path);
	return OK;
}

FALLIBLE key_opening_passphrase(const struct key_opening *opening, const char *path,
				struct secret *out_passphrase)
{
	AUTO(mem_free) char *prompt = mem_printf("Passphrase of %s", path);

	if (opening->known) {
		*out_passphrase = secret_new(opening->known->len);
		memcpy(out_passphrase->data, opening->known->data, opening->known->len);
		return OK;
	}
	if (opening->passphrase_file && opening->passphrase_file[0])
		return passphrase_read(opening->passphrase_file, out_passphrase);
	if (opening->ask)
		return passphrase_ask(prompt, out_passphrase);
	return FAIL(ST_USAGE, 0, "%s needs a passphrase: name the file that holds it "
		    "(key-passphrase-file)", path);
}

static FALLIBLE decrypt(const struct block *block, const struct key_opening *opening,
			const char *path, PKCS8_PRIV_KEY_INFO **out_info)
{
	AUTO(secret_free) struct secret passphrase = { 0 };
	const uint8_t *at = block->der;
	AUTO(auto_X509_SIG) X509_SIG *encrypted = d2i_X509_SIG(NULL, &at, block->len);

	if (!encrypted)
		return crypto_failure(ST_USAGE, "%s holds no private key in PEM", path);
	TRY(key_opening_passphrase(opening, path, &passphrase));
	*out_info = PKCS8_decrypt(encrypted, (const char *)passphrase.data, (int)passphrase.len);
	if (!*out_info) {
		ERR_clear_error();
		return FAIL(ST_REFUSED, 0, "the passphrase does not open the private key %s", path);
	}
	return OK;
}

static FALLIBLE unwrap(const struct block *block, const struct key_opening *opening,
		       const char *path, PKCS8_PRIV_KEY_INFO **out_info)
{
	const uint8_t *at = block->der;

	if (strcmp(block->label, PEM_STRING_PKCS8) == 0)
		return decrypt(block, opening, path, out_info);
	if (strcmp(block->label, PEM_STRING_PKCS8INF) != 0)
		return FAIL(ST_USAGE, 0, "%s holds no private key in PKCS#8, but a %s", path,
			    block->label);
	if (!opening->unencrypted)
		return FAIL(ST_REFUSED, 0, "the private key %s is not encrypted: encrypt it, or say "
			    "that it need not be (key-unencrypted = yes)", path);
	*out_info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, block->len);
	return *out_info ? OK : crypto_failure(ST_USAGE, "%s holds no private key in PEM", path);
}

static FALLIBLE load_pem(const char *path, struct bytes pem, const struct key_opening *opening,
			 struct private_key **out_key)
{
	AUTO(block_cleanup) struct block block = { 0 };
	AUTO(auto_PKCS8_PRIV_KEY_INFO) PKCS8_PRIV_KEY_INFO *info = NULL;

	TRY(read_block(path, pem, &block));
	TRY(unwrap(&block, opening, path, &info));
	EVP_PKEY *pkey = EVP_PKCS82PKEY(info);
	if (!pkey)
		return crypto_failure(ST_USAGE, "%s holds no private key of a known type", path);
	TRY_DOING(private_key_of(pkey, out_key), "cannot use the private key %s", path);
	return OK;
}

FALLIBLE private_key_uri(const char *path, char **out_uri)
{
	AUTO(secret_buf_free) struct buf octets = { 0 };
	struct status *st = read_private(path, &octets);

	*out_uri = NULL;
	if (st && st->kind == ST_NOT_FOUND) {
		status_free(&st);
		return OK;
	}
	TRY(st);
	buf_put_u8(&octets, 0);		/* there is room: file_read leaves some */
	const char *text = (const char *)octets.data;
	if (pkcs11_is_uri(text))
		*out_uri = bytes_to_text(bytes_of(text, strcspn(text, "\r\n")));
	return OK;
}

static FALLIBLE load_token(const char *uri, const struct key_opening *opening,
			   struct private_key **out_key)
{
	AUTO(secret_free) struct secret pin = { 0 };

	TRY(key_opening_passphrase(opening, uri, &pin));
	return pkcs11_key_open(uri, secret_view(&pin), out_key);
}

FALLIBLE private_key_load(const char *name, const struct key_opening *opening,
			  struct private_key **out_key)
{
	AUTO(secret_buf_free) struct buf octets = { 0 };

	if (pkcs11_is_uri(name))
		return load_token(name, opening, out_key);
	TRY(read_private(name, &octets));
	buf_put_u8(&octets, 0);		/* there is room: file_read leaves some */
	char *text = (char *)octets.data;
	if (!pkcs11_is_uri(text))
		return load_pem(name, bytes_text(text), opening, out_key);
	text[strcspn(text, "\r\n")] = 0;
	return load_token(text, opening, out_key);
}

/* --- writing --- */

static X509_SIG *encrypt(PKCS8_PRIV_KEY_INFO *info, struct bytes passphrase)
{
	uint8_t salt[SALT_OCTETS];

	crypto_random(salt, sizeof(salt));
	X509_ALGOR *scheme = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), salt, sizeof(salt), NULL,
						   SCRYPT_N, SCRYPT_R, SCRYPT_P);
	crypto_must(scheme != NULL, "scrypt");
	X509_SIG *made = PKCS8_set0_pbe((const char *)passphrase.data, (int)passphrase.len, info,
					scheme);
	if (!made)
		X509_ALGOR_free(scheme);
	return made;
}

static bool write_pem(BIO *bio, PKCS8_PRIV_KEY_INFO *info, struct bytes passphrase)
{
	AUTO(auto_X509_SIG) X509_SIG *encrypted = NULL;

	if (passphrase.len == 0)
		return PEM_write_bio_PKCS8_PRIV_KEY_INFO(bio, info) == 1;
	encrypted = encrypt(info, passphrase);
	return encrypted && PEM_write_bio_PKCS8(bio, encrypted) == 1;
}

static FALLIBLE to_pem(const struct private_key *key, struct bytes passphrase, BIO *bio,
		       struct bytes *out_text)
{
	EVP_PKEY *pkey = private_key_pkey(key);
	AUTO(auto_PKCS8_PRIV_KEY_INFO) PKCS8_PRIV_KEY_INFO *info = NULL;
	char *text;

	if (!pkey)
		return FAIL(ST_USAGE, 0, "the private key does not leave where it is");
	info = EVP_PKEY2PKCS8(pkey);
	if (!info || !write_pem(bio, info, passphrase))
		return crypto_failure(ST_LATER, "cannot encode the private key");
	long len = BIO_get_mem_data(bio, &text);
	*out_text = bytes_of(text, (size_t)len);
	return OK;
}

FALLIBLE private_key_save(const char *path, const struct private_key *key, struct bytes passphrase)
{
	AUTO(auto_BIO) BIO *bio = BIO_new(BIO_s_secmem());
	struct bytes text = { 0 };

	crypto_must(bio != NULL, "a memory BIO");
	TRY_DOING(to_pem(key, passphrase, bio, &text), "cannot write the private key %s", path);
	return file_create(path, 0600, text);
}

FALLIBLE private_key_replace(const char *path, const struct private_key *key,
			     struct bytes passphrase)
{
	AUTO(auto_BIO) BIO *bio = BIO_new(BIO_s_secmem());
	struct bytes text = { 0 };

	crypto_must(bio != NULL, "a memory BIO");
	TRY_DOING(to_pem(key, passphrase, bio, &text), "cannot write the private key %s", path);
	return file_replace(path, 0600, text);
}

FALLIBLE private_key_create(const char *path, const char *uri, enum key_type type,
			    struct bytes passphrase, struct private_key **out_key)
{
	AUTO(private_key_free) struct private_key *key = NULL;
	AUTO(mem_free) char *line = mem_printf("%s\n", uri ? uri : "");

	if (access(path, F_OK) == 0)	/* before a token has a key that nobody names */
		return FAIL(ST_USAGE, 0, "%s is there already", path);
	if (uri) {
		TRY(pkcs11_key_generate(uri, passphrase, type, &key));
		TRY(file_create(path, 0600, bytes_text(line)));
	} else {
		TRY(private_key_generate(type, &key));
		TRY(private_key_save(path, key, passphrase));
	}
	*out_key = TAKE(key);
	return OK;
}

FALLIBLE private_key_destroy(const char *path, const struct key_opening *opening)
{
	AUTO(secret_free) struct secret pin = { 0 };
	AUTO(mem_free) char *uri = NULL;

	TRY(private_key_uri(path, &uri));
	if (uri) {
		TRY(key_opening_passphrase(opening, uri, &pin));
		TRY(pkcs11_key_destroy(uri, secret_view(&pin)));
	}
	return file_remove(path);
}
