/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_BASE_PRIVILEGE_H
#define LIB_BASE_PRIVILEGE_H

#include "lib/base/status.h"

/* Becomes the user for good, with the user's groups; empty or null: stays.  Where the process
 * is not root, ST_USAGE unless it is that user already. */
FALLIBLE privilege_drop(const char *user);

#endif
