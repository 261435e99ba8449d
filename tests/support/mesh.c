/* SPDX-License-Identifier: Apache-2.0 */
/* Authorities that certify each other. */
#include "tests/support/mesh.h"

#include "asn1/dn.h"
#include "lib/base/memory.h"
#include "tests/support/check.h"

static const struct cert *certify(const struct pki_party *by, struct bytes name,
				  const struct public_key *key, const struct private_key *signer)
{
	const struct cert *cert = NULL;
	const struct cert_plan plan = {
		.subject = name,
		.key = key,
		.scope = SCOPE_CA,
		.not_before = PKI_NOW - PKI_YEAR,
		.not_after = PKI_NOW + PKI_YEAR,
	};

	assert_ok(cert_issue(by ? by->cert : NULL, signer, &plan, &cert));
	return cert;
}

static struct mesh_node *node_of(struct mesh *mesh, struct bytes name)
{
	for (size_t i = 0; i < mesh->count; i++)
		if (bytes_equal(mesh->nodes[i].party.cert->subject, name))
			return &mesh->nodes[i];
	return NULL;
}

static FALLIBLE find_users(void *data, struct bytes name, struct found_list *out)
{
	(void)data;
	(void)name;
	(void)out;
	return OK;
}

static FALLIBLE find_cross(void *data, struct bytes name, struct found_list *out)
{
	struct mesh *mesh = data;
	const struct mesh_node *node = node_of(mesh, name);

	mesh->lookups++;
	for (size_t i = 0; node && i < node->entry.count; i++)
		pki_add_found(out, node->entry.items[i]);
	return OK;
}

static FALLIBLE find_crls(void *data, struct bytes name, struct crl_list *out)
{
	struct mesh_node *node = node_of(data, name);

	if (node && !node->crls.count) {
		AUTO(crl_free) const struct crl *crl = NULL;
		const struct revocation entry = {
			.serial = node->revoked ? node->revoked->serial : bytes_none(),
			.when = PKI_NOW - 3600,
		};
		const struct crl_plan plan = {
			.revoked = &entry,
			.count = node->revoked ? 1 : 0,
			.number = 1,
			.this_update = PKI_NOW - 7200,
			.next_update = PKI_NOW + PKI_YEAR / 2,
		};

		assert_ok(crl_issue(node->party.cert, node->party.key, &plan, &crl));
		crl_list_add(&node->crls, crl);
	}
	for (size_t i = 0; node && i < node->crls.count; i++)
		crl_list_add(out, node->crls.items[i]);
	return OK;
}

void mesh_make(struct mesh *mesh, size_t count)
{
	*mesh = (struct mesh){ mem_new_array(struct mesh_node, count), count,
			       { mesh, find_users, find_cross, find_crls, NULL }, 0 };
	for (size_t i = 0; i < count; i++) {
		struct pki_party *party = &mesh->nodes[i].party;
		AUTO(mem_free) char *text = mem_printf("CN=CA %zu,O=Mesh,C=FR", i);
		AUTO(buf_free) struct buf name = pki_name(text);

		assert_ok(private_key_generate(KEY_P256, &party->key));
		party->cert = certify(NULL, buf_view(&name), private_key_public(party->key), party->key);
	}
}

void mesh_cleanup(struct mesh *mesh)
{
	for (size_t i = 0; i < mesh->count; i++) {
		pki_party_free(&mesh->nodes[i].party);
		cert_list_free(&mesh->nodes[i].entry);
		crl_list_free(&mesh->nodes[i].crls);
	}
	mem_free(&mesh->nodes);
	mesh->count = 0;
}

const struct cert *mesh_cross(const struct mesh *mesh, size_t by, size_t of)
{
	const struct pki_party *upper = &mesh->nodes[by].party, *lower = &mesh->nodes[of].party;

	return certify(upper, lower->cert->subject, lower->cert->key, upper->key);
}

void mesh_certify(struct mesh *mesh, size_t by, size_t of)
{
	AUTO(cert_free) const struct cert *cert = mesh_cross(mesh, by, of);

	cert_list_add(&mesh->nodes[by].entry, cert);
	cert_list_add(&mesh->nodes[of].entry, cert);
}

void mesh_pair(struct mesh *mesh, size_t a, size_t b)
{
	mesh_certify(mesh, a, b);
	mesh_certify(mesh, b, a);
}

struct pki_party mesh_user(const struct mesh *mesh, size_t at)
{
	return pki_certify(&mesh->nodes[at].party, "CN=User,O=Mesh,C=FR", SCOPE_UA, KEY_P256,
			   bytes_none());
}

struct path_query mesh_query(const struct mesh *mesh, size_t anchor)
{
	return (struct path_query){
		.anchors = &mesh->nodes[anchor].party.cert,
		.anchor_count = 1,
		.source = &mesh->source,
		.now = PKI_NOW,
		.scope = SCOPE_UA,
	};
}
