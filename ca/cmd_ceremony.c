/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ca offer, inspect, answer, accept and withdraw: two authorities come to certify each
 * other, with files that are carried by hand and a fingerprint that is read aloud. */
#include "ca/cmd.h"

#include "ca/journal.h"
#include "lib/base/memory.h"
#include "lib/sec/offer.h"
#include "lib/sec/spoken.h"

#define DESCRIPTION_OPTION \
	{ "description", "TEXT", "Who this is, and what it is for, for the people on the other side." }

const struct option_spec offer_options[] = {
	LIMITS_OPTIONS("this authority is willing"),
	DESCRIPTION_OPTION,
	{ "out", "FILE", "Where to write the offer (default offer.pem)." },
	{ 0 }
};

const struct option_spec answer_options[] = {
	IDENTITY_OPTIONS,
	LIMITS_OPTIONS("the other authority is"),
	{ "days", "DAYS", "How long the cross-certificate is valid (default 730)." },
	DESCRIPTION_OPTION,
	{ "out", "FILE", "Where to write the answer (default answer.pem)." },
	{ 0 }
};

const struct option_spec accept_options[] = {
	IDENTITY_OPTIONS,
	LIMITS_OPTIONS("the other authority is"),
	{ "one-way", NULL, "Keep what the other authority issued, and do not certify it in turn." },
	{ "days", "DAYS", "How long the cross-certificate is valid (default 730)." },
	DESCRIPTION_OPTION,
	{ "out", "FILE", "A file that completes the other's pair; without it, the directory does." },
	{ 0 }
};

/* --- offer --- */

static FALLIBLE save_offer(const struct invocation *invocation, struct authority *ca,
			   const struct cert *issued, const struct cert_limits *limits,
			   const char *path)
{
	if (command_is_dry(invocation))
		return OK;
	return offer_save(path, ca->cert, ca->key, issued, limits,
			  options_value(&invocation->options, "description"));
}

static void print_identity(const struct cert *cert)
{
	AUTO(mem_free) char *fingerprint = bytes_hex(cert->fingerprint);

	printf("  fingerprint    %s\n  in words       %s\n", fingerprint,
	       spoken_of(cert->fingerprint).s);
}

FALLIBLE cmd_offer(const struct invocation *invocation)
{
	const char *out = options_value(&invocation->options, "out");
	AUTO(authority_free) struct authority *ca = NULL;
	AUTO(arena_free) struct arena *arena = arena_new();
	time_t now = clock_now(&clock_real);
	struct cert_limits limits;

	out = out ? out : "offer.pem";
	TRY(limits_from_options(invocation, arena, &limits));
	TRY(cmd_authority(invocation, &ca));
	TRY(journal_add(ca, now, "offer", json_pack("{s:s, s:s*}", "file", out, "description",
		options_value(&invocation->options, "description"))));
	TRY(save_offer(invocation, ca, NULL, &limits, out));
	if (invocation->json) {
		print_json(invocation, json_pack("{s:s, s:s}", "file", out, "words",
						 spoken_of(ca->cert->fingerprint).s));
		return OK;
	}
	printf("The offer of %s is in %s: carry it to the other authority.\n", ca->cert->subject_text,
	       out);
	print_identity(ca->cert);
	puts("Read the words to its people, over another way than the file takes.");
	return cmd_done(invocation);
}

/* --- inspect --- */

static FALLIBLE cert_json(const struct cert *cert, struct arena *arena, json_t *into)
{
	AUTO(mem_free) char *fingerprint = bytes_hex(cert->fingerprint);
	json_t *held = json_object();
	struct cert_limits limits;

	json_object_set_new(into, "subject", json_string(cert->subject_text));
	json_object_set_new(into, "issuer", json_string(cert->issuer_text));
	json_object_set_new(into, "serial", json_string(cert->serial_text));
	json_object_set_new(into, "key", json_string(key_type_name(public_key_type(cert->key))));
	json_object_set_new(into, "not_after", json_string(time_rfc3339(cert->not_after).s));
	json_object_set_new(into, "fingerprint", json_string(fingerprint));
	json_object_set_new(into, "words", json_string(spoken_of(cert->fingerprint).s));
	json_object_set_new(into, "held_to", held);
	TRY(limits_of(cert, arena, &limits));
	return limits_json(&limits, held);
}

static FALLIBLE offer_json(const struct offer *offer, json_t *into)
{
	json_t *authority = json_object(), *asks = json_object(), *issued = json_object();

	json_object_set_new(into, "authority", authority);
	json_object_set_new(into, "asks", asks);
	json_object_set_new(into, "issued", offer->issued ? issued : json_incref(json_null()));
	if (offer->description)
		json_object_set_new(into, "description", json_string(offer->description));
	TRY(cert_json(offer->authority, offer->arena, authority));
	TRY(limits_json(&offer->limits, asks));
	if (!offer->issued) {
		json_decref(issued);
		return OK;
	}
	return cert_json(offer->issued, offer->arena, issued);
}

static void print_offer(const struct offer *offer, const json_t *json)
{
	printf("%s of %s\n", offer->issued ? "Answer" : "Offer", offer->authority->subject_text);
	print_identity(offer->authority);
	printf("  key            %s\n  valid until    %s\n",
	       key_type_name(public_key_type(offer->authority->key)),
	       time_text(offer->authority->not_after).s);
	if (offer->description)
		printf("  says           %s\n", offer->description);
	puts("  asks to be held to");
	limits_print(json_object_get(json, "asks"));
	if (!offer->issued)
		return;
	printf("It certifies %s until %s, held to\n", offer->issued->subject_text,
	       time_text(offer->issued->not_after).s);
	limits_print(json_object_get(json_object_get(json, "issued"), "held_to"));
}

