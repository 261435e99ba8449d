/* SPDX-License-Identifier: Apache-2.0 */
/* A message of the outbox is made ready to be submitted. */
#include "ua/outbox.h"

#include "asn1/bounds.h"
#include "lib/mhs/envelope.h"
#include "lib/sec/content_check.h"
#include "lib/sec/message.h"
#include "lib/sec/origin_check.h"
#include "lib/sec/sequence.h"
#include "lib/store/seqstate.h"
#include "ua/letter.h"

struct ready_recipient {
	int number;
	struct correspondent who;
	struct bytes name;		/* ORName TLV */
	struct cert_path *path;		/* sealed: his certificate */
};

struct preparing {
	struct home *home;
	struct arena *arena;
	int64_t id;
	struct wishes wishes;
	const struct own_key *own;	/* that it is signed with */
	struct ready_recipient *recipients;
	size_t count;
	struct buf content;		/* the IPM, in the clear */
	struct buf envelope;
	struct status *failed;		/* of the callback below */
};

static void preparing_cleanup(struct preparing *p)
{
	for (size_t i = 0; i < p->count; i++)
		cert_path_free(&p->recipients[i].path);
	buf_free(&p->content);
	buf_free(&p->envelope);
	status_free(&p->failed);
	arena_free(&p->arena);
}

/* --- whom it is for --- */

static void add_recipient(void *arg, const struct ua_recipient *r)
{
	struct preparing *p = arg;
	struct ready_recipient *to = &p->recipients[p->count];

	if (p->failed || p->count == RECIPIENTS_MAX)
		return;
	p->failed = correspondent_stored(p->arena, r->address, r->directory_name, &to->who);
	to->number = r->number;
	p->count++;
}

static FALLIBLE resolve_recipient(struct preparing *p, struct ready_recipient *to)
{
	bool known = orname_has_address(to->who.name);

	TRY(correspondent_resolve(p->home, p->arena, 0, &to->who));
	if (!known)
		TRY(uastore_set_address(p->home->db, p->id, to->number,
					correspondent_text(p->arena, &to->who)));
	return correspondent_tlv(p->arena, &to->who, &to->name);
}

static FALLIBLE find_certificate(struct preparing *p, struct ready_recipient *to)
{
	AUTO(buf_free) struct buf address = { 0 };

	TRY(oraddress_encode(to->who.name, &address));
	const struct trust_wanted wanted = {
		.scope = SCOPE_UA,
		.use = CERT_SEALS,
		.directory_name = to->who.name->directory_name,
		.or_address = buf_view(&address),
	};
	struct status *failed = trust_find(p->home->site->trust, &wanted, &to->path);

	/* The directory may learn of him yet. */
	if (failed && failed->kind == ST_NOT_FOUND)
		failed = status_new(failed, ST_LATER, 0, "no certificate is known yet");
	TRY_DOING(failed, "cannot seal for %s", correspondent_text(p->arena, &to->who));
	return OK;
}

/* Authentication is for each recipient by himself. */
static bool is_signed_for(const struct preparing *p, const struct ready_recipient *to)
{
	return p->wishes.sign && !(p->wishes.plain_from && to->number >= p->wishes.plain_from);
}

static bool needs_certificate(const struct preparing *p, const struct ready_recipient *to)
{
	return p->wishes.seal || (p->wishes.confidential_check && is_signed_for(p, to));
}

static FALLIBLE find_recipients(struct preparing *p)
{
	p->recipients = arena_new_array(p->arena, struct ready_recipient, RECIPIENTS_MAX);
	TRY(uastore_recipients(p->home->db, p->id, add_recipient, p));
	if (p->failed)
		return TAKE(p->failed);
	for (size_t i = 0; i < p->count; i++) {
		TRY(resolve_recipient(p, &p->recipients[i]));
		if (needs_certificate(p, &p->recipients[i]))
			TRY(find_certificate(p, &p->recipients[i]));
	}
	return OK;
}

