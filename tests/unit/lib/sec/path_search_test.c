/* SPDX-License-Identifier: Apache-2.0 */
/* Paths through graphs of many shapes: the shortest is found, and with how many questions. */
#include "lib/sec/path.h"

#include "lib/base/clock.h"
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
		mesh.nodes[i].revoked = mesh_entry(&mesh, 3)->items[mesh_entry(&mesh, 3)->count - 1];
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
	mesh.nodes[0].revoked = mesh_entry(&mesh, 3)->items[0];
	mesh_pair(&mesh, 0, 1);
	mesh_pair(&mesh, 1, 3);
	expect_path(0, 3, 0, 4, 3);
	/* A second way, with nothing better: each is told. */
	crl_list_free(&mesh.nodes[1].crls);
	mesh.nodes[1].revoked = mesh_entry(&mesh, 3)->items[1];
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
	cert_list_add(mesh_entry(&mesh, 0), cross);
	expect_path(0, 1, 0, 3, 2);
	cert_list_free(mesh_entry(&mesh, 0));
	cert_list_add(mesh_entry(&mesh, 1), cross);
	expect_path(0, 1, 0, 3, 1);
	cert_list_free(mesh_entry(&mesh, 1));
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
	cert_list_add(mesh_entry(&mesh, 2), forged);
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
	own.subject = mesh_party(&mesh, 1)->cert->subject;
	own.key = private_key_public(thief.key);
	assert_ok(cert_issue(NULL, thief.key, &own, &thief.cert));
	for (size_t by = 0; by < 3; by += 2) {
		AUTO(cert_free) const struct cert *cross = NULL;

		assert_ok(cert_issue(mesh_party(&mesh, by)->cert, mesh_party(&mesh, by)->key, &own, &cross));
		cert_list_add(mesh_entry(&mesh, 1), cross);
	}
	cert_list_add(mesh_entry(&mesh, 1), thief.cert);
	expect_none(0, 1, NULL, "CN=CA 1,O=Mesh,C=FR is certified with another key than the one that signed "
		    "the certificate of CN=User,O=Mesh,C=FR: it has a new key, or somebody has taken its name");
	mesh_pair(&mesh, 0, 1);
	expect_path(0, 1, 0, 3, 1);
	pki_party_free(&thief);
}

/* --- what is said where there is none --- */

/* Lists that should have been replaced. */
static void make_stale(size_t at)
{
	const struct pki_party *party = mesh_party(&mesh, at);
	struct mesh_node *node = &mesh.nodes[at];
	const struct crl_plan plan = { NULL, 0, 1, PKI_NOW - 7200, PKI_NOW - 3600 };
	const struct crl *crl = NULL;

	crl_list_free(&node->crls);
	assert_ok(crl_issue(party->cert, party->key, &plan, &crl));
	crl_list_add(&node->crls, crl);
	crl_free(&crl);
}

static struct status *none_from_0_to_9(void)
{
	struct path_query query = mesh_query(&mesh, 0);
	AUTO(cert_path_free) struct cert_path *path = NULL;
	struct status *why;

	user = mesh_user(&mesh, 9);
	why = path_verify(&query, user.cert, &path);
	assert_non_null(why);
	assert_int_equal(why->kind, ST_REFUSED);
	return why;
}

static void assert_story(const struct status *story, const char *const *sentences)
{
	for (; *sentences; sentences++, story = story->cause) {
		assert_non_null(story);
		assert_string_equal(story->words, *sentences);
	}
	assert_null(story);
}

#define CA(n) "CN=CA " #n ",O=Mesh,C=FR"
#define USER "CN=User,O=Mesh,C=FR"

/* Each path and why it fell, the shortest first; then the ways that lead nowhere. */
static void all_ways_are_told(void **state)
{
	AUTO(cert_free) const struct cert *forged = NULL;
	AUTO(cert_free) const struct cert *cross = NULL;
	AUTO(status_free) struct status *why = NULL;
	AUTO(mem_free) char *until = mem_strdup(time_text(PKI_NOW - 3600).s);
	AUTO(mem_free) char *stale = mem_printf("by way of " CA(9) ", " CA(2) ", " CA(0) ": the revocation list of "
						CA(2) " is out of date since %s", until);
	AUTO(mem_free) char *revoked = mem_printf("by way of " CA(9) ", " CA(3) ", " CA(0) ": the certificate of "
						  CA(9) " was revoked on %s", until);

	(void)state;
	mesh_make(&mesh, 10);
	cross = mesh_cross(&mesh, 0, 1);
	forged = forge(cross);
	cert_list_add(mesh_entry(&mesh, 1), forged);	/* by way of 1: a forged pair */
	mesh_certify(&mesh, 1, 9);
	mesh_certify(&mesh, 0, 2);			/* of 2: a list that ended */
	mesh_certify(&mesh, 2, 9);
	make_stale(2);
	mesh_certify(&mesh, 0, 3);			/* of 3: a pair that was revoked */
	mesh_certify(&mesh, 3, 9);
	mesh.nodes[3].revoked = mesh_entry(&mesh, 3)->items[1];
	mesh_certify(&mesh, 4, 9);			/* of 4 and 5: nobody certifies 5 */
	mesh_certify(&mesh, 5, 4);
	mesh_certify(&mesh, 9, 4);			/* which leads back */
	why = none_from_0_to_9();
	assert_story(why, (const char *const[]){
		"none of 3 paths to " USER " is acceptable",
		stale, revoked,
		"by way of " CA(9) ", " CA(1) ", " CA(0) ": the certificate of " CA(1) " was not signed by " CA(0),
		"by way of " CA(9) ", " CA(4) ": nothing certifies " CA(5) " to us",
		NULL });
}

