/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Retrieval from a message store, as a user agent asks for it and reads the
 * answer [X.413 8]: List, Fetch, Delete, Register-MS for alerts, Alert.
 * Decoded views point into the input, so that a large content is not copied.
 */
#ifndef LIB_MHS_RETRIEVAL_H
#define LIB_MHS_RETRIEVAL_H

#include "lib/base/arena.h"
#include "lib/base/bytes.h"
#include "lib/base/status.h"

enum {
	RETRIEVAL_ATTRIBUTES_MAX = 256,		/* of one entry */
	RETRIEVAL_ENTRIES_MAX = 1 << 20,	/* of one answer */
};

/* One attribute: its type (contents of the identifier), and contents of its SEQUENCE OF values. */
struct ms_value_set {
	struct bytes type, values;
};

/* An entry, or what of it was asked for. */
struct ms_entry {
	int32_t number;
	struct ms_value_set *attributes;
	size_t count;
};

struct ms_entries {
	struct ms_entry *list;
	size_t count;
	int32_t next;			/* where the list goes on; 0: it is complete */
};

/* The first value of an attribute (dotted) as one TLV; empty where the entry has none. */
struct bytes ms_entry_value(const struct ms_entry *entry, const char *type);
/* The first value of an INTEGER attribute, or what stands for its absence; ST_PEER where it is
 * none. */
FALLIBLE ms_entry_integer(const struct ms_entry *entry, const char *type, int64_t absent,
			  int64_t *out_value);
/* The octets of an OCTET STRING attribute; empty where it is absent. */
FALLIBLE ms_entry_octets(struct arena *arena, const struct ms_entry *entry, const char *type,
			 struct bytes *out_octets);

/* ListArgument: stored messages from a number on, limit at most (0: all), with these attributes
 * (dotted, ending with null). */
FALLIBLE list_argument_encode(int32_t from, int32_t limit, const char *const *attributes,
			      struct buf *out);
FALLIBLE list_result_decode(struct arena *arena, struct bytes in, struct ms_entries *out_entries);

/* FetchArgument: the entry of a number, with these attributes. */
FALLIBLE fetch_argument_encode(int32_t number, const char *const *attributes, struct buf *out);
/* ST_PEER where the result has no entry. */
FALLIBLE fetch_result_decode(struct arena *arena, struct bytes in, struct ms_entry *out_entry);

/* DeleteArgument. */
void delete_argument_encode(const int32_t *numbers, size_t count, struct buf *out);

/* Register-MSArgument: alert for each new entry, under registration 1. */
FALLIBLE alert_registration_encode(struct buf *out);
/* The same: another password, which stands in the buffer then. */
void password_registration_encode(struct bytes before, struct bytes after, struct buf *out);
/* The same: the labels that the user wants to be cleared for, a SET of SecurityLabels; an empty SET
 * takes back what was registered. */
void labels_registration_encode(struct bytes labels, struct buf *out);
/* AlertArgument; the entry's number is 0 where the alert does not tell of one. */
FALLIBLE alert_argument_decode(struct arena *arena, struct bytes in, struct ms_entry *out_entry);

#endif