/* --- the heading, which names them as the envelope does --- */

static FALLIBLE complete_name(const struct preparing *p, struct ipm_name *io)
{
	struct orname *name = NULL;

	if (!io->name.len)
		return OK;
	TRY(orname_decode(p->arena, io->name, &name));
	for (size_t i = 0; i < p->count && !orname_has_address(name); i++)
		if (bytes_equal(p->recipients[i].who.name->directory_name, name->directory_name))
			io->name = p->recipients[i].name;
	return OK;
}

static FALLIBLE complete_heading(struct preparing *p, struct ipm **out_ipm)
{
	AUTO(buf_free) struct buf again = { 0 };
	struct ipn *none = NULL;
	struct ipm *ipm = NULL;

	TRY(ipm_decode(p->arena, buf_view(&p->content), &ipm, &none));
	if (!ipm)
		return FAIL(ST_NEVER, 0, "the message is none");
	for (size_t i = 0; i < ipm->to.count; i++)
		TRY(complete_name(p, &ipm->to.names[i]));
	for (size_t i = 0; i < ipm->cc.count; i++)
		TRY(complete_name(p, &ipm->cc.names[i]));
	TRY(ipm_encode(ipm, &again));
	buf_free(&p->content);
	p->content = buf_take(&again);
	*out_ipm = ipm;
	return OK;
}

/* --- the envelope --- */

static FALLIBLE originator_name(const struct preparing *p, struct bytes *out)
{
	struct orname name = *p->home->own;
	AUTO(buf_free) struct buf tlv = { 0 };

	name.directory_name = p->home->directory_name;
	TRY(orname_encode(&name, &tlv));
	*out = arena_dup(p->arena, buf_view(&tlv));
	return OK;
}

/*
 * Nobody else's message has it, of whatever user: it is what reports and proofs say that they are
 * about [X.411 8.2.1.1.1.20].
 */
static struct bytes new_identifier(const struct preparing *p)
{
	static const char characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	uint8_t random[UB_CONTENT_ID_LENGTH];
	char *text = arena_new_array(p->arena, char, UB_CONTENT_ID_LENGTH + 1);
	int len = snprintf(text, UB_CONTENT_ID_LENGTH, "%lld-", (long long)p->id);

	/* A number so long that it leaves no room is made of random characters as well. */
	len = len < UB_CONTENT_ID_LENGTH / 2 ? len : 0;
	crypto_random(random, sizeof(random));
	for (; len < UB_CONTENT_ID_LENGTH; len++)
		text[len] = characters[random[len] % (sizeof(characters) - 1)];
	return bytes_text(text);
}

static FALLIBLE make_envelope(struct preparing *p, const struct ipm *ipm, struct envelope **out)
{
	struct envelope *env = envelope_new(p->arena);
	AUTO(buf_free) struct buf eits = { 0 };

	TRY(originator_name(p, &env->originator));
	env->probe = p->wishes.probe;
	env->content_length = p->wishes.probe ? p->wishes.probe_octets : -1;
	if (ipm)
		TRY(ipm_eits(ipm, &eits));
	env->eits = arena_dup(p->arena, buf_view(&eits));
	env->content_type = content_type_tlv(p->arena, CONTENT_TYPE_P22);
	env->content_identifier = new_identifier(p);
	/* A converted content is not the one that was signed. */
	if (p->wishes.sign)
		env->indicators = IND_IMPLICIT_CONVERSION_PROHIBITED;
	if (p->wishes.label.len)
		ext_put(p->arena, &env->extensions, EXT_MESSAGE_SECURITY_LABEL, p->wishes.label);
	env->recipients = arena_new_array(p->arena, struct recipient, p->count);
	env->recipient_count = p->count;
	for (size_t i = 0; i < p->count; i++) {
		struct recipient *to = &env->recipients[i];

		to->name = p->recipients[i].name;
		to->number = (unsigned)i + 1;
		to->flags = RCPT_ORIGINATOR_NON_DELIVERY_REPORT;
		if (p->wishes.report || p->wishes.proof)
			to->flags |= RCPT_ORIGINATOR_REPORT;
		to->explicit_conversion = -1;
		if (p->wishes.proof && is_signed_for(p, &p->recipients[i]))
			ext_put_enumerated(p->arena, &to->extensions,
					   EXT_PROOF_OF_DELIVERY_REQUEST, 1);
	}
	if (p->wishes.submission_proof)
		ext_put_enumerated(p->arena, &env->extensions, EXT_PROOF_OF_SUBMISSION_REQUEST, 1);
	*out = env;
	return OK;
}

