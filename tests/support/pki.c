/* SPDX-License-Identifier: Apache-2.0 */
/* Two domains that certify each other. */
#include "tests/support/pki.h"

#include "asn1/dn.h"
#include "tests/support/check.h"

struct buf pki_name(const char *text)
{
	struct buf der = { 0 };

	assert_ok(dn_from_text(text, &der));
	return der;
}

static const struct cert *issue(const struct pki_party *ca, const struct public_key *key,
				struct bytes name, enum scope scope, struct bytes or_address,
				const struct private_key *signer)
{
	const struct cert *cert = NULL;
	const struct cert_plan plan = {
		.subject = name,
		.or_address = or_address,
		.key = key,
		.scope = scope,
		.not_before = PKI_NOW - PKI_YEAR,
		.not_after = PKI_NOW + PKI_YEAR,
	};

	assert_ok(cert_issue(ca ? ca->cert : NULL, signer, &plan, &cert));
	return cert;
}

/* RSA keys take a second to make: one is made for each name in a program, and lasts as long. */
enum { RSA_KEPT = 8 };
static struct {
	char name[80];
	struct private_key *key;
} rsa_keys[RSA_KEPT];

static bool is_kept(const struct private_key *key)
{
	for (size_t i = 0; i < RSA_KEPT; i++)
		if (key && rsa_keys[i].key == key)
			return true;
	return false;
}

static struct private_key *generate(enum key_type type, const char *name)
{
	struct private_key *key = NULL;
	size_t i = 0;

	while (i < RSA_KEPT && rsa_keys[i].key && strcmp(rsa_keys[i].name, name) != 0)
		i++;
	if (type == KEY_RSA && i < RSA_KEPT && rsa_keys[i].key)
		return rsa_keys[i].key;
	assert_ok(private_key_generate(type, &key));
	if (type == KEY_RSA && i < RSA_KEPT) {
		snprintf(rsa_keys[i].name, sizeof(rsa_keys[i].name), "%s", name);
		rsa_keys[i].key = key;
	}
	return key;
}

static struct pki_party authority(const char *text)
{
	AUTO(buf_free) struct buf name = pki_name(text);
	struct pki_party ca = { 0 };

	ca.key = generate(KEY_P256, text);
	ca.cert = issue(NULL, private_key_public(ca.key), buf_view(&name), SCOPE_CA, bytes_none(),
			ca.key);
	return ca;
}

struct pki_party pki_authority_1989(const char *text)
{
	AUTO(buf_free) struct buf name = pki_name(text);
	struct pki_party ca = { .key = generate(KEY_RSA, text) };
	const struct cert_plan plan = {
		.subject = buf_view(&name),
		.key = private_key_public(ca.key),
		.scope = SCOPE_CA,
		.not_before = PKI_NOW - PKI_YEAR,
		.not_after = PKI_NOW + PKI_YEAR,
		.form_1989 = true,
	};

	assert_ok(cert_issue(NULL, ca.key, &plan, &ca.cert));
	return ca;
}

struct pki_party pki_certify(const struct pki_party *ca, const char *text, enum scope scope,
			     enum key_type type, struct bytes or_address)
{
	AUTO(buf_free) struct buf name = pki_name(text);
	struct pki_party party = { 0 };

	party.key = generate(type, text);
	party.cert = issue(ca, private_key_public(party.key), buf_view(&name), scope, or_address,
			   ca->key);
	return party;
}

void pki_party_free(struct pki_party *party)
{
	if (!is_kept(party->key))
		private_key_free(&party->key);
	party->key = NULL;
	cert_free(&party->cert);
}

static void cross_certify(struct pki *pki, const struct pki_party *by, const struct pki_party *of)
{
	AUTO(cert_free) const struct cert *cross = issue(by, of->cert->key, of->cert->subject, SCOPE_CA,
							 bytes_none(), by->key);

	cert_list_add(&pki->cross, cross);
}

void pki_add_found(struct found_list *list, const struct cert *cert)
{
	AUTO(cert_found_free) const struct cert_found *found = NULL;

	assert_ok(cert_found_read(cert->der, &found));
	found_list_add(list, found);
}

static FALLIBLE find_by(const struct pki *pki, const struct cert_list *from, struct bytes name,
			bool issuer_too, struct found_list *out)
{
	if (pki->unreachable)
		return status_copy(pki->unreachable);
	for (size_t i = 0; i < from->count; i++)
		if (dn_equal(from->items[i]->subject, name) ||
		    (issuer_too && dn_equal(from->items[i]->issuer, name)))
			pki_add_found(out, from->items[i]);
	return OK;
}

