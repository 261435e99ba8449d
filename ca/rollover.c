/* SPDX-License-Identifier: Apache-2.0 */
/* The generations of an authority's key [RFC 4210 4.4]. */
#include "ca/rollover.h"

#include "ca/approval.h"
#include "ca/journal.h"
#include "lib/base/base64url.h"
#include "lib/base/file.h"
#include "lib/base/memory.h"

#include <unistd.h>

char *generation_key_path(const char *authority, int64_t number)
{
	return number == 1 ? mem_printf("%s/ca.key", authority) :
			     mem_printf("%s/ca-%lld.key", authority, (long long)number);
}

FALLIBLE generation_current(struct db *db, int64_t *out_number, const struct cert **out_own)
{
	AUTO(query_end) struct query *q = db_query(db,
		"SELECT number, own FROM generation ORDER BY number DESC LIMIT 1");

	*out_number = 1;
	if (query_next(q)) {
		*out_number = query_int(q, 0);
		TRY(cert_decode(query_octets(q, 1), out_own));
	}
	return query_check(q);
}

/* --- going over --- */

struct rollover {
	struct authority *ca;
	const struct rollover_plan *plan;
	struct private_key *key;
	const struct cert *own, *old_with_new, *new_with_old;
};

static void rollover_cleanup(struct rollover *r)
{
	private_key_free(&r->key);
	cert_free(&r->own);
	cert_free(&r->old_with_new);
	cert_free(&r->new_with_old);
}

static time_t earlier(time_t a, time_t b)
{
	return a < b ? a : b;
}

/* Whoever demands a policy goes on from one key to the other: what matters is what each has signed. */
static const struct cert_limits any_policy = {
	.policies = (const char *const[]){ "2.5.29.32.0" }, .policy_count = 1,
};

static FALLIBLE make_certs(struct rollover *r)
{
	const struct cert *old = r->ca->cert;
	struct cert_plan own = {
		.subject = old->subject, .key = private_key_public(r->key), .scope = SCOPE_CA,
		.not_before = r->plan->now, .not_after = r->plan->until,
	};
	struct cert_plan new_with_old = own, old_with_new = own;
	time_t both = earlier(own.not_after, old->not_after);

	new_with_old.limits = old_with_new.limits = &any_policy;
	old_with_new.key = old->key;
	old_with_new.not_before = old->not_before;
	new_with_old.not_after = old_with_new.not_after = both;
	TRY(certificate_make(NULL, r->key, &own, &r->own));
	TRY_DOING(certificate_make(old, r->ca->key, &new_with_old, &r->new_with_old),
		  "the old key cannot certify the new one");
	return certificate_make(r->own, r->key, &old_with_new, &r->old_with_new);
}

static json_t *cert_text(const struct cert *cert)
{
	AUTO(buf_free) struct buf text = { 0 };

	base64url_put(&text, cert->der);
	return json_stringn((const char *)text.data, text.len);
}

static time_t later(time_t a, time_t b)
{
	return a > b ? a : b;
}

/* What others have issued for it leads on by what it signs. */
static FALLIBLE find_received_until(struct db *db, time_t *io_until)
{
	AUTO(query_end) struct query *q = db_query(db, "SELECT der FROM received");

	while (query_next(q)) {
		AUTO(cert_free) const struct cert *received = NULL;

		TRY(cert_decode(query_octets(q, 0), &received));
		*io_until = later(*io_until, received->not_after);
	}
	return query_check(q);
}

/* Whatever the old key has signed has ended by then, and whatever was issued for it. */
static FALLIBLE find_old_until(struct db *db, time_t at_least, time_t *out_until)
{
	AUTO(query_end) struct query *q = db_query(db,
		"SELECT coalesce(max(not_after), 0) FROM certificate WHERE kind != ?", v_int(ISSUED_OWN));

	TRY(query_get(q, "end of what was issued"));
	*out_until = later(query_int(q, 0), at_least);
	return find_received_until(db, out_until);
}

static FALLIBLE roll_in_transaction(struct db *db, void *arg)
{
	const struct rollover *r = arg;
	const struct rollover_plan *plan = r->plan;
	time_t old_until;

	TRY(approval_spend(r->ca, plan->now));
	TRY(find_old_until(db, plan->now, &old_until));
	TRY(certificate_record(db, r->own, ISSUED_OWN, NULL, plan->now));
	TRY(certificate_record(db, r->old_with_new, ISSUED_OWN, NULL, plan->now));
	TRY(certificate_record(db, r->new_with_old, ISSUED_OWN, NULL, plan->now));
	TRY(db_run(db, "INSERT INTO generation (number, own, old, old_with_new, new_with_old, old_until, "
		   "old_destroyed) VALUES (?, ?, ?, ?, ?, ?, ?)", v_int(r->ca->generation + 1),
		   v_octets(r->own->der), v_octets(r->ca->cert->der), v_octets(r->old_with_new->der),
		   v_octets(r->new_with_old->der), v_int(old_until), v_int(plan->destroy)));
	/* The old key's last word: what comes behind it in the journal is the new one's. */
	return journal_add(r->ca, plan->now, "rollover", json_pack(
		"{s:s, s:o, s:o, s:o, s:b}", "key",
		key_type_name(public_key_type(r->own->key)),
		"certificate", cert_text(r->own), "old_with_new", cert_text(r->old_with_new),
		"new_with_old", cert_text(r->new_with_old), "old_key_destroyed", plan->destroy));
}

/* One that lies there was never in use: its rollover was not committed.  A token has it still, and
 * the same URI means the same key. */
