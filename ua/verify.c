/* SPDX-License-Identifier: Apache-2.0 */
/* Received messages are checked. */
#include "ua/verify.h"

#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/sec/message.h"
#include "lib/sec/sequence.h"
#include "lib/store/seqstate.h"
#include "ua/letter.h"
#include "ua/reports.h"

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

/* --- who signed --- */

/* The certificate of whom the envelope names as originator. */
static FALLIBLE find_signer(struct home *home, struct arena *arena, struct bytes originator,
			    struct cert_path **out_path)
{
	AUTO(buf_free) struct buf address = { 0 };
	struct orname *name = NULL;

	TRY(orname_decode(arena, originator, &name));
	if (!orname_has_address(name))
		return FAIL(ST_REFUSED, 0, "the originator %s has no O/R address",
			    orname_text(arena, name));
	TRY(oraddress_encode(name, &address));
	const struct trust_wanted wanted = {
		.scope = SCOPE_UA,
		.directory_name = name->directory_name,
		.or_address = buf_view(&address),
	};
	TRY_DOING(trust_find(home->site->trust, &wanted, out_path),
		  "cannot verify the certificate of %s", orname_text(arena, name));
	return OK;
}

FALLIBLE verify_with(const struct home *home, const struct delivery *d,
		     const struct cert *signer, struct buf *content, struct finding *out)
{
	AUTO(buf_free) struct buf opened = buf_copy(buf_view(content));
	struct message_facts facts;
	const struct check_plan plan = {
		.accepted = suites_default,
		.originator = signer,
		.own_key = home->site->key,
		.own_name = home->own_name,
		.same_name = orname_tlv_equal,
		.token = ext_value(&d->extensions, EXT_MESSAGE_TOKEN),
		.seal_algorithm = ext_value(&d->extensions,
					    EXT_CONTENT_CONFIDENTIALITY_ALGORITHM),
	};

	TRY(message_check(&plan, &opened, &facts));
	out->verdict = VERDICT_GOOD;
	out->signer = arena_strdup(d->arena, facts.signer_text);
	out->signed_at = facts.time;
	out->sealed = facts.sealed;
	out->proof_requested = facts.proof_requested;
	out->sequence = facts.has_sequence ? facts.sequence : 0;
	buf_free(content);
	*content = buf_take(&opened);
	return OK;
}

/* --- is it new --- */

FALLIBLE verify_sequence(struct home *home, const struct delivery *d, struct finding *io)
{
	AUTO(buf_free) struct buf octets = { 0 };
	struct sequence_state state;
	struct orname *originator = NULL;

	if (!io->sequence)
		return OK;
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
};

static bool is_signed(const struct delivery *d)
{
	return ext_find(&d->extensions, EXT_MESSAGE_TOKEN) ||
	       ext_find(&d->extensions, EXT_CONTENT_CONFIDENTIALITY_ALGORITHM);
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
		TRY(verify_sequence(c->home, o->delivery, &c->finding));
	if (c->finding.verdict == VERDICT_GOOD)
		TRY(uastore_set_octets(db, o->message.id, buf_view(&o->envelope),
				       buf_view(&o->content)));
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
		.user = c->finding.signer ? c->finding.signer : c->o->message.originator,
		.what = "verify",
		.allowed = c->finding.verdict == VERDICT_GOOD,
		.diag = why ? "secure-messaging-error" : NULL,
		.why = why,
	};

	if (c->finding.verdict != VERDICT_UNCHECKED && c->finding.verdict != VERDICT_UNSIGNED)
		log_audit(&event);
}

static FALLIBLE check_message(struct home *home, struct opened *o, enum verdict *out_verdict)
{
	const struct delivery *d = o->delivery;
	AUTO(cert_path_free) struct cert_path *path = NULL;
	struct checking c = { .home = home, .o = o };

	c.finding.sealed = ext_find(&d->extensions, EXT_CONTENT_CONFIDENTIALITY_ALGORITHM);
	if (!is_signed(d)) {
		c.finding.verdict = VERDICT_UNSIGNED;
	} else {
		struct status *failed = find_signer(home, o->arena, d->originator, &path);

		if (failed) {
			set_why(o->arena, &c.finding, verdict_of_failure(failed), failed);
		} else {
			c.finding.path = arena_strdup(o->arena, path->explanation);
			failed = verify_with(home, d, cert_path_leaf(path), &o->content,
					     &c.finding);
			if (failed)
				set_why(o->arena, &c.finding, VERDICT_REFUSED, failed);
		}
		status_drop(failed);
	}
	TRY(db_atomically(home->db, store_finding, &c));
	audit(&c);
	*out_verdict = c.finding.verdict;
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
	enum verdict verdict;

	TRY(inbox_open(home, id, &o));
	if (o->report)
		return reports_settle(home, o);
	TRY(check_message(home, o, &verdict));
	counts->good += verdict == VERDICT_GOOD;
	counts->unsigned_ += verdict == VERDICT_UNSIGNED;
	counts->refused += verdict == VERDICT_REFUSED;
	counts->unchecked += verdict == VERDICT_UNCHECKED;
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
	return failed;
}
