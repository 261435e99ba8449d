/* SPDX-License-Identifier: Apache-2.0 */
/* Wall time, and the texts of time [X.680 46, 47; RFC 3339]. */
#include "lib/base/clock.h"

#include "lib/base/cursor.h"

#include <stdio.h>

enum { US_PER_SECOND = 1000000 };

static int64_t real_now_us(const struct clock *clock)
{
	struct timespec now;

	(void)clock;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000;
}

const struct clock clock_real = { real_now_us };

static int64_t test_now_us(const struct clock *clock)
{
	return atomic_load(&((const struct test_clock *)clock)->us);
}

void test_clock_init(struct test_clock *test, time_t now)
{
	test->clock.now_us = test_now_us;
	atomic_init(&test->us, (int64_t)now * US_PER_SECOND);
}

void test_clock_advance(struct test_clock *test, int64_t seconds)
{
	atomic_fetch_add(&test->us, seconds * US_PER_SECOND);
}

int64_t clock_now_us(const struct clock *clock)
{
	return clock->now_us(clock);
}

static time_t whole_seconds(int64_t us)
{
	return us / US_PER_SECOND - (us % US_PER_SECOND < 0);
}

time_t clock_now(const struct clock *clock)
{
	return whole_seconds(clock_now_us(clock));
}

static struct time_text formatted(time_t t, const char *format)
{
	struct time_text text = { "" };
	struct tm tm;

	if (!gmtime_r(&t, &tm) || !strftime(text.s, sizeof(text.s), format, &tm))
		snprintf(text.s, sizeof(text.s), "@%lld", (long long)t);
	return text;
}

struct time_text time_text(time_t t)
{
	return formatted(t, "%Y-%m-%d %H:%M:%S UTC");
}

struct time_text time_rfc3339(time_t t)
{
	return formatted(t, "%Y-%m-%dT%H:%M:%SZ");
}

struct time_text time_rfc3339_us(int64_t us)
{
	time_t seconds = whole_seconds(us);
	int ms = (int)((us - (int64_t)seconds * US_PER_SECOND) / 1000);
	struct time_text text = formatted(seconds, "%Y-%m-%dT%H:%M:%S");
	size_t len = strlen(text.s);

	snprintf(text.s + len, sizeof(text.s) - len, ".%03dZ", ms);
	return text;
}

/* A text of ASN.1, for a year within the bounds that the type can say. */
static FALLIBLE made(time_t t, int first_year, int last_year, const char *format,
		     struct time_text *out_text)
{
	struct tm tm;

	if (!gmtime_r(&t, &tm) || tm.tm_year + 1900 < first_year || tm.tm_year + 1900 > last_year)
		return FAIL(ST_USAGE, 0, "%s is not between the years %d and %d",
			    time_text(t).s, first_year, last_year);
	*out_text = formatted(t, format);
	return OK;
}

FALLIBLE time_to_utctime(time_t t, struct time_text *out_text)
{
	return made(t, 1950, 2049, "%y%m%d%H%M%SZ", out_text);
}

FALLIBLE time_to_generalized(time_t t, struct time_text *out_text)
{
	return made(t, 1, 9999, "%Y%m%d%H%M%SZ", out_text);
}

static bool digit_next(const struct cursor *c)
{
	int next = cur_peek(c);

	return next >= '0' && next <= '9';
}

/* A number of so many digits; marks the overrun where there are fewer. */
static int digits(struct cursor *c, int count)
{
	int value = 0;

	while (count-- > 0) {
		if (!digit_next(c)) {
			c->overrun = true;
			return 0;
		}
		value = value * 10 + (cur_u8(c) - '0');
	}
	return value;
}

