/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The administration port of an MTA [X.411 8.4]: a store and a user agent change the
 * passwords that they bind with, and register what they are to get.  Who does not know the
 * old password does not change it, nobody changes another's, and nobody registers more
 * than the settings allow him; what was confirmed survives the MTA's death.
 */
#include "lib/mhs/diagnostics.h"
#include "lib/mhs/operations.h"
#include "lib/mhs/password_change.h"
#include "lib/mhs/registration.h"
#include "lib/sec/label.h"
#include "lib/sec/label_policy.h"
#include "tests/support/check.h"
#include "tests/support/stage.h"

#define NORTH "/PRMD=North/ADMD=Net/C=FR/"
#define SOUTH "/PRMD=South/ADMD=Net/C=NO/"
#define ALICE "/G=Alice/S=Martin" NORTH
#define PETIT "/S=Petit" NORTH

static const char *const policy = "1.3.6.1.4.1.99999.1 name=mil";

static struct process mta;
static struct store store, agent;	/* the second is Alice's user agent: it only asks */
static struct stage_mta north;

static int setup(void **state)
{
	stage_open(state);
	stage_write("alices", "alice's own\n");
	store_open(&store, "store-a", NORTH);
	store_open(&agent, "agent", ALICE);
	agent.env.self.role = LINK_UA;
	north = (struct stage_mta){
		"mta-a", NORTH, "store-a", "mta-b", SOUTH,
		arena_printf(stage_arena, "security-policy = %s\nsecurity-context = mil:secret\n"
			     "user = " ALICE " password-file=%s own-password-file=%s "
			     "context=mil:restricted\n", policy, stage_file("alices"),
			     stage_file("password")),
	};
	stage_start_mta(&mta, &north);
	store_connect(&store, "mta-a", "secret");
	return 0;
}

static int teardown(void **state)
{
	process_stop(&mta);
	store_close(&store);
	store_close(&agent);
	return stage_close(state);
}

#define WAIT_FOR(field, wanted) STAGE_WAIT_FOR(&mta, field, wanted)

static void ask(struct store *who, int operation, struct bytes argument)
{
	int results = who->results;

	store_invoke(who, operation, argument);
	WAIT_FOR(who->results, results + 1);
}

static void ask_in_vain(struct store *who, int operation, struct bytes argument, int error)
{
	int errors = who->errors;

	store_invoke(who, operation, argument);
	WAIT_FOR(who->errors, errors + 1);
	assert_int_equal(who->last_error, error);
}

/* --- passwords --- */

static struct bytes change(const char *before, const char *after)
{
	AUTO(buf_free) struct buf out = { 0 };

	password_change_encode(bytes_text(before), bytes_text(after), &out);
	ber_wrap(&out, 0, BER_SET);
	return arena_dup(stage_arena, buf_view(&out));
}

static void change_in_vain(struct store *who, const char *before, const char *after, int error)
{
	ask_in_vain(who, OP_CHANGE_CREDENTIALS, change(before, after), error);
}

static bool binds_with(struct store *who, const char *password)
{
	store_leave(who);
	store_connect(who, "mta-a", password);
	return who->submitter != NULL;
}

static void who_knows_the_old_password_changes_it(void **state)
{
	(void)state;
	change_in_vain(&store, "guess", "open sesame", ERR_OLD_CREDENTIALS_INCORRECTLY_SPECIFIED);
	change_in_vain(&store, "", "open sesame", ERR_OLD_CREDENTIALS_INCORRECTLY_SPECIFIED);
	change_in_vain(&store, "secret", "short", ERR_NEW_CREDENTIALS_UNACCEPTABLE);
	change_in_vain(&store, "secret", "secret", ERR_NEW_CREDENTIALS_UNACCEPTABLE);
	assert_true(binds_with(&store, "secret"));	/* none of these changed anything */
	ask(&store, OP_CHANGE_CREDENTIALS, change("secret", "open sesame"));
	/* Replayed: the old one is not the old one any more. */
	change_in_vain(&store, "secret", "open sesame", ERR_OLD_CREDENTIALS_INCORRECTLY_SPECIFIED);
	assert_false(binds_with(&store, "secret"));
	assert_true(binds_with(&store, "open sesame"));
	ask(&store, OP_CHANGE_CREDENTIALS, change("open sesame", "h\xc3\xa9las, p\xc3\xa9trus"));
	assert_true(binds_with(&store, "h\xc3\xa9las, p\xc3\xa9trus"));
}

static void a_confirmed_change_survives(void **state)
{
	(void)state;
	ask(&store, OP_CHANGE_CREDENTIALS, change("secret", "open sesame"));
	process_kill(&mta);
	stage_start_mta(&mta, &north);
	assert_false(binds_with(&store, "secret"));
	assert_true(binds_with(&store, "open sesame"));
}

static void nobody_changes_anothers(void **state)
{
	(void)state;
	assert_true(binds_with(&agent, "alice's own"));
	change_in_vain(&agent, "secret", "open sesame", ERR_OLD_CREDENTIALS_INCORRECTLY_SPECIFIED);
	ask(&agent, OP_CHANGE_CREDENTIALS, change("alice's own", "alice's new"));
	assert_true(binds_with(&agent, "alice's new"));
	assert_false(binds_with(&agent, "secret"));
	assert_true(binds_with(&store, "secret"));
	assert_false(binds_with(&store, "alice's new"));
}

