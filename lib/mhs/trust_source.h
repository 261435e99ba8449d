/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For lib/mhs/trust.c: what the directory has of a name, kept for a while, in the form in
 * which lib/sec/path.h asks for it.
 */
#ifndef LIB_MHS_TRUST_SOURCE_H
#define LIB_MHS_TRUST_SOURCE_H

#include "lib/mhs/trust.h"

struct trust_source;

/* The options are borrowed; cache_seconds and absent_seconds are not 0. */
struct trust_source *trust_source_new(const struct trust_options *options);
void trust_source_free(struct trust_source **source);

struct cert_source trust_source_callbacks(struct trust_source *source);

/* The DER Names of the entries with an O/R address, added to out_names; none is OK. */
struct name_list {
	struct buf *items;
	size_t count;
};
FALLIBLE trust_source_names(struct trust_source *source, const char *or_address,
			    struct name_list *out_names);
void name_list_free(struct name_list *names);

void trust_source_forget(struct trust_source *source, struct bytes directory_name);

#endif
