/* SPDX-License-Identifier: Apache-2.0 */
/*
 * paths TIMES USERS: what it costs to find a certification path in a real directory server, cold
 * and warm, against the bare reading of the entries it is made of and what OpenSSL itself takes
 * for its certificates and lists; for meshes of several shapes and sizes, over TLS and over a Unix
 * socket.  Then so many users of 500 authorities, one after another.
 */
#include "bench/site.h"

#include "lib/base/memory.h"
#include "lib/mhs/orname.h"
#include "lib/mhs/trust.h"
#include "tests/support/mesh_ldif.h"
#include "tests/support/slapd.h"

#include <malloc.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <time.h>

static struct slapd slapd;
static struct mesh mesh;
static struct test_clock now;

static double now_us(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec * 1e6 + (double)at.tv_nsec / 1e3;
}

/* --- meshes --- */

static void make_ring(size_t size)
{
	mesh_make(&mesh, size);
	for (size_t i = 0; i < size; i++)
		mesh_pair(&mesh, i, (i + 1) % size);
}

static void make_hub(size_t size)
{
	mesh_make(&mesh, size + 1);
	for (size_t i = 1; i <= size; i++)
		mesh_pair(&mesh, 0, i);
}

/* size: its depth. */
static void make_tree(size_t size)
{
	mesh_make(&mesh, ((size_t)2 << size) - 1);
	for (size_t i = 1; i < mesh.count; i++)
		mesh_pair(&mesh, (i - 1) / 2, i);
}

static void make_full(size_t size)
{
	mesh_make(&mesh, size);
	for (size_t i = 0; i < size; i++)
		for (size_t k = 0; k < i; k++)
			mesh_pair(&mesh, i, k);
}

static void publish(const struct pki_party *users, size_t count)
{
	AUTO(mem_free) char *path = mem_printf("%s/mesh.ldif", slapd.folder);
	FILE *to = fopen(path, "we");

	if (!to)
		bench_die("cannot write LDIF");
	mesh_ldif(&mesh, to);
	for (size_t i = 0; i < count; i++)
		mesh_ldif_user(users[i].cert, to);
	if (fclose(to))
		bench_die("cannot write LDIF");
	slapd_stop(&slapd);
	slapd_empty(&slapd);
	slapd_load(&slapd, path);
	slapd_start(&slapd);
}

static struct pki_party make_user(size_t at, size_t number)
{
	AUTO(mem_free) char *name = mem_printf("CN=User %zu,O=Mesh,C=FR", number);

	return pki_certify(mesh_party(&mesh, at), name, SCOPE_UA, KEY_P256, bytes_none());
}

/* --- one path --- */

/* Its connection is open, and nothing of the mesh is known yet. */
static struct trust *open_trust(const struct directory_config *directory, size_t anchor, unsigned certs)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(buf_free) struct buf nobody = { 0 };
	AUTO(mem_free) char *path = mem_printf("%s/ca.pem", slapd.folder);
	const struct trust_options options = {
		.anchor = path, .directory = directory, .clock = &now.clock,
		.limits = { .certs = certs, .lookups = 1000 },
	};
	struct orname *orname = NULL;
	struct cert_path *none = NULL;
	struct trust *trust = NULL;

	bench_must(orname_from_text(arena, "/S=Nobody/ADMD=Net/C=FR/", &orname));
	bench_must(oraddress_encode(orname, &nobody));
	const struct trust_wanted wanted = { .scope = SCOPE_UA, .or_address = buf_view(&nobody) };
	bench_must(cert_save(path, mesh_party(&mesh, anchor)->cert));
	bench_must(trust_open(&options, &trust));
	struct status *absent = trust_find(trust, &wanted, &none);
	if (!absent || absent->kind != ST_NOT_FOUND)
		bench_must(absent);
	status_free(&absent);
	return trust;
}

static void find(struct trust *trust, const struct cert *user, struct cert_path **out_path)
{
	const struct trust_wanted wanted = { .scope = SCOPE_UA, .directory_name = user->subject };

	bench_must(trust_find(trust, &wanted, out_path));
}

