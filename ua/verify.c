/* SPDX-License-Identifier: Apache-2.0 */
/* Received messages are checked. */
#include "ua/verify.h"

#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/mhs/originator.h"
#include "lib/mhs/seen.h"
#include "lib/sec/content_check.h"
#include "lib/sec/label.h"
#include "lib/sec/message.h"
#include "lib/sec/origin_check.h"
#include "lib/sec/sequence.h"
#include "lib/store/seqstate.h"
#include "ua/letter.h"
#include "ua/reports.h"
#include "ua/vouchers.h"

/* --- the verdict --- */

static void set_why(struct arena *arena, struct finding *f, enum verdict verdict,
		    const struct status *why)
{
	AUTO(mem_free) char *words = status_text(why);

	f->verdict = verdict;
	f->why = arena_strdup(arena, words);
}

/* What nobody could look up now may be there later; all else that failed has failed. */
static enum verdict verdict_of_failure(const struct status *why)
{
	switch (why->kind) {
	case ST_LATER:
	case ST_NOT_FOUND:
	case ST_USAGE:
		return VERDICT_UNCHECKED;
	default:
		return VERDICT_REFUSED;
	}
}

/* --- what is signed --- */

static bool is_sealed(const struct delivery *d)
{
	return ext_find(&d->extensions, EXT_CONTENT_CONFIDENTIALITY_ALGORITHM);
}

static struct check_plan plan_of(const struct home *home, const struct delivery *d,
				 const struct cert *signer)
{
	return (struct check_plan){
		.accepted = home->accepted,
		.options = *suite_terms_with_tlv(&home->terms, d->originator),
		.originator = signer,
		.own_keys = home->openers,
		.own_key_count = home->opener_count,
		.own_name = home->own_name,
		.same_name = orname_tlv_equal,
		.token = ext_value(&d->extensions, EXT_MESSAGE_TOKEN),
		.seal_algorithm = ext_value(&d->extensions,
					    EXT_CONTENT_CONFIDENTIALITY_ALGORITHM),
		.asks_for_proof = ext_long(&d->extensions, EXT_PROOF_OF_DELIVERY_REQUEST, 0) == 1,
		.now = clock_now(home->clock),
	};
}

/* The token: signed for this user, and with it what is sealed. */
static FALLIBLE verify_token(const struct home *home, const struct delivery *d,
			     const struct cert *signer, struct buf *content, struct finding *out)
{
	struct message_facts facts;
	const struct check_plan plan = plan_of(home, d, signer);

	TRY(message_check(&plan, content, &facts));
	TRY(label_check_signed(facts.label, ext_value(&d->extensions, EXT_MESSAGE_SECURITY_LABEL)));
	out->verdict = VERDICT_GOOD;
	out->signer = arena_strdup(d->arena, facts.signer_text);
	out->signed_at = facts.time;
	out->sealed = facts.sealed;
	out->confidential_check = facts.confidential_check;
	out->proof_requested = facts.proof_requested;
	out->sequence = facts.has_sequence ? facts.sequence : 0;
	out->suite = facts.suite->name;
	out->broken = facts.suite->broken;
	out->signed_part = facts.signed_part;
	return OK;
}

/* [X.411 8.2.1.1.1.29] what everybody on the way can check */
static FALLIBLE verify_origin(const struct delivery *d, const struct cert *signer,
			      struct bytes content, struct finding *out)
{
	struct bytes check = ext_value(&d->extensions, EXT_MESSAGE_ORIGIN_AUTHENTICATION_CHECK);
	const struct origin_facts facts = {
		.content = content,
		.content_identifier = d->content_identifier,
		.label = ext_value(&d->extensions, EXT_MESSAGE_SECURITY_LABEL),
	};

	if (!check.len)
		return OK;
	TRY(origin_check_verify(&facts, NULL, NULL, signer->key, check));
	out->origin = arena_strdup(d->arena, signer->subject_text);
	return OK;
}

/* [X.411 8.2.1.1.1.28] the content integrity check outside of the token */
static FALLIBLE verify_content(const struct delivery *d, const struct cert *signer,
			       struct bytes content, struct finding *out)
{
	struct bytes check = ext_value(&d->extensions, EXT_CONTENT_INTEGRITY_CHECK);

	if (!check.len)
		return OK;
	TRY(content_check_verify(content, NULL, NULL, signer->key, check));
	out->content = arena_strdup(d->arena, signer->subject_text);
	return OK;
}

/* A content that everybody could have copied from another message is not "signed" for this user:
 * only a token says for whom and when. */
