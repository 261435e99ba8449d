/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a key signed something, and nothing more: no dates, no names, no purpose.  Whether the
 * key is to be trusted is lib/sec/path.h.
 */
#ifndef LIB_SEC_SIGNED_BY_H
#define LIB_SEC_SIGNED_BY_H

#include "lib/sec/cert.h"

/* The key is that of the signer's certificate. */
bool cert_signed_by(const struct cert *cert, const struct cert *signer);
bool crl_signed_by(const struct crl *crl, const struct cert *signer);

#endif
