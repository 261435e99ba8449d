/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two sides of a link over real connections, north asking and south answering,
 * with keys and certificates of tests/support/pki.h; what link_test.c,
 * link_wire_test.c and link_access_test.c have in common.  The functions that verify paths stand here
 * in the place of lib/mhs/trust.c's, so this is no part of tests/support.
 */
#ifndef TESTS_UNIT_LIB_MHS_LINK_SIDES_H
#define TESTS_UNIT_LIB_MHS_LINK_SIDES_H

#include "lib/mhs/link.h"
#include "lib/mhs/own_keys.h"

#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/mhs/contexts.h"
#include "lib/mhs/mts_id.h"
#include "lib/mhs/trust.h"
#include "tests/support/check.h"
#include "tests/support/pki.h"
#include "tests/support/scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIMEOUT_MS = 20000 };

static struct pki pki;
static struct pki_party north_mta;
static struct loop *loop;
static struct arena *arena;
static struct test_clock now;

/* --- trust: the test's own two domains stand where the directory would --- */

struct trust {
	const struct pki_party *anchor;
};

static struct path_query query_of(const struct trust *trust, const struct trust_wanted *wanted)
{
	struct path_query query = pki_query(&pki, trust->anchor, wanted->scope);

	query.name = wanted->directory_name;
	query.or_address = wanted->or_address;
	return query;
}

FALLIBLE trust_verify(struct trust *trust, const struct trust_wanted *wanted,
		      const struct cert *cert, struct cert_path **out_path)
{
	struct path_query query = query_of(trust, wanted);

	return path_verify(&query, cert, out_path);
}

FALLIBLE trust_find_for(struct trust *trust, const struct trust_wanted *wanted,
			struct path_trial *trial, struct cert_path **out_path)
{
	struct path_query query = query_of(trust, wanted);

	return path_find_for(&query, trial, out_path);
}

/* --- what was seen before, in memory --- */

static struct buf seen_tokens;

static FALLIBLE record(void *data, struct bytes key_id, struct bytes random, time_t forget_after,
		       bool *out_new)
{
	(void)data;
	(void)forget_after;
	const struct bytes all = buf_view(&seen_tokens);

	*out_new = true;
	for (size_t at = 0; at + random.len <= all.len; at += random.len)
		if (bytes_equal(bytes_slice(all, at, random.len), random))
			*out_new = false;
	assert_int_equal(key_id.len, HASH_OCTETS);
	buf_put(&seen_tokens, random);
	return OK;
}

static const struct seen_before seen = { NULL, record };

/* --- the two sides --- */

struct side {
	struct link_env env;
	struct own_key own;
	struct own_keys keys;
	struct trust trust;
	struct buf domain;
	/* the side that answers */
	struct link_server *server;
	struct link_expected expected;
	/* either */
	struct link *link;
	bool opened, closed;
	struct status *why;
};

static struct side asking, answering;

static void set_side(struct side *side, const char *name, const char *domain_text,
		     const struct pki_party *party, const struct pki_party *anchor)
{
	struct mta_identity *identity = NULL;

	*side = (struct side){ .trust = { anchor }, .own = { party->key, party->cert } };
	side->keys = (struct own_keys){ &side->own, 1 };
	assert_ok(mta_identity_from_text(arena, domain_text, name, &identity));
	domain_encode(identity, &side->domain);
	side->env = (struct link_env){
		.loop = loop,
		.clock = &now.clock,
		.self = { .role = LINK_MTA, .mta_name = name, .domain = buf_view(&side->domain),
			  .keys = &side->keys },
		.trust = &side->trust,
		.seen = &seen,
		.limits = &assoc_limits_default,
		.bind_timeout_ms = 10000,
	};
	side->expected.scope = SCOPE_MTA;
}

static void on_closed(void *user, struct link *link, const struct status *why)
{
	struct side *side = user;

	(void)link;
	side->link = NULL;
	side->closed = true;
	status_free(&side->why);
	side->why = status_copy(why);
}

static const struct link_user quiet_user = { .closed = on_closed };