FALLIBLE inspect_offer(const struct invocation *invocation)
{
	AUTO(offer_free) struct offer *offer = NULL;
	json_t *json = NULL;

	TRY(offer_load(invocation->words[0], &offer));
	json = json_object();

	struct status *st = offer_json(offer, json);

	if (!st && invocation->json)
		print_json(invocation, json_incref(json));
	else if (!st)
		print_offer(offer, json);
	json_decref(json);
	return st;
}

/* --- answer and accept --- */

/* Certifies whoever made the offer, as the options say and, where they say nothing, as it asks. */
static FALLIBLE certify(const struct invocation *invocation, struct authority *ca,
			const struct offer *offer, time_t now, const struct cert **out_cert)
{
	struct cert_limits limits;
	time_t until = 0;

	TRY(option_cross_days(invocation, offer->authority, now, &until));
	TRY(limits_from_options(invocation, offer->arena, &limits));
	limits_or_else(&limits, &offer->limits);
	return authority_certify(ca, offer->authority, &limits, now, until, out_cert);
}

/* Path: null for no file. */
static FALLIBLE save_answer(const struct invocation *invocation, struct authority *ca,
			    const struct cert *cert, const char *path)
{
	const struct cert_limits none = { 0 };

	if (path)
		TRY_DOING(save_offer(invocation, ca, cert, &none, path),
			  "the certificate %s is issued, but the answer is not written", cert->serial_text);
	print_issued(invocation, cert, path);
	if (!invocation->json && path) {
		puts("Carry it to the other authority, and read it the words of this one:");
		print_identity(ca->cert);
	} else if (!invocation->json) {
		puts("\"publish\" puts the pair into the directory; from there, the other authority's "
		     "\"complete\" has its own.");
	}
	return cmd_done(invocation);
}

FALLIBLE cmd_answer(const struct invocation *invocation)
{
	const char *out = options_value(&invocation->options, "out");
	AUTO(authority_free) struct authority *ca = NULL;
	AUTO(offer_free) struct offer *offer = NULL;
	AUTO(cert_free) const struct cert *cert = NULL;

	TRY(offer_load(invocation->words[0], &offer));
	if (offer->issued)
		return FAIL(ST_USAGE, 0, "%s is an answer already: \"accept\" is for it",
			    invocation->words[0]);
	TRY(check_identity(invocation, offer->authority));
	TRY(cmd_authority(invocation, &ca));
	TRY(certify(invocation, ca, offer, clock_now(&clock_real), &cert));
	return save_answer(invocation, ca, cert, out ? out : "answer.pem");
}

struct accepting {
	const struct invocation *invocation;
	struct authority *ca;
	const struct offer *offer;
	time_t now;
	const struct cert *cert;	/* null with --one-way */
};

/* Both halves of the pair, or neither. */
static FALLIBLE accept_in_transaction(struct db *db, void *arg)
{
	struct accepting *a = arg;

	(void)db;
	TRY(authority_receive(a->ca, a->offer->issued, a->now));
	if (options_has(&a->invocation->options, "one-way"))
		return OK;
	return certify(a->invocation, a->ca, a->offer, a->now, &a->cert);
}

FALLIBLE cmd_accept(const struct invocation *invocation)
{
	AUTO(authority_free) struct authority *ca = NULL;
	AUTO(offer_free) struct offer *offer = NULL;

	TRY(offer_load(invocation->words[0], &offer));
	if (!offer->issued)
		return FAIL(ST_USAGE, 0, "%s is an offer: \"answer\" is for it", invocation->words[0]);
	TRY(check_identity(invocation, offer->authority));
	TRY(cmd_authority(invocation, &ca));

	struct accepting accepting = { invocation, ca, offer, clock_now(&clock_real), NULL };
	struct status *st = db_atomically(ca->db, accept_in_transaction, &accepting);
	AUTO(cert_free) const struct cert *cert = accepting.cert;

	TRY(st);
	if (!invocation->json)
		printf("Kept: %s certifies this authority.\n", offer->authority->subject_text);
	if (cert)
		return save_answer(invocation, ca, cert, options_value(&invocation->options, "out"));
	if (invocation->json)
		print_json(invocation, json_pack("{s:b}", "received", 1));
	return cmd_done(invocation);
}

/* --- withdraw --- */

FALLIBLE cmd_withdraw(const struct invocation *invocation)
{
	const char *name = invocation->words[0];
	const char *text = options_value(&invocation->options, "reason");
	enum revocation_reason reason = REVOKED_CESSATION;
	AUTO(authority_free) struct authority *ca = NULL;
	struct withdrawn withdrawn;
	bool published = false;
	time_t now = clock_now(&clock_real);

	if (text)
		TRY(revocation_reason_from_text(text, &reason));
	TRY(cmd_authority(invocation, &ca));
	TRY(command_confirm(invocation, "Certify %s no more, and publish that?", name));
	TRY(authority_withdraw(ca, name, reason, now, &withdrawn));
	TRY_DOING(publish_own(invocation, ca, now, &published), "%s is not certified any more, but the "
		  "directory does not know: \"publish\" tells it", name);
	if (invocation->json)
		print_json(invocation, json_pack("{s:I, s:b, s:b}", "revoked",
						 (json_int_t)withdrawn.revoked, "forgotten",
						 withdrawn.forgotten, "published", published));
	else
		printf("%s is not certified any more: %zu certificates revoked.%s\n", name,
		       withdrawn.revoked, published ? "" : "  \"publish\" tells the directory.");
	return cmd_done(invocation);
}
