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

struct pki_party *mesh_party(struct mesh *mesh, size_t at)
{
	struct pki_party *party = &mesh->nodes[at].party;

	if (!party->key) {
		assert_ok(private_key_generate(KEY_P256, &party->key));
		party->cert = certify(NULL, buf_view(&mesh->nodes[at].name), private_key_public(party->key),
				      party->key);
	}
	return party;
}

/* Its number; the count where there is none of the name. */
static size_t node_of(const struct mesh *mesh, struct bytes name)
{
	size_t i = 0;

	while (i < mesh->count && !bytes_equal(buf_view(&mesh->nodes[i].name), name))
		i++;
	return i;
}

static void edge_put(struct mesh *mesh, struct mesh_edge *edge, size_t at, bool *io_is_in)
{
	if (!edge->cert)
		edge->cert = mesh_cross(mesh, edge->by, edge->of);
	if (!*io_is_in)
		cert_list_add(&mesh->nodes[at].entry, edge->cert);
	*io_is_in = true;
}

struct cert_list *mesh_entry(struct mesh *mesh, size_t at)
{
	for (size_t i = 0; i < mesh->edge_count; i++) {
		struct mesh_edge *edge = &mesh->edges[i];

		if (edge->by == at)
			edge_put(mesh, edge, at, &edge->in_by);
		if (edge->of == at)
			edge_put(mesh, edge, at, &edge->in_of);
	}
	return &mesh->nodes[at].entry;
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
	const size_t at = node_of(mesh, name);
	const struct cert_list *entry = at < mesh->count ? mesh_entry(mesh, at) : NULL;

	mesh->lookups++;
	for (size_t i = 0; entry && i < entry->count; i++)
		pki_add_found(out, entry->items[i]);
	return OK;
}

static FALLIBLE find_crls(void *data, struct bytes name, struct crl_list *out)
{
	struct mesh *mesh = data;
	const size_t at = node_of(mesh, name);
	struct mesh_node *node = at < mesh->count ? &mesh->nodes[at] : NULL;

	if (node && !node->crls.count) {
		const struct pki_party *party = mesh_party(mesh, at);
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

		assert_ok(crl_issue(party->cert, party->key, &plan, &crl));
		crl_list_add(&node->crls, crl);
	}
	for (size_t i = 0; node && i < node->crls.count; i++)
		crl_list_add(out, node->crls.items[i]);
	return OK;
}

void mesh_make(struct mesh *mesh, size_t count)
{
	*mesh = (struct mesh){
		.nodes = mem_new_array(struct mesh_node, count),
		.count = count,
		.source = { mesh, find_users, find_cross, find_crls, NULL },
	};
	for (size_t i = 0; i < count; i++) {
		AUTO(mem_free) char *text = mem_printf("CN=CA %zu,O=Mesh,C=FR", i);

		mesh->nodes[i].name = pki_name(text);
	}
}

void mesh_cleanup(struct mesh *mesh)
{
	for (size_t i = 0; i < mesh->count; i++) {
		buf_free(&mesh->nodes[i].name);
		pki_party_free(&mesh->nodes[i].party);
		cert_list_free(&mesh->nodes[i].entry);
		crl_list_free(&mesh->nodes[i].crls);
	}
	for (size_t i = 0; i < mesh->edge_count; i++)
		cert_free(&mesh->edges[i].cert);
	mem_free(&mesh->edges);
	mem_free(&mesh->nodes);
	mesh->count = mesh->edge_count = 0;
}

const struct cert *mesh_cross(struct mesh *mesh, size_t by, size_t of)
{
	const struct pki_party *upper = mesh_party(mesh, by), *lower = mesh_party(mesh, of);

	return certify(upper, lower->cert->subject, lower->cert->key, upper->key);
}

void mesh_certify(struct mesh *mesh, size_t by, size_t of)
{
	mesh->edges = mem_grow(mesh->edges, mesh->edge_count + 1, sizeof *mesh->edges);
	mesh->edges[mesh->edge_count++] = (struct mesh_edge){ .by = by, .of = of };
}

void mesh_pair(struct mesh *mesh, size_t a, size_t b)
{
	mesh_certify(mesh, a, b);
	mesh_certify(mesh, b, a);
}

struct pki_party mesh_user(struct mesh *mesh, size_t at)
{
	return pki_certify(mesh_party(mesh, at), "CN=User,O=Mesh,C=FR", SCOPE_UA, KEY_P256,
			   bytes_none());
}

struct path_query mesh_query(struct mesh *mesh, size_t anchor)
{
	return (struct path_query){
		.anchors = &mesh_party(mesh, anchor)->cert,
		.anchor_count = 1,
		.source = &mesh->source,
		.now = PKI_NOW,
		.scope = SCOPE_UA,
	};
}