/* The entries of a path, one after another, with nothing done to them. */
static double bare_us(const struct directory_config *directory, const struct cert_path *path)
{
	AUTO(directory_free) struct directory *dir = NULL;
	AUTO(arena_free) struct arena *arena = arena_new();
	struct directory_entry entry;

	bench_must(directory_new(directory, &dir));
	bench_must(directory_connect(dir));
	const double from = now_us();
	for (size_t i = 0; i < path->chain.count; i++)
		bench_must(directory_get_der(dir, path->chain.items[i]->subject, arena, &entry));
	return now_us() - from;
}

/* What OpenSSL takes to decode and verify what a path consists of. */
static double openssl_us(const struct cert_path *path)
{
	EVP_PKEY *keys[64] = { NULL };
	const size_t count = path->chain.count;
	const double from = now_us();

	for (size_t i = 0; i < count; i++) {
		const uint8_t *at = path->chain.items[count - 1 - i]->der.data;
		X509 *cert = d2i_X509(NULL, &at, (long)path->chain.items[count - 1 - i]->der.len);

		if (!cert || count > 64 || (i && X509_verify(cert, keys[i - 1]) != 1))
			bench_die("openssl does not verify a certificate");
		keys[i] = X509_get_pubkey(cert);
		X509_free(cert);
	}
	for (size_t i = 0; i < path->lists.count; i++) {
		const uint8_t *at = path->lists.items[i]->der.data;
		X509_CRL *list = d2i_X509_CRL(NULL, &at, (long)path->lists.items[i]->der.len);

		/* Lists are in the order of the chain, the lowest authority first. */
		if (!list || X509_CRL_verify(list, keys[count - 2 - i]) != 1)
			bench_die("openssl does not verify a revocation list");
		X509_CRL_free(list);
	}
	for (size_t i = 0; i < count; i++)
		EVP_PKEY_free(keys[i]);
	return now_us() - from;
}

struct figures {
	double *cold, *warm, *bare, *openssl;
	size_t cold_octets, warm_octets;
	unsigned long cold_requests, warm_requests;
	size_t certs;
	unsigned lookups;
};

static void measure_once(const struct directory_config *directory, size_t anchor, unsigned limit,
			 const struct cert *user, size_t at, struct figures *figures)
{
	const size_t octets = mallinfo2().uordblks;
	AUTO(trust_free) struct trust *trust = open_trust(directory, anchor, limit);
	AUTO(cert_path_free) struct cert_path *cold = NULL;
	AUTO(cert_path_free) struct cert_path *warm = NULL;
	const unsigned long before = slapd_searches(&slapd);
	double from = now_us();

	find(trust, user, &cold);
	figures->cold[at] = now_us() - from;
	const unsigned long after = slapd_searches(&slapd);
	figures->cold_octets = mallinfo2().uordblks - octets;
	from = now_us();
	find(trust, user, &warm);
	figures->warm[at] = now_us() - from;
	figures->warm_octets = mallinfo2().uordblks - octets;
	figures->warm_requests = slapd_searches(&slapd) - after;
	figures->cold_requests = after - before;
	figures->certs = cold->chain.count;
	figures->lookups = cold->lookups;
	figures->bare[at] = bare_us(directory, cold);
	figures->openssl[at] = openssl_us(cold);
}

struct case_of {
	const char *shape;
	void (*make)(size_t size);
	size_t size, from, to;
	unsigned limit;
};

static void print_figures(const struct case_of *of, const char *over, size_t times,
			  struct figures *figures)
{
	const double cold = bench_median(figures->cold, times), bare = bench_median(figures->bare, times);
	const double openssl = bench_median(figures->openssl, times);

	printf("bench=paths mesh=%s size=%zu authorities=%zu certificates=%zu over=%s times=%zu lookups=%u "
	       "cold_requests=%lu cold_us=%.0f bare_us=%.0f openssl_us=%.0f "
	       "cold_per_bare=%.2f cold_per_bare_and_openssl=%.2f cold_octets=%zu "
	       "warm_requests=%lu warm_us=%.0f warm_octets=%zu\n", of->shape, of->size, mesh.count,
	       figures->certs, over, times, figures->lookups, figures->cold_requests, cold, bare, openssl,
	       cold / bare, cold / (bare + openssl),
	       figures->cold_octets, figures->warm_requests, bench_median(figures->warm, times),
	       figures->warm_octets);
	fflush(stdout);
}

