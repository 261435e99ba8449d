/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/authority.h"

#include "lib/base/memory.h"

#include <errno.h>
#include <sys/stat.h>

static const struct db_schema schema = {
	.name = "the authority's database",
	.application_id = 0x50434131,	/* "PCA1" */
	.steps = (const char *const[]){
		"CREATE TABLE certificate ("
		"	id INTEGER PRIMARY KEY,"
		"	serial BLOB NOT NULL UNIQUE,"
		"	kind INTEGER NOT NULL,"
		"	subject TEXT NOT NULL,"
		"	or_address TEXT,"
		"	scope INTEGER NOT NULL,"
		"	issued_at INTEGER NOT NULL,"
		"	not_after INTEGER NOT NULL,"
		"	der BLOB NOT NULL,"
		"	revoked_at INTEGER,"
		"	reason INTEGER) STRICT;"
		"CREATE INDEX certificate_subject ON certificate (subject);"
		"CREATE TABLE received ("	/* cross-certificates issued to us by others */
		"	issuer TEXT PRIMARY KEY,"
		"	der BLOB NOT NULL) STRICT;"
		"CREATE TABLE crl ("
		"	number INTEGER PRIMARY KEY,"
		"	this_update INTEGER NOT NULL,"
		"	next_update INTEGER NOT NULL,"
		"	der BLOB NOT NULL) STRICT;",
		NULL
	},
};

static char *file_in(const struct authority *ca, const char *name)
{
	return mem_printf("%s/%s", ca->path, name);
}

static struct authority *authority_new(const char *path)
{
	struct authority *ca = mem_new(struct authority);

	ca->path = mem_strdup(path);
	return ca;
}

void authority_free(struct authority **ca)
{
	if (!*ca)
		return;
	db_close(&(*ca)->db);
	private_key_free(&(*ca)->key);
	cert_free(&(*ca)->cert);
	mem_free(&(*ca)->path);
	mem_free(ca);
}

static FALLIBLE open_db(struct authority *ca)
{
	AUTO(mem_free) char *path = file_in(ca, "ca.db");

	return db_open(path, &schema, DB_SHARED, &ca->db);
}

FALLIBLE authority_open(const char *path, const struct key_opening *opening,
			struct authority **out_ca)
{
	AUTO(authority_free) struct authority *ca = authority_new(path);
	AUTO(mem_free) char *key = file_in(ca, "ca.key");
	AUTO(mem_free) char *cert = file_in(ca, "ca.pem");

	TRY_DOING(private_key_load(key, opening, &ca->key), "there is no authority in %s", path);
	TRY_DOING(cert_load(cert, &ca->cert), "there is no authority in %s", path);
	if (!bytes_equal(public_key_id(ca->cert->key), public_key_id(private_key_public(ca->key))))
		return FAIL(ST_USAGE, 0, "%s and %s do not belong together", key, cert);
	TRY(open_db(ca));
	*out_ca = TAKE(ca);
	return OK;
}

FALLIBLE authority_create(const char *path, enum key_type type, struct bytes passphrase,
			  struct bytes name, time_t now, time_t until, struct authority **out_ca)
{
	AUTO(authority_free) struct authority *ca = authority_new(path);
	AUTO(mem_free) char *key = file_in(ca, "ca.key");
	AUTO(mem_free) char *cert = file_in(ca, "ca.pem");
	struct cert_plan plan = { .subject = name, .scope = SCOPE_CA, .not_before = now,
				  .not_after = until };

	if (mkdir(path, 0700) && errno != EEXIST)
		return status_errno(errno, "cannot make the directory %s", path);
	TRY(private_key_generate(type, &ca->key));
	TRY_DOING(private_key_save(key, ca->key, passphrase), "cannot make an authority in %s", path);
	plan.key = private_key_public(ca->key);
	TRY(open_db(ca));
	TRY(authority_issue(ca, &plan, ISSUED_OWN, NULL, now, &ca->cert));
	TRY(cert_save(cert, ca->cert));
	*out_ca = TAKE(ca);
	return OK;
}

/* --- issuing --- */