FALLIBLE verify_with(const struct home *home, const struct delivery *d,
		     const struct cert *signer, struct buf *content, struct finding *out)
{
	AUTO(buf_free) struct buf opened = buf_copy(buf_view(content));
	struct finding found = *out;

	found.verdict = VERDICT_UNSIGNED;
	TRY(verify_origin(d, signer, buf_view(content), &found));
	if (ext_find(&d->extensions, EXT_MESSAGE_TOKEN) || is_sealed(d))
		TRY(verify_token(home, d, signer, &opened, &found));
	TRY(verify_content(d, signer, buf_view(&opened), &found));
	*out = found;
	buf_free(content);
	*content = buf_take(&opened);
	return OK;
}

/* --- is it new --- */

/* Without a number a repeat is known by what was signed, from a record that does not last for ever. */
static FALLIBLE verify_unnumbered(struct home *home, const struct delivery *d,
				  const struct cert *signer, struct finding *io)
{
	struct seen_within within = { home->db, clock_now(home->clock) };
	const struct seen_before seen = seen_before_within(&within);
	struct check_plan plan = plan_of(home, d, signer);
	const struct message_facts facts = {
		.time = io->signed_at, .signed_part = io->signed_part, .signer_text = io->signer,
	};

	plan.seen = &seen;
	struct status *failed = message_check_new(&plan, &facts);
	if (!failed || failed->kind != ST_REFUSED)
		return failed;
	set_why(d->arena, io, VERDICT_REFUSED, failed);
	status_free(&failed);
	return OK;
}

FALLIBLE verify_new(struct home *home, const struct delivery *d, const struct cert *signer,
		    struct finding *io)
{
	AUTO(buf_free) struct buf octets = { 0 };
	struct sequence_state state;
	struct orname *originator = NULL;

	if (!io->sequence)
		return verify_unnumbered(home, d, signer, io);
	TRY(orname_decode(d->arena, d->originator, &originator));
	const char *peer = orname_key(d->arena, originator);
	unsigned device = sequence_device(io->sequence);
	TRY(seqstate_window(home->db, home->own_key, peer, device, &octets));
	TRY(sequence_decode(buf_view(&octets), &state));
	const struct sequence_fact fact = sequence_check(&state, io->sequence, io->signed_at);
	AUTO(mem_free) char *words = sequence_text(&fact);
	io->sequence_words = arena_strdup(d->arena, words);
	if (!sequence_is_acceptable(fact.verdict)) {
		io->verdict = VERDICT_REFUSED;
		io->why = io->sequence_words;
		return OK;
	}
	sequence_accept(&state, io->sequence, io->signed_at);
	buf_clear(&octets);
	sequence_encode(&state, &octets);
	return seqstate_set_window(home->db, home->own_key, peer, device, buf_view(&octets));
}

/* --- one message --- */

struct checking {
	struct home *home;
	struct opened *o;
	struct finding finding;
	struct cert_path *path;		/* of the certificate that verified it; null */
};

static bool is_signed(const struct delivery *d)
{
	return ext_find(&d->extensions, EXT_MESSAGE_TOKEN) || is_sealed(d) ||
	       ext_find(&d->extensions, EXT_MESSAGE_ORIGIN_AUTHENTICATION_CHECK) ||
	       ext_find(&d->extensions, EXT_CONTENT_INTEGRITY_CHECK);
}

/* Subject and identifier of what can be read; a receipt is noted with what it is about. */
static FALLIBLE store_heading(struct db *db, struct opened *o)
{
	struct ipm *ipm = NULL;
	struct ipn *ipn = NULL;
	struct status *failed = ipm_decode(o->arena, buf_view(&o->content), &ipm, &ipn);

	if (failed) {
		status_free(&failed);	/* told whenever the message is read */
		return OK;
	}
	if (ipm)
		return uastore_set_heading(db, o->message.id, UA_MESSAGE,
					   ipm_id_text(o->arena, &ipm->id), ipm->subject);
	TRY(uastore_set_heading(db, o->message.id, UA_NOTIFICATION, NULL,
				ipn->receipt ? "receipt" : "non-receipt"));
	return ipn->receipt ? reports_note_receipt(db, o, ipn) : OK;
}

static FALLIBLE store_finding(struct db *db, void *arg)
{
	struct checking *c = arg;
	struct opened *o = c->o;

	if (c->finding.verdict == VERDICT_GOOD)
		TRY(verify_new(c->home, o->delivery, cert_path_leaf(c->path), &c->finding));
	if (c->finding.verdict == VERDICT_GOOD) {
		TRY(uastore_set_octets(db, o->message.id, buf_view(&o->envelope),
				       buf_view(&o->content)));
		TRY(vouchers_keep(c->home, o->message.id, c->path));
	}
	if (c->finding.verdict == VERDICT_GOOD || !c->finding.sealed)
		TRY(store_heading(db, o));
	json_t *json = finding_json(&c->finding);
	AUTO(mem_free) char *facts = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	return uastore_set_verdict(db, o->message.id, verdict_names[c->finding.verdict], facts);
}

