/* SPDX-License-Identifier: Apache-2.0 */
/* The journal: what is added verifies, and nothing of it is changed unseen; with a real authority. */
#include "ca/journal.h"

#include "ca/authority.h"
#include "lib/base/file.h"
#include "lib/base/memory.h"
#include "tests/support/check.h"
#include "tests/support/pki.h"
#include "tests/support/scratch.h"

static struct authority *ca;
static const struct journal_head unknown;

static int setup(void **state)
{
	AUTO(buf_free) struct buf name = pki_name("O=Ministry,C=FR");

	assert_int_equal(scratch_setup(state), 0);
	const struct authority_plan plan = { .key = KEY_P256, .name = buf_view(&name), .now = PKI_NOW,
					     .until = PKI_NOW + 10 * PKI_YEAR };

	assert_ok(authority_create(scratch_path("."), &plan, &ca));	/* entry 1 */
	for (int i = 2; i <= 5; i++)
		assert_ok(journal_add(ca, PKI_NOW, "offer", json_pack("{s:i}", "n", i)));
	return 0;
}

static int teardown(void **state)
{
	authority_free(&ca);
	return scratch_teardown(state);
}

static FALLIBLE verify(const struct journal_head *known)
{
	const struct journal_source source = { .db = ca->db };
	struct journal_head head;

	return journal_verify(&source, ca->cert, known, &head);
}

/* Whoever has the database may drop what guards it against mistakes. */
static void edit(const char *sql)
{
	assert_ok(db_run(ca->db, "DROP TRIGGER IF EXISTS journal_stays"));
	assert_ok(db_run(ca->db, "DROP TRIGGER IF EXISTS journal_grows"));
	assert_ok(db_run(ca->db, sql));
}

static void what_is_added_verifies(void **state)
{
	const struct journal_source source = { .db = ca->db };
	struct journal_head head, said;
	char text[JOURNAL_HEAD_TEXT];

	(void)state;
	assert_ok(journal_head(ca->db, &head));
	assert_int_equal(head.number, 5);
	journal_head_text(&head, text);
	assert_ok(journal_head_from_text(text, &said));
	assert_int_equal(said.number, 5);
	assert_memory_equal(said.hash, head.hash, HASH_OCTETS);
	assert_ok(journal_verify(&source, ca->cert, &said, &head));
	assert_fails(journal_head_from_text("5:short", &said), "is no head of a journal");
}

static void a_mistake_changes_nothing(void **state)
{
	(void)state;
	assert_fails(db_run(ca->db, "DELETE FROM journal WHERE number = 3"), "only added to");
	assert_fails(db_run(ca->db, "UPDATE journal SET number = 9"), "only added to");
	assert_ok(verify(&unknown));
}

static void an_entry_that_is_missing_shows(void **state)
{
	(void)state;
	edit("DELETE FROM journal WHERE number = 3");
	assert_fails(verify(&unknown), "where entry 3 should be is entry 4");
}

static void entries_that_change_places_show(void **state)
{
	(void)state;
	edit("UPDATE journal SET number = 9 WHERE number = 4");
	edit("UPDATE journal SET number = 4 WHERE number = 5");
	edit("UPDATE journal SET number = 5 WHERE number = 9");
	assert_fails(verify(&unknown), "where entry 4 should be is entry 5");
}

static void an_entry_of_another_key_shows(void **state)
{
	AUTO(private_key_free) struct private_key *thief = NULL;
	struct private_key *own = ca->key;

	(void)state;
	assert_ok(private_key_generate(KEY_P256, &thief));
	ca->key = thief;
	assert_ok(journal_add(ca, PKI_NOW, "revoke", json_object()));
	ca->key = own;
	assert_fails(verify(&unknown), "entry 6 of the journal is broken");
}

static void an_end_that_was_cut_off_shows_to_who_remembers(void **state)
{
	struct journal_head head;

	(void)state;
	assert_ok(journal_head(ca->db, &head));
	edit("DELETE FROM journal WHERE number = 5");
	assert_ok(verify(&unknown));
	assert_fails(verify(&head), "its end was cut off");
	assert_ok(journal_add(ca, PKI_NOW, "offer", json_pack("{s:i}", "n", 6)));
	assert_fails(verify(&head), "written anew");
}

static void a_file_is_verified_as_well(void **state)
{
	const struct journal_source source = { .path = scratch_path("torn") };
	struct journal_head head;

	(void)state;
	assert_ok(file_create(source.path, 0600, bytes_text("no end")));
	assert_fails(journal_verify(&source, ca->cert, &unknown, &head), "has no end");
}

#define FRESH(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(what_is_added_verifies),
		FRESH(a_mistake_changes_nothing),
		FRESH(an_entry_that_is_missing_shows),
		FRESH(entries_that_change_places_show),
		FRESH(an_entry_of_another_key_shows),
		FRESH(an_end_that_was_cut_off_shows_to_who_remembers),
		FRESH(a_file_is_verified_as_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