/* --- tokens --- */

static const struct suite *suite_of(const struct preparing *p)
{
	return p->wishes.suite ? p->wishes.suite : p->home->suite;
}

/* The next number to a recipient: stored before anything that has it can leave. */
static FALLIBLE count_recipient(struct preparing *p, struct db *db, const char *peer,
				uint64_t *out_number)
{
	const struct home *home = p->home;

	TRY(seqstate_last(db, home->own_key, peer, out_number));
	TRY(sequence_next(*out_number, (unsigned)home->settings->device, clock_now(home->clock),
			  out_number));
	return seqstate_set_last(db, home->own_key, peer, *out_number);
}

static FALLIBLE plan_recipient(struct preparing *p, struct db *db, const struct ready_recipient *to,
			       struct protect_recipient *out)
{
	*out = (struct protect_recipient){
		.name = to->name,
		.cert = to->path ? cert_path_leaf(to->path) : NULL,
		.proof = p->wishes.proof,
		.options = suite_terms_with(&p->home->terms, to->who.name),
	};
	if (!suite_of(p)->numbered)
		return OK;
	return count_recipient(p, db, orname_key(p->arena, to->who.name), &out->sequence);
}

static FALLIBLE protect(struct preparing *p, struct db *db, struct envelope *env,
			struct buf *sealed)
{
	struct protect_recipient *recipients =
		arena_new_array(p->arena, struct protect_recipient, p->count);
	struct recipient **tokens_of = arena_new_array(p->arena, struct recipient *, p->count);
	AUTO(protected_message_free) struct protected_message *made = NULL;
	struct protect_plan plan = {
		.suite = suite_of(p),
		.options = p->home->terms.others,
		.signer = p->own->key,
		.now = clock_now(p->home->clock),
		.seal = p->wishes.seal,
		.confidential_check = p->wishes.confidential_check,
		.label = p->wishes.label,
		.recipients = recipients,
	};

	for (size_t i = 0; i < p->count; i++)
		if (is_signed_for(p, &p->recipients[i])) {
			tokens_of[plan.count] = &env->recipients[i];
			TRY(plan_recipient(p, db, &p->recipients[i], &recipients[plan.count++]));
		}
	TRY(message_protect(&plan, sealed, &made));
	audit_suite(NULL, p->home->own_text, plan.suite->name, plan.suite->broken);
	if (made->seal_algorithm.len)
		ext_put(p->arena, &env->extensions, EXT_CONTENT_CONFIDENTIALITY_ALGORITHM,
			buf_view(&made->seal_algorithm));
	void (*put)(struct arena *arena, struct ext_set *set, int number, struct bytes value) =
		plan.suite->token_optional ? ext_put_uncritical : ext_put;
	for (size_t i = 0; i < plan.count; i++)
		put(p->arena, &tokens_of[i]->extensions, EXT_MESSAGE_TOKEN,
		    buf_view(&made->tokens[i]));
	return OK;
}

/* --- what is signed outside of the tokens --- */

