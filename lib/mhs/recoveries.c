/* SPDX-License-Identifier: Apache-2.0 */
/* The recoveries of all peers, in the order in which they were last used. */
#include "lib/mhs/recoveries.h"

#include "lib/base/memory.h"
#include "lib/sec/crypto.h"
#include "lib/osi/rtse_recovery.h"

enum {
	PEERS_MAX = 1000,	/* of whom something is kept while they have no association */
	TIDY_MS = 60000,
};

struct kept {
	struct kept *next;
	struct buf peer;
	struct rtse_recovery *recovery;
	unsigned lent;			/* to so many associations */
	time_t until;			/* where it is lent to none */
};

struct recoveries {
	const struct clock *clock;
	const struct resume_settings *settings;
	size_t octets_max;
	struct kept *first;		/* given back longest ago */
	struct timer *timer;
};

static size_t held(const struct kept *k)
{
	return rtse_recovery_held(k->recovery) + rtse_recovery_held_outgoing(k->recovery);
}

static void drop(struct kept **at)
{
	struct kept *k = *at;

	*at = k->next;
	rtse_recovery_free(&k->recovery);
	buf_free(&k->peer);
	mem_free(&k);
}

size_t recoveries_held(const struct recoveries *recoveries)
{
	size_t octets = 0;

	for (const struct kept *k = recoveries->first; k; k = k->next)
		if (!k->lent)
			octets += held(k);
	return octets;
}

size_t recoveries_passed(const struct recoveries *recoveries)
{
	size_t octets = 0;

	for (const struct kept *k = recoveries->first; k; k = k->next)
		octets += rtse_recovery_passed(k->recovery);
	return octets;
}

static unsigned idle_count(const struct recoveries *recoveries)
{
	unsigned count = 0;

	for (const struct kept *k = recoveries->first; k; k = k->next)
		count += !k->lent;
	return count;
}

static struct kept **oldest_idle(struct recoveries *recoveries)
{
	struct kept **at = &recoveries->first;

	while (*at && (*at)->lent)
		at = &(*at)->next;
	return at;
}

static bool is_too_much(const struct recoveries *recoveries)
{
	return idle_count(recoveries) > PEERS_MAX ||
	       recoveries_held(recoveries) > (size_t)recoveries->settings->memory;
}

/* Lets go of what is too old, and of the oldest while there is too much. */
static void tidy(struct recoveries *recoveries)
{
	time_t now = clock_now(recoveries->clock);
	struct kept **at = &recoveries->first;

	while (*at) {
		if (!(*at)->lent && now >= (*at)->until)
			drop(at);
		else
			at = &(*at)->next;
	}
	while (is_too_much(recoveries) && *(at = oldest_idle(recoveries)))
		drop(at);
}

static void tidy_now_and_then(void *arg)
{
	tidy(arg);
}

struct recoveries *recoveries_new(struct loop *loop, const struct clock *clock,
				  const struct resume_settings *settings, size_t octets_max)
{
	struct recoveries *recoveries;

	if (!settings->within)
		return NULL;
	recoveries = mem_new(struct recoveries);
	recoveries->clock = clock;
	recoveries->settings = settings;
	recoveries->octets_max = octets_max;
	recoveries->timer = timer_new(loop, TIDY_MS, TIDY_MS, tidy_now_and_then, recoveries);
	return recoveries;
}

void recoveries_free(struct recoveries **recoveries)
{
	if (!*recoveries)
		return;
	timer_free(&(*recoveries)->timer);
	while ((*recoveries)->first)
		drop(&(*recoveries)->first);
	mem_free(recoveries);
}

static void add_last(struct recoveries *recoveries, struct kept *k)
{
	struct kept **at = &recoveries->first;

	while (*at)
		at = &(*at)->next;
	k->next = NULL;
	*at = k;
}

struct rtse_recovery *recoveries_lend(struct recoveries *recoveries, struct bytes peer)
{
	struct kept *k;
	uint32_t first_id;

	tidy(recoveries);
	for (k = recoveries->first; k; k = k->next)
		if (bytes_equal(buf_view(&k->peer), peer))
			break;
	if (!k) {
		k = mem_new(struct kept);
		k->peer = buf_copy(peer);
		k->recovery = rtse_recovery_new(recoveries->octets_max);
		crypto_random(&first_id, sizeof(first_id));
		rtse_recovery_first_id(k->recovery, (int32_t)(first_id & INT32_MAX));
		add_last(recoveries, k);
	}
	k->lent++;
	return k->recovery;
}

void recoveries_give_back(struct recoveries *recoveries, struct rtse_recovery *recovery)
{
	struct kept **at = &recoveries->first;
	struct kept *k;

	while ((*at)->recovery != recovery)
		at = &(*at)->next;
	k = *at;
	if (--k->lent)
		return;
	if (rtse_recovery_is_empty(recovery)) {
		drop(at);
		return;
	}
	k->until = clock_now(recoveries->clock) + recoveries->settings->within;
	*at = k->next;
	add_last(recoveries, k);
	tidy(recoveries);
}
