/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several things in one text [RFC 7468]: each a block between BEGIN and END
 * with a label, explanatory text before, between and behind them.
 */
#ifndef LIB_SEC_PEM_H
#define LIB_SEC_PEM_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

#define PEM_CERTIFICATE "CERTIFICATE"
#define PEM_CRL "X509 CRL"

/* Appends a block. */
void pem_put(const char *label, struct bytes octets, struct buf *out);

/* Calls each with every block of a text.  A failure of its ends the reading.  ST_USAGE where a
 * block is broken, or one has headers, which are not of this form. */
FALLIBLE pem_read(struct bytes text, FALLIBLE (*each)(void *arg, const char *label,
						       struct bytes octets), void *arg);

#endif
