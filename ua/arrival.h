/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What has come, from a message store or from the MTA itself, becomes a message of the inbox,
 * durably; what it is worth is found out later [ua/verify.h].
 */
#ifndef UA_ARRIVAL_H
#define UA_ARRIVAL_H

#include "ua/home.h"

struct arrival_counts {
	size_t messages, reports;
	size_t unreadable;		/* not taken: their envelopes make no sense */
};

struct arrival {
	enum ua_kind kind;		/* UA_MESSAGE or UA_REPORT */
	struct bytes envelope;		/* MessageDeliveryEnvelope or ReportDeliveryEnvelope */
	struct bytes content;
	int32_t ms_number;		/* of the store's entry; or 0, and: */
	const char *delivery;		/* how it is known when the MTA delivers it again */
};

/* Stores it, where it is not here yet, and counts it.  ST_PEER where the envelope makes no sense. */
FALLIBLE arrival_store(struct home *home, const struct arrival *arrival,
		       struct arrival_counts *counts);

#endif
