/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_BASE_PRIVILEGE_H
#define LIB_BASE_PRIVILEGE_H

#include "lib/base/status.h"

/* Becomes the user for good, with the user's groups; empty or null: stays.  Where the process
 * is not root, ST_USAGE unless it is that user already. */
FALLIBLE privilege_drop(const char *user);

/* No core file, and nobody of the same user looks inside.  Again after privilege_drop, which undoes
 * the second. */
FALLIBLE privilege_hide(void);

/*
 * From now on the whole process, with all its threads, only computes, takes memory, and reads and
 * writes what is open: no file is opened, no connection, no program run, no other process looked
 * at.  Where the system cannot do it, ST_LATER.
 */
FALLIBLE privilege_confine(void);

#endif
