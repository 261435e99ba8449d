/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A directory that dies in the middle of an answer, that hangs in it, or that is full of what an
 * enemy has put there: nothing is half believed, and each refusal says why.  The servers are real
 * ones; what cuts between them and us is a proxy.  Skipped where there is no slapd.
 */
#include "lib/mhs/trust.h"

#include "lib/base/memory.h"
#include "tests/support/check.h"
#include "tests/support/pki.h"
#include "tests/support/process.h"
#include "tests/support/proxy.h"
#include "tests/support/slapd.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	SERIAL = 16,
	SOME_REVOKED = 40000,		/* a list of more than 1 MB */
	MANY_REVOKED = 300000,		/* of more than 10 MB */
	FIRST_PART = 100 * 1024,	/* of an answer, before its server is lost */
	PEOPLE = 150,
	MEMORY_TIMES = 12,		/* a list in memory, at most: its octets, its copies and its entries */
};

#define SOUTH "CN=South CA,O=South,C=IT"
#define NORTH "CN=North CA,O=North,C=FR"
#define BOB "CN=Bob,O=South,C=IT"

static const char *program;		/* this one */
static struct slapd first, second;
static struct pki pki;
static struct test_clock now;

/* --- what the directory has --- */

/* A list on which so many serial numbers are. */
static const struct crl *make_list(const struct pki_party *ca, size_t count)
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

static void put_list(const struct slapd *server, const char *name, const struct pki_party *ca, size_t count)
{
	AUTO(crl_free) const struct crl *crl = make_list(ca, count);

	slapd_put(server, name, DIRECTORY_AUTHORITY, DIRECTORY_CRL, &crl->der, 1);
}

/* What is true: the north certifies the south, and the south bob. */
static void put_the_truth(const struct slapd *server)
{
	AUTO(cert_free) const struct cert *cross = NULL;
	const struct cert_plan plan = {
		.subject = pki.south.cert->subject, .key = pki.south.cert->key, .scope = SCOPE_CA,
		.not_before = PKI_NOW - PKI_YEAR, .not_after = PKI_NOW + PKI_YEAR,
	};

	assert_ok(cert_issue(pki.north.cert, pki.north.key, &plan, &cross));
	slapd_put_pairs(server, SOUTH, &cross, 1);
	put_list(server, NORTH, &pki.north, 0);
	put_list(server, SOUTH, &pki.south, 0);
	slapd_put_certs(server, BOB, &pki.bob.cert, 1);
}

/* --- asking --- */

static struct trust *trust_north(const struct directory_config *config)
{
	AUTO(mem_free) char *anchor = mem_printf("%s/north.pem", first.folder);
	const struct trust_options options = { .anchor = anchor, .directory = config, .clock = &now.clock };
	struct trust *trust = NULL;

	assert_ok(cert_save(anchor, pki.north.cert));
	assert_ok(trust_open(&options, &trust));
	return trust;
}

static FALLIBLE find_bob(struct trust *trust, struct cert_path **out_path)
{
	AUTO(buf_free) struct buf name = pki_name(BOB);
	const struct trust_wanted wanted = { .scope = SCOPE_UA, .directory_name = buf_view(&name) };

	return trust_find(trust, &wanted, out_path);
}

/* --- a server that is lost in the middle of its answer --- */

struct loss {
	int signal;			/* that the server gets; 0: none, all is passed on */
	size_t said;			/* by the server */
	struct directory_config config;	/* by way of the proxy */
	struct trust *trust;		/* asked, where it is set, or else the directory itself */
	struct status *failed;
	struct directory_entry entry;
	struct arena *arena;
	bool over;
};

static pid_t server_process(const struct slapd *server)
{
	AUTO(mem_free) char *path = mem_printf("%s/slapd/pid", server->folder);
	FILE *f = fopen(path, "re");
	int pid = 0;

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%d", &pid), 1);
	fclose(f);
	return pid;
}

static void lose_server(void *arg, struct bytes said, struct buf *out)
{
	struct loss *loss = arg;

	loss->said += said.len;
	buf_put(out, said);
	if (loss->signal && loss->said >= FIRST_PART) {
		assert_int_equal(kill(server_process(&first), loss->signal), 0);
		loss->signal = 0;
	}
}

static void ask(void *arg)
{
	struct loss *loss = arg;
	AUTO(directory_free) struct directory *dir = NULL;
	AUTO(cert_path_free) struct cert_path *path = NULL;

	if (loss->trust) {
		loss->failed = find_bob(loss->trust, &path);
		return;
	}
	loss->failed = directory_new(&loss->config, &dir);
	if (!loss->failed)
		loss->failed = directory_get(dir, NORTH, loss->arena, &loss->entry);
}

static void asked(void *arg)
{
	((struct loss *)arg)->over = true;
}

static bool is_over(void *arg)
{
	return ((struct loss *)arg)->over;
}

