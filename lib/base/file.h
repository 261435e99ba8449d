/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small whole files: keys, certificates, settings.
 */
#ifndef LIB_BASE_FILE_H
#define LIB_BASE_FILE_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

#include <sys/types.h>

/* All octets of a file that has at most max; ST_USAGE where it has more, ST_NOT_FOUND where
 * there is none.  *out_mode, if asked for, is that of the file that was read. */
FALLIBLE file_read(const char *path, size_t max, struct buf *out, mode_t *out_mode);

/* Makes a file that is not there yet, durably; ST_USAGE where it is. */
FALLIBLE file_create(const char *path, mode_t mode, struct bytes octets);

/* Puts a file in place, durably, whole or not at all, instead of what was there.  What is no file
 * (/dev/stdout, a pipe) is written to. */
FALLIBLE file_replace(const char *path, mode_t mode, struct bytes octets);

/* Makes durable what somebody else has written. */
FALLIBLE file_sync(const char *path);

/* Removes a file, durably; that there is none is no failure. */
FALLIBLE file_remove(const char *path);

/* Gives a file another name, durably, whole as it is, instead of what had that name. */
FALLIBLE file_move(const char *from, const char *to);

#endif
