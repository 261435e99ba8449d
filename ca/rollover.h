/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An authority's key is followed by another [RFC 4210 4.4]: the old one certifies the new one, and the
 * new one the old one, so that whoever trusts either trusts what both have signed.  The generations
 * of its key are counted from 1; the key of generation n is in ca-n.key, that of the first in ca.key.
 */
#ifndef CA_ROLLOVER_H
#define CA_ROLLOVER_H

#include "ca/authority.h"

struct rollover_plan {
	enum key_type key;
	const char *key_uri;		/* the token that makes and keeps the new key; null: a file */
	const struct secret *passphrase;	/* encrypts the new key, unless it is empty; the token's PIN */
	time_t now, until;
	/* Without the old key there are no more lists for those who trust the old certificate alone;
	 * what a token has of it goes as well. */
	bool destroy;
};

/* Which generation it is, and its own certificate unless it is the first. */
FALLIBLE generation_current(struct db *db, int64_t *out_number, const struct cert **out_own);
/* Where its key is.  The caller frees it. */
char *generation_key_path(const char *authority, int64_t number);

/* Makes a new key and goes over to it.  On return it is durable. */
FALLIBLE authority_rollover(struct authority *ca, const struct rollover_plan *plan);

/* Brings the files up to date with the database, where a rollover was cut off behind its commit. */
FALLIBLE rollover_finish(struct authority *ca);

/* Inside the transaction that makes list number: the same list, by each old key that others may still
 * need. */
FALLIBLE rollover_lists(struct authority *ca, const struct crl_plan *plan);

/* The certificates between the generations that others may still need. */
FALLIBLE rollover_links(struct authority *ca, time_t now, struct cert_list *out_links);

#endif