/* Asks through a proxy, which gives the signal to the first server in the middle of its answer. */
static void ask_and_lose(struct loss *loss)
{
	AUTO(mem_free) char *here = mem_printf("unix:%s/between", first.folder);
	AUTO(mem_free) char *there = mem_printf("unix:%s/slapd/ldapi", first.folder);
	struct loop *loop = loop_new();
	struct proxy *proxy = NULL;

	assert_ok(proxy_open(loop, here, there, &proxy));
	proxy_rewrite(proxy, lose_server, loss);
	loss->over = false;
	loop_work(loop, ask, asked, loss);
	assert_true(loop_run_until(loop, is_over, loss, 30000));
	loop_free(&loop);
	proxy_free(&proxy);
}

/* The address of the proxy's socket, and of further servers. */
static char *uri_between(const char *then)
{
	AUTO(mem_free) char *socket = mem_printf("%s/between", first.folder);
	AUTO(buf_free) struct buf text = { 0 };

	buf_put_text(&text, "ldapi://");
	for (const char *c = socket; *c; c++)
		buf_printf(&text, *c == '/' ? "%%2F" : "%c", *c);
	buf_printf(&text, " %s", then);
	return bytes_to_text(buf_view(&text));
}

static void server_back(int signal)
{
	if (signal == SIGSTOP)
		assert_int_equal(kill(server_process(&first), SIGCONT), 0);
	else
		slapd_start(&first);
}

static void lost_in_mid_answer(int signal, const char *words)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(mem_free) char *alone = uri_between("");
	AUTO(mem_free) char *both = uri_between(second.uri);
	struct loss loss = { .signal = signal, .arena = arena,
			     .config = { .uri = alone, .timeout = 1 } };

	ask_and_lose(&loss);
	assert_non_null(loss.failed);
	assert_int_equal(loss.failed->kind, ST_LATER);
	assert_fails(loss.failed, words);
	assert_int_equal(loss.entry.values[DIRECTORY_CRL].count, 0);	/* nothing of it */
	server_back(signal);

	/* The next server is asked, and what the first had said of its answer is forgotten. */
	loss = (struct loss){ .signal = signal, .arena = arena, .config = { .uri = both, .timeout = 1 } };
	ask_and_lose(&loss);
	assert_ok(loss.failed);
	assert_true(loss.said >= FIRST_PART);
	assert_int_equal(loss.entry.values[DIRECTORY_CRL].count, 1);
	AUTO(crl_free) const struct crl *list = NULL;
	assert_ok(crl_decode(loss.entry.values[DIRECTORY_CRL].list[0], &list));
	assert_int_equal(list->revoked_count, 1);	/* the second's */
	server_back(signal);
}

static void a_server_dies_in_mid_answer(void **state)
{
	(void)state;
	put_list(&first, NORTH, &pki.north, SOME_REVOKED);
	put_list(&second, NORTH, &pki.north, 1);
	lost_in_mid_answer(SIGKILL, "Can't contact LDAP server");
	lost_in_mid_answer(SIGSTOP, "no answer within 1 seconds");
}

/* Of an authority whose list was cut off nothing is believed, and nothing wrong is remembered. */
static void trust_is_not_half_given(void **state)
{
	AUTO(mem_free) char *uri = uri_between("");
	const struct directory_config config = { .uri = uri, .timeout = 2 };
	struct loss loss = { .signal = SIGKILL };

	(void)state;
	put_the_truth(&first);
	put_list(&first, NORTH, &pki.north, SOME_REVOKED);
	loss.trust = trust_north(&config);
	ask_and_lose(&loss);
	assert_non_null(loss.failed);
	assert_int_equal(loss.failed->kind, ST_LATER);
	assert_fails(loss.failed, "cannot look for");
	slapd_start(&first);
	ask_and_lose(&loss);		/* nobody is killed this time */
	assert_ok(loss.failed);
	trust_free(&loss.trust);
}

/* --- what an enemy has put there --- */

/* An authority of the south's name, with entries of its own beside the honest ones. */
static void an_authority_has_the_name_of_another(void **state)
{
	AUTO(cert_path_free) struct cert_path *path = NULL;
	struct trust *trust = NULL;
	struct pki_party thief = { 0 }, false_bob;
	const struct cert_plan plan = {
		.subject = pki.south.cert->subject, .scope = SCOPE_CA,
		.not_before = PKI_NOW - PKI_YEAR, .not_after = PKI_NOW + PKI_YEAR,
	};
	struct cert_plan own = plan;

	(void)state;
	put_the_truth(&first);
	assert_ok(private_key_generate(KEY_P256, &thief.key));
	own.key = private_key_public(thief.key);
	assert_ok(cert_issue(NULL, thief.key, &own, &thief.cert));
	false_bob = pki_certify(&thief, BOB, SCOPE_UA, KEY_P256, bytes_none());
	slapd_put(&first, SOUTH, DIRECTORY_AUTHORITY, DIRECTORY_CA_CERTIFICATE, &thief.cert->der, 1);
	put_list(&first, SOUTH, &thief, 0);
	slapd_put_certs(&first, BOB, &false_bob.cert, 1);
	trust = trust_north(&first.config);
	assert_fails(find_bob(trust, &path), "no path from CN=North CA,O=North,C=FR");
	trust_free(&trust);

	/* The twin: the same name, and the honest certificate and list are there again. */
	put_list(&first, SOUTH, &pki.south, 0);
	slapd_put_certs(&first, BOB, &pki.bob.cert, 1);
	trust = trust_north(&first.config);
	assert_ok(find_bob(trust, &path));
	assert_bytes(cert_path_leaf(path)->der, pki.bob.cert->der);
	trust_free(&trust);
	pki_party_free(&false_bob);
	pki_party_free(&thief);
}

