/* SPDX-License-Identifier: Apache-2.0 */
/* PEM files [RFC 7468]. */
#include "lib/sec/crypto_openssl.h"

#include "lib/base/file.h"

FALLIBLE crypto_pem_load(const char *path, const char *label, size_t max, struct buf *out_der)
{
	AUTO(buf_free) struct buf pem = { 0 };

	TRY(file_read(path, 2 * max, &pem, NULL));	/* base64 takes a third more */
	return crypto_pem_find(buf_view(&pem), path, label, 0, out_der);
}

FALLIBLE crypto_pem_find(struct bytes pem, const char *path, const char *label, size_t skip,
			 struct buf *out_der)
{
	bool found = false;
	AUTO(auto_BIO) BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.len);
	crypto_must(bio != NULL, "a memory BIO");
	while (!found) {
		char *name, *header;
		uint8_t *data;
		long len;

		if (PEM_read_bio(bio, &name, &header, &data, &len) != 1)
			return crypto_failure(ST_USAGE, "%s holds no %s in PEM", path, label);
		found = strcmp(name, label) == 0 && skip-- == 0;
		if (found)
			buf_put(out_der, bytes_of(data, (size_t)len));
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_free(data);
	}
	return OK;
}

void crypto_pem_put(struct buf *out, const char *label, struct bytes der)
{
	AUTO(auto_BIO) BIO *bio = BIO_new(BIO_s_mem());
	char *text;

	crypto_must(bio && PEM_write_bio(bio, label, "", der.data, (long)der.len) > 0, "PEM");
	long len = BIO_get_mem_data(bio, &text);
	buf_put(out, bytes_of(text, (size_t)len));
}

FALLIBLE crypto_pem_save(const char *path, const char *label, struct bytes der)
{
	AUTO(buf_free) struct buf pem = { 0 };

	crypto_pem_put(&pem, label, der);
	return file_replace(path, 0644, buf_view(&pem));
}
