/* SPDX-License-Identifier: Apache-2.0 */
/* The peers that the settings name, and the routes to them. */
#include "mta/peers.h"

#include "tests/support/check.h"

#include <string.h>

#define MTA_B "mta-b localhost:1 domain=/PRMD=South/ADMD=Net/C=NO/ dn=CN=B,C=NO"
#define STORE_A "store-a localhost:2 address=/PRMD=North/ADMD=Net/C=FR/"
#define STORE_C "store-c localhost:3 address=/O=Club/PRMD=North/ADMD=Net/C=FR/"

static struct text_list list_of(char *items[])
{
	struct text_list list = { .items = items };

	while (items[list.count])
		list.count++;
	return list;
}

static FALLIBLE open_with(char *mtas[], char *stores[], char *routes[], struct peers **out_peers)
{
	const struct mta_settings settings = {
		.mtas = list_of(mtas), .stores = list_of(stores), .routes = list_of(routes),
	};

	return peers_open(&settings, NULL, out_peers);
}

static const struct { const char *name, *to, *peer; } routed[] = {
	{ "the only route", "/S=Nilsen/PRMD=South/ADMD=Net/C=NO/", "mta-b" },
	{ "a domain", "/S=Martin/PRMD=North/ADMD=Net/C=FR/", "store-a" },
	{ "the route with more attributes", "/S=Martin/O=Club/PRMD=North/ADMD=Net/C=FR/", "store-c" },
	{ "without regard to case", "/S=martin/O=CLUB/PRMD=north/ADMD=net/C=fr/", "store-c" },
	{ "another organization", "/S=Martin/O=Other/PRMD=North/ADMD=Net/C=FR/", "store-a" },
	{ "nowhere", "/S=Martin/PRMD=East/ADMD=Net/C=SE/", NULL },
};

static void the_nearest_route_wins(void **state)
{
	char *mtas[] = { MTA_B, NULL }, *stores[] = { STORE_A, STORE_C, NULL };
	char *routes[] = { "/PRMD=North/ADMD=Net/C=FR/ store-a", "/C=NO/ mta-b",
			   "/O=Club/PRMD=North/ADMD=Net/C=FR/ store-c", NULL };
	AUTO(peers_free) struct peers *peers = NULL;
	AUTO(arena_free) struct arena *arena = arena_new();

	(void)state;
	assert_ok(open_with(mtas, stores, routes, &peers));
	for (size_t i = 0; i < sizeof(routed) / sizeof(routed[0]); i++) {
		struct orname *name = NULL;

		assert_ok(orname_from_text(arena, routed[i].to, &name));
		const struct peer *peer = peers_route(peers, name);
		const char *got = peer ? peer->name : "nobody";
		if (strcmp(got, routed[i].peer ? routed[i].peer : "nobody") != 0)
			fail_msg("%s: goes to %s", routed[i].name, got);
	}
}

static void peers_are_found_by_kind_and_name(void **state)
{
	char *mtas[] = { MTA_B, NULL }, *stores[] = { STORE_A, STORE_C, NULL };
	char *routes[] = { NULL };
	AUTO(peers_free) struct peers *peers = NULL;
	AUTO(arena_free) struct arena *arena = arena_new();
	struct bytes club = { 0 }, user = { 0 };

	(void)state;
	assert_ok(open_with(mtas, stores, routes, &peers));
	assert_int_equal(peers_count(peers), 3);
	assert_non_null(peers_find(peers, PEER_MTA, "mta-b"));
	assert_null(peers_find(peers, PEER_STORE, "mta-b"));
	assert_null(peers_find(peers, PEER_MTA, "mta-x"));
	assert_ok(orname_tlv_from_text(arena, "/O=club/PRMD=North/ADMD=Net/C=FR/", &club));
	assert_string_equal(peers_find_store(peers, club)->name, "store-c");
	assert_ok(orname_tlv_from_text(arena, "/S=A/PRMD=North/ADMD=Net/C=FR/", &user));
	assert_null(peers_find_store(peers, user));
}

