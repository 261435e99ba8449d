/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For lib/mhs/trust.c: what the directory has of a name, kept for a while, in the form in
 * which lib/sec/path.h asks for it.
 */
#ifndef LIB_MHS_TRUST_SOURCE_H
#define LIB_MHS_TRUST_SOURCE_H

#include "lib/mhs/trust.h"
#include "lib/mhs/trust_kept.h"

struct trust_source;

/* Options and cache are borrowed; cache_seconds and absent_seconds are not 0, kept may be null. */
struct trust_source *trust_source_new(const struct trust_options *options, struct dircache *kept);
void trust_source_free(struct trust_source **source);

/* One question. */
struct trust_asking {
	struct trust_source *source;
	time_t as_of;			/* when the oldest of what answered it was fetched; 0: nothing was */
	bool unreachable;		/* the directory was, when it was last told what to expect */
	struct name_list fetched;	/* entries that were fetched for it */
	/* Those that were known from another, and may have changed: */
	struct name_list holders;	/* whose own certificates were asked for, */
	struct name_list authorities;	/* whose pairs or lists were */
};
void trust_asking_cleanup(struct trust_asking *asking);
struct cert_source trust_source_callbacks(struct trust_asking *asking);

/* Fetches entries of a question anew, each at most once in absent_seconds: so nobody makes us ask
 * the directory more often than that.  Whether there was one. */
bool trust_source_renew(struct trust_asking *asking, const struct name_list *which);

/* The DER Names of the entries with an O/R address, added to out_names; none is OK. */
FALLIBLE trust_source_names(struct trust_source *source, const char *or_address,
			    struct name_list *out_names);

/* Asks again for what is in use and was fetched longest ago. */
void trust_source_refresh(struct trust_source *source);

void trust_source_forget(struct trust_source *source, struct bytes directory_name);

#endif
