/* SPDX-License-Identifier: Apache-2.0 */
/* Checks and proofs of X.411: as somebody else makes them, and for what they say alone. */
#include "lib/sec/content_check.h"
#include "lib/sec/origin_check.h"
#include "lib/sec/proof.h"
#include "lib/sec/report_check.h"
#include "lib/sec/submission_proof.h"

#include "tests/support/check.h"
#include "tests/support/scratch.h"
#include "tests/support/vectors.h"

enum { WHEN = 1790000000 };

static struct vectors vectors;
static struct private_key *key;		/* Ed25519: it signs the same the same each time */
static struct private_key *other;
static struct buf content, name, label, id, envelope, certificates, proof;

static int setup(void **state)
{
	assert_int_equal(scratch_setup(state), 0);
	vectors_load("statements", &vectors);
	key = vectors_key("modern");
	assert_ok(private_key_generate(KEY_ED25519, &other));
	content = vector(&vectors, "content");
	name = vector(&vectors, "name");
	label = vector(&vectors, "label");
	id = vector(&vectors, "id");
	envelope = vector(&vectors, "envelope");
	certificates = vector(&vectors, "certificates");
	proof = vector(&vectors, "proof");
	return 0;
}

static int teardown(void **state)
{
	struct buf *all[] = { &content, &name, &label, &id, &envelope, &certificates, &proof };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		buf_free(all[i]);
	private_key_free(&key);
	private_key_free(&other);
	vectors_free(&vectors);
	return scratch_teardown(state);
}

/* A service with its facts, and these with one of them changed. */
struct service {
	const char *name;
	FALLIBLE (*make)(int changed, const struct private_key *signer, struct buf *out);
	FALLIBLE (*check)(int changed, const struct public_key *signer, struct bytes signature);
	int facts;		/* from 1 on */
	const char *fails;
};

/* --- message and probe origin authentication --- */

static struct origin_facts origin(bool probe, int changed)
{
	struct origin_facts facts = { probe, buf_view(&content), BYTES("7-SECRET"), buf_view(&label) };

	if (changed == 1)
		facts.content_identifier = BYTES("8-SECRET");
	if (changed == 2)
		facts.label = bytes_none();
	if (changed == 3)
		facts.content = bytes_slice(facts.content, 0, facts.content.len - 1);
	return facts;
}

static FALLIBLE origin_make(int changed, const struct private_key *signer, struct buf *out)
{
	const struct origin_facts facts = origin(false, changed);

	return origin_check_make(&facts, &suite_modern, NULL, signer, out);
}

static FALLIBLE origin_check(int changed, const struct public_key *signer, struct bytes signature)
{
	const struct origin_facts facts = origin(false, changed);

	return origin_check_verify(&facts, NULL, NULL, signer, signature);
}

static FALLIBLE probe_make(int changed, const struct private_key *signer, struct buf *out)
{
	const struct origin_facts facts = origin(true, changed);

	return origin_check_make(&facts, NULL, NULL, signer, out);
}

static FALLIBLE probe_check(int changed, const struct public_key *signer, struct bytes signature)
{
	const struct origin_facts facts = origin(true, changed);

	return origin_check_verify(&facts, NULL, NULL, signer, signature);
}

/* --- content integrity --- */

static struct bytes content_of(int changed)
{
	return bytes_slice(buf_view(&content), 0, content.len - (size_t)changed);
}

static FALLIBLE integrity_make(int changed, const struct private_key *signer, struct buf *out)
{
	return content_check_make(content_of(changed), NULL, NULL, signer, out);
}

static FALLIBLE integrity_check(int changed, const struct public_key *signer,
				struct bytes signature)
{
	return content_check_verify(content_of(changed), NULL, NULL, signer, signature);
}

/* --- reports --- */

struct reported {
	struct report_check_recipient recipients[3];
	struct report_check_facts facts;
};

static void report(int changed, struct reported *out)
{
	struct report_check_recipient *r = out->recipients;

	*out = (struct reported){
		.recipients = {
			{ .name = buf_view(&name), .delivered = true, .delivery_time = WHEN,
			  .user_type = 2, .certificates = buf_view(&certificates),
			  .proof = buf_view(&proof) },
			{ .name = buf_view(&name), .intended_name = buf_view(&name), .reason = 1,
			  .diagnostic = 46 },
			{ .name = buf_view(&name), .diagnostic = -1 },
		},
		.facts = { BYTES("7-SECRET"), buf_view(&label), NULL, 3 },
	};
	out->facts.recipients = r;
	switch (changed) {
	case 1: out->facts.content_identifier = bytes_none(); break;
	case 2: out->facts.label = bytes_none(); break;
	case 3: out->facts.count = 2; break;
	case 4: r[0].delivery_time++; break;
	case 5: r[0].user_type = 0; break;
	case 6: r[0].certificates = bytes_none(); break;
	case 7: r[0].proof = bytes_none(); break;
	case 8: r[0].delivered = false; break;
	case 9: r[1].intended_name = bytes_none(); break;
	case 10: r[1].reason = 0; break;
	case 11: r[1].diagnostic = 0; break;
	case 12: r[1].delivered = true; break;
	case 13: r[2].diagnostic = 0; break;
	default: break;
	}
}

