/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For lib/mhs/trust_source.c: what is known of one name, and the octets in which it is kept.
 */
#ifndef LIB_MHS_TRUST_OBJECT_H
#define LIB_MHS_TRUST_OBJECT_H

#include "directory/directory.h"
#include "lib/sec/path.h"

/* All lists are empty where the directory has no entry. */
struct trust_object {
	struct buf name;
	struct found_list certs;
	struct found_list cross;
	struct crl_list crls;
	size_t memory;			/* about so many octets */
	time_t ends;			/* when the first of its lists has to be replaced; 0: none has */
	time_t fetched;
	bool absent;
};

/* Appends those values of an entry that matter: a letter, a length and the octets, each. */
void trust_values_pack(const struct directory_entry *entry, struct buf *out);

/* What the values say.  One that cannot be decoded is as good as absent: what cannot be checked
 * then fails for want of it. */
struct trust_object *trust_object_new(struct bytes name, struct bytes values);
void trust_object_free(void *object);

#endif
