/* SPDX-License-Identifier: Apache-2.0 */
/* How those who started a server learn that it listens, and which process it is. */
#ifndef LIB_BASE_READY_H
#define LIB_BASE_READY_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

/* Writes the lines to the file, which appears whole, and to the open file of the number, which is
 * then closed.  Either may be null. */
FALLIBLE ready_tell(const char *file, const char *fd_number, struct bytes lines);

/* The number of this process; null: nothing. */
FALLIBLE pid_file_write(const char *path);
void pid_file_remove(const char *path);

#endif
