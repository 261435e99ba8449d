/* SPDX-License-Identifier: Apache-2.0 */
/* The APDUs of reliable transfer, normal mode [X.228 9]. */
#ifndef LIB_OSI_RTSE_PDU_H
#define LIB_OSI_RTSE_PDU_H

#include "asn1/ber.h"
#include "lib/base/bytes.h"
#include "lib/base/status.h"

/* RTORQ and RTOAC: terms and data of an association that is opened.  Views are borrowed. */
struct rtse_open {
	uint32_t checkpoint_size;	/* 0: none */
	uint32_t window_size;
	bool two_way;			/* RTORQ: dialogueMode */
	bool recovers;			/* connection data name an association, instead of user data */
	struct bytes association;	/* contents of SessionConnectionIdentifier */
	struct bytes user_data;		/* one TLV, or empty */
};

void rtorq_encode(const struct rtse_open *open, struct buf *out);
FALLIBLE rtorq_decode(struct bytes in, struct rtse_open *out_open);
void rtoac_encode(const struct rtse_open *open, struct buf *out);
FALLIBLE rtoac_decode(struct bytes in, struct rtse_open *out_open);

/* user_data is one TLV, or empty. */
void rtorj_encode(struct bytes user_data, struct buf *out);
FALLIBLE rtorj_decode(struct bytes in, struct bytes *out_user_data);

#define RTSE_ABORT_REASONS(X)                              \
	X(LOCAL_SYSTEM_PROBLEM, 0, "local system problem") \
	X(INVALID_PARAMETER, 1, "invalid parameter")       \
	X(UNRECOGNIZED_ACTIVITY, 2, "unrecognized activity") \
	X(TEMPORARY_PROBLEM, 3, "temporary problem")       \
	X(PROTOCOL_ERROR, 4, "protocol error")             \
	X(PERMANENT_PROBLEM, 5, "permanent problem")       \
	X(USER_ERROR, 6, "its user ended it")              \
	X(TRANSFER_COMPLETED, 7, "transfer completed")

#define RTSE_ENUM_ABORT(name, number, text) RTAB_##name = (number),
enum rtab_reason { RTSE_ABORT_REASONS(RTSE_ENUM_ABORT) };

void rtab_encode(enum rtab_reason reason, struct buf *out);
/* *out_reason is -1 where the peer gives none. */
FALLIBLE rtab_decode(struct bytes in, int *out_reason);
const char *rtab_reason_text(int reason);

/* RTTP: the priority of RT-TURN-PLEASE. */
void rttp_encode(int priority, struct buf *out);
FALLIBLE rttp_decode(struct bytes in, int *out_priority);

/* RTTR: the header before a segment. */
#define RTTR_HEADER_MAX BER_HEADER_MAX
struct bytes rttr_header(size_t segment_len, uint8_t header[RTTR_HEADER_MAX]);
/* Appends the octets of an RTTR APDU, if that keeps apdu within max: *out_fits says so. */
FALLIBLE rttr_append(struct bytes in, size_t max, struct buf *apdu, bool *out_fits);

/* Activity identifiers are numbers, as INTEGERs. */
void activity_encode(uint32_t number, struct buf *out);

/*
 * Contents of SessionConnectionIdentifier, which are also the session reference
 * joined: an OCTET STRING (calling SS-user reference) and a UTCTime (common reference).
 */
void association_name_encode(struct bytes reference, struct bytes opened, struct buf *out);
/* The two, each with its header, and what stands behind them. */
FALLIBLE association_name_split(struct bytes name, struct bytes *out_user,
				struct bytes *out_common, struct bytes *out_additional);

#endif
