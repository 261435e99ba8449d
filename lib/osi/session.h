/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The session service [X.215] by the session protocol [X.225], versions 1 and
 * 2: kernel, half-duplex, duplex, typed data, minor synchronise, exceptions,
 * activity management.
 *
 *	cotp = cotp_new(&cotp_limits, network, net);
 *	session = session_new(&session_limits, &cotp_transport, cotp, &user, user_data);
 *	cotp_input(cotp, octets);
 *
 * Requests fail with ST_USAGE where the state, the functional units or the
 * tokens do not allow them, and have then no effect.  What the peer does wrong
 * is handled inside: it gets a provider abort, the user p_abort_ind.
 */
#ifndef LIB_OSI_SESSION_H
#define LIB_OSI_SESSION_H

#include "lib/osi/transport.h"

struct session;

/* Functional units, as in the Session User Requirements parameter [X.225 8.3.1]. */
enum session_unit {
	SU_HALF_DUPLEX = 0x0001,
	SU_DUPLEX = 0x0002,
	SU_EXPEDITED = 0x0004,
	SU_MINOR_SYNC = 0x0008,
	SU_MAJOR_SYNC = 0x0010,
	SU_RESYNCHRONIZE = 0x0020,
	SU_ACTIVITY = 0x0040,
	SU_NEGOTIATED_RELEASE = 0x0080,
	SU_CAPABILITY_DATA = 0x0100,
	SU_EXCEPTIONS = 0x0200,
	SU_TYPED_DATA = 0x0400,
};
/* What RTSE asks for: half-duplex, minor synchronise, activity, exceptions. */
#define SU_RTSE (SU_HALF_DUPLEX | SU_MINOR_SYNC | SU_ACTIVITY | SU_EXCEPTIONS)

/* Tokens, as in the Token Item parameter. */
enum session_token {
	TOKEN_DATA = 0x01,
	TOKEN_SYNC_MINOR = 0x04,
	TOKEN_MAJOR_ACTIVITY = 0x10,
	TOKEN_RELEASE = 0x40,
};

/* Initial assignment of a token, two bits each at the token's place [X.225 8.3.1]. */
enum session_token_side {
	TOKEN_INITIATOR = 0,
	TOKEN_RESPONDER = 1,
	TOKEN_ACCEPTOR_CHOICE = 2,
};
/* All tokens to one side. */
#define TOKENS_ALL(side) ((uint8_t)((side) * (TOKEN_DATA | TOKEN_SYNC_MINOR | TOKEN_MAJOR_ACTIVITY | TOKEN_RELEASE)))

/* Why a connection was refused. */
enum session_refusal {
	REFUSED_BY_USER = 0,		/* reason not specified */
	REFUSED_BY_USER_CONGESTED = 1,
	REFUSED_BY_USER_DATA = 2,	/* user data say why */
	REFUSED_SELECTOR_UNKNOWN = 129,
	REFUSED_USER_NOT_ATTACHED = 130,
	REFUSED_PROVIDER_CONGESTED = 131,
	REFUSED_VERSION = 132,
	REFUSED_BY_PROVIDER = 133,
	REFUSED_RESTRICTION = 134,
};

/* Why an activity is interrupted or discarded, or an exception reported. */
enum session_reason {
	REASON_NONE = 0,
	REASON_ABILITY_JEOPARDIZED = 1,
	REASON_SEQUENCE_ERROR = 3,
	REASON_LOCAL_USER_ERROR = 5,
	REASON_UNRECOVERABLE = 6,
	REASON_DEMAND_DATA_TOKEN = 128,
};

/* Why the provider aborted: the bits of the Transport Disconnect parameter. */
enum session_abort {
	ABORT_TRANSPORT_LOST = 0,	/* the transport connection went away */
	ABORT_PROTOCOL_ERROR = 0x04,
	ABORT_NO_REASON = 0x08,
	ABORT_RESTRICTION = 0x10,
};

/* The session connection identifier; RTSE puts BER values in it [X.228]. */
struct session_reference {
	struct bytes user;		/* calling or called SS-user reference, to 64 octets */
	struct bytes common;		/* to 64 octets */
	struct bytes additional;	/* to 4 octets */
};

/*
 * S-CONNECT [X.215 12.1]: the parameters of request and indication, and, with
 * called as the responding address, of response and confirm.  All borrowed.
 */
struct session_connect {
	struct bytes calling_t, called_t;	/* T-selectors: not in response and confirm */
	struct bytes calling_s, called_s;	/* S-selectors: to 16 octets */
	struct session_reference reference;
	uint16_t units;			/* response: units used are those in both */
	uint8_t tokens;			/* enum session_token_side at each token's place */
	bool has_serial;		/* initial synchronization point serial number */
	uint32_t serial;		/* to 999999 */
	struct bytes user_data;
};

/* S-ACTIVITY-RESUME. */
struct session_resume {
	struct bytes activity, old_activity;	/* identifiers: to 6 octets */
	uint32_t serial;			/* the point to resume from */
	bool has_old_reference;			/* absent: the activity began on this connection */
	struct bytes old_calling, old_called;	/* SS-user references: to 64 octets */
	struct bytes old_common, old_additional;
	struct bytes user_data;
};

/*
 * What session tells its user.  Views are borrowed until the callback returns.
 * A callback may call any function here but session_free.  Those of functional
 * units that the user never names in units may be null.
 */
struct session_user {
	/* Answer with session_connect_rsp or session_refuse_rsp, now or later.  units is what the
	 * initiator proposes. */
	void (*connect_ind)(void *user, const struct session_connect *connect);
	/* units is what both have. */
	void (*connect_cnf)(void *user, const struct session_connect *accept);
	/* reason is one of enum session_refusal; why says the same in words.  It is over. */
	void (*refuse_ind)(void *user, int reason, struct bytes user_data, const struct status *why);