/* Z, or a difference from UTC, in seconds to be subtracted. */
static int zone(struct cursor *c, bool minutes_optional)
{
	uint8_t sign = cur_u8(c);

	if (sign == 'Z')
		return 0;
	int hours = digits(c, 2);
	int minutes = minutes_optional && !digit_next(c) ? 0 : digits(c, 2);
	if ((sign != '+' && sign != '-') || hours > 23 || minutes > 59)
		c->overrun = true;
	int seconds = hours * 3600 + minutes * 60;
	return sign == '-' ? -seconds : seconds;
}

static bool is_date(const struct tm *tm)
{
	static const int days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int year = tm->tm_year + 1900;
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	if (tm->tm_mon < 0 || tm->tm_mon > 11 || tm->tm_mday < 1 || tm->tm_mday > days[tm->tm_mon])
		return false;
	if (tm->tm_mon == 1 && tm->tm_mday == 29 && !leap)
		return false;
	return tm->tm_hour < 24 && tm->tm_min < 60 && tm->tm_sec < 60;
}

static FALLIBLE time_of(const struct cursor *c, struct tm *tm, int offset, const char *type,
			time_t *out_time)
{
	/* What could not be read ends the text: say that it is wrong, not what it was. */
	if (c->overrun || cur_left(c) || !is_date(tm))
		return FAIL(ST_PEER, 0, "%s is no date and time with a zone", type);
	*out_time = timegm(tm) - offset;
	return OK;
}

FALLIBLE time_from_utctime(struct bytes text, time_t *out_time)
{
	struct cursor c = cursor_over(text);
	struct tm tm = { 0 };
	int year = digits(&c, 2);

	tm.tm_year = year < 50 ? 100 + year : year;
	tm.tm_mon = digits(&c, 2) - 1;
	tm.tm_mday = digits(&c, 2);
	tm.tm_hour = digits(&c, 2);
	tm.tm_min = digits(&c, 2);
	if (digit_next(&c))
		tm.tm_sec = digits(&c, 2);
	int offset = zone(&c, false);
	return time_of(&c, &tm, offset, "UTCTime", out_time);
}

/* ".5" or ",5" of an hour, minute or second: in seconds, cut off. */
static int fraction(struct cursor *c, int unit)
{
	int64_t value = 0, scale = 1;

	if (cur_peek(c) != '.' && cur_peek(c) != ',')
		return 0;
	cur_u8(c);
	do {
		int digit = digits(c, 1);

		if (scale < 1000000) {
			value = value * 10 + digit;
			scale *= 10;
		}
	} while (digit_next(c));
	return (int)(value * unit / scale);
}

FALLIBLE time_from_generalized(struct bytes text, time_t *out_time)
{
	struct cursor c = cursor_over(text);
	struct tm tm = { 0 };
	int unit = 3600;

	tm.tm_year = digits(&c, 4) - 1900;
	tm.tm_mon = digits(&c, 2) - 1;
	tm.tm_mday = digits(&c, 2);
	tm.tm_hour = digits(&c, 2);
	if (digit_next(&c)) {
		tm.tm_min = digits(&c, 2);
		unit = 60;
	}
	if (unit == 60 && digit_next(&c)) {
		tm.tm_sec = digits(&c, 2);
		unit = 1;
	}
	int offset = -fraction(&c, unit);
	offset += zone(&c, true);
	return time_of(&c, &tm, offset, "GeneralizedTime", out_time);
}

FALLIBLE time_from_rfc3339(const char *text, time_t *out_time)
{
	static const char form[] = "0000-00-00T00:00:00Z";
	AUTO(buf_free) struct buf digits_only = { 0 };
	bool fits = strlen(text) == strlen(form);

	for (size_t i = 0; fits && form[i]; i++) {
		if (form[i] == '0' || form[i] == 'Z')
			buf_put_u8(&digits_only, (uint8_t)text[i]);
		else
			fits = text[i] == form[i];
	}
	struct status *failed = fits ? time_from_generalized(buf_view(&digits_only), out_time) : OK;

	if (fits && !failed)
		return OK;
	return status_new(failed, ST_USAGE, 0, "\"%s\" is no time such as 1994-03-02T09:00:00Z", text);
}
