/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is kept of transfers that were cut off, from one association of a peer
 * to his next [X.228 7]: in memory, one recovery for each peer who proved who
 * he is, bounded in number, octets and age.
 *
 * Everything belongs to the loop's thread.
 */
#ifndef LIB_MHS_RECOVERIES_H
#define LIB_MHS_RECOVERIES_H

#include "lib/base/bytes.h"
#include "lib/base/clock.h"
#include "lib/base/loop.h"
#include "lib/base/settings.h"

struct recoveries;
struct rtse_recovery;		/* lib/osi/rtse_recovery.h */

/* What a program's settings say of it. */
struct resume_settings {
	int64_t within, memory, checkpoint;
};

/* Lines of a program's table, for the member of its struct that is a struct resume_settings. */
#define RESUME_SETTINGS(type, member, checkpoint_default)                                         \
	{ "resume-within", SET_SECS, offsetof(type, member.within), "1h", 0, 604800,              \
	  "For how long a transfer that was cut off can go on where it stopped; 0: not at all." },\
	{ "resume-memory", SET_SIZE, offsetof(type, member.memory), "256M", 0, INT64_C(1) << 40,  \
	  "Octets of cut-off transfers that are kept for all who have no association now." },    \
	{ "checkpoint", SET_SIZE, offsetof(type, member.checkpoint), checkpoint_default, 1024,    \
	  16 << 20,                                                                               \
	  "After how many octets of a reliable transfer there is a checkpoint to go on from; "    \
	  "the smaller of both sides' counts." }

/* Null where the settings want none.  octets_max bounds what is kept for one peer, in each
 * direction; the settings outlive it. */
struct recoveries *recoveries_new(struct loop *loop, const struct clock *clock,
				  const struct resume_settings *settings, size_t octets_max);
/* When all is given back: after the loop's shutdown. */
void recoveries_free(struct recoveries **recoveries);

/* The recovery of a peer, known by octets of the caller's choosing; made where there is none.  It
 * is lent to as many associations as he has, and given back after each of them was freed. */
struct rtse_recovery *recoveries_lend(struct recoveries *recoveries, struct bytes peer);
void recoveries_give_back(struct recoveries *recoveries, struct rtse_recovery *recovery);

/* Octets that are kept for those who have no association now. */
size_t recoveries_held(const struct recoveries *recoveries);
/* Octets of cut-off transfers, in both directions, that need not be sent again. */
size_t recoveries_passed(const struct recoveries *recoveries);

#endif
