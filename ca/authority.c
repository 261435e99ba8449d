/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/authority.h"

#include "ca/approval.h"
#include "ca/journal.h"
#include "ca/records.h"
#include "ca/rollover.h"
#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/sec/cert_1989.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

const struct db_schema authority_schema = {
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
		/* Signatures keep the journal from being changed unseen; these, by mistake. */
		"CREATE TABLE journal ("
		"	number INTEGER PRIMARY KEY,"
		"	line BLOB NOT NULL) STRICT;"
		"CREATE TRIGGER journal_stays BEFORE UPDATE ON journal "
		"BEGIN SELECT raise(ABORT, 'the journal is only added to'); END;"
		"CREATE TRIGGER journal_grows BEFORE DELETE ON journal "
		"BEGIN SELECT raise(ABORT, 'the journal is only added to'); END;",
		"CREATE TABLE generation ("	/* of the key, from the second on */
		"	number INTEGER PRIMARY KEY,"
		"	own BLOB NOT NULL,"
		"	old BLOB NOT NULL,"	/* the certificate before */
		"	old_with_new BLOB NOT NULL,"
		"	new_with_old BLOB NOT NULL,"
		"	old_until INTEGER NOT NULL,"
		"	old_destroyed INTEGER NOT NULL) STRICT;"
		"CREATE TABLE old_crl ("	/* the same lists, by the keys before */
		"	number INTEGER NOT NULL,"
		"	generation INTEGER NOT NULL,"
		"	der BLOB NOT NULL,"
		"	PRIMARY KEY (number, generation)) STRICT;",
		/* Whose it is, in forms that are equal for what is the same; null until records_complete. */
		"ALTER TABLE certificate ADD COLUMN name_key BLOB;"
		"ALTER TABLE certificate ADD COLUMN address_key TEXT;"
		"ALTER TABLE certificate ADD COLUMN key_id BLOB;"
		"ALTER TABLE certificate ADD COLUMN invalid_since INTEGER;"
		"CREATE INDEX certificate_name ON certificate (name_key);"
		"CREATE INDEX certificate_address ON certificate (address_key);"
		"CREATE INDEX certificate_key ON certificate (key_id);"
		/* Whether something was revoked or released since it was issued. */
		"ALTER TABLE crl ADD COLUMN outdated INTEGER NOT NULL DEFAULT 0;",
		"CREATE TABLE lost ("	/* revoked, and in no backup */
		"	serial BLOB PRIMARY KEY,"
		"	revoked_at INTEGER NOT NULL,"
		"	reason INTEGER NOT NULL) STRICT;",
		"CREATE TABLE pending ("	/* what waits for approval, or did */
		"	number INTEGER PRIMARY KEY AUTOINCREMENT,"
		"	act BLOB NOT NULL,"
		"	command TEXT NOT NULL,"
		"	asked_at INTEGER NOT NULL,"
		"	entry INTEGER NOT NULL,"	/* of the journal */
		"	state INTEGER NOT NULL) STRICT;"
		"CREATE INDEX pending_state ON pending (state);"
		"CREATE TABLE approval ("
		"	pending INTEGER NOT NULL,"
		"	approver TEXT NOT NULL,"
		"	line BLOB NOT NULL,"
		"	PRIMARY KEY (pending, approver)) STRICT;",
		/* Whether the directory has it. */
		"ALTER TABLE crl ADD COLUMN published INTEGER NOT NULL DEFAULT 0;",
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
	if ((*ca)->rehearsal)
		db_rollback((*ca)->db);
	db_close(&(*ca)->db);
	private_key_free(&(*ca)->key);
	cert_free(&(*ca)->cert);
	mem_free(&(*ca)->path);
	mem_free(ca);
}

static FALLIBLE open_db(struct authority *ca)
{
	AUTO(mem_free) char *path = file_in(ca, "ca.db");

	return db_open(path, &authority_schema, DB_SHARED, &ca->db);
}

/* The key and certificate of the generation that the database says: the file may still have the
 * certificate before. */
static FALLIBLE open_generation(struct authority *ca, const struct key_opening *opening)
{
	AUTO(cert_free) const struct cert *own = NULL;
	AUTO(mem_free) char *key = NULL;

	TRY(generation_current(ca->db, &ca->generation, &own));
	if (own) {
		cert_free(&ca->cert);
		ca->cert = TAKE(own);
	}
	key = generation_key_path(ca->path, ca->generation);
	TRY_DOING(private_key_load(key, opening, &ca->key), "there is no authority in %s", ca->path);
	if (!bytes_equal(public_key_id(ca->cert->key), public_key_id(private_key_public(ca->key))))
		return FAIL(ST_USAGE, 0, "%s and the certificate of %s do not belong together", key,
			    ca->cert->subject_text);
	return OK;
}

FALLIBLE authority_open(const char *path, const struct key_opening *opening,
			struct authority **out_ca)
{
	AUTO(authority_free) struct authority *ca = authority_new(path);
	AUTO(mem_free) char *cert = file_in(ca, "ca.pem");
	AUTO(mem_free) char *db = file_in(ca, "ca.db");

