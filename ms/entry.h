/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries and their attributes [X.413 6.3, 11]: encoded once when an entry is
 * made, so that a list copies octets.
 */
#ifndef MS_ENTRY_H
#define MS_ENTRY_H

#include "asn1/ber.h"
#include "lib/mhs/delivery.h"
#include "lib/mhs/report.h"
#include "lib/store/mailbox.h"

/* What is stored of a delivery. */
struct new_entry {
	struct mailbox_entry entry;	/* its texts and views lie in the arena and in the buffers */
	const char *identity;		/* by which a repetition is recognised */
	struct buf attributes, envelope;
	struct bytes content;
};

FALLIBLE entry_of_delivery(struct arena *arena, const struct delivery *delivery, time_t now,
			   struct new_entry *out_entry);
FALLIBLE entry_of_report(struct arena *arena, const struct report *report, time_t now,
			 struct new_entry *out_entry);
void new_entry_cleanup(struct new_entry *entry);

/*
 * The values of an attribute of a stored entry: the contents of its SEQUENCE OF values, appended
 * to out.  False where the entry has none.  Content and envelopes, which lie elsewhere, are
 * entry_octets'.
 */
bool entry_values(const struct mailbox_entry *entry, struct bytes oid, struct buf *out);

/* Which large part of the entry an attribute is. */
enum entry_part { ENTRY_PART_NONE, ENTRY_PART_ENVELOPE, ENTRY_PART_CONTENT };
enum entry_part entry_part_of(const struct mailbox_entry *entry, struct bytes oid);

/* One MSAttribute, appended. */
void entry_put_attribute(struct bytes oid, struct bytes values, struct buf *out);

#endif