static FALLIBLE expect(void *data, const struct link_claim *claim, struct link_expected *out)
{
	const struct side *side = data;

	if (strcmp(claim->mta_name ? claim->mta_name : "", "north") != 0)
		return FAIL(ST_REFUSED, 0, "%s is not known here", claim->text);
	*out = side->expected;
	return OK;
}

static void accepted(void *data, struct link *link, const struct link_claim *claim,
		     const struct link_user **out_user, void **out_user_data)
{
	struct side *side = data;

	assert_true(claim->authenticated);
	side->link = link;
	side->opened = true;
	*out_user = &quiet_user;
	*out_user_data = side;
}

static const struct link_server_user server_user = { expect, accepted };

static const char *socket_of(const char *name)
{
	char *folder = realpath(scratch_path("."), NULL);
	const char *address = arena_printf(arena, "unix:%s/%s", folder, name);

	free(folder);
	return address;
}

static void on_opened(void *user, struct link *link)
{
	struct side *side = user;

	side->link = link;
	side->opened = true;
}

static bool is_decided(void *arg)
{
	const struct side *side = arg;

	return side->opened || side->closed;
}

static bool is_closed(void *arg)
{
	const struct side *side = arg;

	return side->closed;
}

static struct link_target target_at(const char *name)
{
	return (struct link_target){
		.address = socket_of(name),
		.context = &context_mts_transfer,
		.role = LINK_MTA,
		.mta_name = "south",
		.domain = buf_view(&answering.domain),
		.expected = { .scope = SCOPE_MTA },
		.connect_timeout_ms = 5000,
	};
}

static const struct link_user *asking_user = &quiet_user;

static void bind_to(const struct link_target *target)
{
	asking.opened = asking.closed = false;
	link_connect(&asking.env, target, on_opened, asking_user, &asking);
	assert_true(loop_run_until(loop, is_decided, &asking, TIMEOUT_MS));
}

static inline void bind_at(const char *name)
{
	const struct link_target target = target_at(name);

	bind_to(&target);
}

static void listen_at(const char *name)
{
	static const struct app_context *const contexts[] = { &context_mts_transfer, NULL };

	assert_ok(link_listen(&answering.env, socket_of(name), contexts, 10, &server_user,
			      &answering, &answering.server));
}

/* What the log and the audit log have said since the beginning of the test. */
static char logged[1 << 16];

static bool is_logged(void *words)
{
	FILE *log = fopen(scratch_path("log"), "re");
	size_t len = fread(logged, 1, sizeof(logged) - 1, log);

	fclose(log);
	logged[len] = '\0';
	return strstr(logged, words);
}

static void assert_logged(const char *words)
{
	char *copy = arena_strdup(arena, words);

	if (!loop_run_until(loop, is_logged, copy, TIMEOUT_MS))
		fail_msg("the log does not say \"%s\":\n%s", words, logged);
}

static int setup(void **state)
{
	scratch_setup(state);
	assert_ok(log_open(&(struct log_options){ .program = "link", .path = scratch_path("log"),
						  .audit_path = scratch_path("log"),
						  .level = LOG_LV_INFO }));
	loop = loop_new();
	arena = arena_new();
	test_clock_init(&now, PKI_NOW);
	set_side(&asking, "north", "/ADMD=North/C=FR/", &north_mta, &pki.north);
	set_side(&answering, "south", "/ADMD=South/C=IT/", &pki.south_mta, &pki.south);
	listen_at("south");
	return 0;
}

static void side_cleanup(struct side *side)
{
	link_server_close(&side->server);
	status_free(&side->why);
	buf_free(&side->domain);
}

static int teardown(void **state)
{
	link_server_close(&answering.server);
	loop_free(&loop);
	side_cleanup(&asking);
	side_cleanup(&answering);
	arena_free(&arena);
	buf_free(&seen_tokens);
	log_close();
	return scratch_teardown(state);
}

static int make_pki(void **state)
{
	(void)state;
	pki_make(&pki);
	north_mta = pki_certify(&pki.north, "CN=MTA,O=North,C=FR", SCOPE_MTA, KEY_P256,
				bytes_none());
	return 0;
}

static int free_pki(void **state)
{
	(void)state;
	pki_party_free(&north_mta);
	pki_cleanup(&pki);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
