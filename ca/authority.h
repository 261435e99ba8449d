/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certification authority is a directory on disk: ca.key (mode 0600), ca.pem, and ca.db, which
 * knows every certificate that was ever issued.  What is done is committed there, with its entry in
 * the journal, before anyone gets to see it.
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

extern const struct db_schema authority_schema;

struct approval;

struct authority {
	char *path;
	struct db *db;
	struct private_key *key;
	const struct cert *cert;
	int64_t generation;	/* of the key, from 1 [ca/rollover.h] */
	struct key_opening opening;	/* for the keys before; borrows its texts */
	const char *as;		/* the name of whoever acts, for the journal, or null; borrowed */
	struct approval *approval;	/* for what matters [ca/approval.h]; null: none is asked for; borrowed */
	bool rehearsal;
};

/* An authority that is to be made. */
struct authority_plan {
	enum key_type key;
	const char *key_uri;		/* the token that makes and keeps it; null: a file */
	struct bytes passphrase;	/* encrypts the key, unless it is none; the token's PIN */
	struct bytes name;		/* DER Name */
	bool form_1989;			/* it issues certificates of 1988 [lib/sec/cert_1989.h] */
	time_t now, until;
	const char *as;			/* as in struct authority */
};

/* Makes the directory, the key and the authority's own certificate.  ST_USAGE where there is an
 * authority already. */
FALLIBLE authority_create(const char *path, const struct authority_plan *plan,
			  struct authority **out_ca);
FALLIBLE authority_open(const char *path, const struct key_opening *opening,
			struct authority **out_ca);
/* From now on everything is done as always, and none of it becomes durable. */
FALLIBLE authority_rehearse(struct authority *ca);
void authority_free(struct authority **ca);

/* Makes a certificate with a new serial number (whatever the plan says); as cert_issue. */
FALLIBLE certificate_make(const struct cert *issuer, const struct private_key *key,
			  struct cert_plan *plan, const struct cert **out_cert);
/* Records it, in a transaction in which the journal gets its entry. */
FALLIBLE certificate_record(struct db *db, const struct cert *cert, enum issued_kind kind,
			    const char *or_address, time_t now);

/* Issues a certificate with a new serial number (whatever the plan says) and records it, with the
 * O/R address as text, or null.  On return it is durable. */
FALLIBLE authority_issue(struct authority *ca, struct cert_plan *plan, enum issued_kind kind,
			 const char *or_address, time_t now, const struct cert **out_cert);

/* Certifies another authority, by its own certificate: until then, and not past the end of either
 * one's own. */
FALLIBLE authority_certify(struct authority *ca, const struct cert *other,
			   const struct cert_limits *limits, time_t now, time_t until,
			   const struct cert **out_cert);

/* Keeps a cross-certificate that another authority issued to this one.  ST_REFUSED where it is
 * for another name or key. */
FALLIBLE authority_receive(struct authority *ca, const struct cert *cert, time_t now);

/* What ended when an authority is certified no more. */
struct withdrawn {
	size_t revoked;		/* certificates issued to it */
	bool forgotten;		/* whether what it issued to this one was kept */
};

/* Revokes all that was issued to an authority (RFC 4514) and forgets what it issued.  ST_NOT_FOUND
 * where there is neither. */
FALLIBLE authority_withdraw(struct authority *ca, const char *name, enum revocation_reason reason,
			    time_t now, struct withdrawn *out_withdrawn);

/* ST_NOT_FOUND where this authority has not issued it; ST_USAGE where it is revoked already, but
 * for one that was suspended (REVOKED_HOLD). */
FALLIBLE authority_revoke(struct authority *ca, struct bytes serial, enum revocation_reason reason,
			  time_t now);
/* The same, saying since when the key is thought to be lost (0: nobody knows). */
FALLIBLE authority_revoke_since(struct authority *ca, struct bytes serial,
				enum revocation_reason reason, time_t invalid_since, time_t now);
/* Takes a suspension back: it is not on the next list.  ST_USAGE where there is none. */
FALLIBLE authority_release(struct authority *ca, struct bytes serial, time_t now);

const char *revocation_reason_name(enum revocation_reason reason);
/* ST_USAGE where the text is none, in any case of letters. */
FALLIBLE revocation_reason_from_text(const char *text, enum revocation_reason *out_reason);

/* Every list that there is of the last number: by the authority's key, then by those before. */
FALLIBLE authority_lists(struct authority *ca, struct crl_list *out_lists);

/* Issues the next revocation list, by each key that somebody may still rely on, and records it. */
FALLIBLE authority_list(struct authority *ca, time_t now, time_t next, const struct crl **out_crl);
/* Whether it is time: the last one is so old, or something was revoked or released since, or, where
 * it is wanted there, the directory does not have it. */
FALLIBLE authority_list_due(struct authority *ca, time_t now, time_t interval, bool in_directory,
			    bool *out_due);
/* The directory has the list of this number. */
FALLIBLE authority_list_published(struct authority *ca, uint64_t number);

#endif
