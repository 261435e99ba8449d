/* SPDX-License-Identifier: Apache-2.0 */
/* What vouched for a message is kept with it. */
#include "ua/vouchers.h"

#include "lib/store/voucher.h"

static FALLIBLE keep(struct home *home, int64_t message, enum voucher_kind kind, struct bytes der)
{
	uint8_t digest[HASH_OCTETS];
	const struct voucher voucher = { kind, der, bytes_of(digest, sizeof(digest)) };

	crypto_sha256(&der, 1, digest);
	return voucher_keep(home->db, message, &voucher, clock_now(home->clock));
}

FALLIBLE vouchers_keep(struct home *home, int64_t message, const struct cert_path *path)
{
	for (size_t i = 0; i < path->chain.count; i++)
		TRY(keep(home, message, VOUCHER_CERTIFICATE, path->chain.items[i]->der));
	for (size_t i = 0; i < path->crl_signers.count; i++)
		TRY(keep(home, message, VOUCHER_CERTIFICATE, path->crl_signers.items[i]->der));
	for (size_t i = 0; i < path->crls.count; i++)
		TRY(keep(home, message, VOUCHER_CRL, path->crls.items[i]->der));
	return OK;
}

static FALLIBLE add(void *arg, const struct voucher *voucher, time_t at)
{
	struct evidence *evidence = arg;
	AUTO(cert_free) const struct cert *cert = NULL;
	AUTO(crl_free) const struct crl *crl = NULL;

	if (at > evidence->checked)
		evidence->checked = at;
	if (voucher->kind == VOUCHER_CERTIFICATE) {
		TRY(cert_decode(voucher->octets, &cert));
		cert_list_add(&evidence->certs, cert);
	} else {
		TRY(crl_decode(voucher->octets, &crl));
		crl_list_add(&evidence->crls, crl);
	}
	return OK;
}

FALLIBLE vouchers_add(struct home *home, int64_t message, struct evidence *io)
{
	return voucher_each(home->db, message, add, io);
}
