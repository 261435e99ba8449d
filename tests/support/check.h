/* SPDX-License-Identifier: Apache-2.0 */
/* What every unit test includes: cmocka, and assertions on our own types. */
#ifndef TESTS_SUPPORT_CHECK_H
#define TESTS_SUPPORT_CHECK_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

void check_ok(struct status *st, const char *call, const char *file, int line);
void check_fails(struct status *st, const char *words, const char *call, const char *file, int line);
void check_bytes(struct bytes got, struct bytes want, const char *file, int line);

/* The call succeeds; otherwise its whole story is printed. */
#define assert_ok(call) check_ok((call), #call, __FILE__, __LINE__)
/* The call fails, and its words or those of a cause contain the text. */
#define assert_fails(call, words) check_fails((call), (words), #call, __FILE__, __LINE__)
#define assert_bytes(got, want) check_bytes((got), (want), __FILE__, __LINE__)

/* Octets from hexadecimal text; fails the test where it is none.  buf_free it. */
struct buf hex(const char *text);

/* By a clock that nobody sets: for how long something took. */
int64_t milliseconds(void);

#endif