static FALLIBLE report_make(int changed, const struct private_key *signer, struct buf *out)
{
	struct reported reported;

	report(changed, &reported);
	return report_check_make(&reported.facts, signer, out);
}

static FALLIBLE report_check(int changed, const struct public_key *signer, struct bytes signature)
{
	struct reported reported;

	report(changed, &reported);
	return report_check_verify(&reported.facts, signer, signature);
}

/* --- submission and delivery --- */

static struct submission_facts submission(int changed)
{
	struct submission_facts facts = { buf_view(&envelope), buf_view(&content), buf_view(&id), WHEN };

	if (changed == 1)
		facts.envelope = buf_view(&label);
	if (changed == 2)
		facts.content = content_of(1);
	if (changed == 3)
		facts.id = buf_view(&name);
	if (changed == 4)
		facts.time++;
	return facts;
}

static FALLIBLE submission_make(int changed, const struct private_key *signer, struct buf *out)
{
	const struct submission_facts facts = submission(changed);

	return submission_proof_make(&facts, signer, out);
}

static FALLIBLE submission_check(int changed, const struct public_key *signer,
				 struct bytes signature)
{
	const struct submission_facts facts = submission(changed);

	return submission_proof_check(&facts, signer, signature);
}

static struct proof_facts delivery(int changed)
{
	struct proof_facts facts = { WHEN, buf_view(&name), buf_view(&name), buf_view(&content),
				     BYTES("7-SECRET"), buf_view(&label) };

	if (changed == 1)
		facts.delivery_time++;
	if (changed == 2)
		facts.this_recipient = buf_view(&label);
	if (changed == 3)
		facts.intended_recipient = bytes_none();
	if (changed == 4)
		facts.content = content_of(1);
	if (changed == 5)
		facts.content_identifier = bytes_none();
	if (changed == 6)
		facts.label = bytes_none();
	return facts;
}

static FALLIBLE delivery_make(int changed, const struct private_key *signer, struct buf *out)
{
	const struct proof_facts facts = delivery(changed);

	return proof_make(&facts, signer, out);
}

static FALLIBLE delivery_check(int changed, const struct public_key *signer,
			       struct bytes signature)
{
	const struct proof_facts facts = delivery(changed);

	return proof_check(&facts, signer, signature);
}

static const struct service services[] = {
	{ "origin", origin_make, origin_check, 3, "origin authentication check is not for this message" },
	{ "probe", probe_make, probe_check, 2, "origin authentication check is not for this probe" },
	{ "integrity", integrity_make, integrity_check, 1, "is not for this content" },
	{ "report", report_make, report_check, 13, "is not for this report" },
	{ "submission", submission_make, submission_check, 4, "does not prove this submission" },
	{ "delivery", delivery_make, delivery_check, 6, "does not prove this delivery" },
};

enum { SERVICES = sizeof(services) / sizeof(services[0]) };

static void each_is_what_somebody_else_makes(void **state)
{
	(void)state;
	for (size_t i = 0; i < SERVICES; i++) {
		AUTO(buf_free) struct buf wanted = vector(&vectors, services[i].name);
		AUTO(buf_free) struct buf made = { 0 };

		print_message("  %s\n", services[i].name);
		assert_ok(services[i].make(0, key, &made));
		assert_bytes(buf_view(&made), buf_view(&wanted));
		assert_ok(services[i].check(0, private_key_public(key), buf_view(&wanted)));
	}
}

static void each_is_for_its_facts_and_its_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < SERVICES; i++) {
		const struct service *s = &services[i];
		AUTO(buf_free) struct buf made = vector(&vectors, s->name);

		for (int changed = 1; changed <= s->facts; changed++) {
			print_message("  %s, fact %d\n", s->name, changed);
			assert_fails(s->check(changed, private_key_public(key), buf_view(&made)),
				     s->fails);
		}
		assert_fails(s->check(0, private_key_public(other), buf_view(&made)), s->fails);
		for (size_t len = 0; len < made.len; len++)
			assert_fails(s->check(0, private_key_public(key), bytes_of(made.data, len)), "");
	}
}

/* One service's signature says nothing in another. */
static void none_stands_for_another(void **state)
{
	(void)state;
	for (size_t i = 0; i < SERVICES; i++)
		for (size_t j = 0; j < SERVICES; j++) {
			AUTO(buf_free) struct buf made = vector(&vectors, services[j].name);

			if (i != j)
				assert_fails(services[i].check(0, private_key_public(key), buf_view(&made)),
					     services[i].fails);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_what_somebody_else_makes),
		cmocka_unit_test(each_is_for_its_facts_and_its_key),
		cmocka_unit_test(none_stands_for_another),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