	TRY_DOING(cert_load(cert, &ca->cert), "there is no authority in %s", path);
	/* An empty one in its place would give list numbers again, and know of no revocation. */
	if (access(db, F_OK))
		return FAIL(ST_NOT_FOUND, 0, "the authority in %s has lost its ca.db: \"restore\" a backup",
			    path);
	ca->opening = *opening;
	TRY(open_db(ca));
	TRY(open_generation(ca, opening));
	TRY(rollover_finish(ca));
	TRY(records_complete(ca->db));
	*out_ca = TAKE(ca);
	return OK;
}

FALLIBLE authority_rehearse(struct authority *ca)
{
	TRY(db_begin(ca->db));
	ca->rehearsal = true;
	return OK;
}

FALLIBLE authority_create(const char *path, const struct authority_plan *wanted,
			  struct authority **out_ca)
{
	AUTO(authority_free) struct authority *ca = authority_new(path);
	AUTO(mem_free) char *key = file_in(ca, "ca.key");
	AUTO(mem_free) char *cert = file_in(ca, "ca.pem");
	struct cert_plan plan = { .subject = wanted->name, .scope = SCOPE_CA,
				  .not_before = wanted->now, .not_after = wanted->until,
				  .form_1989 = wanted->form_1989 };

	ca->as = wanted->as;
	ca->generation = 1;
	if (mkdir(path, 0700) && errno != EEXIST)
		return status_errno(errno, "cannot make the directory %s", path);
	TRY_DOING(private_key_create(key, wanted->key_uri, wanted->key, wanted->passphrase, &ca->key),
		  "cannot make an authority in %s", path);
	plan.key = private_key_public(ca->key);
	TRY(open_db(ca));
	TRY(authority_issue(ca, &plan, ISSUED_OWN, NULL, wanted->now, &ca->cert));
	TRY(cert_save(cert, ca->cert));
	*out_ca = TAKE(ca);
	return OK;
}

/* --- issuing --- */

FALLIBLE certificate_make(const struct cert *issuer, const struct private_key *key,
			  struct cert_plan *plan, const struct cert **out_cert)
{
	uint8_t serial[SERIAL_OCTETS];

	/* A positive INTEGER of full length: nobody can foretell it, and no two are alike. */
	crypto_random(serial, sizeof serial);
	serial[0] = (serial[0] & 0x3f) | 0x40;
	plan->serial = bytes_of(serial, sizeof serial);

	struct status *st = cert_issue(issuer, key, plan, out_cert);

	plan->serial = bytes_none();
	return st;
}

FALLIBLE certificate_record(struct db *db, const struct cert *cert, enum issued_kind kind,
			    const char *or_address, time_t now)
{
	TRY_DOING(db_run(db, "INSERT INTO certificate (serial, kind, subject, or_address, scope, "
			 "issued_at, not_after, der) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			 v_octets(cert->serial), v_int(kind), v_text(cert->subject_text),
			 v_text(or_address), v_int(cert->scope), v_int(now),
			 v_int(cert->not_after), v_octets(cert->der)),
		  "cannot record the certificate");
	return records_index(db, db_last_id(db), cert, or_address);
}

struct issuing {
	struct authority *ca;
	const struct cert *cert;
	enum issued_kind kind;
	const char *or_address;
	time_t now;
};

static json_t *issued_facts(const struct issuing *i)
{
	AUTO(mem_free) char *fingerprint = bytes_hex(i->cert->fingerprint);

	return json_pack("{s:s, s:s, s:s*, s:s, s:s, s:s, s:s*}",
			 "serial", i->cert->serial_text, "subject", i->cert->subject_text,
			 "or_address", i->or_address, "scope", scope_name(i->cert->scope),
			 "not_after", time_rfc3339(i->cert->not_after).s,
			 "fingerprint", fingerprint,
			 "broken", i->cert->form_1989 ? CERT_1989_BROKEN : NULL);
}

static FALLIBLE issue_in_transaction(struct db *db, void *arg)
{
	static const char *const acts[] = {
		[ISSUED_OWN] = "init", [ISSUED_USER] = "issue", [ISSUED_CROSS] = "cross-certify",
	};
	const struct issuing *i = arg;

	if (i->kind != ISSUED_OWN)
		TRY(approval_spend(i->ca, i->now));
	TRY(certificate_record(db, i->cert, i->kind, i->or_address, i->now));
	return journal_add(i->ca, i->now, acts[i->kind], issued_facts(i));
}

FALLIBLE authority_issue(struct authority *ca, struct cert_plan *plan, enum issued_kind kind,
			 const char *or_address, time_t now, const struct cert **out_cert)
{
	AUTO(cert_free) const struct cert *cert = NULL;

	TRY(certificate_make(ca->cert, ca->key, plan, &cert));

	struct issuing issuing = { ca, cert, kind, or_address, now };

	TRY(db_atomically(ca->db, issue_in_transaction, &issuing));
	*out_cert = TAKE(cert);
	return OK;
}