static void audit(const struct checking *c)
{
	AUTO(status_free) struct status *why = c->finding.verdict == VERDICT_REFUSED
		? FAIL(ST_REFUSED, 0, "%s", c->finding.why) : OK;
	const struct audit_event event = {
		.msg = c->o->message.mts_id,
		.user = c->finding.signer ? c->finding.signer : c->finding.origin
			? c->finding.origin : c->o->message.originator,
		.what = "verify",
		.label = c->finding.label,
		.allowed = c->finding.verdict != VERDICT_REFUSED,
		.diag = why ? "secure-messaging-error" : NULL,
		.why = why,
	};

	if (c->finding.verdict == VERDICT_GOOD || c->finding.verdict == VERDICT_REFUSED ||
	    c->finding.origin || c->finding.content)
		log_audit(&event);
}

static void find_unsigned(const struct home *home, struct finding *out)
{
	enum unsigned_mail policy = (enum unsigned_mail)home->settings->unsigned_mail;

	out->verdict = policy == UNSIGNED_REFUSE ? VERDICT_REFUSED : VERDICT_UNSIGNED;
	out->unmarked = policy == UNSIGNED_PASS && !out->origin && !out->content;
	if (policy == UNSIGNED_REFUSE)
		out->why = "nobody signed it, and the setting unsigned = refuse keeps such mail apart";
}

static FALLIBLE attempt(void *arg, const struct cert_path *path)
{
	struct checking *c = arg;

	TRY(verify_with(c->home, c->o->delivery, cert_path_leaf(path), &c->o->content,
			&c->finding));
	c->finding.path = arena_strdup(c->o->arena, path->explanation);
	c->path = cert_path_copy(path);
	c->finding.as_of = path->as_of;
	c->finding.checked = clock_now(c->home->clock);
	return OK;
}

static FALLIBLE check_message(struct home *home, struct opened *o, struct finding *out_finding)
{
	const struct delivery *d = o->delivery;
	struct checking c = { .home = home, .o = o };

	c.finding.sealed = is_sealed(d);
	if (ext_find(&d->extensions, EXT_MESSAGE_SECURITY_LABEL))
		c.finding.label = label_text(home->labels.policies, o->arena,
			ext_value(&d->extensions, EXT_MESSAGE_SECURITY_LABEL));
	if (is_signed(d)) {
		AUTO(status_free) struct status *failed = originator_check(
			home->site->trust, o->arena, d->originator, &d->extensions, attempt, &c);

		if (failed)
			set_why(o->arena, &c.finding, verdict_of_failure(failed), failed);
		else if (c.finding.verdict == VERDICT_UNSIGNED)
			find_unsigned(home, &c.finding);
	} else {
		find_unsigned(home, &c.finding);
	}
	struct status *unstored = db_atomically(home->db, store_finding, &c);
	cert_path_free(&c.path);
	TRY(unstored);
	audit(&c);
	audit_suite(o->message.mts_id, c.finding.signer, c.finding.suite, c.finding.broken);
	*out_finding = c.finding;
	return OK;
}

/* --- all of them --- */

struct pending {
	bool again;
	int64_t *ids;
	size_t count;
};

static void add_pending(void *arg, const struct ua_message *m)
{
	struct pending *p = arg;
	bool unchecked = !m->verdict || !strcmp(m->verdict, verdict_names[VERDICT_UNCHECKED]);
	bool refused = m->verdict && !strcmp(m->verdict, verdict_names[VERDICT_REFUSED]);

	if (!unchecked && !(p->again && refused))
		return;
	p->ids = mem_grow(p->ids, p->count + 1, sizeof(*p->ids));
	p->ids[p->count++] = m->id;
}

static FALLIBLE check_one(struct home *home, int64_t id, struct verify_counts *counts)
{
	AUTO(opened_free) struct opened *o = NULL;
	struct finding finding;

	TRY(inbox_open(home, id, &o));
	if (o->report)
		return reports_settle(home, o);
	TRY(check_message(home, o, &finding));
	counts->good += finding.verdict == VERDICT_GOOD;
	counts->unsigned_ += finding.verdict == VERDICT_UNSIGNED;
	counts->refused += finding.verdict == VERDICT_REFUSED;
	counts->unchecked += finding.verdict == VERDICT_UNCHECKED;
	counts->broken += finding.verdict == VERDICT_GOOD && finding.broken;
	return OK;
}

FALLIBLE verify_pending(struct home *home, bool again, struct verify_counts *counts)
{
	const struct ua_select inbox = { .folder = UA_INBOX, .state = -1 };
	struct pending pending = { .again = again };
	struct status *failed = uastore_list(home->db, &inbox, add_pending, &pending);

	/* The newest come first in a list, but numbers count from the oldest on. */
	for (size_t i = pending.count; i > 0 && !failed; i--)
		failed = check_one(home, pending.ids[i - 1], counts);
	mem_free(&pending.ids);
	return failed ? failed : submissions_check(home);
}
