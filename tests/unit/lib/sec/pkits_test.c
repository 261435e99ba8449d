/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The path-validation suite of NIST (PKITS 1.0.1), all of it through path_verify: each case's
 * certificates and revocation lists are all that the source has.  Skipped where it is absent.
 */
#include "lib/sec/path.h"

#include "asn1/dn.h"
#include "lib/base/file.h"
#include "lib/base/memory.h"
#include "tests/support/check.h"
#include "tests/support/pki.h"

#include <jansson.h>
#include <stdlib.h>

enum { CASES = 249, POLICIES_MAX = 8, NOW = 1500000000 /* in July 2017 */ };

/* Where we decide otherwise, and why. */
static const struct {
	const char *number, *reason;
} exceptions[] = {
	{ "4.1.5", "a DSA key without parameters takes those of whoever certified it: the same octets, "
	  "and so the same key identifier, would be another key in another path" },
	{ "4.14.30", "a revocation list vouches for the certificate of its own signer: whoever steals "
	  "that key says that it was not stolen" },
};

struct suite {
	char *folder;
	json_t *cases;
};

/* One case, as its source has it. */
struct scene {
	struct cert_list certs;
	struct crl_list crls;
};

static FALLIBLE find_certs(void *data, struct bytes name, struct found_list *out)
{
	const struct scene *scene = data;

	for (size_t i = 1; i < scene->certs.count; i++)
		if (dn_equal(scene->certs.items[i]->subject, name))
			pki_add_found(out, scene->certs.items[i]);
	return OK;
}

static FALLIBLE find_crls(void *data, struct bytes name, struct crl_list *out)
{
	const struct scene *scene = data;

	for (size_t i = 0; i < scene->crls.count; i++)
		if (dn_equal(scene->crls.items[i]->issuer, name))
			crl_list_add(out, scene->crls.items[i]);
	return OK;
}

static struct buf octets_of(const struct suite *suite, const char *kind, json_t *name)
{
	AUTO(mem_free) char *path = mem_printf("%s/%ss/%s.%s", suite->folder, kind,
					       json_string_value(name), kind[1] == 'e' ? "crt" : "crl");
	struct buf octets = { 0 };

	assert_ok(file_read(path, 1 << 20, &octets, NULL));
	return octets;
}

/* Fails where one of the case's files is nothing that we take. */
static FALLIBLE scene_read(const struct suite *suite, json_t *test, struct scene *out_scene)
{
	json_t *name;
	size_t i;

	json_array_foreach(json_object_get(test, "certs"), i, name) {
		AUTO(buf_free) struct buf der = octets_of(suite, "cert", name);
		AUTO(cert_free) const struct cert *cert = NULL;

		TRY_DOING(cert_decode_foreign(buf_view(&der), &cert), "%s", json_string_value(name));
		cert_list_add(&out_scene->certs, cert);
	}
	json_array_foreach(json_object_get(test, "crls"), i, name) {
		AUTO(buf_free) struct buf der = octets_of(suite, "crl", name);
		AUTO(crl_free) const struct crl *crl = NULL;

		TRY_DOING(crl_decode(buf_view(&der), &crl), "%s", json_string_value(name));
		crl_list_add(&out_scene->crls, crl);
	}
	return OK;
}

static void scene_cleanup(struct scene *scene)
{
	cert_list_free(&scene->certs);
	crl_list_free(&scene->crls);
}

static const char *option(json_t *test, const char *name)
{
	return json_string_value(json_object_get(json_object_get(test, "options"), name));
}

/* The identifiers of "NIST-test-policy-1,anyPolicy"; how many there are. */
static size_t policies_of(const char *text, const char *out_policies[POLICIES_MAX])
{
	static const struct { const char *name, *oid; } known[] = {
		{ "NIST-test-policy-1", "2.16.840.1.101.3.2.1.48.1" },
		{ "NIST-test-policy-2", "2.16.840.1.101.3.2.1.48.2" },
		{ "NIST-test-policy-3", "2.16.840.1.101.3.2.1.48.3" },
		{ "NIST-test-policy-6", "2.16.840.1.101.3.2.1.48.6" },
		{ "anyPolicy", "2.5.29.32.0" },
	};
	size_t count = 0;

	for (const char *at = text; at && *at; at += *at == ',') {
		size_t len = strcspn(at, ","), i = 0;

		while (i < 5 && (strlen(known[i].name) != len || strncmp(known[i].name, at, len) != 0))
			i++;
		assert_true(i < 5 && count < POLICIES_MAX);
		out_policies[count++] = known[i].oid;
		at += len;
	}
	return count;
}