/* One path that fell, beside a way that leads nowhere. */
static void the_only_path_is_told(void **state)
{
	AUTO(status_free) struct status *why = NULL;

	(void)state;
	mesh_make(&mesh, 10);
	mesh_certify(&mesh, 0, 9);
	mesh.nodes[0].revoked = mesh_entry(&mesh, 0)->items[0];
	mesh_certify(&mesh, 4, 9);
	why = none_from_0_to_9();
	assert_string_equal(why->words, "the only path to " USER " is not acceptable");
	assert_non_null(strstr(why->cause->words, "by way of " CA(9) ", " CA(0) ": the certificate of " CA(9)
			       " was revoked on"));
	assert_string_equal(why->cause->cause->words, "by way of " CA(9) ": nothing certifies " CA(4) " to us");
}

/* Not for ever: many ways that lead nowhere are counted. */
static void many_dead_ends_are_counted(void **state)
{
	AUTO(status_free) struct status *why = NULL;
	const struct status *last;
	size_t count = 0;

	(void)state;
	mesh_make(&mesh, 30);
	for (size_t i = 10; i < 30; i++)
		mesh_certify(&mesh, i, 9);
	why = none_from_0_to_9();
	assert_string_equal(why->words, "no path from " CA(0) " to " USER);
	for (last = why; last->cause; last = last->cause)
		count++;
	assert_int_equal(count, 9);
	assert_string_equal(last->words, "12 more ways lead nowhere");
}

/* What is further away than paths may be long was not asked for, and nothing else is claimed. */
static void what_is_too_far_is_told(void **state)
{
	AUTO(status_free) struct status *why = NULL;

	(void)state;
	mesh_make(&mesh, 20);
	for (size_t i = 10; i < 19; i++)
		mesh_certify(&mesh, i + 1, i);
	mesh_certify(&mesh, 10, 9);
	why = none_from_0_to_9();
	assert_non_null(strstr(why->cause->words, ": nobody asked who certifies " CA(15) ", since a path may have "
			       "8 certificates at most"));
}

/* An authority is found by what others have issued to it; where nothing of that serves, each has its
 * reason. */
static void an_authority_is_found(void **state)
{
	struct path_query query;
	AUTO(cert_path_free) struct cert_path *path = NULL;
	AUTO(status_free) struct status *why = NULL;

	(void)state;
	mesh_make(&mesh, 4);
	mesh_pair(&mesh, 0, 1);
	mesh_pair(&mesh, 1, 2);
	mesh_certify(&mesh, 3, 2);
	query = mesh_query(&mesh, 0);
	query.scope = SCOPE_CA;
	query.name = buf_view(&mesh.nodes[2].name);
	cert_list_add(mesh_entry(&mesh, 2), mesh_party(&mesh, 2)->cert);
	assert_ok(path_find(&query, &path));
	assert_int_equal(path->chain.count, 3);
	assert_string_equal(cert_path_leaf(path)->issuer_text, CA(1));
	cert_path_free(&path);

	crl_list_free(&mesh.nodes[1].crls);
	mesh.nodes[1].revoked = mesh_entry(&mesh, 1)->items[2];
	why = path_find(&query, &path);
	assert_non_null(why);
	AUTO(mem_free) char *story = status_text(why);
	assert_non_null(strstr(story, "nothing certifies " CA(3) " to us"));
	assert_non_null(strstr(story, "nor will another certificate do, number "));
	assert_non_null(strstr(story, "the certificate of " CA(2) " was revoked on "));
	query.name = buf_view(&mesh.nodes[3].name);
	assert_fails(path_find(&query, &path), "no certificate of " CA(3) " from another authority");
}

/* A certificate in a pair that is no authority's. */
static void a_user_is_no_authority(void **state)
{
	AUTO(status_free) struct status *why = NULL;
	struct pki_party poser;
	const struct cert *certified;

	(void)state;
	mesh_make(&mesh, 10);
	poser = pki_certify(mesh_party(&mesh, 0), CA(9), SCOPE_UA, KEY_P256, bytes_none());
	certified = poser.cert;
	cert_list_add(mesh_entry(&mesh, 9), certified);
	why = none_from_0_to_9();
	assert_string_equal(why->words, "no path from " CA(0) " to " USER ": nothing certifies " CA(9)
			    " to us as an authority, only for other use");
	pki_party_free(&poser);
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
		SHAPE(all_ways_are_told),
		SHAPE(the_only_path_is_told),
		SHAPE(many_dead_ends_are_counted),
		SHAPE(what_is_too_far_is_told),
		SHAPE(an_authority_is_found),
		SHAPE(a_user_is_no_authority),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
