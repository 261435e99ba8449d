/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For lib/mhs/trust_source.c: the names of the entries that have an O/R address, kept for a while as
 * certificates are.
 */
#ifndef LIB_MHS_TRUST_ADDRESSES_H
#define LIB_MHS_TRUST_ADDRESSES_H

#include "lib/mhs/trust.h"
#include "lib/mhs/trust_handles.h"
#include "lib/mhs/trust_kept.h"

struct trust_addresses;

/* All is borrowed; kept may be null. */
struct trust_addresses *trust_addresses_new(const struct trust_options *options,
					    struct dircache *kept, struct trust_handles *handles);
void trust_addresses_free(struct trust_addresses **addresses);

/* The DER Names, added to out_names; none is OK. */
FALLIBLE trust_addresses_find(struct trust_addresses *addresses, const char *or_address,
			      struct name_list *out_names);

/* Forgets addresses of this name, and those that nobody had. */
void trust_addresses_forget(struct trust_addresses *addresses, struct bytes directory_name);

#endif
