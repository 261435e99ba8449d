/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A directory in which there is more than anybody should read: each answer has an end, in values, in
 * octets, in memory and in time, and says so in words.  The server is a real one; skipped where there
 * is none.
 */
#include "lib/base/memory.h"
#include "tests/support/check.h"
#include "tests/support/directory_scene.h"
#include "tests/support/process.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	MANY_REVOKED = 300000,		/* a list of more than 10 MB */
	PEOPLE = 150,
	PAGE = 50,			/* of a walk */
	MEMORY_TIMES = 12,		/* a list in memory, at most: its octets, its copies and its entries */
	TOO_MANY = 10000,		/* values of one attribute */
	MANY = 1000,			/* as are read, but not all tried */
	SOME = 40,			/* as are tried */
	PATIENCE = SANITIZED ? 60000 : 10000,	/* milliseconds */
};

static const char *program;		/* this one */
static struct slapd server;
static struct pki pki;
static struct test_clock now;

/* Everybody has the same address. */
static void put_people(void)
{
	AUTO(mem_free) char *path = mem_printf("%s/people.ldif", server.folder);
	FILE *to = fopen(path, "we");

	assert_non_null(to);
	fputs("dn: C=FR\nobjectClass: country\n\n", to);
	for (int i = 0; i < PEOPLE; i++)
		fprintf(to, "dn: CN=Person %d,C=FR\nobjectClass: inetOrgPerson\nsn: Person\n"
			"mail: everybody@example\n\n", i);
	assert_int_equal(fclose(to), 0);
	slapd_stop(&server);
	slapd_load(&server, path);
	slapd_start(&server);
}

/* What a search finds has an end, in entries and in octets, before it is all in memory. */
static void a_search_finds_very_many(void **state)
{
	AUTO(directory_free) struct directory *dir = NULL;
	AUTO(arena_free) struct arena *arena = arena_new();
	struct directory_entries entries = { 0 };
	struct directory_config more = server.config;

	(void)state;
	put_people();
	assert_ok(directory_new(&server.config, &dir));
	assert_fails(directory_find(dir, DIRECTORY_MAIL, "everybody@example", arena, &entries),
		     "there are more than 100 entries");
	assert_int_equal(entries.count, 0);
	directory_free(&dir);
	more.max_entries = PEOPLE;
	assert_ok(directory_new(&more, &dir));
	assert_ok(directory_find(dir, DIRECTORY_MAIL, "everybody@example", arena, &entries));
	assert_int_equal(entries.count, PEOPLE);
}

static FALLIBLE count_person(void *arg, const struct directory_entry *entry)
{
	*(size_t *)arg += directory_kind_of(entry) == DIRECTORY_USER;
	return OK;
}

static FALLIBLE refuse_entry(void *arg, const struct directory_entry *entry)
{
	(void)entry;
	++*(size_t *)arg;
	return FAIL(ST_USAGE, 0, "that is enough");
}

/* Whoever looks at all entries gets a page after the other, and none twice. */
static void a_walk_has_pages(void **state)
{
	AUTO(directory_free) struct directory *dir = NULL;
	unsigned long before;
	size_t people = 0, seen = 0;

	(void)state;
	assert_ok(directory_new(&server.config, &dir));
	before = slapd_searches(&server);
	assert_ok(directory_walk(dir, "", count_person, &people));
	assert_int_equal(people, PEOPLE);
	assert_int_equal(slapd_searches(&server) - before, (PEOPLE + 1 + PAGE - 1) / PAGE);
	assert_fails(directory_walk(dir, "", refuse_entry, &seen), "that is enough");
	assert_int_equal(seen, 1);
	assert_fails(directory_walk(dir, "O=Nowhere,C=FR", count_person, &people), "No such object");
}

/* In KB, at most, so far. */
static int print_memory(void)
{
	FILE *f = fopen("/proc/self/status", "re");
	char line[200];
	unsigned long most;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "VmHWM: %lu", &most) == 1)
			printf("%lu\n", most);
	return fclose(f);
}

/* What a program does that looks for bob; says how many KB of memory it needed at most. */
static int find_bob_alone(const char *anchor, const char *uri)
{
	AUTO(cert_path_free) struct cert_path *path = NULL;
	const struct directory_config config = { .uri = uri };
	const struct trust_options options = { .anchor = anchor, .directory = &config, .clock = &now.clock };
	struct trust *trust = NULL;

	test_clock_init(&now, PKI_NOW);
	assert_ok(trust_open(&options, &trust));
	assert_ok(scene_find_bob(trust, &path));
	trust_free(&trust);
	return print_memory();
}

static unsigned long memory_for_bob(void)
{
	AUTO(mem_free) char *anchor = mem_printf("%s/north.pem", server.folder);
	AUTO(mem_free) char *command = mem_printf("'%s' '%s' '%s'", program, anchor, server.uri);
	unsigned long kilobytes = 0;

	assert_ok(cert_save(anchor, pki.north.cert));
	FILE *said = popen(command, "re");
	assert_non_null(said);
	assert_int_equal(fscanf(said, "%lu", &kilobytes), 1);
	assert_int_equal(pclose(said), 0);
	return kilobytes;
}

