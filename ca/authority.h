/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certification authority is a directory on disk: ca.key (mode 0600), ca.pem, and ca.db, which
 * knows every certificate that was ever issued.  What is issued is committed there before anyone
 * gets to see it.
 */
#ifndef CA_AUTHORITY_H
#define CA_AUTHORITY_H

#include "lib/sec/issue.h"
#include "lib/store/query.h"

enum { SERIAL_OCTETS = 16 };

/* Why a certificate was issued; kept in the database. */
enum issued_kind {
	ISSUED_OWN = 0,		/* the authority's own */
	ISSUED_USER = 1,	/* a UA, MS or MTA */
	ISSUED_CROSS = 2,	/* another authority */
};

struct authority {
	char *path;
	struct db *db;
	struct private_key *key;
	const struct cert *cert;
};

/* Makes the directory, the key (encrypted unless the passphrase is none) and the authority's own
 * certificate.  ST_USAGE where there is an authority already. */
FALLIBLE authority_create(const char *path, enum key_type type, struct bytes passphrase,
			  struct bytes name, time_t now, time_t until, struct authority **out_ca);
FALLIBLE authority_open(const char *path, const struct key_opening *opening,
			struct authority **out_ca);
void authority_free(struct authority **ca);

/* Issues a certificate with a new serial number (whatever the plan says) and records it, with the
 * O/R address as text, or null.  On return it is durable. */
FALLIBLE authority_issue(struct authority *ca, struct cert_plan *plan, enum issued_kind kind,
			 const char *or_address, time_t now, const struct cert **out_cert);

/* Keeps a cross-certificate that another authority issued to this one.  ST_REFUSED where it is
 * for another name or key. */
FALLIBLE authority_receive(struct authority *ca, const struct cert *cert);

/* ST_NOT_FOUND where this authority has not issued it; ST_USAGE where it is revoked already. */
FALLIBLE authority_revoke(struct authority *ca, struct bytes serial, enum revocation_reason reason,
			  time_t now);

/* Issues the next revocation list and records it. */
FALLIBLE authority_list(struct authority *ca, time_t now, time_t next, const struct crl **out_crl);

#endif
