/* SPDX-License-Identifier: Apache-2.0 */
/* The requests of people, as an act that waits for approval keeps them. */
#include "ca/inbox.h"

#include "asn1/dn.h"
#include "lib/base/base64url.h"
#include "tests/support/check.h"

static char *request_of(struct arena *arena, const char *name, enum scope scope)
{
	AUTO(private_key_free) struct private_key *key = NULL;
	AUTO(buf_free) struct buf subject = { 0 }, der = { 0 }, text = { 0 };

	assert_ok(private_key_generate(KEY_P256, &key));
	assert_ok(dn_from_text(name, &subject));
	assert_ok(cert_request_make(key, buf_view(&subject), bytes_none(), scope, &der));
	base64url_put(&text, buf_view(&der));
	return arena_text(arena, buf_view(&text));
}

static void what_was_kept_is_found_again(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(inbox_cleanup) struct inbox inbox = { 0 }, again = { 0 };
	AUTO(people_cleanup) struct people people = { .path = "list", .problems = json_array() };
	struct person persons[] = { { .line = 2, .name = "cn=ann" }, { .line = 3, .name = "CN=Carl" } };
	const struct inbox_request *request = NULL;
	json_t *kept = json_pack("{s:s, s:s}", "a.pem", request_of(arena, "CN=Ann", SCOPE_MS), "b.pem",
				 request_of(arena, "CN=Bea", SCOPE_MTA));
	json_t *saved = json_object();
	struct people one = { .path = "list", .list = persons, .count = 1 };
	struct people both = { .path = "list", .list = persons, .count = 2 };

	(void)state;
	assert_ok(inbox_load("in", kept, arena, &people, &inbox));
	assert_int_equal(inbox.count, 2);
	assert_ok(inbox_find(&inbox, &persons[0], &request));
	assert_string_equal(request->file, "a.pem");
	assert_string_equal(request->request->subject_text, "CN=Ann");
	/* Only what the list needs is kept. */
	assert_ok(inbox_save(&inbox, &one, saved));
	assert_int_equal(json_object_size(saved), 1);
	assert_true(json_equal(json_object_get(saved, "a.pem"), json_object_get(kept, "a.pem")));
	assert_fails(inbox_save(&inbox, &both, saved), "list:3");
	assert_ok(inbox_load("in", saved, arena, &people, &again));
	assert_int_equal(again.count, 1);
	assert_int_equal(json_array_size(people.problems), 0);
	json_decref(kept);
	json_decref(saved);
}

static void what_is_no_request_is_a_problem(void **state)
{
	static const struct { const char *file, *text, *problem; } cases[] = {
		{ "a.pem", "!", "no BASE64URL" },
		{ "a.pem", "MAA", "request" },
		{ "a.pem", "", "request" },
		{ "../a.pem", NULL, "no name of a file in a folder" },
		{ "/etc/a.pem", NULL, "no name of a file in a folder" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO(arena_free) struct arena *arena = arena_new();
		AUTO(inbox_cleanup) struct inbox inbox = { 0 };
		AUTO(people_cleanup) struct people people = { .path = "list", .problems = json_array() };
		const char *good = request_of(arena, "CN=Ann", SCOPE_MS);
		json_t *kept = json_pack("{s:s}", cases[i].file, cases[i].text ? cases[i].text : good);

		assert_ok(inbox_load("in", kept, arena, &people, &inbox));
		assert_int_equal(inbox.count, 0);
		assert_int_equal(json_array_size(people.problems), 1);

		const char *said = json_string_value(
			json_object_get(json_array_get(people.problems, 0), "problem"));

		print_message("%s\n", said);
		assert_non_null(strstr(said, cases[i].problem));
		json_decref(kept);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_kept_is_found_again),
		cmocka_unit_test(what_is_no_request_is_a_problem),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