static void certificates_are_not_changed_here(void **state)
{
	AUTO(buf_free) struct buf argument = { 0 };

	(void)state;
	ber_put(&argument, 22, BYTES("secret"));
	ber_wrap(&argument, 0, BER_CONTEXT(0));
	size_t from = argument.len;
	ber_wrap(&argument, from, BER_CONTEXT(0));	/* strong, with nothing in it */
	ber_wrap(&argument, from, BER_CONTEXT(1));
	ber_wrap(&argument, 0, BER_SET);
	ask_in_vain(&store, OP_CHANGE_CREDENTIALS, buf_view(&argument),
		    ERR_NEW_CREDENTIALS_UNACCEPTABLE);
	assert_true(binds_with(&store, "secret"));
}

static void what_is_no_argument_is_rejected(void **state)
{
	(void)state;
	store_invoke(&store, OP_CHANGE_CREDENTIALS, BYTES("\x31\x00"));
	WAIT_FOR(store.rejects, 1);
	store_invoke(&store, OP_CHANGE_CREDENTIALS, BYTES("\x05\x00"));
	WAIT_FOR(store.rejects, 2);
	store_invoke(&store, OP_REGISTER, BYTES("\x31\x02\x88\x00"));
	WAIT_FOR(store.rejects, 3);
	assert_non_null(store.submitter);
}

/* --- registrations --- */

static struct bytes labels(const char *text)
{
	const struct text_list lines = { (char *[]){ (char *)(uintptr_t)policy }, 1 };
	const struct label_policies *policies = NULL;
	AUTO(buf_free) struct buf all = { 0 }, context = { 0 };

	assert_ok(label_policies_read(stage_arena, &lines, &policies));
	assert_ok(labels_from_text(policies, stage_arena, text, &all));
	context_encode(buf_view(&all), &context);
	return arena_dup(stage_arena, buf_view(&context));
}

static struct bytes registering(const struct registered *registered)
{
	const struct registration registration = { .registered = *registered };
	AUTO(buf_free) struct buf out = { 0 };

	assert_ok(registration_encode(&registration, &out));
	return arena_dup(stage_arena, buf_view(&out));
}

#define REGISTER(who, ...) \
	ask(&(who), OP_REGISTER, registering(&(struct registered){ __VA_ARGS__ }))
#define REGISTER_IN_VAIN(who, ...)                                                        \
	ask_in_vain(&(who), OP_REGISTER, registering(&(struct registered){ __VA_ARGS__ }), \
		    ERR_REGISTER_REJECTED)

static struct bytes letter_label;

static void put_label(struct envelope *env)
{
	ext_put(stage_arena, &env->extensions, EXT_MESSAGE_SECURITY_LABEL, letter_label);
}

static void as_probe(struct envelope *env)
{
	env->probe = true;
	env->content_length = (int64_t)env->content.len;
}

/* Submits to somebody and says how it ended: -2 delivered, else the report's diagnostic. */
static int outcome_of(const char *to, struct bytes content, void (*more)(struct envelope *env))
{
	int reports = store.new_reports;

	if (!store.submitter)
		assert_true(binds_with(&store, "secret"));
	store_submit(&store, &(struct letter){ .from = ALICE, .to = &to, .count = 1,
					       .content = content, .more = more });
	WAIT_FOR(store.new_reports, reports + 1);	/* one may come once more from before a kill */
	return store.report->recipients[0].delivered ? -2 : store.report->recipients[0].diagnostic;
}

static struct bytes label_of(const char *text)
{
	const struct bytes context = labels(text);
	struct ber_tlv set;

	assert_ok(ber_only(context, &set));
	return set.contents;
}

static void longer_contents_are_not_delivered(void **state)
{
	int deliveries = store.deliveries;

	(void)state;
	REGISTER(store, .has_content_max = true, .content_max = 4);
	assert_int_equal(outcome_of(ALICE, BYTES("four"), NULL), -2);
	assert_int_equal(outcome_of(ALICE, BYTES("fives"), NULL), DIAG_CONTENT_TOO_LONG);
	assert_int_equal(outcome_of(ALICE, BYTES("four"), as_probe), -2);
	assert_int_equal(outcome_of(ALICE, BYTES("fives"), as_probe), DIAG_CONTENT_TOO_LONG);
	assert_int_equal(store.deliveries, deliveries + 1);
	process_kill(&mta);
	stage_start_mta(&mta, &north);
	assert_true(binds_with(&store, "secret"));
	assert_int_equal(outcome_of(ALICE, BYTES("other"), NULL), DIAG_CONTENT_TOO_LONG);
	REGISTER(store, .has_content_max = true, .content_max = 5);
	assert_int_equal(outcome_of(ALICE, BYTES("other"), NULL), -2);
}

