/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths through meshes of authorities in a real directory server, which counts how often it is
 * asked: a path's cost depends on its length, and what is known already costs nothing.  Skipped
 * where there is no slapd; bench/paths measures the same in large.
 */
#include "lib/mhs/trust.h"

#include "lib/base/memory.h"
#include "tests/support/check.h"
#include "tests/support/mesh_ldif.h"
#include "tests/support/slapd.h"


static struct slapd slapd;
static struct test_clock now;
static struct mesh mesh;
static struct trust *trust;

/* The mesh and users of these authorities are in the directory, in place of what was. */
static void publish(const struct pki_party *users, size_t count)
{
	AUTO(mem_free) char *path = mem_printf("%s/mesh.ldif", slapd.folder);
	FILE *to = fopen(path, "we");

	assert_non_null(to);
	mesh_ldif(&mesh, to);
	for (size_t i = 0; i < count; i++)
		mesh_ldif_user(users[i].cert, to);
	assert_int_equal(fclose(to), 0);
	slapd_stop(&slapd);
	slapd_empty(&slapd);
	slapd_load(&slapd, path);
	slapd_start(&slapd);
}

static void trust_authority(size_t anchor, unsigned certs)
{
	AUTO(mem_free) char *path = mem_printf("%s/ca.pem", slapd.folder);
	const struct trust_options options = {
		.anchor = path, .directory = &slapd.config, .clock = &now.clock,
		.limits = { .certs = certs, .lookups = 200 },
	};

	trust_free(&trust);
	assert_ok(cert_save(path, mesh_party(&mesh, anchor)->cert));
	assert_ok(trust_open(&options, &trust));
}

static FALLIBLE find(const struct cert *user, struct cert_path **out_path)
{
	const struct trust_wanted wanted = { .scope = SCOPE_UA, .directory_name = user->subject };

	return trust_find(trust, &wanted, out_path);
}

/* Where a path leads, how long it is, and how often the server may be asked for it. */
struct journey {
	size_t from, to;
	unsigned limit;
	size_t certs;
	unsigned long requests;
};

static void travel(const struct journey *journey, const struct cert *user)
{
	AUTO(cert_path_free) struct cert_path *cold = NULL;
	AUTO(cert_path_free) struct cert_path *warm = NULL;
	unsigned long before;

	trust_authority(journey->from, journey->limit);
	before = slapd_searches(&slapd);
	assert_ok(find(user, &cold));
	assert_int_equal(cold->chain.count, journey->certs);
	const unsigned long asked = slapd_searches(&slapd) - before;
	print_message("    %zu certificates, %lu requests\n", cold->chain.count, asked);
	assert_true(asked <= journey->requests);
	assert_ok(find(user, &warm));
	assert_int_equal(slapd_searches(&slapd) - before, asked);	/* warm: none */
}

static void travel_all(const struct journey *journeys, size_t count)
{
	struct pki_party *users = mem_new_array(struct pki_party, count);

	for (size_t i = 0; i < count; i++) {
		AUTO(mem_free) char *name = mem_printf("CN=User %zu,O=Mesh,C=FR", i);

		users[i] = pki_certify(mesh_party(&mesh, journeys[i].to), name, SCOPE_UA, KEY_P256,
				       bytes_none());
	}
	publish(users, count);
	for (size_t i = 0; i < count; i++) {
		travel(&journeys[i], users[i].cert);
		pki_party_free(&users[i]);
	}
	mem_free(&users);
}

#define TRAVEL(...)                                                                    \
	travel_all((const struct journey[]){ __VA_ARGS__ },                            \
		   sizeof((const struct journey[]){ __VA_ARGS__ }) / sizeof(struct journey))

static void a_ring_of_10(void **state)
{
	(void)state;
	mesh_make(&mesh, 10);
	for (size_t i = 0; i < 10; i++)
		mesh_pair(&mesh, i, (i + 1) % 10);
	TRAVEL({ 0, 0, 0, 2, 2 }, { 0, 1, 0, 3, 3 }, { 0, 2, 0, 4, 4 }, { 0, 3, 0, 5, 7 },
	       { 0, 5, 8, 7, 11 });
}

static void a_hub_and_30_spokes(void **state)
{
	(void)state;
	mesh_make(&mesh, 31);
	for (size_t i = 1; i <= 30; i++)
		mesh_pair(&mesh, 0, i);
	TRAVEL({ 1, 30, 0, 4, 4 }, { 0, 30, 0, 3, 3 }, { 7, 0, 0, 3, 3 });
}

static void a_tree_of_depth_4(void **state)
{
	enum { NODES = (1 << 5) - 1, FIRST_LEAF = (1 << 4) - 1 };

	(void)state;
	mesh_make(&mesh, NODES);
	for (size_t i = 1; i < NODES; i++)
		mesh_pair(&mesh, (i - 1) / 2, i);
	TRAVEL({ 0, NODES - 1, 0, 6, 7 }, { NODES - 1, 0, 0, 6, 7 },
	       { FIRST_LEAF, NODES - 1, 12, 10, 14 });
}

static void a_full_mesh_of_10(void **state)
{
	(void)state;
	mesh_make(&mesh, 10);
	for (size_t i = 0; i < 10; i++)
		for (size_t j = 0; j < i; j++)
			mesh_pair(&mesh, i, j);
	TRAVEL({ 0, 9, 0, 3, 3 }, { 4, 2, 0, 3, 3 });
}

/* --- attacks, each with its twin --- */

