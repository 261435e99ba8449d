/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transport protocol class 0 [X.224] over TPKT: RFC 1006 on IPv4, RFC 2126 on
 * IPv6.  Octets from the network go in at cotp_input; the transport service is
 * cotp_transport.  Failures are handled inside: the peer gets an ER or a DR
 * where the class has one, the user disconnect_ind, the network is closed.
 */
#ifndef LIB_OSI_COTP_H
#define LIB_OSI_COTP_H

#include "lib/osi/network.h"
#include "lib/osi/tpkt.h"
#include "lib/osi/transport.h"

struct cotp;

struct cotp_limits {
	size_t tpdu_size;	/* proposed, and the most accepted: 128 to 65531 */
	size_t tsdu_max;	/* octets of one reassembled TSDU */
};
extern const struct cotp_limits cotp_limits_default;

/* Reasons of a DR TPDU [X.224 13.5.3 d]. */
enum cotp_reason {
	COTP_REASON_NONE = 0,
	COTP_REASON_CONGESTION = 1,
	COTP_REASON_NO_SESSION_ENTITY = 2,
	COTP_REASON_ADDRESS_UNKNOWN = 3,
	COTP_REASON_NORMAL = 128,
	COTP_REASON_REMOTE_CONGESTION = 129,
	COTP_REASON_NEGOTIATION_FAILED = 130,
	COTP_REASON_DUPLICATE_SOURCE = 131,
	COTP_REASON_MISMATCHED_REFERENCES = 132,
	COTP_REASON_PROTOCOL_ERROR = 133,
	COTP_REASON_REFERENCE_OVERFLOW = 135,
	COTP_REASON_REFUSED_ON_NETWORK = 136,
	COTP_REASON_LENGTH_INVALID = 138,
};

/* network outlives it.  Its data is a struct cotp * for cotp_transport. */
struct cotp *cotp_new(const struct cotp_limits *limits, const struct network *network, void *net);
void cotp_free(struct cotp **cotp);

extern const struct transport_service cotp_transport;

void cotp_input(struct cotp *c, struct bytes octets);
/* The network is gone; why may be null where the peer simply closed. */
void cotp_network_lost(struct cotp *c, const struct status *why);

/* Another bound for TSDUs from here on. */
void cotp_limit_tsdu(struct cotp *c, size_t tsdu_max);

/* The TPDU size in force: the proposed one before it was negotiated. */
size_t cotp_tpdu_size(const struct cotp *c);

#endif