/* Bob's message store, whose operator certifies people as if it were an authority. */
static void a_store_is_no_authority(void **state)
{
	AUTO(cert_path_free) struct cert_path *path = NULL;
	AUTO(cert_free) const struct cert *posed = NULL;
	struct trust *trust = NULL;
	struct pki_party false_bob;
	const struct cert *store = pki.bob_ms.cert;
	const struct cert_plan plan = {
		.subject = store->subject, .key = store->key, .scope = SCOPE_CA,
		.not_before = PKI_NOW - PKI_YEAR, .not_after = PKI_NOW + PKI_YEAR,
	};
	struct pki_party poser = { pki.bob_ms.key, NULL };

	(void)state;
	put_the_truth(&first);
	assert_ok(cert_issue(NULL, pki.bob_ms.key, &plan, &posed));
	poser.cert = posed;
	false_bob = pki_certify(&poser, BOB, SCOPE_UA, KEY_P256, bytes_none());
	slapd_put_certs(&first, BOB, &false_bob.cert, 1);
	slapd_put_pairs(&first, store->subject_text, &store, 1);	/* the south did issue that, to a store */
	put_list(&first, store->subject_text, &poser, 0);
	trust = trust_north(&first.config);
	struct status *failed = find_bob(trust, &path);
	assert_non_null(failed);
	assert_int_equal(failed->kind, ST_REFUSED);
	assert_fails(failed, "nothing certifies CN=Bob MS,O=South,C=IT to us");
	trust_free(&trust);
	pki_party_free(&false_bob);
}

/* --- what is large --- */

/* What a search finds has an end, in entries and in octets, before it is all in memory. */
static void a_search_finds_very_many(void **state)
{
	AUTO(directory_free) struct directory *dir = NULL;
	AUTO(arena_free) struct arena *arena = arena_new();
	const struct bytes mail = BYTES("everybody@example");
	struct directory_entries entries = { 0 };
	struct directory_config more = first.config;

	(void)state;
	for (int i = 0; i < PEOPLE; i++) {
		AUTO(mem_free) char *name = mem_printf("CN=Person %d,C=FR", i);

		slapd_put(&first, name, DIRECTORY_USER, DIRECTORY_MAIL, &mail, 1);
	}
	assert_ok(directory_new(&first.config, &dir));
	assert_fails(directory_find(dir, DIRECTORY_MAIL, "everybody@example", arena, &entries),
		     "there are more than 100 entries");
	assert_int_equal(entries.count, 0);
	directory_free(&dir);
	more.max_entries = PEOPLE;
	assert_ok(directory_new(&more, &dir));
	assert_ok(directory_find(dir, DIRECTORY_MAIL, "everybody@example", arena, &entries));
	assert_int_equal(entries.count, PEOPLE);
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
	assert_ok(find_bob(trust, &path));
	trust_free(&trust);
	return print_memory();
}

static unsigned long memory_for_bob(void)
{
	AUTO(mem_free) char *anchor = mem_printf("%s/north.pem", first.folder);
	AUTO(mem_free) char *command = mem_printf("'%s' '%s' '%s'", program, anchor, first.uri);
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
	AUTO(crl_free) const struct crl *list = make_list(&pki.south, MANY_REVOKED);
	const unsigned long size = list->der.len / 1024;
	unsigned long small, large;

	(void)state;
	put_the_truth(&first);
	small = memory_for_bob();
	slapd_put(&first, SOUTH, DIRECTORY_AUTHORITY, DIRECTORY_CRL, &list->der, 1);
	large = memory_for_bob();
	print_message("%lu KB of memory; with a list of %lu KB %lu KB\n", small, size, large);
	assert_true(size > 10000);
	if (!SANITIZED)		/* whose memory has other rules */
		assert_true(large - small < MEMORY_TIMES * size);
}

static int setup(void **state)
{
	(void)state;
	test_clock_init(&now, PKI_NOW);
	slapd_init(&first);
	slapd_init(&second);
	pki_make(&pki);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pki_cleanup(&pki);
	slapd_cleanup(&first);
	slapd_cleanup(&second);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_dies_in_mid_answer),
		cmocka_unit_test(trust_is_not_half_given),
		cmocka_unit_test(an_authority_has_the_name_of_another),
		cmocka_unit_test(a_store_is_no_authority),
		cmocka_unit_test(a_search_finds_very_many),
		cmocka_unit_test(a_list_of_10_megabytes),
	};

	program = argv[0];
	if (argc == 3)
		return find_bob_alone(argv[1], argv[2]);
	if (!slapd_is_installed())
		return 0;
	return cmocka_run_group_tests(tests, setup, teardown);
}