static void a_collector_is_where_he_is(void **state)
{
	static const char *const to[] = { "/G=Dora/S=Berg/O=Club/PRMD=North/ADMD=Net/C=FR/",
					  "/G=DORA/S=berg/O=Club/PRMD=North/ADMD=Net/C=FR/",
					  "/G=Dora/S=Berg/Q=II/O=Club/PRMD=North/ADMD=Net/C=FR/" };
	char *stores[] = { STORE_A, NULL }, *routes[] = { "/PRMD=North/ADMD=Net/C=FR/ store-a", NULL };
	char *collectors[] = { (char *)to[0], NULL };
	char *users[] = { "/S=Martin/PRMD=North/ADMD=Net/C=FR/", NULL, NULL };
	struct mta_settings settings = { .stores = list_of(stores), .routes = list_of(routes),
					 .collectors = list_of(collectors), .users = list_of(users) };
	AUTO(peers_free) struct peers *peers = NULL;
	AUTO(arena_free) struct arena *arena = arena_new();

	(void)state;
	assert_ok(peers_open(&settings, NULL, &peers));
	assert_int_equal(peers_count(peers), 2);
	for (size_t i = 0; i < 3; i++) {
		struct orname *name = NULL;

		assert_ok(orname_from_text(arena, to[i], &name));
		const struct peer *peer = peers_route(peers, name);
		assert_int_equal(peer->kind, i < 2 ? PEER_USER : PEER_STORE);
		assert_true(peers_is_user_name(peer->name) == (i < 2));
		assert_true(i == 2 || peers_find(peers, PEER_USER, peers_user_name(arena, name)) == peer);
	}
	users[1] = collectors[0];
	settings.users = list_of(users);
	peers_free(&peers);
	assert_fails(peers_open(&settings, NULL, &peers), "twice among collectors and users");
}

static const struct { const char *name; char *mta, *store, *route; const char *fails; } wrong[] = {
	{ "no address", "mta-b", NULL, NULL, "a name and a host:port come first" },
	{ "no domain", "mta-b h:1 dn=CN=B,C=NO", NULL, NULL, "domain=... is missing" },
	{ "no proof", "mta-b h:1 domain=/ADMD=N/C=NO/", NULL, NULL, "has to say how mta-b proves" },
	{ "unknown word", "mta-b h:1 colour=red", NULL, NULL, "colour=... is not known" },
	{ "a word without a key", "mta-b h:1 red", NULL, NULL, "\"red\" has no meaning here" },
	{ "a store without address", NULL, "s h:1", NULL, "address=... is missing" },
	{ "one name twice", "s h:1 domain=/ADMD=N/C=NO/ dn=CN=B,C=NO",
	  "s h:1 address=/ADMD=N/C=NO/", NULL, "the name stands there twice" },
	{ "the name of a collector", "\"user x\" h:1 domain=/ADMD=N/C=NO/ dn=CN=B,C=NO", NULL, NULL,
	  "does not begin with \"user \"" },
	{ "a route to nobody", NULL, NULL, "/C=NO/ mta-b", "no mta or store is called mta-b" },
	{ "a route without a name", NULL, NULL, "/C=NO/", "an O/R address and the name" },
	{ "a route that is no address", NULL, NULL, "/XX=1/ mta-b", "\"XX\" is no attribute" },
};

static void what_makes_no_sense_is_said(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char *mtas[] = { wrong[i].mta, NULL }, *stores[] = { wrong[i].store, NULL };
		char *routes[] = { wrong[i].route, NULL };
		struct peers *peers = NULL;

		print_message("%s\n", wrong[i].name);
		assert_fails(open_with(mtas, stores, routes, &peers), wrong[i].fails);
		assert_null(peers);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_nearest_route_wins),
		cmocka_unit_test(peers_are_found_by_kind_and_name),
		cmocka_unit_test(a_collector_is_where_he_is),
		cmocka_unit_test(what_makes_no_sense_is_said),
	};

	return cmocka_run_group_tests_name("peers", tests, NULL, NULL);
}
