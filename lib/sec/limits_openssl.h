/* SPDX-License-Identifier: Apache-2.0 */
/* The extensions that say what an authority is held to, for the files of lib/sec that make or read
 * certificates and requests. */
#ifndef LIB_SEC_LIMITS_OPENSSL_H
#define LIB_SEC_LIMITS_OPENSSL_H

#include "lib/sec/crypto_openssl.h"
#include "lib/sec/limits.h"

/* Basic constraints, and whatever the limits say; they may be null. */
FALLIBLE limits_put(extension_list **list, bool ca, const struct cert_limits *limits);
/* Null, or none: nothing. */
FALLIBLE policies_put(extension_list **list, const struct cert_policies *policies);
/* As limits_of. */
FALLIBLE limits_get(const extension_list *list, struct arena *arena, struct cert_limits *out);

#endif
