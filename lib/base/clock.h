/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wall time is passed in, so that a test can move it; and the texts of time,
 * all of them in UTC and safe in any thread.
 */
#ifndef LIB_BASE_CLOCK_H
#define LIB_BASE_CLOCK_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

struct clock {
	/* Microseconds since 1970-01-01 00:00 UTC. */
	int64_t (*now_us)(const struct clock *clock);
};

/* The machine's clock. */
extern const struct clock clock_real;

/* A clock that stands still until it is moved: pass &test->clock. */
struct test_clock {
	struct clock clock;
	_Atomic int64_t us;
};

void test_clock_init(struct test_clock *test, time_t now);
void test_clock_advance(struct test_clock *test, int64_t seconds);

int64_t clock_now_us(const struct clock *clock);
time_t clock_now(const struct clock *clock);

/* A text by value, so that no thread shares it: printf("%s", time_text(t).s). */
struct time_text {
	char s[40];
};

/* For people: "1994-03-02 09:00:00 UTC". */
struct time_text time_text(time_t t);

/* For programs, as RFC 3339 has it: "1994-03-02T09:00:00Z". */
struct time_text time_rfc3339(time_t t);
/* The same with milliseconds: "1994-03-02T09:00:00.123Z". */
struct time_text time_rfc3339_us(int64_t us);

/*
 * UTCTime [X.680 47]: YYMMDDhhmm[ss] and Z, +hhmm or -hhmm.  YY is 1950 to 2049
 * [X.509 7.2].  Made with seconds and Z, as DER wants.  ST_USAGE where the year
 * cannot be said; ST_PEER where the text is no such time.
 */
FALLIBLE time_to_utctime(time_t t, struct time_text *out_text);
FALLIBLE time_from_utctime(struct bytes text, time_t *out_time);

/*
 * GeneralizedTime [X.680 46]: YYYYMMDDhh[mm[ss]][.fraction] and Z, +hh[mm] or -hh[mm]; the
 * fraction is cut off.  Local time without a zone is refused: nobody knows what it means.
 */
FALLIBLE time_to_generalized(time_t t, struct time_text *out_text);
FALLIBLE time_from_generalized(struct bytes text, time_t *out_time);

/* As time_rfc3339 makes it, in UTC and whole seconds.  ST_USAGE where the text is something else. */
FALLIBLE time_from_rfc3339(const char *text, time_t *out_time);

#endif