static void measure(const struct case_of *of, const struct directory_config *directory,
		    const char *over, const struct cert *user, size_t times)
{
	struct figures figures = { mem_new_array(double, times), mem_new_array(double, times),
				   mem_new_array(double, times), mem_new_array(double, times) };

	for (size_t i = 0; i < times; i++)
		measure_once(directory, of->from, of->limit, user, i, &figures);
	print_figures(of, over, times, &figures);
	mem_free(&figures.cold);
	mem_free(&figures.warm);
	mem_free(&figures.bare);
	mem_free(&figures.openssl);
}

static void report(const struct case_of *of, size_t times)
{
	struct pki_party user = make_user(of->to, 0);

	publish(&user, 1);
	measure(of, &slapd.over_tls, "tls", user.cert, times);
	measure(of, &slapd.config, "unix", user.cert, times);
	pki_party_free(&user);
}

/* --- many users --- */

static void report_users(size_t count)
{
	struct pki_party *users = mem_new_array(struct pki_party, count);

	make_hub(500);
	for (size_t i = 0; i < count; i++)
		users[i] = make_user(1 + i % 500, i);
	publish(users, count);

	const size_t octets = mallinfo2().uordblks;
	AUTO(trust_free) struct trust *trust = open_trust(&slapd.config, 1, 0);
	const unsigned long before = slapd_searches(&slapd);
	double from = now_us();

	for (size_t round = 0; round < 2; round++) {
		for (size_t i = 0; i < count; i++) {
			AUTO(cert_path_free) struct cert_path *path = NULL;

			find(trust, users[i].cert, &path);
		}
		const double took = now_us() - from;
		printf("bench=paths_users round=%s users=%zu authorities=%zu each_us=%.0f requests=%lu "
		       "octets=%zu\n", round ? "second" : "first", count, mesh.count,
		       took / (double)count, slapd_searches(&slapd) - before,
		       mallinfo2().uordblks - octets);
		from = now_us();
	}
	for (size_t i = 0; i < count; i++)
		pki_party_free(&users[i]);
	mem_free(&users);
}

int main(int argc, char **argv)
{
	static const struct case_of meshes[] = {
		{ "ring", make_ring, 10, 0, 2, 0 }, { "ring", make_ring, 50, 0, 2, 0 },
		{ "ring", make_ring, 50, 0, 6, 0 }, { "ring", make_ring, 50, 0, 25, 30 },
		{ "hub", make_hub, 50, 1, 50, 0 }, { "hub", make_hub, 500, 1, 500, 0 },
		{ "hub", make_hub, 500, 0, 500, 0 },
		{ "tree", make_tree, 5, 0, 6, 0 }, { "tree", make_tree, 10, 0, 6, 0 },
		{ "tree", make_tree, 10, 0, 2046, 16 }, { "tree", make_tree, 10, 1023, 2046, 24 },
		{ "full", make_full, 10, 0, 9, 0 }, { "full", make_full, 40, 0, 39, 0 },
	};

	if (argc != 3)
		bench_die("usage: paths TIMES USERS");
	test_clock_init(&now, PKI_NOW);
	slapd_init(&slapd);
	slapd_secure(&slapd);
	for (size_t i = 0; i < sizeof(meshes) / sizeof(meshes[0]); i++) {
		if (i == 0 || meshes[i].make != meshes[i - 1].make || meshes[i].size != meshes[i - 1].size) {
			mesh_cleanup(&mesh);
			meshes[i].make(meshes[i].size);
		}
		report(&meshes[i], (size_t)strtoul(argv[1], NULL, 10));
	}
	mesh_cleanup(&mesh);
	report_users((size_t)strtoul(argv[2], NULL, 10));
	mesh_cleanup(&mesh);
	slapd_cleanup(&slapd);
	return 0;
}
