/* SPDX-License-Identifier: Apache-2.0 */
/* A mesh of authorities as LDIF [RFC 2849]. */
#include "tests/support/mesh_ldif.h"

#include "asn1/pair.h"
#include "lib/base/memory.h"
#include "tests/support/check.h"

#include <openssl/evp.h>

static void put_octets(const char *attr, struct bytes octets, FILE *to)
{
	AUTO(mem_free) char *text = mem_new_array(char, (octets.len + 2) / 3 * 4 + 1);

	EVP_EncodeBlock((unsigned char *)text, octets.data, (int)octets.len);
	fprintf(to, "%s;binary:: %s\n", attr, text);
}

static bool is_of(struct bytes name, const struct mesh_node *node)
{
	return bytes_equal(name, buf_view(&node->name));
}

/* What the authority's peer has certified in return; null where nothing. */
static const struct cert *in_return(const struct mesh_node *node, const struct cert *reverse)
{
	for (size_t i = 0; i < node->entry.count; i++)
		if (bytes_equal(node->entry.items[i]->issuer, reverse->subject))
			return node->entry.items[i];
	return NULL;
}

static bool has_return(const struct mesh_node *node, const struct cert *forward)
{
	for (size_t i = 0; i < node->entry.count; i++)
		if (bytes_equal(node->entry.items[i]->subject, forward->issuer))
			return true;
	return false;
}

static void put_pair(const struct cert *forward, const struct cert *reverse, FILE *to)
{
	const struct cert_pair pair = {
		.forward = forward ? forward->der : bytes_none(),
		.reverse = reverse ? reverse->der : bytes_none(),
	};
	AUTO(buf_free) struct buf der = { 0 };

	assert_ok(pair_encode(&pair, &der));
	put_octets("crossCertificatePair", buf_view(&der), to);
}

static void put_authority(struct mesh *mesh, const struct mesh_node *node, FILE *to)
{
	AUTO(crl_list_free) struct crl_list crls = { 0 };

	fprintf(to, "dn: %s\nobjectClass: applicationProcess\nobjectClass: pkiCA\n",
		node->party.cert->subject_text);
	for (size_t i = 0; i < node->entry.count; i++) {
		const struct cert *cert = node->entry.items[i];

		if (is_of(cert->issuer, node))
			put_pair(in_return(node, cert), cert, to);
		else if (!has_return(node, cert))
			put_pair(cert, NULL, to);
	}
	assert_ok(mesh->source.crls(mesh, node->party.cert->subject, &crls));
	for (size_t i = 0; i < crls.count; i++)
		put_octets("certificateRevocationList", crls.items[i]->der, to);
	fputc('\n', to);
}

void mesh_ldif(struct mesh *mesh, FILE *to)
{
	fputs("dn: C=FR\nobjectClass: country\n\ndn: O=Mesh,C=FR\nobjectClass: organization\n\n", to);
	for (size_t i = 0; i < mesh->count; i++) {
		(void)mesh_party(mesh, i);
		(void)mesh_entry(mesh, i);
		put_authority(mesh, &mesh->nodes[i], to);
	}
}

void mesh_ldif_user(const struct cert *user, FILE *to)
{
	fprintf(to, "dn: %s\nobjectClass: person\nobjectClass: pkiUser\nsn: User\n", user->subject_text);
	put_octets("userCertificate", user->der, to);
	fputc('\n', to);
}
