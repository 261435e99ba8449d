/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates and revocation lists: what they say.  Nothing here is verified;
 * that is lib/sec/path.h.  A certificate is never changed once it was decoded:
 * it may be shared by threads and is counted.
 */
#ifndef LIB_SEC_CERT_H
#define LIB_SEC_CERT_H

#include "lib/sec/crypto.h"
#include "lib/sec/scope.h"

#include <time.h>

enum { CERT_MAX_OCTETS = 64 * 1024, CRL_MAX_OCTETS = 16 * 1024 * 1024 };

/* All views live as long as the certificate. */
struct cert {
	struct bytes der;		/* as it arrived */
	struct bytes fingerprint;	/* SHA-256 of der */
	struct bytes subject, issuer;	/* DER Names */
	const char *subject_text, *issuer_text;	/* RFC 4514 */
	struct bytes or_address;	/* DER ORAddress from subjectAltName; empty where none */
	struct bytes serial;		/* contents octets of the INTEGER */
	const char *serial_text;	/* hexadecimal */
	enum scope scope;
	bool signs, seals;		/* what the key can do, and may [X.509 9.2.2.3 keyUsage] */
	bool form_1989;			/* of 1988, and broken [lib/sec/cert_1989.h] */
	time_t not_before, not_after;
	const struct public_key *key;	/* null only after cert_decode_foreign */
};

/* ST_PEER where the octets are no certificate, or its key is of a type not known here. */
FALLIBLE cert_decode(struct bytes der, const struct cert **out_cert);
/* As cert_decode, but a key of a type not known here is taken for none: for certificates that
 * are only judged, with path_query.any_use. */
FALLIBLE cert_decode_foreign(struct bytes der, const struct cert **out_cert);
/* The first certificate of a PEM file. */
FALLIBLE cert_load(const char *path, const struct cert **out_cert);
/* Writes PEM; replaces the file at once or not at all. */
FALLIBLE cert_save(const char *path, const struct cert *cert);
/* One more owner; each gives it back with cert_free. */
const struct cert *cert_ref(const struct cert *cert);
void cert_free(const struct cert **cert);

/* ST_REFUSED "the certificate of CN=... is for an MS, not for a UA" unless it is so. */
FALLIBLE cert_check_scope(const struct cert *cert, enum scope wanted);
/* What a certificate of the right scope is wanted for: somebody has two where one key does not do
 * both, and while the next one is beside the old. */
enum cert_use {
	CERT_SIGNS,			/* to verify what its owner signed */
	CERT_SEALS,			/* to seal for him */
};
/* ST_REFUSED where the key cannot do it, or the certificate does not let it. */
FALLIBLE cert_check_use(const struct cert *cert, enum cert_use use);
/* ST_REFUSED with the date unless now lies within the validity. */
FALLIBLE cert_check_dates(const struct cert *cert, time_t now);

/* ST_REFUSED unless the issuer's name and key are those that signed it.  Nothing else is looked at. */
FALLIBLE cert_check_signed(const struct cert *cert, const struct cert *issuer);

/* Certificates [X.509 8]: the SEQUENCE that travels with a signature.  Appends one with this
 * certificate alone. */
void certificates_put(const struct cert *cert, struct buf *out);
/* The first of Certificates, that of the signer, unverified.  ST_REFUSED "the certificate of the
 * <whose> is missing" where there are none. */
FALLIBLE certificates_first(struct bytes certificates, const char *whose,
			    const struct cert **out_cert);

struct crl {
	struct bytes der;
	struct bytes issuer;		/* DER Name */
	const char *issuer_text;
	time_t this_update;
	time_t next_update;		/* 0 where it does not say */
	uint64_t number;		/* 0 where it has none, or one past 64 bits */
	size_t revoked_count;
	bool complete;			/* neither a delta nor a part: all its authority revoked */
};

FALLIBLE crl_decode(struct bytes der, const struct crl **out_crl);
/* PEM. */
FALLIBLE crl_load(const char *path, const struct crl **out_crl);
FALLIBLE crl_save(const char *path, const struct crl *crl);
const struct crl *crl_ref(const struct crl *crl);
void crl_free(const struct crl **crl);

/* When a serial number was revoked; false where it is not on the list. */
bool crl_find(const struct crl *crl, struct bytes serial, time_t *out_when);

/* ST_REFUSED unless the issuer's name and key are those that signed it.  Nothing else is looked at. */
FALLIBLE crl_check_signed(const struct crl *crl, const struct cert *issuer);
/* Entry number i of revoked_count: its serial number, appended, as struct cert has it; since when; and
 * why, 0 where it does not say. */
FALLIBLE crl_nth(const struct crl *crl, size_t i, struct buf *out_serial, time_t *out_when,
		 int *out_reason);

/* Lists that own what is on them. */
struct cert_list {
	const struct cert **items;
	size_t count;
};

struct crl_list {
	const struct crl **items;
	size_t count;
};

/* The list becomes one more owner. */
void cert_list_add(struct cert_list *list, const struct cert *cert);
void crl_list_add(struct crl_list *list, const struct crl *crl);
void cert_list_free(struct cert_list *list);
void crl_list_free(struct crl_list *list);
/* PEM, one behind the other. */
FALLIBLE crl_list_save(const char *path, const struct crl_list *list);

#endif
