/* SPDX-License-Identifier: Apache-2.0 */
/* What a user registers in his store [X.413 8.6], and how the operations ask for it. */
#ifndef MS_REGISTER_H
#define MS_REGISTER_H

#include "ms/p7.h"

#define REGISTERED_LIST_DEFAULTS	"list-attribute-defaults"
#define REGISTERED_FETCH_DEFAULTS	"fetch-attribute-defaults"
#define REGISTERED_AUTO_ALERT		"auto-alert"
#define REGISTERED_LABELS		"user-security-labels"

/* Appends the attribute types to tell where an argument says none: OBJECT IDENTIFIER TLVs.  Where
 * nothing was registered, a fetch tells envelope and content, a list nothing. */
FALLIBLE registered_defaults(const struct p7 *session, const char *which, struct buf *out);

#endif
