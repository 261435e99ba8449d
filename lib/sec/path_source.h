/* SPDX-License-Identifier: Apache-2.0 */
/* For lib/sec/path*.c: how a query's source is told what it will be asked for. */
#ifndef LIB_SEC_PATH_SOURCE_H
#define LIB_SEC_PATH_SOURCE_H

#include "lib/sec/path.h"

/* Names that are fetched together, at most. */
enum { PATH_EXPECTED = 8 };

/* Those that may be asked for next, each once. */
struct path_expected {
	struct bytes names[PATH_EXPECTED];
	size_t count;
};

/* Further ones than there is room for are fetched when they are needed. */
void path_expected_add(struct path_expected *expected, struct bytes name);

/* Has the source fetch them, where it can, and does the work (null: there is none) meanwhile. */
void path_expect(const struct path_query *query, const struct path_expected *expected,
		 struct meanwhile *work);

#endif
