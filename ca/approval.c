/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/approval.h"

#include "ca/journal.h"
#include "lib/base/base64url.h"
#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/sec/jws.h"

enum act_state { ACT_WAITS = 0, ACT_DONE = 1, ACT_VOID = 2 };	/* kept in the database */

void signature_cleanup(struct signature *signature)
{
	buf_free(&signature->line);
}

static char *act_digest(struct bytes act)
{
	uint8_t hash[HASH_OCTETS];
	AUTO(buf_free) struct buf text = { 0 };

	crypto_sha256(&act, 1, hash);
	base64url_put(&text, bytes_of(hash, sizeof hash));
	buf_put_u8(&text, 0);
	return mem_strdup((const char *)text.data);
}

static bool fact_is(const json_t *facts, const char *name, const char *wanted)
{
	const char *text = json_string_value(json_object_get(facts, name));

	return text && strcmp(text, wanted) == 0;
}

/* --- what waits, and whether it is what was asked for --- */

/* The journal is signed, a row is not. */
static FALLIBLE check_asked(struct authority *ca, int64_t entry, int64_t number, struct bytes act)
{
	AUTO(query_end) struct query *q = db_query(ca->db, "SELECT line FROM journal WHERE number = ?",
						   v_int(entry));
	AUTO(mem_free) char *digest = act_digest(act);
	json_t *said = NULL;

	TRY(query_get(q, "entry %lld in the journal, where act %lld was asked for", (long long)entry,
		      (long long)number));
	TRY_DOING(jws_verify(query_octets(q, 0), ca->cert->key),
		  "act %lld was not asked for under the authority's key: reject it, and ask again",
		  (long long)number);
	TRY(journal_entry(query_octets(q, 0), &said));

	const json_t *facts = json_object_get(said, "facts");
	bool asked = fact_is(said, "act", "ask") && fact_is(facts, "digest", digest) &&
		     json_integer_value(json_object_get(facts, "pending")) == number;

	json_decref(said);
	if (!asked)
		return FAIL(ST_REFUSED, 0, "act %lld was changed since it was asked for: reject it, and find "
			    "out by whom", (long long)number);
	return OK;
}

static FALLIBLE check_line_open(struct bytes line, int64_t number)
{
	json_t *said = NULL;

	TRY(journal_entry(line, &said));

	const json_t *facts = json_object_get(said, "facts");
	bool closed = (fact_is(said, "act", "carry-out") || fact_is(said, "act", "reject")) &&
		      json_integer_value(json_object_get(facts, "pending")) == number;

	json_decref(said);
	if (closed)
		return FAIL(ST_REFUSED, 0, "act %lld does not wait, as the journal says: its row was changed",
			    (long long)number);
	return OK;
}

static FALLIBLE check_open(struct authority *ca, int64_t entry, int64_t number)
{
	AUTO(query_end) struct query *q = db_query(ca->db,
		"SELECT line FROM journal WHERE number > ? ORDER BY number", v_int(entry));

	while (query_next(q))
		TRY(check_line_open(query_octets(q, 0), number));
	return query_check(q);
}

FALLIBLE approval_load(struct authority *ca, int64_t number, struct buf *out_act)
{
	AUTO(query_end) struct query *q = db_query(ca->db,
		"SELECT act, entry FROM pending WHERE number = ? AND state = ?", v_int(number),
		v_int(ACT_WAITS));

	TRY(query_get(q, "act %lld that waits: \"pending\" lists them", (long long)number));
	TRY(check_asked(ca, query_int(q, 1), number, query_octets(q, 0)));
	TRY(check_open(ca, query_int(q, 1), number));
	buf_put(out_act, query_octets(q, 0));
	return OK;
}

/* --- signatures --- */

/* ST_REFUSED unless the approver has signed exactly this act. */
static FALLIBLE check_signature(const struct approver *approver, struct bytes line,
				const char *digest)
{
	json_t *said = NULL;

	TRY_DOING(jws_verify(line, approver->cert->key), "%s has not signed it", approver->name);
	TRY(journal_entry(line, &said));

	bool same = fact_is(said, "digest", digest);

	json_decref(said);
	if (!same)
		return FAIL(ST_REFUSED, 0, "what %s has signed is another act", approver->name);
	return OK;
}

static const struct approver *find_name(const struct approvers *approvers, const char *name)
{
	for (size_t i = 0; i < approvers->count; i++)
		if (name && !strcmp(approvers->list[i].name, name))
			return &approvers->list[i];
	return NULL;
}

