/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What vouched for a message of the user agent's store when it was checked:
 * certificates and revocation lists, each kept once for all the messages that
 * it vouches for, and as long as one of them is there.
 */
#ifndef LIB_STORE_VOUCHER_H
#define LIB_STORE_VOUCHER_H

#include "lib/store/db.h"

#include <time.h>

enum voucher_kind { VOUCHER_CERTIFICATE, VOUCHER_CRL };

struct voucher {
	enum voucher_kind kind;
	struct bytes octets;		/* DER */
	struct bytes digest;		/* SHA-256 of it */
};

/* It vouched for the message at this time; doing so again moves the time. */
FALLIBLE voucher_keep(struct db *db, int64_t message, const struct voucher *voucher, time_t at);

/* Calls each with what vouched for the message, the certificates first, and when.  A failure of its
 * ends the reading. */
FALLIBLE voucher_each(struct db *db, int64_t message,
		      FALLIBLE (*each)(void *arg, const struct voucher *voucher, time_t at),
		      void *arg);

#endif
