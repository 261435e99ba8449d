/* SPDX-License-Identifier: Apache-2.0 */
/* What is true of two domains, in a directory. */
#include "tests/support/directory_scene.h"

#include "lib/base/memory.h"
#include "tests/support/check.h"

enum { SERIAL = 16 };

const struct crl *scene_list(const struct pki_party *ca, size_t count)
{
	struct revocation *revoked = mem_new_array(struct revocation, count);
	uint8_t *serials = mem_new_array(uint8_t, count * SERIAL);
	const struct crl *crl = NULL;

	for (size_t i = 0; i < count; i++) {
		uint8_t *serial = serials + i * SERIAL;

		for (size_t k = 0; k < SERIAL; k++)
			serial[k] = (uint8_t)(k < 4 ? i >> (8 * (3 - k)) : 0x55);
		serial[0] = 0x41;
		revoked[i] = (struct revocation){ bytes_of(serial, SERIAL), PKI_NOW - 60,
						  REVOKED_UNSPECIFIED, 0 };
	}
	const struct crl_plan plan = { revoked, count, 1, PKI_NOW - 60, PKI_NOW + 3600 };

	assert_ok(crl_issue(ca->cert, ca->key, &plan, &crl));
	mem_free(&serials);
	mem_free(&revoked);
	return crl;
}

void scene_put_list(const struct slapd *server, const char *name, const struct pki_party *ca, size_t count)
{
	AUTO(crl_free) const struct crl *crl = scene_list(ca, count);

	slapd_put(server, name, DIRECTORY_AUTHORITY, DIRECTORY_CRL, &crl->der, 1);
}

void scene_put(const struct slapd *server, const struct pki *pki)
{
	AUTO(cert_free) const struct cert *cross = NULL;
	const struct cert_plan plan = {
		.subject = pki->south.cert->subject, .key = pki->south.cert->key, .scope = SCOPE_CA,
		.not_before = PKI_NOW - PKI_YEAR, .not_after = PKI_NOW + PKI_YEAR,
	};

	assert_ok(cert_issue(pki->north.cert, pki->north.key, &plan, &cross));
	slapd_put_pairs(server, SOUTH, &cross, 1);
	scene_put_list(server, NORTH, &pki->north, 0);
	scene_put_list(server, SOUTH, &pki->south, 0);
	slapd_put_certs(server, BOB, &pki->bob.cert, 1);
}

struct trust *scene_trust(const struct slapd *server, const struct directory_config *config,
			  const struct pki *pki, const struct clock *clock)
{
	AUTO(mem_free) char *anchor = mem_printf("%s/north.pem", server->folder);
	const struct trust_options options = { .anchor = anchor, .directory = config, .clock = clock };
	struct trust *trust = NULL;

	assert_ok(cert_save(anchor, pki->north.cert));
	assert_ok(trust_open(&options, &trust));
	return trust;
}

FALLIBLE scene_find_bob(struct trust *trust, struct cert_path **out_path)
{
	AUTO(buf_free) struct buf name = pki_name(BOB);
	const struct trust_wanted wanted = { .scope = SCOPE_UA, .directory_name = buf_view(&name) };

	return trust_find(trust, &wanted, out_path);
}