static void a_list_of_10_megabytes(void **state)
{
	AUTO(crl_free) const struct crl *list = scene_list(&pki.south, MANY_REVOKED);
	const unsigned long size = list->der.len / 1024;
	unsigned long small, large;
	int64_t start;

	(void)state;
	scene_put(&server, &pki);
	small = memory_for_bob();
	slapd_put(&server, SOUTH, DIRECTORY_AUTHORITY, DIRECTORY_CRL, &list->der, 1);
	start = milliseconds();
	large = memory_for_bob();
	assert_true(milliseconds() - start < PATIENCE);
	print_message("%lu KB of memory; with a list of %lu KB %lu KB\n", small, size, large);
	assert_true(size > 10000);
	if (!SANITIZED)		/* whose memory has other rules */
		assert_true(large - small < MEMORY_TIMES * size);
}

/* --- many values --- */

/* The same certificate with other numbers, and a second newer, which nobody has signed. */
static struct bytes forge(struct arena *arena, const struct cert *cert, size_t number)
{
	static const uint8_t utc_time[] = { 0x17, 13 };
	const struct bytes der = arena_dup(arena, cert->der);
	uint8_t *serial = memmem(der.data, der.len, cert->serial.data, cert->serial.len);
	uint8_t *not_before = memmem(der.data, der.len, utc_time, sizeof utc_time);

	assert_non_null(serial);
	assert_non_null(not_before);
	for (size_t k = 1; k <= 3; k++)
		serial[cert->serial.len - k] = (uint8_t)(number >> (8 * (k - 1)));
	not_before[sizeof utc_time + 11]++;
	return der;
}

static struct bytes pair_of(struct arena *arena, struct bytes forward)
{
	AUTO(buf_free) struct buf pair = { 0 };

	assert_ok(pair_encode(&(struct cert_pair){ .forward = forward }, &pair));
	return arena_dup(arena, buf_view(&pair));
}

/* A value of an attribute for each of so many forged certificates, and for the true one. */
static void put_among(const char *name, enum directory_attr attr, const struct cert *cert, size_t count)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	const bool paired = attr == DIRECTORY_CROSS_PAIR;
	struct bytes *values = arena_new_array(arena, struct bytes, count + 1);

	for (size_t i = 0; i <= count; i++) {
		values[i] = i < count ? forge(arena, cert, i) : cert->der;
		if (paired)
			values[i] = pair_of(arena, values[i]);
	}
	slapd_put(&server, name, paired ? DIRECTORY_AUTHORITY : DIRECTORY_USER, attr, values, count + 1);
}

/* Looks for bob, and is done in time. */
static struct status *find_bob_in_time(void)
{
	AUTO(cert_path_free) struct cert_path *path = NULL;
	struct trust *trust = scene_trust(&server, &server.config, &pki, &now.clock);
	const int64_t start = milliseconds();
	struct status *failed = scene_find_bob(trust, &path);
	const int64_t took = milliseconds() - start;

	print_message("    %lld ms\n", (long long)took);
	assert_true(took < PATIENCE);
	trust_free(&trust);
	return failed;
}

static void a_user_has_very_many_certificates(void **state)
{
	(void)state;
	scene_put(&server, &pki);
	put_among(BOB, DIRECTORY_USER_CERTIFICATE, pki.bob.cert, TOO_MANY);
	assert_fails(find_bob_in_time(), "userCertificate;binary of cn=Bob,o=South,c=IT has more than 2048 values");
	put_among(BOB, DIRECTORY_USER_CERTIFICATE, pki.bob.cert, MANY);
	assert_fails(find_bob_in_time(), "there are 1001 certificates, of which the newest 64 were tried");
	put_among(BOB, DIRECTORY_USER_CERTIFICATE, pki.bob.cert, SOME);
	assert_ok(find_bob_in_time());
}

static void an_authority_has_very_many_pairs(void **state)
{
	const struct cert *cross = pki.cross.items[0];	/* the north has certified the south */

	(void)state;
	scene_put(&server, &pki);
	put_among(SOUTH, DIRECTORY_CROSS_PAIR, cross, TOO_MANY);
	assert_fails(find_bob_in_time(), "crossCertificatePair;binary of cn=South CA,o=South,c=IT has more than 2048 "
		     "values");
	put_among(SOUTH, DIRECTORY_CROSS_PAIR, cross, MANY);
	assert_fails(find_bob_in_time(), "acceptable, and the search was ended by its limits");
	put_among(SOUTH, DIRECTORY_CROSS_PAIR, cross, SOME);
	assert_ok(find_bob_in_time());
}

static int setup(void **state)
{
	(void)state;
	test_clock_init(&now, PKI_NOW);
	slapd_init(&server);
	pki_make(&pki);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pki_cleanup(&pki);
	slapd_cleanup(&server);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_search_finds_very_many),
		cmocka_unit_test(a_walk_has_pages),
		cmocka_unit_test(a_list_of_10_megabytes),
		cmocka_unit_test(a_user_has_very_many_certificates),
		cmocka_unit_test(an_authority_has_very_many_pairs),
	};

	program = argv[0];
	if (argc == 3)
		return find_bob_alone(argv[1], argv[2]);
	if (!slapd_is_installed())
		return 0;
	return cmocka_run_group_tests(tests, setup, teardown);
}