/* Whoever is no approver any more does not count; what is no signature ends it all. */
static FALLIBLE count_signatures(struct authority *ca, const struct approvers *approvers,
				 int64_t number, const char *digest, const struct approver *except,
				 size_t *out_count)
{
	AUTO(query_end) struct query *q = db_query(ca->db,
		"SELECT approver, line FROM approval WHERE pending = ?", v_int(number));

	*out_count = 0;
	while (query_next(q)) {
		const struct approver *approver = find_name(approvers, query_text(q, 0));

		if (!approver)
			continue;
		TRY_DOING(check_signature(approver, query_octets(q, 1), digest),
			  "the approval of %s for act %lld does not hold", approver->name,
			  (long long)number);
		if (approver == except)
			return FAIL(ST_REFUSED, 0, "%s has approved act %lld already: somebody else has to",
				    approver->name, (long long)number);
		++*out_count;
	}
	return query_check(q);
}

FALLIBLE approval_count(struct authority *ca, const struct approvers *approvers, int64_t number,
			size_t *out_count)
{
	AUTO(buf_free) struct buf act = { 0 };

	TRY(approval_load(ca, number, &act));

	AUTO(mem_free) char *digest = act_digest(buf_view(&act));

	return count_signatures(ca, approvers, number, digest, NULL, out_count);
}

static FALLIBLE check_not_revoked(struct authority *ca, const struct approver *approver)
{
	AUTO(query_end) struct query *q = db_query(ca->db,
		"SELECT 1 FROM certificate WHERE der = ? AND serial = ? AND revoked_at IS NOT NULL",
		v_octets(approver->cert->der), v_octets(approver->cert->serial));

	if (query_next(q))
		return FAIL(ST_REFUSED, 0, "the certificate of the approver %s is revoked", approver->name);
	return query_check(q);
}

static FALLIBLE find_key(const struct approvers *approvers, const struct private_key *key,
			 const struct approver **out_approver)
{
	struct bytes id = public_key_id(private_key_public(key));

	for (size_t i = 0; i < approvers->count; i++)
		if (bytes_equal(public_key_id(approvers->list[i].cert->key), id)) {
			*out_approver = &approvers->list[i];
			return OK;
		}
	return FAIL(ST_REFUSED, 0, "the key is not that of an approver of the settings");
}

FALLIBLE approval_sign(struct authority *ca, const struct approvers *approvers, int64_t number,
		       const struct private_key *key, time_t now, struct signature *out)
{
	AUTO(buf_free) struct buf act = { 0 };
	size_t count;

	TRY(find_key(approvers, key, &out->approver));
	TRY_DOING(cert_check_dates(out->approver->cert, now), "%s cannot approve", out->approver->name);
	TRY(check_not_revoked(ca, out->approver));
	TRY(approval_load(ca, number, &act));

	AUTO(mem_free) char *digest = act_digest(buf_view(&act));

	TRY(count_signatures(ca, approvers, number, digest, out->approver, &count));

	json_t *said = json_pack("{s:s, s:s, s:s}", "approver", out->approver->name, "digest", digest,
				 "time", time_rfc3339(now).s);
	AUTO(mem_free) char *text = json_dumps(said, JSON_COMPACT);

	json_decref(said);
	out->number = number;
	return jws_sign(key, bytes_text(text), &out->line);
}

static FALLIBLE keep_signature(struct authority *ca, const struct signature *signature, time_t now)
{
	struct bytes line = buf_view(&signature->line);

	TRY(db_run(ca->db, "INSERT OR REPLACE INTO approval (pending, approver, line) VALUES (?, ?, ?)",
		   v_int(signature->number), v_text(signature->approver->name), v_octets(line)));
	return journal_add(ca, now, "approve", json_pack(
		"{s:I, s:s, s:s, s:s%}", "pending", (json_int_t)signature->number,
		"approver", signature->approver->name,
		"certificate", signature->approver->cert->serial_text,
		"signature", (const char *)line.data, line.len));
}

/* --- inside the act's transaction --- */

static FALLIBLE check_none_waits(struct authority *ca)
{
	AUTO(query_end) struct query *q = db_query(ca->db, "SELECT number FROM pending WHERE state = ?",
						   v_int(ACT_WAITS));

	if (query_next(q))
		return FAIL(ST_REFUSED, 0, "act %lld waits for an approval that the settings do not ask for "
			    "any more: \"reject\" it first", (long long)query_int(q, 0));
	return query_check(q);
}

bool approval_is_missing(const struct authority *ca)
{
	const struct approval *approval = ca->approval;

	return approval && !ca->rehearsal && !approval->spent && approval->approvers && !approval->last;
}

FALLIBLE approval_want(struct authority *ca)
{
	ca->approval->wanted = true;
	return FAIL(ST_REFUSED, 0, "this needs the approval of two, for which this command does not wait");
}

