/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Report origin authentication check [X.411 8.3.1.2.1.14]: a signature of the
 * MTA that reports over what it says of each recipient.
 */
#ifndef LIB_SEC_REPORT_CHECK_H
#define LIB_SEC_REPORT_CHECK_H

#include "lib/sec/crypto.h"

#include <time.h>

/* What is said of one recipient.  Views are TLVs as they travel, or empty where absent. */
struct report_check_recipient {
	struct bytes name;		/* actual-recipient-name */
	struct bytes intended_name;
	bool delivered;
	time_t delivery_time;		/* delivered */
	int user_type;			/* delivered: type-of-MTS-user */
	struct bytes certificates;	/* delivered: recipient-certificate */
	struct bytes proof;		/* delivered: proof-of-delivery */
	int reason;			/* not delivered */
	int diagnostic;			/* not delivered; below 0: none */
};

struct report_check_facts {
	struct bytes content_identifier;	/* of the subject: characters, or empty */
	struct bytes label;			/* message-security-label, or empty */
	const struct report_check_recipient *recipients;
	size_t count;
};

/* Appends the DER of the check. */
FALLIBLE report_check_make(const struct report_check_facts *facts,
			   const struct private_key *signer, struct buf *out_check);

/* ST_REFUSED where the check is not for these facts and this key. */
FALLIBLE report_check_verify(const struct report_check_facts *facts,
			     const struct public_key *signer, struct bytes check);

#endif
