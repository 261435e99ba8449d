/* SPDX-License-Identifier: Apache-2.0 */
/* Paths through graphs of many shapes: the shortest is found, and with how many questions. */
#include "lib/sec/path.h"

#include "lib/base/memory.h"
#include "tests/support/check.h"
#include "tests/support/mesh.h"

static struct mesh mesh;
static struct pki_party user;

static int teardown(void **state)
{
	(void)state;
	pki_party_free(&user);
	mesh_cleanup(&mesh);
	return 0;
}

/* The path from an authority to a user of another, at most so long, has so many certificates;
 * it took at most so many questions. */
static void expect_path(size_t anchor, size_t at, unsigned limit, size_t certs, unsigned lookups)
{
	struct path_query query = mesh_query(&mesh, anchor);
	AUTO(cert_path_free) struct cert_path *path = NULL;

	pki_party_free(&user);
	user = mesh_user(&mesh, at);
	query.limits = (struct path_limits){ .certs = limit, .lookups = 1000 };
	mesh.lookups = 0;
	assert_ok(path_verify(&query, user.cert, &path));
	assert_int_equal(path->chain.count, certs);
	assert_int_equal(path->lookups, mesh.lookups);
	print_message("    %zu certificates, %u look-ups\n", path->chain.count, mesh.lookups);
	assert_true(mesh.lookups <= lookups);
}

/* There is none, in these words. */
static void expect_none(size_t anchor, size_t at, const struct path_limits *limits,
			const char *words)
{
	struct path_query query = mesh_query(&mesh, anchor);
	AUTO(cert_path_free) struct cert_path *path = NULL;

	pki_party_free(&user);
	user = mesh_user(&mesh, at);
	if (limits)
		query.limits = *limits;
	mesh.lookups = 0;
	assert_fails(path_verify(&query, user.cert, &path), words);
}

static void a_ring_of_50(void **state)
{
	(void)state;
	mesh_make(&mesh, 50);
	for (size_t i = 0; i < 50; i++)
		mesh_pair(&mesh, i, (i + 1) % 50);
	expect_path(0, 0, 0, 2, 0);
	expect_path(0, 1, 0, 3, 1);
	expect_path(0, 3, 0, 5, 4);
	expect_path(0, 47, 0, 5, 4);
	expect_path(0, 25, 30, 27, 50);
	expect_none(0, 25, NULL, "no path from CN=CA 0,O=Mesh,C=FR to CN=User,O=Mesh,C=FR");
}

static void a_hub_and_500_spokes(void **state)
{
	(void)state;
	mesh_make(&mesh, 501);
	for (size_t i = 1; i <= 500; i++)
		mesh_pair(&mesh, 0, i);
	expect_path(1, 500, 0, 4, 2);
	expect_path(0, 500, 0, 3, 1);
	expect_path(7, 0, 0, 3, 1);
}

static void a_tree_of_depth_10(void **state)
{
	enum { NODES = (1 << 11) - 1, FIRST_LEAF = (1 << 10) - 1 };

	(void)state;
	mesh_make(&mesh, NODES);
	for (size_t i = 1; i < NODES; i++)
		mesh_pair(&mesh, (i - 1) / 2, i);
	expect_path(0, NODES - 1, 16, 12, 48);		/* down */
	expect_path(NODES - 1, 0, 16, 12, 48);		/* up */
	expect_path(FIRST_LEAF, NODES - 1, 24, 22, 260);	/* up and down */
}

static void a_full_mesh_of_40(void **state)
{
	(void)state;
	mesh_make(&mesh, 40);
	for (size_t i = 0; i < 40; i++)
		for (size_t j = 0; j < i; j++)
			mesh_pair(&mesh, i, j);
	expect_path(0, 39, 0, 3, 1);
}

static void a_loop_of_1000(void **state)
{
	static const struct path_limits far = { .certs = 2000, .lookups = 100 };

	(void)state;
	mesh_make(&mesh, 1001);
	for (size_t i = 1; i <= 1000; i++)
		mesh_certify(&mesh, i, i % 1000 + 1);
	expect_none(0, 1, NULL, "no path from CN=CA 0,O=Mesh,C=FR");
	assert_true(mesh.lookups <= 2 * PATH_MAX_CERTS);
	expect_none(0, 1, &far, "was found in 100 entries of authorities, which is the limit");
	assert_int_equal(mesh.lookups, 100);
}

static void dead_ends_are_left(void **state)
{
	(void)state;
	mesh_make(&mesh, 40);
	for (size_t i = 10; i < 40; i++) {
		mesh_certify(&mesh, i, 3);	/* they certify the user's authority, and nobody them */
		mesh_certify(&mesh, 0, i);	/* or they are certified, and certify nobody */
		mesh.nodes[i].revoked = mesh.nodes[3].entry.items[mesh.nodes[3].entry.count - 1];
	}
	mesh_pair(&mesh, 0, 1);
	mesh_pair(&mesh, 1, 2);
	mesh_pair(&mesh, 2, 3);
	expect_path(0, 3, 0, 5, 5);
}

