/* SPDX-License-Identifier: Apache-2.0 */
/* Text from elsewhere, made fit to be shown. */
#ifndef LIB_BASE_TEXT_H
#define LIB_BASE_TEXT_H

#include "lib/base/bytes.h"

/*
 * The octets as UTF-8 for a terminal or JSON: what is not UTF-8, and every control character
 * (which could move a cursor or forge a line), becomes "?".  The caller frees it.
 */
char *text_shown(struct bytes octets);

/* How many columns of a terminal a text takes that is fit to be shown. */
int text_columns(const char *text);

/* How many octets the first character has; what is not UTF-8 is one octet.  *out_shown: text_shown
 * would not make "?" of it. */
size_t text_first(struct bytes octets, bool *out_shown);

#endif