	/* A whole SSDU: data lies in *ssdu; take *ssdu (buf_take) to keep it without a copy. */
	void (*data_ind)(void *user, struct bytes data, struct buf *ssdu);
	void (*typed_data_ind)(void *user, struct bytes data, struct buf *ssdu);

	/* tokens is a set of enum session_token. */
	void (*token_give_ind)(void *user, uint8_t tokens);
	void (*token_please_ind)(void *user, uint8_t tokens, struct bytes user_data);
	/* All tokens came, between activities. */
	void (*control_give_ind)(void *user);

	/* confirm: the peer asks for an explicit confirmation. */
	void (*minor_sync_ind)(void *user, uint32_t serial, bool confirm, struct bytes user_data);
	/* Confirms this point and all before it. */
	void (*minor_sync_cnf)(void *user, uint32_t serial, struct bytes user_data);

	void (*activity_start_ind)(void *user, struct bytes activity, struct bytes user_data);
	void (*activity_resume_ind)(void *user, const struct session_resume *resume);
	/* Answer with session_activity_end_rsp, and so on.  serial is the activity's last point. */
	void (*activity_end_ind)(void *user, uint32_t serial, struct bytes user_data);
	void (*activity_end_cnf)(void *user, struct bytes user_data);
	void (*activity_interrupt_ind)(void *user, int reason, struct bytes user_data);
	void (*activity_interrupt_cnf)(void *user, struct bytes user_data);
	void (*activity_discard_ind)(void *user, int reason, struct bytes user_data);
	void (*activity_discard_cnf)(void *user, struct bytes user_data);

	/* The activity cannot go on unless it is interrupted or discarded, or the data token given. */
	void (*u_exception_ind)(void *user, int reason, struct bytes user_data);
	void (*p_exception_ind)(void *user);

	void (*release_ind)(void *user, struct bytes user_data);
	/* The connection is over. */
	void (*release_cnf)(void *user, struct bytes user_data);
	/* The connection is over. */
	void (*u_abort_ind)(void *user, struct bytes user_data);
	/* reason is one of enum session_abort; why has the words.  The connection is over.  It may
	 * be the first to be told, where the peer never got as far as a session connection. */
	void (*p_abort_ind)(void *user, int reason, const struct status *why);
};

struct session_limits {
	size_t ssdu_max;	/* octets of one SSDU, put together from segments */
	size_t connect_max;	/* octets of user data of one other SPDU, overflow included */
	uint8_t versions;	/* bit 0: version 1, bit 1: version 2 */
};
extern const struct session_limits session_limits_default;

/* transport and user outlive it. */
struct session *session_new(const struct session_limits *limits,
			    const struct transport_service *transport, void *transport_data,
			    const struct session_user *user, void *user_data);
void session_free(struct session **session);

/* Another bound for SSDUs from here on. */
void session_limit_ssdu(struct session *s, size_t ssdu_max);

/* What was negotiated, once connected. */
uint16_t session_units(const struct session *s);
/* The tokens available and owned here: a set of enum session_token. */
uint8_t session_tokens(const struct session *s);
/* S-CONTROL-GIVE was sent and is not acknowledged: nothing can be requested until it is. */
bool session_is_giving_control(const struct session *s);

FALLIBLE session_connect_req(struct session *s, const struct session_connect *connect);
FALLIBLE session_connect_rsp(struct session *s, const struct session_connect *accept);
/* reason is one of the REFUSED_BY_USER ones. */
FALLIBLE session_refuse_rsp(struct session *s, int reason, struct bytes user_data);

/* One SSDU in parts, which are borrowed until it returns and not copied here. */
FALLIBLE session_data_req(struct session *s, const struct bytes *parts, size_t count);
FALLIBLE session_typed_data_req(struct session *s, const struct bytes *parts, size_t count);

FALLIBLE session_token_give_req(struct session *s, uint8_t tokens);
FALLIBLE session_token_please_req(struct session *s, uint8_t tokens, struct bytes user_data);
FALLIBLE session_control_give_req(struct session *s);

/* *out_serial is the new point's serial number. */
FALLIBLE session_minor_sync_req(struct session *s, bool confirm, struct bytes user_data,
				uint32_t *out_serial);
FALLIBLE session_minor_sync_rsp(struct session *s, uint32_t serial, struct bytes user_data);

FALLIBLE session_activity_start_req(struct session *s, struct bytes activity,
				    struct bytes user_data);
FALLIBLE session_activity_resume_req(struct session *s, const struct session_resume *resume);
FALLIBLE session_activity_end_req(struct session *s, struct bytes user_data,
				  uint32_t *out_serial);
FALLIBLE session_activity_end_rsp(struct session *s, struct bytes user_data);
FALLIBLE session_activity_interrupt_req(struct session *s, int reason);
FALLIBLE session_activity_interrupt_rsp(struct session *s);
FALLIBLE session_activity_discard_req(struct session *s, int reason);
FALLIBLE session_activity_discard_rsp(struct session *s);

FALLIBLE session_u_exception_req(struct session *s, int reason, struct bytes user_data);

FALLIBLE session_release_req(struct session *s, struct bytes user_data);
FALLIBLE session_release_rsp(struct session *s, struct bytes user_data);

/* Allowed in every state; with version 1 only 9 octets of user data go: more is
 * left out.  Nothing is told afterwards. */
void session_u_abort_req(struct session *s, struct bytes user_data);

#endif
