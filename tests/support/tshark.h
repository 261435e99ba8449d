/* SPDX-License-Identifier: Apache-2.0 */
/* What an independent decoder says of a capture. */
#ifndef TESTS_SUPPORT_TSHARK_H
#define TESTS_SUPPORT_TSHARK_H

#include "lib/base/bytes.h"

bool tshark_is_here(void);

/* What tshark prints of the frames that a display filter matches: one line for each, the fields
 * (ends with null) behind one another.  buf_free it.  Fails the test where tshark does. */
struct buf tshark_fields(const char *capture, const char *filter, const char *const *fields);

/* Fails the test, with tshark's words, if anything is malformed or was left undecoded. */
void tshark_check(const char *capture);

#endif