static bool is_set(json_t *test, const char *name)
{
	const char *value = option(test, name);

	return value && strcmp(value, "true") == 0;
}

static FALLIBLE play(const struct suite *suite, json_t *test, struct cert_path **out_path)
{
	AUTO(scene_cleanup) struct scene scene = { 0 };
	const char *acceptable[POLICIES_MAX];
	const struct cert_source source = {
		.data = &scene, .user_certs = find_certs, .cross_certs = find_certs, .crls = find_crls,
	};

	TRY(scene_read(suite, test, &scene));
	const struct path_query query = {
		.anchors = &scene.certs.items[0],
		.anchor_count = 1,
		.source = &source,
		.now = NOW,
		.any_use = true,
		.policies = {
			.acceptable = acceptable,
			.count = policies_of(option(test, "SetInitialPolicySet"), acceptable),
			.explicit_policy = is_set(test, "SetInitialExplicitPolicy"),
			.inhibit_mapping = is_set(test, "SetInitialPolicyMappingInhibit"),
			.inhibit_any = is_set(test, "SetInitialInhibitAnyPolicy"),
		},
	};
	return path_verify(&query, scene.certs.items[scene.certs.count - 1], out_path);
}

/* Whether the user-constrained policy set is the one that the suite names, where it does. */
static bool same_policies(json_t *test, const struct cert_path *path)
{
	const char *text = option(test, "SetUserConstrainedPolicySet"), *wanted[POLICIES_MAX];
	size_t count = policies_of(text, wanted), found = 0;

	for (size_t i = 0; text && i < path->policy_count; i++)
		for (size_t j = 0; j < count; j++)
			found += strcmp(path->policies[i], wanted[j]) == 0;
	return !text || (found == count && path->policy_count == count);
}

static const char *exception(const char *number)
{
	for (size_t i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++)
		if (strcmp(exceptions[i].number, number) == 0)
			return exceptions[i].reason;
	return NULL;
}

/* Whether the case ends as the suite says. */
static bool as_expected(const struct suite *suite, json_t *test)
{
	const char *number = json_string_value(json_object_get(test, "test_number"));
	const char *name = json_string_value(json_object_get(test, "name"));
	bool valid = json_is_true(json_object_get(test, "valid"));
	AUTO(cert_path_free) struct cert_path *path = NULL;
	AUTO(status_free) struct status *refused = play(suite, test, &path);
	AUTO(mem_free) char *story = status_text(refused);

	if (valid == !refused && (refused || same_policies(test, path)))
		return true;
	print_message("%s %s: expected %s, but %s\n", number, name, valid ? "valid" : "invalid",
		      refused ? story : valid ? "other policies are left" : "it was accepted");
	for (size_t i = 0; path && i < path->policy_count; i++)
		print_message("    policy %s\n", path->policies[i]);
	return false;
}

static void all_cases_end_as_nist_says(void **state)
{
	const struct suite *suite = *state;
	size_t i, agreed = 0, reasoned = 0;
	json_t *test;

	if (!suite->cases)
		skip();
	json_array_foreach(suite->cases, i, test) {
		const char *number = json_string_value(json_object_get(test, "test_number"));

		if (as_expected(suite, test)) {
			assert_null(exception(number));
			agreed++;
		} else if (exception(number)) {
			print_message("    on purpose: %s\n", exception(number));
			reasoned++;
		}
	}
	print_message("FIGURE: PKITS %zu of %zu cases as expected, %zu otherwise on purpose\n", agreed,
		      json_array_size(suite->cases), reasoned);
	assert_int_equal(agreed + reasoned, json_array_size(suite->cases));
	assert_int_equal(json_array_size(suite->cases), CASES);
}

static int setup(void **state)
{
	static struct suite suite;
	const char *data = getenv("POSTERN_DATA");
	AUTO(mem_free) char *list = NULL;

	suite.folder = mem_printf("%s/pkits", data ? data : "../shared/data");
	list = mem_printf("%s/pkits.json", suite.folder);
	suite.cases = json_load_file(list, 0, NULL);
	if (!suite.cases)
		print_message("skipped: there is no %s\n", list);
	*state = &suite;
	return 0;
}

static int teardown(void **state)
{
	struct suite *suite = *state;

	json_decref(suite->cases);
	mem_free(&suite->folder);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_cases_end_as_nist_says),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