static void one_users_registration_is_his_alone(void **state)
{
	(void)state;
	assert_true(binds_with(&agent, "alice's own"));
	REGISTER(agent, .has_content_max = true, .content_max = 4);
	assert_int_equal(outcome_of(ALICE, BYTES("fives"), NULL), DIAG_CONTENT_TOO_LONG);
	assert_int_equal(outcome_of(PETIT, BYTES("fives"), NULL), -2);
}

static void other_content_types_are_not_delivered(void **state)
{
	(void)state;
	REGISTER(store, .has_content_types = true,
		 .content_types = content_type_tlv(stage_arena, CONTENT_TYPE_P2));
	assert_int_equal(outcome_of(ALICE, BYTES("text"), NULL), DIAG_CONTENT_TYPE_NOT_SUPPORTED);
	assert_int_equal(outcome_of(ALICE, BYTES("text"), as_probe),
			 DIAG_CONTENT_TYPE_NOT_SUPPORTED);
	REGISTER(store, .has_content_types = true,
		 .content_types = content_type_tlv(stage_arena, CONTENT_TYPE_P22));
	assert_int_equal(outcome_of(ALICE, BYTES("text"), NULL), -2);
	REGISTER(store, .has_content_types = true);	/* taken back */
	assert_int_equal(outcome_of(ALICE, BYTES("text"), NULL), -2);
}

static void higher_labels_are_not_delivered(void **state)
{
	(void)state;
	letter_label = label_of("mil:secret");
	assert_int_equal(outcome_of(ALICE, BYTES("text"), put_label), -2);
	REGISTER(store, .has_labels = true, .labels = labels("mil:confidential"));
	assert_int_equal(outcome_of(ALICE, BYTES("text"), put_label), DIAG_SECURE_MESSAGING_ERROR);
	letter_label = label_of("mil:confidential");
	assert_int_equal(outcome_of(ALICE, BYTES("text"), put_label), -2);
	/* They hold for the next bind, too: who registered them submits nothing above. */
	assert_true(binds_with(&store, "secret"));
	letter_label = label_of("mil:secret");
	int errors = store.errors;
	store_submit(&store, &(struct letter){ .from = ALICE, .to = (const char *[]){ ALICE },
					       .count = 1, .content = BYTES("x"), .more = put_label });
	WAIT_FOR(store.errors, errors + 1);
	assert_int_equal(store.last_error, ERR_SECURITY_ERROR);
	REGISTER(store, .has_labels = true);	/* taken back */
	assert_true(binds_with(&store, "secret"));
	assert_int_equal(outcome_of(ALICE, BYTES("text"), put_label), -2);
}

static void nobody_registers_more_than_he_is_allowed(void **state)
{
	(void)state;
	REGISTER_IN_VAIN(store, .has_labels = true, .labels = labels("mil:top-secret"));
	assert_true(binds_with(&agent, "alice's own"));
	REGISTER_IN_VAIN(agent, .has_labels = true, .labels = labels("mil:confidential"));
	REGISTER_IN_VAIN(agent, .has_labels = true, .labels = labels("mil:restricted,mil:secret"));
	/* Refused as a whole. */
	REGISTER_IN_VAIN(agent, .has_labels = true, .labels = labels("mil:secret"),
			 .has_content_max = true, .content_max = 1);
	assert_int_equal(outcome_of(ALICE, BYTES("text"), NULL), -2);
	REGISTER(agent, .has_labels = true, .labels = labels("mil:restricted"));
}

/* As X.411 calls what is not served here, one after the other. */
static void the_rest_is_refused(void **state)
{
	const struct { const char *name; struct bytes argument; } others[] = {
		{ "user-address", BYTES("\x31\x06\xa0\x04\xa0\x02\x30\x00") },
		{ "deliverable-encoded-information-types", BYTES("\x31\x06\x65\x04\x80\x02\x05\x20") },
		{ "default-delivery-controls", BYTES("\x31\x04\xa2\x02\x31\x00") },
		{ "recipient-assigned-alternate-recipient",
		  BYTES("\x31\x08\xa4\x06\x31\x04\xa1\x02\x30\x00") },
	};
	AUTO(buf_free) struct buf named = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		ask_in_vain(&store, OP_REGISTER, others[i].argument, ERR_REGISTER_REJECTED);
		assert_true(process_logged(&mta, others[i].name));
	}
	buf_put(&named, stage_or_name(ALICE));
	ber_wrap(&named, 0, BER_SET);
	ask_in_vain(&store, OP_REGISTER, buf_view(&named), ERR_REGISTER_REJECTED);
	assert_true(binds_with(&agent, "alice's own"));
	ask(&agent, OP_REGISTER, buf_view(&named));	/* that is what she is called */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_knows_the_old_password_changes_it),
		TEST(a_confirmed_change_survives),
		TEST(nobody_changes_anothers),
		TEST(certificates_are_not_changed_here),
		TEST(what_is_no_argument_is_rejected),
		TEST(longer_contents_are_not_delivered),
		TEST(one_users_registration_is_his_alone),
		TEST(other_content_types_are_not_delivered),
		TEST(higher_labels_are_not_delivered),
		TEST(nobody_registers_more_than_he_is_allowed),
		TEST(the_rest_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
