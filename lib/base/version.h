/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_BASE_VERSION_H
#define LIB_BASE_VERSION_H

/* What --version says of all programs. */
#define POSTERN_VERSION "0.1"

#endif
