/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Report origin authentication [X.411 8.3.1.2.1.13, .14]: the MTA that reports
 * signs what it says of the recipients, and sends its certificate along.
 */
#ifndef LIB_MHS_REPORT_ORIGIN_H
#define LIB_MHS_REPORT_ORIGIN_H

#include "lib/mhs/report.h"
#include "lib/sec/cert.h"

/* Adds report-origin-authentication-check and reporting-MTA-certificate. */
FALLIBLE report_sign(struct report *report, const struct private_key *key,
		     const struct cert *certificate);

bool report_is_signed(const struct report *report);

/* The certificate that the report names as that of its MTA; nothing of it is verified. */
FALLIBLE report_certificate(const struct report *report, const struct cert **out_cert);

/* ST_REFUSED unless the report is as the owner of this key signed it. */
FALLIBLE report_verify(const struct report *report, const struct public_key *signer);

#endif
