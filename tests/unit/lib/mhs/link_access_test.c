/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A user agent's link to an MTA [X.411 8.1]: who may answer it, what the answer tells, and what the
 * MTA does before the user agent knows who it is.
 */
#include "tests/unit/lib/mhs/link_sides.h"

#include "lib/mhs/binds.h"
#include "lib/mhs/operations.h"
#include "lib/mhs/orname.h"

#define ALICE "/G=Alice/S=Martin/ADMD=North/C=FR/"

static const struct app_context *const contexts[] = { &context_mts_access, NULL };

/* --- north is alice's user agent, and south the MTA --- */

static int invoked;
static bool open_when_invoked;

static void on_invoke(void *user, struct link *link, int32_t id, int operation,
		      struct bytes argument, struct buf *apdu)
{
	(void)link, (void)id, (void)apdu;
	assert_int_equal(operation, OP_MESSAGE_DELIVERY);
	assert_bytes(argument, BYTES("\x30\x03\x02\x01\x07"));
	open_when_invoked = ((const struct side *)user)->opened;
	invoked++;
}

static const struct link_user agent_user = { .invoke = on_invoke, .closed = on_closed };

static FALLIBLE expect_alice(void *data, const struct link_claim *claim, struct link_expected *out)
{
	const struct side *side = data;

	if (claim->role != LINK_UA || strcmp(claim->text, ALICE) != 0)
		return FAIL(ST_REFUSED, 0, "%s is not known here", claim->text);
	*out = side->expected;
	return OK;
}

/* As an MTA does it that has something for her. */
static void deliver(void *arg)
{
	const struct bytes argument = BYTES("\x30\x03\x02\x01\x07");
	struct side *side = arg;
	int32_t id;

	assert_ok(assoc_invoke_req(link_assoc(side->link), OP_MESSAGE_DELIVERY, &argument, 1, &id));
}

static struct soon delivery = { .run = deliver, .arg = &answering };

static void accept_alice(void *data, struct link *link, const struct link_claim *claim,
			 const struct link_user **out_user, void **out_user_data)
{
	accepted(data, link, claim, out_user, out_user_data);
	link_tell_waiting(link, &(struct messages_waiting){ true, { { 0, 0 }, { 1, 3 }, { 0, 0 } } });
	loop_soon(loop, &delivery);
}

static const struct link_server_user mta_server = { expect_alice, accept_alice };

static int access_setup(void **state)
{
	struct bytes name = { 0 };

	setup(state);
	assert_ok(orname_tlv_from_text(arena, ALICE, &name));
	asking.env.self.role = LINK_UA;
	asking.env.self.or_name = name;
	asking.own = (struct own_key){ pki.alice.key, pki.alice.cert };
	answering.expected.scope = SCOPE_UA;
	link_server_close(&answering.server);
	assert_ok(link_listen(&answering.env, socket_of("mta"), contexts, 10, &mta_server,
			      &answering, &answering.server));
	asking_user = &agent_user;
	invoked = 0;
	return 0;
}

/* Whose certificate has whatever name, or this one. */
static void bind_to_mta(struct bytes name)
{
	struct link_target target = target_at("mta");

	target.context = &context_mts_access;
	target.expected.directory_name = name;
	bind_to(&target);
}

static bool is_invoked(void *arg)
{
	(void)arg;
	return invoked > 0 || asking.closed;
}

static void what_waits_is_told_and_delivered_once_it_is_known_who_does(void **state)
{
	(void)state;
	bind_to_mta(pki.south_mta.cert->subject);
	assert_true(asking.opened);
	assert_true(link_waiting(asking.link)->told);
	assert_int_equal(link_waiting(asking.link)->queues[WAITING_NORMAL].messages, 1);
	assert_int_equal(link_waiting(asking.link)->queues[WAITING_NORMAL].octets, 3);
	assert_true(loop_run_until(loop, is_invoked, NULL, TIMEOUT_MS));
	assert_int_equal(invoked, 1);
	assert_true(open_when_invoked);
	/* Its answer goes with the association. */
	link_release(asking.link);
	assert_true(loop_run_until(loop, is_closed, &asking, TIMEOUT_MS));
}

/* --- who is no MTA of hers gets nothing taken --- */

static void assert_not_believed(const char *why)
{
	assert_false(asking.opened);
	assert_fails(TAKE(asking.why), "did not prove who it is");
	assert_logged(why);
	assert_int_equal(invoked, 0);
}

static void another_mta_is_not_believed(void **state)
{
	(void)state;
	bind_to_mta(north_mta.cert->subject);
	assert_not_believed("not for CN=MTA,O=North");
}

static void answers_with(const struct pki_party *party)
{
	answering.own = (struct own_key){ party->key, party->cert };
	bind_to_mta(bytes_none());
}

static void a_user_is_no_mta(void **state)
{
	(void)state;
	answers_with(&pki.alice);
	assert_not_believed("is for UA, not for MTA");
}

static void a_store_is_no_mta(void **state)
{
	struct pki_party store = pki_certify(&pki.south, "CN=MS,O=South,C=IT", SCOPE_MS, KEY_P256,
					     bytes_none());

	(void)state;
	answers_with(&store);
	assert_not_believed("is for MS, not for MTA");
	pki_party_free(&store);
}

#define ACCESS_TEST(name) cmocka_unit_test_setup_teardown(name, access_setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ACCESS_TEST(what_waits_is_told_and_delivered_once_it_is_known_who_does),
		ACCESS_TEST(another_mta_is_not_believed),
		ACCESS_TEST(a_user_is_no_mta),
		ACCESS_TEST(a_store_is_no_mta),
	};

	return cmocka_run_group_tests(tests, make_pki, free_pki);
}
