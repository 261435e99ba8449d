/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nobody gets what is another's: neither his name, nor his O/R address, nor a certificate for his
 * key.  Names are compared as X.501 says, addresses as X.402 says.
 */
#ifndef CA_HOLDER_H
#define CA_HOLDER_H

#include "ca/authority.h"

/* Who asks for a certificate. */
struct applicant {
	struct bytes name;		/* DER Name */
	const char *name_text;
	struct bytes or_address;	/* DER ORAddress, or empty */
	const struct public_key *key;
	enum scope scope;
	bool is_holder;			/* he was recognised as the one who has the name already */
};

/* What the one who asks has already. */
struct holding {
	struct buf same;		/* the serial number of a valid one for this key and use; empty: none */
	struct buf earlier;		/* of the newest for another key and the same use, signing or sealed for */
};

void holding_cleanup(struct holding *holding);

/* ST_REFUSED with whose it is and what to do, where something is another's. */
FALLIBLE holder_check(struct authority *ca, const struct applicant *applicant, time_t now,
		      struct holding *out_holding);

#endif