/* [X.411 8.2.1.1.1.29, 8.2.1.2.1.1] over the content as it travels; a probe has none */
static FALLIBLE add_origin_check(struct preparing *p, struct envelope *env)
{
	AUTO(buf_free) struct buf check = { 0 };
	const struct origin_facts facts = {
		.probe = env->probe,
		.content = env->content,
		.content_identifier = env->content_identifier,
		.label = ext_value(&env->extensions, EXT_MESSAGE_SECURITY_LABEL),
	};

	TRY(origin_check_make(&facts, suites_default[0], NULL, p->own->key, &check));
	ext_put(p->arena, &env->extensions, env->probe ? EXT_PROBE_ORIGIN_AUTHENTICATION_CHECK
						       : EXT_MESSAGE_ORIGIN_AUTHENTICATION_CHECK,
		buf_view(&check));
	return OK;
}

/* [X.411 8.2.1.1.1.28] over the content before it is sealed, for each recipient */
static FALLIBLE add_content_check(struct preparing *p, struct envelope *env)
{
	AUTO(buf_free) struct buf check = { 0 };

	TRY(content_check_make(buf_view(&p->content), suites_default[0], NULL, p->own->key,
			       &check));
	for (size_t i = 0; i < p->count; i++)
		if (is_signed_for(p, &p->recipients[i]))
			ext_put(p->arena, &env->recipients[i].extensions,
				EXT_CONTENT_INTEGRITY_CHECK, buf_view(&check));
	return OK;
}

/* [X.411 8.2.1.1.1.25] */
static void add_certificate(const struct preparing *p, struct envelope *env)
{
	AUTO(buf_free) struct buf certificates = { 0 };

	certificates_put(p->own->cert, &certificates);
	ext_put(p->arena, &env->extensions, EXT_ORIGINATOR_CERTIFICATE, buf_view(&certificates));
}

/* While the certificate before it is valid, some may remember only that one. */
static bool is_beside_another(const struct preparing *p)
{
	const struct own_keys *keys = &p->home->site->keys;

	for (size_t i = 0; i < keys->count; i++) {
		const struct cert *cert = keys->items[i].cert;

		if (cert != p->own->cert && cert->signs && cert->not_after > clock_now(p->home->clock))
			return true;
	}
	return false;
}

static FALLIBLE add_checks(struct preparing *p, struct envelope *env)
{
	if (p->wishes.certificate || (p->wishes.sign && is_beside_another(p)))
		add_certificate(p, env);
	if (p->wishes.content_check)
		TRY(add_content_check(p, env));
	return p->wishes.origin_check || (p->wishes.probe && p->wishes.sign)
		? add_origin_check(p, env) : OK;
}

static FALLIBLE prepare_body(struct db *db, void *arg)
{
	struct preparing *p = arg;
	AUTO(buf_free) struct buf sealed = { 0 };
	struct envelope *env = NULL;
	struct ipm *ipm = NULL;

	if (!p->wishes.probe)
		TRY(complete_heading(p, &ipm));
	TRY(make_envelope(p, ipm, &env));
	if (p->wishes.seal)
		buf_put(&sealed, buf_view(&p->content));
	if (p->wishes.sign && !p->wishes.probe)
		TRY(protect(p, db, env, p->wishes.seal ? &sealed : &p->content));
	env->content = buf_view(p->wishes.seal ? &sealed : &p->content);
	TRY(add_checks(p, env));
	TRY(submission_encode(env, &p->envelope));
	buf_put(&p->envelope, buf_view(&sealed));
	return uastore_set_octets(db, p->id, buf_view(&p->envelope), buf_view(&p->content));
}

FALLIBLE outbox_prepare(struct home *home, int64_t id)
{
	AUTO(preparing_cleanup) struct preparing p = { .home = home, .arena = arena_new(), .id = id };
	struct ua_message message;

	TRY(uastore_get(home->db, id, p.arena, &message));
	TRY(uastore_read(home->db, id, &p.envelope, &p.content));
	if (p.envelope.len)
		return OK;
	p.wishes = wishes_from_text(p.arena, message.facts);
	p.own = home_signer(home);
	TRY(find_recipients(&p));
	return db_atomically(home->db, prepare_body, &p);
}