FALLIBLE authority_issue(struct authority *ca, struct cert_plan *plan, enum issued_kind kind,
			 const char *or_address, time_t now, const struct cert **out_cert)
{
	AUTO(cert_free) const struct cert *cert = NULL;
	uint8_t serial[SERIAL_OCTETS];

	/* A positive INTEGER of full length: nobody can foretell it, and no two are alike. */
	crypto_random(serial, sizeof serial);
	serial[0] = (serial[0] & 0x3f) | 0x40;
	plan->serial = bytes_of(serial, sizeof serial);

	struct status *st = cert_issue(ca->cert, ca->key, plan, &cert);

	plan->serial = bytes_none();
	TRY(st);
	TRY_DOING(db_run(ca->db, "INSERT INTO certificate (serial, kind, subject, or_address, scope, "
			 "issued_at, not_after, der) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			 v_octets(cert->serial), v_int(kind), v_text(cert->subject_text),
			 v_text(or_address), v_int(cert->scope), v_int(now), v_int(cert->not_after),
			 v_octets(cert->der)), "cannot record the certificate");
	*out_cert = TAKE(cert);
	return OK;
}

FALLIBLE authority_receive(struct authority *ca, const struct cert *cert)
{
	if (!bytes_equal(cert->subject, ca->cert->subject) ||
	    !bytes_equal(public_key_id(cert->key), public_key_id(ca->cert->key)))
		return FAIL(ST_REFUSED, 0, "the cross-certificate is for %s with another key than "
			    "that of %s", cert->subject_text, ca->cert->subject_text);
	TRY(cert_check_scope(cert, SCOPE_CA));
	return db_run(ca->db, "INSERT OR REPLACE INTO received (issuer, der) VALUES (?, ?)",
		      v_text(cert->issuer_text), v_octets(cert->der));
}

/* --- revoking --- */

FALLIBLE authority_revoke(struct authority *ca, struct bytes serial, enum revocation_reason reason,
			  time_t now)
{
	AUTO(query_end) struct query *q = db_query(ca->db,
		"SELECT revoked_at FROM certificate WHERE serial = ?", v_octets(serial));
	AUTO(mem_free) char *text = bytes_hex(serial);

	TRY(query_get(q, "certificate of this authority with the serial number %s", text));
	if (query_int(q, 0))
		return FAIL(ST_USAGE, 0, "the certificate %s is revoked already", text);
	query_end(&q);
	return db_run(ca->db, "UPDATE certificate SET revoked_at = ?, reason = ? "
		      "WHERE serial = ? AND revoked_at IS NULL",
		      v_int(now), v_int(reason), v_octets(serial));
}

struct revocations {
	struct revocation *list;
	size_t count;
	struct buf serials;	/* SERIAL_OCTETS each */
};

static void revocations_free(struct revocations *r)
{
	mem_free(&r->list);
	buf_free(&r->serials);
}

static FALLIBLE revocations_load(struct db *db, struct revocations *r)
{
	AUTO(query_end) struct query *q = db_query(db,
		"SELECT serial, revoked_at, reason FROM certificate "
		"WHERE revoked_at IS NOT NULL ORDER BY revoked_at, id");

	while (query_next(q)) {
		r->list = mem_grow(r->list, r->count + 1, sizeof *r->list);
		buf_put(&r->serials, query_octets(q, 0));
		r->list[r->count++] = (struct revocation){
			.when = query_int(q, 1),
			.reason = (enum revocation_reason)query_int(q, 2),
		};
	}
	for (size_t i = 0; i < r->count; i++)
		r->list[i].serial = bytes_slice(buf_view(&r->serials), i * SERIAL_OCTETS,
						SERIAL_OCTETS);
	return query_check(q);
}

struct listing {
	struct authority *ca;
	time_t now, next;
	const struct crl *crl;
};

/* In one transaction: no two lists have one number, and none misses a revocation before it. */
static FALLIBLE list_in_transaction(struct db *db, void *arg)
{
	struct listing *l = arg;
	AUTO(revocations_free) struct revocations revoked = { 0 };
	AUTO(query_end) struct query *q = db_query(db, "SELECT coalesce(max(number), 0) + 1 FROM crl");
	struct crl_plan plan = { .this_update = l->now, .next_update = l->next };

	TRY(query_get(q, "number for a revocation list"));
	plan.number = (uint64_t)query_int(q, 0);
	TRY(revocations_load(db, &revoked));
	plan.revoked = revoked.list;
	plan.count = revoked.count;
	TRY(crl_issue(l->ca->cert, l->ca->key, &plan, &l->crl));
	return db_run(db, "INSERT INTO crl (number, this_update, next_update, der) VALUES (?, ?, ?, ?)",
		      v_int((int64_t)plan.number), v_int(l->now), v_int(l->next),
		      v_octets(l->crl->der));
}

FALLIBLE authority_list(struct authority *ca, time_t now, time_t next, const struct crl **out_crl)
{
	struct listing l = { ca, now, next, NULL };
	struct status *st = db_atomically(ca->db, list_in_transaction, &l);

	if (st)
		crl_free(&l.crl);
	*out_crl = l.crl;
	return st;
}
