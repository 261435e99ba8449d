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

/*
 * Which list of its issuer this is: lists with the same octets follow one another, so that a newer
 * one takes the place of an older.  By issuer and key, and for a part of all certificates or for
 * the changes since another list, by what that is.
 */
void crl_line(const struct crl *crl, struct buf *out);

/* Of two lists of one line: whether a came before b, by number [X.509 8.6.2.1] and, where a
 * number is missing or the same, by the time it was made. */
bool crl_is_older(const struct crl *a, const struct crl *b);

#endif
