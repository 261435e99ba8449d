/* SPDX-License-Identifier: Apache-2.0 */
/* One value of a setting: its text and back. */
#ifndef LIB_BASE_SETTINGS_VALUE_H
#define LIB_BASE_SETTINGS_VALUE_H

#include "lib/base/bytes.h"
#include "lib/base/settings.h"

/* Puts the value at its place; a list gains it.  The failure names the setting, the value and
 * what would be accepted. */
FALLIBLE setting_parse(const struct setting *s, const char *value, void *slot);

/* Adds the value as it would be written in a file.  Not for a list, which has several. */
void setting_put_text(const struct setting *s, const void *slot, struct buf *out);

/* Frees what the slot owns and zeroes it. */
void setting_cleanup(const struct setting *s, void *slot);

#endif
