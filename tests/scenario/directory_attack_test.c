/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A directory that dies in the middle of an answer, that hangs in it, or that has what an enemy has
 * put there: nothing is half believed, and each refusal says why.  The servers are real
 * ones; what cuts between them and us is a proxy.  Skipped where there is no slapd.
 */
#include "lib/base/memory.h"
#include "tests/support/check.h"
#include "tests/support/directory_scene.h"
#include "tests/support/proxy.h"

#include <signal.h>

enum {
	SOME_REVOKED = 40000,		/* a list of more than 1 MB */
	FIRST_PART = 100 * 1024,	/* of an answer, before its server is lost */
};

static struct slapd first, second;
static struct pki pki;
static struct test_clock now;

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

static void lose_server(void *arg, struct bytes said, struct buf *out)
{
	struct loss *loss = arg;

	loss->said += said.len;
	buf_put(out, said);
	if (loss->signal && loss->said >= FIRST_PART) {
		slapd_signal(&first, loss->signal);
		loss->signal = 0;
	}
}

static void ask(void *arg)
{
	struct loss *loss = arg;
	AUTO(directory_free) struct directory *dir = NULL;
	AUTO(cert_path_free) struct cert_path *path = NULL;

	if (loss->trust) {
		loss->failed = scene_find_bob(loss->trust, &path);
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
		slapd_signal(&first, SIGCONT);
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
	scene_put_list(&first, NORTH, &pki.north, SOME_REVOKED);
	scene_put_list(&second, NORTH, &pki.north, 1);
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
	scene_put(&first, &pki);
	scene_put_list(&first, NORTH, &pki.north, SOME_REVOKED);
	loss.trust = scene_trust(&first, &config, &pki, &now.clock);
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
	scene_put(&first, &pki);
	assert_ok(private_key_generate(KEY_P256, &thief.key));
	own.key = private_key_public(thief.key);
	assert_ok(cert_issue(NULL, thief.key, &own, &thief.cert));
	false_bob = pki_certify(&thief, BOB, SCOPE_UA, KEY_P256, bytes_none());
	slapd_put(&first, SOUTH, DIRECTORY_AUTHORITY, DIRECTORY_CA_CERTIFICATE, &thief.cert->der, 1);
	scene_put_list(&first, SOUTH, &thief, 0);
	slapd_put_certs(&first, BOB, &false_bob.cert, 1);
	trust = scene_trust(&first, &first.config, &pki, &now.clock);
	assert_fails(scene_find_bob(trust, &path), "no path from CN=North CA,O=North,C=FR");
	trust_free(&trust);

	/* The twin: the same name, and the honest certificate and list are there again. */
	scene_put_list(&first, SOUTH, &pki.south, 0);
	slapd_put_certs(&first, BOB, &pki.bob.cert, 1);
	trust = scene_trust(&first, &first.config, &pki, &now.clock);
	assert_ok(scene_find_bob(trust, &path));
	assert_bytes(cert_path_leaf(path)->der, pki.bob.cert->der);
	trust_free(&trust);
	pki_party_free(&false_bob);
	pki_party_free(&thief);
}

/* Somebody of the south who is certified, but not as an authority, certifies people as if he were one,
 * and an accomplice puts his certificate where those of authorities are. */
static void poses_as_an_authority(const struct pki_party *who, bool in_pairs)
{
	AUTO(cert_path_free) struct cert_path *path = NULL;
	AUTO(cert_free) const struct cert *posed = NULL;
	AUTO(mem_free) char *words = mem_printf("nothing certifies %s to us as an authority, only for other use",
						who->cert->subject_text);
	const struct cert_plan plan = {
		.subject = who->cert->subject, .key = who->cert->key, .scope = SCOPE_CA,
		.not_before = PKI_NOW - PKI_YEAR, .not_after = PKI_NOW + PKI_YEAR,
	};
	struct pki_party poser = { who->key, NULL }, false_bob;
	struct trust *trust;

	scene_put(&first, &pki);
	assert_ok(cert_issue(NULL, who->key, &plan, &posed));
	poser.cert = posed;
	false_bob = pki_certify(&poser, BOB, SCOPE_UA, KEY_P256, bytes_none());
	slapd_put_certs(&first, BOB, &false_bob.cert, 1);
	scene_put_list(&first, who->cert->subject_text, &poser, 0);
	if (in_pairs)
		slapd_put_pairs(&first, who->cert->subject_text, &who->cert, 1);
	else
		slapd_put(&first, who->cert->subject_text, DIRECTORY_AUTHORITY, DIRECTORY_CA_CERTIFICATE,
			  &who->cert->der, 1);
	trust = scene_trust(&first, &first.config, &pki, &now.clock);
	struct status *failed = scene_find_bob(trust, &path);
	assert_non_null(failed);
	assert_int_equal(failed->kind, ST_REFUSED);
	assert_fails(failed, words);

	/* The twin: bob's own certificate is there again, beside all that. */
	slapd_put_certs(&first, BOB, &pki.bob.cert, 1);
	assert_ok(scene_find_bob(trust, &path));
	trust_free(&trust);
	pki_party_free(&false_bob);
}

static void who_is_none_poses_as_an_authority(void **state)
{
	(void)state;
	poses_as_an_authority(&pki.bob_ms, true);
	poses_as_an_authority(&pki.bob_ms, false);
	poses_as_an_authority(&pki.south_mta, true);
	poses_as_an_authority(&pki.carol, true);
	poses_as_an_authority(&pki.carol, false);
}

/* A list that the south has not signed. */
static void a_list_is_forged(void **state)
{
	AUTO(cert_path_free) struct cert_path *path = NULL;
	AUTO(crl_free) const struct crl *list = scene_list(&pki.south, 0);
	AUTO(buf_free) struct buf forged = buf_copy(list->der);
	struct trust *trust;

	(void)state;
	scene_put(&first, &pki);
	forged.data[forged.len - 1] ^= 1;
	slapd_put(&first, SOUTH, DIRECTORY_AUTHORITY, DIRECTORY_CRL, &(struct bytes){ forged.data, forged.len }, 1);
	trust = scene_trust(&first, &first.config, &pki, &now.clock);
	assert_fails(scene_find_bob(trust, &path), "the revocation list of " SOUTH " was not signed by it");
	scene_put_list(&first, SOUTH, &pki.south, 0);
	assert_ok(scene_find_bob(trust, &path));
	trust_free(&trust);
}

/* Two people of one authority, each with the other's certificate; then each with his own. */
static void two_certificates_are_swapped(void **state)
{
	AUTO(cert_path_free) struct cert_path *path = NULL;
	struct trust *trust;

	(void)state;
	scene_put(&first, &pki);
	slapd_put_certs(&first, BOB, &pki.carol.cert, 1);
	slapd_put_certs(&first, pki.carol.cert->subject_text, &pki.bob.cert, 1);
	trust = scene_trust(&first, &first.config, &pki, &now.clock);
	assert_fails(scene_find_bob(trust, &path), "the certificate is for CN=Carol,O=South,C=IT, not for " BOB);
	slapd_put_certs(&first, BOB, &pki.bob.cert, 1);
	slapd_put_certs(&first, pki.carol.cert->subject_text, &pki.carol.cert, 1);
	assert_ok(scene_find_bob(trust, &path));
	assert_bytes(cert_path_leaf(path)->der, pki.bob.cert->der);
	trust_free(&trust);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_dies_in_mid_answer),
		cmocka_unit_test(trust_is_not_half_given),
		cmocka_unit_test(an_authority_has_the_name_of_another),
		cmocka_unit_test(who_is_none_poses_as_an_authority),
		cmocka_unit_test(a_list_is_forged),
		cmocka_unit_test(two_certificates_are_swapped),
	};

	if (!slapd_is_installed())
		return 0;
	return cmocka_run_group_tests(tests, setup, teardown);
}