FALLIBLE approval_check(struct authority *ca)
{
	const struct approval *approval = ca->approval;

	if (!approval || ca->rehearsal || approval->spent)
		return OK;
	if (!approval->approvers)
		return check_none_waits(ca);
	return approval->last ? OK : approval_want(ca);
}

/* Everything again, now that nobody else can write. */
static FALLIBLE spend(struct authority *ca, const struct approval *approval, time_t now)
{
	const struct signature *last = approval->last;
	AUTO(buf_free) struct buf act = { 0 };
	size_t count;

	TRY(approval_load(ca, last->number, &act));

	AUTO(mem_free) char *digest = act_digest(buf_view(&act));

	TRY(check_signature(last->approver, buf_view(&last->line), digest));
	TRY(count_signatures(ca, approval->approvers, last->number, digest, last->approver, &count));
	if (count + 1 < APPROVALS_NEEDED)
		return FAIL(ST_REFUSED, 0, "act %lld has too few approvals", (long long)last->number);
	TRY(keep_signature(ca, last, now));
	TRY(db_run(ca->db, "UPDATE pending SET state = ? WHERE number = ?", v_int(ACT_DONE),
		   v_int(last->number)));
	return journal_add(ca, now, "carry-out", json_pack("{s:I, s:s}", "pending",
							   (json_int_t)last->number, "digest", digest));
}

FALLIBLE approval_spend(struct authority *ca, time_t now)
{
	struct approval *approval = ca->approval;

	TRY(approval_check(ca));
	if (!approval || ca->rehearsal || approval->spent || !approval->approvers)
		return OK;
	TRY(spend(ca, approval, now));
	approval->spent = true;
	return OK;
}

/* --- asking, adding, rejecting --- */

struct asking {
	struct authority *ca;
	struct bytes act;
	const char *command;
	time_t now;
	int64_t number;
};

static FALLIBLE ask_in_transaction(struct db *db, void *arg)
{
	struct asking *a = arg;
	AUTO(mem_free) char *digest = act_digest(a->act);
	struct journal_head head;

	TRY(journal_head(db, &head));
	TRY(db_run(db, "INSERT INTO pending (act, command, asked_at, entry, state) VALUES (?, ?, ?, ?, ?)",
		   v_octets(a->act), v_text(a->command), v_int(a->now), v_int(head.number + 1),
		   v_int(ACT_WAITS)));
	a->number = db_last_id(db);
	return journal_add(a->ca, a->now, "ask", json_pack(
		"{s:I, s:s, s:s}", "pending", (json_int_t)a->number, "command", a->command, "digest",
		digest));
}

FALLIBLE approval_ask(struct authority *ca, struct bytes act, const char *command, time_t now,
		      int64_t *out_number)
{
	struct asking asking = { ca, act, command, now, 0 };

	if (act.len > ACT_MAX_OCTETS)
		return FAIL(ST_USAGE, 0, "what is asked for is too large to wait");
	TRY(db_atomically(ca->db, ask_in_transaction, &asking));
	*out_number = asking.number;
	return OK;
}

struct adding {
	struct authority *ca;
	const struct signature *signature;
	time_t now;
};

static FALLIBLE add_in_transaction(struct db *db, void *arg)
{
	const struct adding *a = arg;

	(void)db;
	return keep_signature(a->ca, a->signature, a->now);
}

FALLIBLE approval_add(struct authority *ca, const struct signature *signature, time_t now)
{
	struct adding adding = { ca, signature, now };

	return db_atomically(ca->db, add_in_transaction, &adding);
}

struct rejecting {
	struct authority *ca;
	int64_t number;
	time_t now;
};

static FALLIBLE reject_in_transaction(struct db *db, void *arg)
{
	const struct rejecting *r = arg;

	TRY(db_run(db, "UPDATE pending SET state = ? WHERE number = ? AND state = ?", v_int(ACT_VOID),
		   v_int(r->number), v_int(ACT_WAITS)));
	if (!db_changes(db))
		return FAIL(ST_NOT_FOUND, 0, "there is no act %lld that waits", (long long)r->number);
	return journal_add(r->ca, r->now, "reject", json_pack("{s:I}", "pending", (json_int_t)r->number));
}

FALLIBLE approval_reject(struct authority *ca, int64_t number, time_t now)
{
	struct rejecting rejecting = { ca, number, now };

	return db_atomically(ca->db, reject_in_transaction, &rejecting);
}

FALLIBLE approval_void_all(struct db *db, int64_t *out_count)
{
	TRY(db_run(db, "UPDATE pending SET state = ? WHERE state = ?", v_int(ACT_VOID), v_int(ACT_WAITS)));
	*out_count = db_changes(db);
	return OK;
}
