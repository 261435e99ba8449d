/* SPDX-License-Identifier: Apache-2.0 */
/* EntryInformationSelection and EntryInformation [X.413 8.1.4, 8.1.5]. */
#ifndef MS_INFO_H
#define MS_INFO_H

#include "lib/store/mailbox.h"
#include "ms/p7.h"

enum { WANTED_MAX = 128 };

/* The attribute types that an operation wants told. */
struct wanted {
	struct bytes oids[WANTED_MAX];	/* contents octets; borrowed */
	size_t count;
};

/* From the contents of an EntryInformationSelection.  ST_PEER over WANTED_MAX. */
FALLIBLE wanted_read(struct bytes contents, struct wanted *out_wanted);
/* From OBJECT IDENTIFIER TLVs, such as were registered as defaults. */
FALLIBLE wanted_from_oids(struct bytes tlvs, struct wanted *out_wanted);
bool wanted_has(const struct wanted *wanted, const char *dotted);

/*
 * Appends one EntryInformation without the content.  An envelope is read from the store, which
 * may be null where none is wanted.
 */
FALLIBLE info_put(struct db *db, int64_t mailbox, const struct mailbox_entry *entry,
		  const struct wanted *wanted, struct buf *out);

/*
 * The same with a content that is not copied: what stands before it and goes out with it is
 * appended to out_head; the content ends the EntryInformation.
 */
FALLIBLE info_put_head(struct db *db, int64_t mailbox, const struct mailbox_entry *entry,
		       const struct wanted *wanted, struct bytes content, struct buf *out_head);

/* Puts a header before what stands from an offset on, for contents that go on for so many octets
 * behind the end of the buffer. */
void info_wrap_open(struct buf *out, size_t from, uint32_t tag, size_t behind);

#endif
