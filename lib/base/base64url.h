/* SPDX-License-Identifier: Apache-2.0 */
/* Octets as text that is safe in names and lines: base64url without padding [RFC 4648 5]. */
#ifndef LIB_BASE_BASE64URL_H
#define LIB_BASE_BASE64URL_H

#include "lib/base/bytes.h"

/* Appends the text. */
void base64url_put(struct buf *out, struct bytes octets);

/* Appends the octets.  False, with out as it was, where the text is something else, also where it
 * is not the only text of its octets. */
bool base64url_get(struct bytes text, struct buf *out);

#endif