static FALLIBLE find_unused(const struct rollover_plan *plan, const char *path,
			    struct private_key **out_key)
{
	AUTO(mem_free) char *uri = NULL;

	TRY(private_key_uri(path, &uri));
	if (!uri || !plan->key_uri || strcmp(uri, plan->key_uri) != 0)
		return file_remove(path);
	return private_key_load(path, &(struct key_opening){ .known = plan->passphrase }, out_key);
}

static FALLIBLE make_key(struct rollover *r, const char *path)
{
	const struct rollover_plan *plan = r->plan;

	if (r->ca->rehearsal)
		return private_key_generate(plan->key, &r->key);
	TRY(find_unused(plan, path, &r->key));
	return r->key ? OK : private_key_create(path, plan->key_uri, plan->key,
						secret_view(plan->passphrase), &r->key);
}

/* Whoever opens the authority has one passphrase for all that makes lists. */
static FALLIBLE check_openings(const struct authority *ca, const struct rollover_plan *plan)
{
	const struct key_opening opening = { .known = plan->passphrase, .unencrypted = true };

	for (int64_t n = 1; plan->passphrase->len && n <= ca->generation - plan->destroy; n++) {
		AUTO(mem_free) char *path = generation_key_path(ca->path, n);
		AUTO(private_key_free) struct private_key *key = NULL;

		if (access(path, F_OK) == 0)	/* it may be destroyed */
			TRY_DOING(private_key_load(path, &opening, &key), "what opens the new key has to open "
				  "those before it as well, which go on making lists: say the same, or "
				  "change theirs first (\"passphrase\")");
	}
	return OK;
}

FALLIBLE authority_rollover(struct authority *ca, const struct rollover_plan *plan)
{
	AUTO(rollover_cleanup) struct rollover r = { .ca = ca, .plan = plan };
	AUTO(mem_free) char *path = generation_key_path(ca->path, ca->generation + 1);

	if (ca->cert->form_1989)
		return FAIL(ST_USAGE, 0, "an authority of 1988 gets no other key: nothing of today may vouch "
			    "for its certificates; make another authority");
	TRY(check_openings(ca, plan));
	TRY(make_key(&r, path));
	TRY(make_certs(&r));
	TRY(db_atomically(ca->db, roll_in_transaction, &r));
	ca->generation++;
	private_key_free(&ca->key);
	cert_free(&ca->cert);
	ca->key = TAKE(r.key);
	ca->cert = TAKE(r.own);
	return ca->rehearsal ? OK : rollover_finish(ca);
}

/* --- behind the commit --- */

static FALLIBLE remove_destroyed(struct authority *ca)
{
	AUTO(query_end) struct query *q = db_query(ca->db,
		"SELECT number FROM generation WHERE old_destroyed = 1");

	while (query_next(q)) {
		AUTO(mem_free) char *path = generation_key_path(ca->path, query_int(q, 0) - 1);

		TRY(private_key_destroy(path, &ca->opening));
	}
	return query_check(q);
}

FALLIBLE rollover_finish(struct authority *ca)
{
	AUTO(mem_free) char *path = mem_printf("%s/ca.pem", ca->path);
	AUTO(cert_free) const struct cert *written = NULL;

	TRY(cert_load(path, &written));
	if (!bytes_equal(written->fingerprint, ca->cert->fingerprint))
		TRY(cert_save(path, ca->cert));
	return remove_destroyed(ca);
}

/* --- what the old keys are still for --- */

static FALLIBLE list_by(struct authority *ca, int64_t generation, const struct cert *cert,
			const struct crl_plan *plan)
{
	AUTO(mem_free) char *path = generation_key_path(ca->path, generation);
	AUTO(private_key_free) struct private_key *key = NULL;
	AUTO(crl_free) const struct crl *crl = NULL;

	TRY_DOING(private_key_load(path, &ca->opening, &key), "the old key is needed for one more list");
	TRY(crl_issue(cert, key, plan, &crl));
	return db_run(ca->db, "INSERT INTO old_crl (number, generation, der) VALUES (?, ?, ?)",
		      v_int((int64_t)plan->number), v_int(generation), v_octets(crl->der));
}

FALLIBLE rollover_lists(struct authority *ca, const struct crl_plan *plan)
{
	AUTO(query_end) struct query *q = db_query(ca->db,
		"SELECT number - 1, old FROM generation WHERE old_until > ? AND old_destroyed = 0 "
		"ORDER BY number DESC", v_int(plan->this_update));

	while (query_next(q)) {
		AUTO(cert_free) const struct cert *cert = NULL;

		TRY(cert_decode(query_octets(q, 1), &cert));
		TRY(list_by(ca, query_int(q, 0), cert, plan));
	}
	return query_check(q);
}

static FALLIBLE add_link(struct cert_list *list, struct bytes der)
{
	AUTO(cert_free) const struct cert *cert = NULL;

	TRY(cert_decode(der, &cert));
	cert_list_add(list, cert);
	return OK;
}

FALLIBLE rollover_links(struct authority *ca, time_t now, struct cert_list *out_links)
{
	AUTO(query_end) struct query *q = db_query(ca->db,
		"SELECT old_with_new, new_with_old FROM generation WHERE old_until > ? "
		"ORDER BY number DESC", v_int(now));

	while (query_next(q)) {
		TRY(add_link(out_links, query_octets(q, 0)));
		TRY(add_link(out_links, query_octets(q, 1)));
	}
	return query_check(q);
}
