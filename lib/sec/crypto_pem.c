/* SPDX-License-Identifier: Apache-2.0 */
/* PEM files, and texts with several blocks [RFC 7468]. */
#include "lib/sec/crypto_openssl.h"

#include "lib/base/file.h"

#include <limits.h>

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

void pem_put(const char *label, struct bytes octets, struct buf *out)
{
	AUTO(auto_BIO) BIO *bio = BIO_new(BIO_s_mem());
	char *text;

	crypto_must(bio && PEM_write_bio(bio, label, "", octets.data, (long)octets.len) > 0, "PEM");
	long len = BIO_get_mem_data(bio, &text);
	buf_put(out, bytes_of(text, (size_t)len));
}

FALLIBLE crypto_pem_save(const char *path, const char *label, struct bytes der)
{
	AUTO(buf_free) struct buf pem = { 0 };

	pem_put(label, der, &pem);
	return file_replace(path, 0644, buf_view(&pem));
}

/* One block; *out_end where there is none left. */
static FALLIBLE read_block(BIO *bio, FALLIBLE (*each)(void *arg, const char *label,
						       struct bytes octets), void *arg, bool *out_end)
{
	struct status *failed = OK;
	char *label, *header;
	uint8_t *data;
	long len;

	if (PEM_read_bio(bio, &label, &header, &data, &len) != 1) {
		*out_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
		if (!*out_end)
			return crypto_failure(ST_USAGE, "a block of the text is broken");
		ERR_clear_error();
		return OK;
	}
	if (*header)
		failed = FAIL(ST_USAGE, 0, "the block \"%s\" has headers", label);
	else
		failed = each(arg, label, bytes_of(data, (size_t)len));
	OPENSSL_free(label);
	OPENSSL_free(header);
	OPENSSL_free(data);
	return failed;
}

FALLIBLE pem_read(struct bytes text, FALLIBLE (*each)(void *arg, const char *label,
						       struct bytes octets), void *arg)
{
	AUTO(auto_BIO) BIO *bio = NULL;
	bool end = false;

	if (text.len > INT_MAX)
		return FAIL(ST_USAGE, 0, "the text is too long");
	bio = BIO_new_mem_buf(text.data, (int)text.len);
	crypto_must(bio != NULL, "a memory BIO");
	while (!end)
		TRY(read_block(bio, each, arg, &end));
	return OK;
}
