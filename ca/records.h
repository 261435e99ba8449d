/* SPDX-License-Identifier: Apache-2.0 */
/* What the database of an authority knows of the certificates that it issued. */
#ifndef CA_RECORDS_H
#define CA_RECORDS_H

#include "ca/authority.h"
#include "lib/base/arena.h"

struct record {
	const struct cert *cert;
	enum issued_kind kind;
	const char *or_address;		/* text, in an arena, or null */
	time_t revoked_at;		/* 0: it is not */
	enum revocation_reason reason;
};

/* Revoked for the time being. */
static inline bool record_is_held(const struct record *record)
{
	return record->revoked_at && record->reason == REVOKED_HOLD;
}

/* "valid", "held", "revoked", "expired". */
const char *record_state(time_t now, time_t not_after, time_t revoked_at,
			 enum revocation_reason reason);

void record_cleanup(struct record *record);
/* ST_NOT_FOUND where this authority has not issued it. */
FALLIBLE record_find(struct authority *ca, struct bytes serial, struct arena *arena,
		     struct record *out_record);

struct record_list {
	struct record *items;
	size_t count;
};

void record_list_cleanup(struct record_list *list);
/* Those that end from then to then and have no successor, which is one of the same name and use that
 * lasts longer; what ends first comes first. */
FALLIBLE records_expiring(struct authority *ca, time_t from, time_t to, struct arena *arena,
			  struct record_list *out_list);

/* Files a certificate under its name, address and key; or_address is the text of its record, or null,
 * which one of 1988 does not say itself. */
FALLIBLE records_index(struct db *db, int64_t id, const struct cert *cert, const char *or_address);
/* The same for those that were issued before there was such an index. */
FALLIBLE records_complete(struct db *db);

/* The key of an O/R address (DER), in the arena; null for none. */
FALLIBLE or_address_key(struct bytes der, struct arena *arena, const char **out_key);

#endif
