/* SPDX-License-Identifier: Apache-2.0 */
/* Two RTSE machines over a presentation layer that only hands indications over, one by one. */
#ifndef TESTS_SUPPORT_RTSE_PAIR_H
#define TESTS_SUPPORT_RTSE_PAIR_H

#include "lib/osi/rtse.h"

struct rtse_event;

struct rtse_side {
	struct rtse *rtse;
	struct rtse_side *other;
	struct rtse_event *queue;		/* for the other side */
	size_t head, tail;
	uint32_t serial;		/* of the next checkpoint */
	size_t data_octets;		/* sent as P-DATA, altogether */
	struct buf got;			/* the last APDU received */
	int transfers, confirmed, failed, turns, pleases;
	bool hold;			/* transfer_ind is not answered at once */
	bool refuse;
};

/* The first has the turn.  name is that of the association, checkpoint the size agreed on. */
void rtse_pair_open(struct rtse_side *a, struct rtse_side *b, const char *name, uint32_t checkpoint);
void rtse_side_close(struct rtse_side *s);

/* Hands over what is queued, at most so many events. */
void rtse_pair_run(struct rtse_side *a, struct rtse_side *b, size_t most);

#endif
