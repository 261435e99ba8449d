/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of settings about peers. */
#include "lib/mhs/peer.h"

#include "lib/base/memory.h"
#include "tests/support/check.h"
#include "tests/support/scratch.h"

#include <stdio.h>
#include <sys/stat.h>

#define NORTH "north localhost:102 domain=/PRMD=Gov/ADMD=400net/C=FR/"
#define BOB "/G=Bob/S=Jones/O=Firm/PRMD=Trade/ADMD=400net/C=GB/"

static const struct {
	const char *name;
	enum peer_kind kind;
	const char *line, *fails;
} cases[] = {
	{ "MTA", PEER_MTA, NORTH " dn=\"CN=MTA,O=Gov,C=FR\"" },
	{ "store", PEER_STORE, "ms localhost:103 address=/PRMD=Trade/ADMD=400net/C=GB/" },
	{ "user", PEER_USER, BOB },
	{ "user with a directory name", PEER_USER, BOB " dn=\"CN=Bob,O=Firm,C=GB\"" },
	{ "MTA without an address", PEER_MTA, "north", "a name and a host:port come first" },
	{ "MTA without a domain", PEER_MTA, "north localhost:102", "domain=... is missing" },
	{ "MTA that proves nothing", PEER_MTA, NORTH, "has to say how north proves who it is" },
	{ "MTA with an O/R address", PEER_MTA, NORTH " address=" BOB, "address=... is not known" },
	{ "store without an O/R address", PEER_STORE, "ms localhost:103", "address=... is missing" },
	{ "store with a domain", PEER_STORE, "ms localhost:103 domain=x", "domain=... is not known" },
	{ "user without an address", PEER_USER, "dn=\"CN=Bob\"", "an O/R address comes first" },
	{ "user whose address is incomplete", PEER_USER, "/S=Jones/", "country" },
	{ "user to whom we prove ourselves", PEER_USER, BOB " own-password-file=build/absent",
	  "cannot read build/absent" },
	{ "word without a key", PEER_USER, BOB " nonsense", "\"nonsense\" has no meaning here" },
	{ "directory name that is none", PEER_USER, BOB " dn=nonsense", "nonsense" },
	{ "user with a context", PEER_USER, BOB " context=secret,restricted" },
	{ "MTA with a context", PEER_MTA, NORTH " dn=\"CN=MTA,O=Gov,C=FR\" context=secret" },
	{ "context of no labels", PEER_USER, BOB " context=cosmic", "\"cosmic\" is no level" },
	{ "password file that is absent", PEER_USER, BOB " password-file=build/absent",
	  "cannot read build/absent" },
};

static void lines(void **state)
{
	static const struct label_settings none = { .unlabelled = true };
	AUTO(arena_free) struct arena *site = arena_new();
	struct labels labels;

	(void)state;
	assert_ok(labels_open(site, &none, &labels));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(arena_free) struct arena *arena = arena_new();
		struct peer peer;
		struct status *st = peer_read(arena, &labels, cases[i].kind, cases[i].line, &peer);

		print_message("%s\n", cases[i].name);
		if (cases[i].fails)
			assert_fails(st, cases[i].fails);
		else
			assert_ok(st);
	}
}

static void passwords(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	const char *path = scratch_path("password");
	AUTO(mem_free) char *line = mem_printf(NORTH " password-file=%s own-password-file=%s", path,
					       path);
	FILE *file = fopen(path, "w");
	struct peer peer;

	(void)state;
	assert_non_null(file);
	fputs("open sesame\nand more\n", file);
	fclose(file);
	assert_int_equal(chmod(path, 0644), 0);
	assert_fails(peer_read(arena, NULL, PEER_MTA, line, &peer), "can be read by others");
	assert_int_equal(chmod(path, 0600), 0);
	assert_ok(peer_read(arena, NULL, PEER_MTA, line, &peer));
	assert_string_equal(peer.expected.password, "open sesame");
	assert_string_equal(peer.expected.own_password, "open sesame");
	/* A user's files are in his folder. */
	AUTO(mem_free) char *folder = mem_strdup(path);
	*strrchr(folder, '/') = '\0';
	assert_ok(peer_read_in(arena, NULL, PEER_MTA, folder, NORTH " password-file=password", &peer));
	assert_string_equal(peer.expected.password, "open sesame");
}

static void targets(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct link_target target;
	struct peer peer;

	(void)state;
	assert_ok(peer_read(arena, NULL, PEER_MTA, NORTH " dn=\"CN=MTA,O=Gov,C=FR\"", &peer));
	target = peer_target(&peer, NULL, 30000);
	assert_int_equal(target.role, LINK_MTA);
	assert_int_equal(target.expected.scope, SCOPE_MTA);
	assert_string_equal(target.mta_name, "north");
	assert_string_equal(target.address, "localhost:102");
	assert_ok(peer_read(arena, NULL, PEER_STORE,
			    "ms localhost:103 address=/PRMD=Trade/ADMD=400net/C=GB/", &peer));
	target = peer_target(&peer, NULL, 30000);
	assert_int_equal(target.role, LINK_MS);
	assert_int_equal(target.expected.scope, SCOPE_MS);
	assert_null(target.mta_name);
	assert_true(target.or_name.len > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test_setup_teardown(passwords, scratch_setup, scratch_teardown),
		cmocka_unit_test(targets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