static FALLIBLE find_users(void *data, struct bytes name, struct found_list *out)
{
	const struct pki *pki = data;

	return find_by(pki, &pki->users, name, false, out);
}

static FALLIBLE find_cross(void *data, struct bytes name, struct found_list *out)
{
	const struct pki *pki = data;

	return find_by(pki, &pki->cross, name, true, out);
}

static FALLIBLE find_crls(void *data, struct bytes name, struct crl_list *out)
{
	const struct pki *pki = data;

	if (pki->unreachable)
		return status_copy(pki->unreachable);
	for (size_t i = 0; i < pki->crls.count; i++)
		if (dn_equal(pki->crls.items[i]->issuer, name))
			crl_list_add(out, pki->crls.items[i]);
	return OK;
}

void pki_publish_crl(struct pki *pki, const struct pki_party *ca, const struct cert *revoked,
		     time_t next_update)
{
	AUTO(crl_free) const struct crl *crl = NULL;
	struct crl_list kept = { 0 };
	const struct revocation entry = {
		.serial = revoked ? revoked->serial : bytes_none(),
		.when = PKI_NOW - 3600,
		.reason = REVOKED_KEY_COMPROMISE,
	};
	const struct crl_plan plan = {
		.revoked = &entry,
		.count = revoked ? 1 : 0,
		.number = 1,
		.this_update = PKI_NOW - 7200,
		.next_update = next_update,
	};

	assert_ok(crl_issue(ca->cert, ca->key, &plan, &crl));
	for (size_t i = 0; i < pki->crls.count; i++)
		if (!dn_equal(pki->crls.items[i]->issuer, ca->cert->subject))
			crl_list_add(&kept, pki->crls.items[i]);
	crl_list_add(&kept, crl);
	crl_list_free(&pki->crls);
	pki->crls = kept;
}

void pki_make(struct pki *pki)
{
	*pki = (struct pki){
		.north = authority("CN=North CA,O=North,C=FR"),
		.south = authority("CN=South CA,O=South,C=IT"),
	};
	AUTO(buf_free) struct buf address = hex("300a a508 6306 1304 4652 4f4e");
	pki->alice = pki_certify(&pki->north, "CN=Alice,O=North,C=FR", SCOPE_UA, KEY_P256,
				 buf_view(&address));
	pki->mallory = pki_certify(&pki->north, "CN=Mallory,O=North,C=FR", SCOPE_UA, KEY_P256,
				   bytes_none());
	pki->bob = pki_certify(&pki->south, "CN=Bob,O=South,C=IT", SCOPE_UA, KEY_P256, bytes_none());
	pki->carol = pki_certify(&pki->south, "CN=Carol,O=South,C=IT", SCOPE_UA, KEY_RSA, bytes_none());
	pki->bob_ms = pki_certify(&pki->south, "CN=Bob MS,O=South,C=IT", SCOPE_MS, KEY_ED25519,
				  bytes_none());
	pki->south_mta = pki_certify(&pki->south, "CN=MTA,O=South,C=IT", SCOPE_MTA, KEY_P256,
				     bytes_none());
	cert_list_add(&pki->users, pki->alice.cert);
	cert_list_add(&pki->users, pki->mallory.cert);
	cert_list_add(&pki->users, pki->bob.cert);
	cert_list_add(&pki->users, pki->carol.cert);
	cross_certify(pki, &pki->north, &pki->south);
	cross_certify(pki, &pki->south, &pki->north);
	pki_publish_crl(pki, &pki->north, NULL, PKI_NOW + PKI_YEAR / 2);
	pki_publish_crl(pki, &pki->south, NULL, PKI_NOW + PKI_YEAR / 2);
	pki->source = (struct cert_source){ pki, find_users, find_cross, find_crls, NULL, NULL, NULL };
}

void pki_cleanup(struct pki *pki)
{
	struct pki_party *const parties[] = {
		&pki->north, &pki->south, &pki->alice, &pki->mallory, &pki->bob, &pki->carol,
		&pki->bob_ms, &pki->south_mta,
	};

	for (size_t i = 0; i < sizeof(parties) / sizeof(parties[0]); i++)
		pki_party_free(parties[i]);
	cert_list_free(&pki->users);
	cert_list_free(&pki->cross);
	crl_list_free(&pki->crls);
	status_free(&pki->unreachable);
}

struct path_query pki_query(const struct pki *pki, const struct pki_party *anchor, enum scope scope)
{
	return (struct path_query){
		.anchors = &anchor->cert,
		.anchor_count = 1,
		.source = &pki->source,
		.now = PKI_NOW,
		.scope = scope,
	};
}
