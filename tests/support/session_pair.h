/* SPDX-License-Identifier: Apache-2.0 */
/* Two stacks of COTP and session that talk to each other in memory and write down what they are
 * told. */
#ifndef TESTS_SUPPORT_SESSION_PAIR_H
#define TESTS_SUPPORT_SESSION_PAIR_H

#include "lib/osi/cotp.h"
#include "lib/osi/session.h"

#define SIZE_ALL TPKT_TPDU_MAX

struct session_end {
	struct cotp *cotp;
	struct session *session;
	struct buf to_peer;	/* written, not delivered yet */
	bool closed;		/* this end closed the network */
	bool gone;		/* and its stack was told that the peer did */
	struct buf told;	/* the indications since they were last asked for, "; " between */
	struct buf data;	/* user data of the last indication that had some */
	uint32_t serial;	/* of the last one that had one */
	struct buf calling_t, called_s;
};

struct session_pair {
	struct session_end a, b;	/* a initiates */
	size_t at_once;			/* octets delivered in one piece; 0 is all */
};

void pair_init(struct session_pair *pair, size_t tpdu_size, const struct session_limits *limits);
void pair_cleanup(struct session_pair *pair);

/* One end alone, whose peer is the test. */
void end_init(struct session_end *end, size_t tpdu_size, const struct session_limits *limits);
void end_cleanup(struct session_end *end);

/* Delivers until both are silent. */
void pair_run(struct session_pair *pair);

/* What an end was told since the last time, as text; valid until the next call. */
const char *told(struct session_end *end);
#define assert_told(end, text) assert_string_equal(told(end), (text))

/* Connects with these units and all tokens at a. */
void pair_connect(struct session_pair *pair, uint16_t units);

/* len octets of which no two places look alike. */
struct buf session_pattern(size_t len);

#endif
