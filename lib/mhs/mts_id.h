/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who relays and what is relayed: the identity of an MTA, MTS-identifiers
 * [X.411 8.2.1.1.1.2], and the traces by which loops are found [X.411 12.3].
 */
#ifndef LIB_MHS_MTS_ID_H
#define LIB_MHS_MTS_ID_H

#include "lib/base/arena.h"
#include "lib/base/bytes.h"
#include "lib/base/status.h"

#include <time.h>

/* One management domain and one MTA in it. */
struct mta_identity {
	const char *country;	/* two letters, or three digits */
	const char *admd;
	const char *prmd;	/* null: the ADMD itself */
	const char *mta_name;	/* 32 characters of IA5 at most */
};

/* The identity from text "/PRMD=Gov/ADMD=400net/C=FR/" and a name, in the arena.  ST_USAGE. */
FALLIBLE mta_identity_from_text(struct arena *arena, const char *domain, const char *mta_name,
				struct mta_identity **out_identity);

/* GlobalDomainIdentifier TLV, appended. */
void domain_encode(const struct mta_identity *identity, struct buf *out);
/* Whether two GlobalDomainIdentifier TLVs name the same domain. */
bool domain_equal(struct bytes a, struct bytes b);

/* MTSIdentifier TLV, appended; local has up to 32 IA5 characters. */
FALLIBLE mts_id_encode(const struct mta_identity *identity, const char *local, struct buf *out);
/* A local identifier that does not occur twice: the MTA's name shortened, time and 64 bits. */
const char *mts_id_local(struct arena *arena, const struct mta_identity *identity,
			 time_t now, uint64_t unique);
/* "[/PRMD=Gov/ADMD=400net/C=FR/;local]", in the arena, and back. */
const char *mts_id_text(struct arena *arena, struct bytes tlv);
FALLIBLE mts_id_from_text(const char *text, struct buf *out_tlv);
/* Whether two MTSIdentifier TLVs are the same message's [X.411 8.2.1.1.1.2]: the local part with
 * regard to case, the domain without.  False where either is malformed. */
bool mts_id_equal(struct bytes a, struct bytes b);
FALLIBLE mts_id_check(struct bytes tlv);

/* --- traces --- */

/* The next element of the trace of domains, appended: this domain took the message at a time.
 * rerouted says that it was sent elsewhere before. */
FALLIBLE trace_add(const struct mta_identity *self, time_t arrival, bool rerouted,
		   struct buf *trace);
/* The same for the trace of MTAs, the value of extension 38 (its TLV is given and replaced). */
FALLIBLE internal_trace_add(const struct mta_identity *self, time_t arrival, bool rerouted,
			    struct bytes old_tlv, struct buf *out_tlv);
/* How often an MTA stands in that trace (a TLV, or empty). */
FALLIBLE internal_trace_visits(const struct mta_identity *self, struct bytes trace_tlv,
			       unsigned *out_visits);
/* The domain of the last element, as a GlobalDomainIdentifier TLV; ST_PEER likewise. */
FALLIBLE trace_last_domain(struct bytes trace, struct bytes *out_domain);
/* The first arrival time in a trace; ST_PEER where the trace is empty or malformed. */
FALLIBLE trace_first_time(struct bytes trace, time_t *out_time);
/*
 * ST_NEVER, diagnostic 3 (loop-detected), where this domain stands in the trace of domains as
 * having relayed the message after it left again, or this MTA stands in the trace of MTAs more
 * than max_visits times [X.411 14.3.1].
 */
FALLIBLE trace_check_loop(const struct mta_identity *self, struct bytes trace,
			  struct bytes internal_trace_tlv, unsigned max_visits);

#endif