/* Authorities that certify each other in a circle, to which no way leads from us. */
static void a_loop_of_1000(void **state)
{
	AUTO(cert_path_free) struct cert_path *path = NULL;
	struct pki_party users[2];

	(void)state;
	mesh_make(&mesh, 1001);
	for (size_t i = 1; i <= 1000; i++)
		mesh_certify(&mesh, i, i % 1000 + 1);
	mesh_pair(&mesh, 0, 500);
	cert_list_free(mesh_entry(&mesh, 0));	/* and who would vouch for the twin's authority */
	cert_list_add(mesh_entry(&mesh, 0), mesh_entry(&mesh, 500)->items[2]);
	users[0] = pki_certify(mesh_party(&mesh, 1), "CN=User 0,O=Mesh,C=FR", SCOPE_UA, KEY_P256,
			       bytes_none());
	users[1] = pki_certify(mesh_party(&mesh, 502), "CN=User 1,O=Mesh,C=FR", SCOPE_UA, KEY_P256,
			       bytes_none());
	publish(users, 2);
	trust_authority(0, 2000);

	const int64_t from = milliseconds();
	const unsigned long before = slapd_searches(&slapd);
	assert_fails(find(users[0].cert, &path), "was found in 200 entries of authorities, which is the "
		     "limit");
	assert_true(slapd_searches(&slapd) - before <= 220);
	assert_true(milliseconds() - from < 20000);
	assert_ok(find(users[1].cert, &path));
	assert_int_equal(path->chain.count, 5);
	pki_party_free(&users[0]);
	pki_party_free(&users[1]);
}

/* An authority's entry with more pairs than anybody reads; another user's path is found. */
static void a_flood_of_pairs(void **state)
{
	AUTO(cert_path_free) struct cert_path *path = NULL;
	struct pki_party users[2];

	(void)state;
	mesh_make(&mesh, 3);
	mesh_pair(&mesh, 0, 1);
	mesh_pair(&mesh, 0, 2);
	users[0] = pki_certify(mesh_party(&mesh, 1), "CN=User 0,O=Mesh,C=FR", SCOPE_UA, KEY_P256,
			       bytes_none());
	users[1] = pki_certify(mesh_party(&mesh, 2), "CN=User 1,O=Mesh,C=FR", SCOPE_UA, KEY_P256,
			       bytes_none());
	for (size_t i = 0; i < 40; i++)		/* each differs, and none of them leads anywhere */
		mesh_certify(&mesh, 1, 2);
	cert_list_free(mesh_entry(&mesh, 2));
	mesh_pair(&mesh, 0, 2);
	publish(users, 2);
	slapd.config.max_values = 20;
	trust_authority(0, 0);
	assert_fails(find(users[0].cert, &path), "has more than 20 values");
	assert_ok(find(users[1].cert, &path));
	cert_path_free(&path);
	slapd.config.max_values = 0;
	trust_authority(0, 0);
	assert_ok(find(users[0].cert, &path));
	pki_party_free(&users[0]);
	pki_party_free(&users[1]);
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

/* A pair is honest, then forged, then revoked, then gone: each has its own words. */
static void a_pair_that_no_longer_holds(void **state)
{
	AUTO(cert_path_free) struct cert_path *path = NULL;
	AUTO(cert_free) const struct cert *cross = NULL;
	AUTO(cert_free) const struct cert *forged = NULL;
	struct pki_party user;

	(void)state;
	mesh_make(&mesh, 2);
	cross = mesh_cross(&mesh, 0, 1);
	forged = forge(cross);
	user = mesh_user(&mesh, 1);
	cert_list_add(mesh_entry(&mesh, 1), cross);
	publish(&user, 1);
	trust_authority(0, 0);
	assert_ok(find(user.cert, &path));
	cert_list_free(mesh_entry(&mesh, 1));
	cert_list_add(mesh_entry(&mesh, 1), forged);
	publish(&user, 1);
	trust_authority(0, 0);
	assert_fails(find(user.cert, &path), "the certificate of CN=CA 1,O=Mesh,C=FR was not signed by "
		     "CN=CA 0,O=Mesh,C=FR");
	cert_list_free(mesh_entry(&mesh, 1));
	cert_list_add(mesh_entry(&mesh, 1), cross);
	mesh.nodes[0].revoked = cross;
	crl_list_free(&mesh.nodes[0].crls);
	publish(&user, 1);
	trust_authority(0, 0);
	assert_fails(find(user.cert, &path), "the certificate of CN=CA 1,O=Mesh,C=FR was revoked on");
	cert_list_free(mesh_entry(&mesh, 1));
	publish(&user, 1);
	trust_authority(0, 0);
	assert_fails(find(user.cert, &path), "nothing certifies CN=CA 1,O=Mesh,C=FR to us");
	pki_party_free(&user);
}

static int setup(void **state)
{
	(void)state;
	test_clock_init(&now, PKI_NOW);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	mesh_cleanup(&mesh);
	trust_free(&trust);
	return 0;
}

static int start(void **state)
{
	(void)state;
	slapd_init(&slapd);
	return 0;
}

static int end(void **state)
{
	(void)state;
	slapd_cleanup(&slapd);
	return 0;
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(a_ring_of_10),
		FRESH(a_hub_and_30_spokes),
		FRESH(a_tree_of_depth_4),
		FRESH(a_full_mesh_of_10),
		FRESH(a_loop_of_1000),
		FRESH(a_flood_of_pairs),
		FRESH(a_pair_that_no_longer_holds),
	};

	if (!slapd_is_installed())
		return 0;
	return cmocka_run_group_tests(tests, start, end);
}