static void a_revoked_shortcut_is_gone_around(void **state)
{
	struct path_query query;
	AUTO(cert_path_free) struct cert_path *path = NULL;

	(void)state;
	mesh_make(&mesh, 4);
	mesh_certify(&mesh, 0, 3);
	mesh.nodes[0].revoked = mesh.nodes[3].entry.items[0];
	mesh_pair(&mesh, 0, 1);
	mesh_pair(&mesh, 1, 3);
	expect_path(0, 3, 0, 4, 3);
	/* A second way, with nothing better: each is told. */
	crl_list_free(&mesh.nodes[1].crls);
	mesh.nodes[1].revoked = mesh.nodes[3].entry.items[1];
	query = mesh_query(&mesh, 0);
	assert_fails(path_verify(&query, user.cert, &path),
		     "none of 2 paths to CN=User,O=Mesh,C=FR is acceptable");
	assert_fails(path_verify(&query, user.cert, &path),
		     "by way of CN=CA 3,O=Mesh,C=FR, CN=CA 0,O=Mesh,C=FR: the certificate of "
		     "CN=CA 3,O=Mesh,C=FR was revoked on");
	assert_fails(path_verify(&query, user.cert, &path),
		     "by way of CN=CA 3,O=Mesh,C=FR, CN=CA 1,O=Mesh,C=FR, CN=CA 0,O=Mesh,C=FR: the");
}

static void one_end_of_a_pair_is_enough(void **state)
{
	AUTO(cert_free) const struct cert *cross = NULL;

	(void)state;
	mesh_make(&mesh, 2);
	cross = mesh_cross(&mesh, 0, 1);
	expect_none(0, 1, NULL, "nothing certifies CN=CA 1,O=Mesh,C=FR to us");
	cert_list_add(&mesh.nodes[0].entry, cross);
	expect_path(0, 1, 0, 3, 2);
	cert_list_free(&mesh.nodes[0].entry);
	cert_list_add(&mesh.nodes[1].entry, cross);
	expect_path(0, 1, 0, 3, 1);
	cert_list_free(&mesh.nodes[1].entry);
	expect_none(0, 1, NULL, "nothing certifies CN=CA 1,O=Mesh,C=FR to us");
}

/* The same certificate with another signature. */
static const struct cert *forge(const struct cert *cert)
{
	AUTO(buf_free) struct buf der = buf_copy(cert->der);
	const struct cert *forged = NULL;

	der.data[der.len - 1] ^= 1;
	assert_ok(cert_decode(buf_view(&der), &forged));
	return forged;
}

static void a_forged_pair_is_gone_around(void **state)
{
	AUTO(cert_free) const struct cert *shortcut = NULL;
	AUTO(cert_free) const struct cert *forged = NULL;

	(void)state;
	mesh_make(&mesh, 3);
	shortcut = mesh_cross(&mesh, 0, 2);
	forged = forge(shortcut);
	cert_list_add(&mesh.nodes[2].entry, forged);
	expect_none(0, 2, NULL, "the certificate of CN=CA 2,O=Mesh,C=FR was not signed by "
		    "CN=CA 0,O=Mesh,C=FR");
	mesh_pair(&mesh, 0, 1);
	mesh_pair(&mesh, 1, 2);
	expect_path(0, 2, 0, 4, 3);
}

/* An authority with the name of another, in whose entry it has put its certificates. */
static void names_collide(void **state)
{
	struct pki_party thief = { 0 };
	const struct cert_plan plan = {
		.scope = SCOPE_CA,
		.not_before = PKI_NOW - PKI_YEAR,
		.not_after = PKI_NOW + PKI_YEAR,
	};
	struct cert_plan own = plan;

	(void)state;
	mesh_make(&mesh, 3);
	assert_ok(private_key_generate(KEY_P256, &thief.key));
	own.subject = mesh.nodes[1].party.cert->subject;
	own.key = private_key_public(thief.key);
	assert_ok(cert_issue(NULL, thief.key, &own, &thief.cert));
	for (size_t by = 0; by < 3; by += 2) {
		AUTO(cert_free) const struct cert *cross = NULL;

		assert_ok(cert_issue(mesh.nodes[by].party.cert, mesh.nodes[by].party.key, &own, &cross));
		cert_list_add(&mesh.nodes[1].entry, cross);
	}
	cert_list_add(&mesh.nodes[1].entry, thief.cert);
	expect_none(0, 1, NULL, "nothing certifies CN=CA 1,O=Mesh,C=FR to us");
	mesh_pair(&mesh, 0, 1);
	expect_path(0, 1, 0, 3, 1);
	pki_party_free(&thief);
}

#define SHAPE(test) cmocka_unit_test_teardown(test, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHAPE(a_ring_of_50),
		SHAPE(a_hub_and_500_spokes),
		SHAPE(a_tree_of_depth_10),
		SHAPE(a_full_mesh_of_40),
		SHAPE(a_loop_of_1000),
		SHAPE(dead_ends_are_left),
		SHAPE(a_revoked_shortcut_is_gone_around),
		SHAPE(one_end_of_a_pair_is_enough),
		SHAPE(a_forged_pair_is_gone_around),
		SHAPE(names_collide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
