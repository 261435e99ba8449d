/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transport protocol class 0 over TPKT [X.224; RFC 1006; RFC 2126].  One
 * network connection carries one transport connection and ends with it
 * [X.224 6.7.1.5]: there is no DR once it is open.
 */
#include "lib/osi/cotp.h"

#include "lib/base/memory.h"
#include "lib/osi/cotp_tpdu.h"
#include "lib/osi/parts.h"

#define TPDU_SIZE_MIN 128
#define TPDU_SIZE_COMMON_MAX 8192	/* what the TPDU size parameter can say */
#define ER_ECHO_MAX 200			/* of the TPDU that an ER complains about */
#define TSDU_KEEP 65536			/* a larger reassembly buffer is not kept for the next */

/* [X.224 Annex A] */
#define COTP_STATES(X)					\
	X(CLOSED,  "CLOSED")				\
	X(WFCC,    "WFCC waiting for a CC TPDU")	\
	X(WFTRESP, "WFTRESP waiting for T-CONNECT response") \
	X(OPEN,    "OPEN")				\
	X(OVER,    "CLOSED for good")

#define COTP_EVENTS(X)			\
	X(TCONreq,  "T-CONNECT request")	\
	X(TCONresp, "T-CONNECT response")	\
	X(CR, "CR TPDU")		\
	X(CC, "CC TPDU")		\
	X(DR, "DR TPDU")		\
	X(DT, "DT TPDU")		\
	X(ER, "ER TPDU")

#define AS_STATE(id, text) STATE_##id,
#define AS_EVENT(id, text) EV_##id,
#define AS_TEXT(id, text) text,
enum cotp_state { COTP_STATES(AS_STATE) STATE_COUNT };
enum cotp_event { COTP_EVENTS(AS_EVENT) EV_COUNT };
static const char *const state_name[] = { COTP_STATES(AS_TEXT) };
static const char *const event_name[] = { COTP_EVENTS(AS_TEXT) };

struct cotp {
	struct cotp_limits limits;
	const struct network *network;
	void *net;
	const struct transport_user *user;
	void *user_data;

	enum cotp_state state;
	uint16_t local_ref, remote_ref;
	struct tpdu reply;		/* the CC that answers the CR: its sizes */
	size_t tpdu_size;
	struct tpkt_reader reader;
	struct buf tsdu;		/* put together from DT TPDUs */
};

const struct cotp_limits cotp_limits_default = {
	.tpdu_size = TPKT_TPDU_MAX,
	.tsdu_max = 80u << 20,
};

struct cell {
	FALLIBLE (*act)(struct cotp *c, const struct tpdu *tpdu);
	enum cotp_state next;
};

static void write_tpdu(struct cotp *c, const struct tpdu *tpdu)
{
	uint8_t header[TPKT_HEADER];
	struct buf octets = { 0 };

	tpdu_encode(tpdu, &octets);
	tpkt_header(header, octets.len);
	c->network->write(c->net, (struct bytes[]){ bytes_of(header, sizeof header),
						    buf_view(&octets) }, 2);
	buf_free(&octets);
}

/* It is over; says so to the user, who has not asked for it. */
static void end_with(struct cotp *c, const struct status *why)
{
	c->state = STATE_OVER;
	c->network->close(c->net);
	c->user->disconnect_ind(c->user_data, why);
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The preferred maximum counts in units of 128 octets. */
static size_t whole_units(size_t size)
{
	return size - size % TPDU_SIZE_MIN;
}

/* The largest size up to most that the TPDU size parameter can say. */
static size_t common_size(size_t most)
{
	size_t size = TPDU_SIZE_MIN;

	while (size * 2 <= smaller(most, TPDU_SIZE_COMMON_MAX))
		size *= 2;
	return size;
}

/* 65531 is what holds where the parameters say nothing [RFC 1006 5]. */
static void propose_sizes(size_t size, struct tpdu *tpdu)
{
	if (size == TPKT_TPDU_MAX)
		return;
	tpdu->size = common_size(size);
	tpdu->preferred_size = size;
}

static FALLIBLE send_cr(struct cotp *c, const struct tpdu *tpdu)
{
	write_tpdu(c, tpdu);
	return OK;
}

/* [X.224 6.5.5] Class 0 may answer a proposal of class 0 or 1, and of any with one of them as
 * an alternative. */
static bool is_class_0_possible(const struct tpdu *cr)
{
	return cr->class_options >> 4 <= 1 || cr->alternatives & 3;
}

static FALLIBLE refuse(struct cotp *c, const struct tpdu *cr, enum cotp_reason reason)
{
	write_tpdu(c, &(struct tpdu){ .code = TPDU_DR, .dst_ref = cr->src_ref, .reason = reason });
	return FAIL(ST_PEER, reason, "the peer proposes class %u and no class 0",
		    cr->class_options >> 4);
}

/* A size in the form that the proposal had: the preferred one overrules the other. */
static void answer_sizes(struct cotp *c, const struct tpdu *cr)
{
	size_t ours = c->limits.tpdu_size;

	if (cr->preferred_size) {
		c->tpdu_size = whole_units(smaller(ours, cr->preferred_size));
		c->reply.preferred_size = c->tpdu_size;
	} else if (cr->size || ours < TPKT_TPDU_MAX) {
		c->tpdu_size = common_size(cr->size ? smaller(ours, cr->size) : ours);
		c->reply.size = c->tpdu_size;
	}
}

static FALLIBLE accept_cr(struct cotp *c, const struct tpdu *cr)
{
	if (!is_class_0_possible(cr))
		return refuse(c, cr, COTP_REASON_NEGOTIATION_FAILED);
	if (cr->dst_ref)
		return FAIL(ST_PEER, TPDU_REJECT_PARAMETER_VALUE,
			    "the destination reference of a CR TPDU is not zero");
	c->remote_ref = cr->src_ref;
	c->reply = (struct tpdu){ .code = TPDU_CC, .dst_ref = c->remote_ref, .src_ref = c->local_ref };
	answer_sizes(c, cr);
	return OK;
}

static FALLIBLE send_cc(struct cotp *c, const struct tpdu *unused)
{
	(void)unused;
	write_tpdu(c, &c->reply);
	return OK;
}

static FALLIBLE accept_cc(struct cotp *c, const struct tpdu *cc)
{
	if (cc->dst_ref != c->local_ref)
		return FAIL(ST_PEER, TPDU_REJECT_PARAMETER_VALUE,
			    "the CC TPDU answers another connection");
	if (cc->class_options >> 4)
		return FAIL(ST_PEER, TPDU_REJECT_PARAMETER_VALUE,
			    "the CC TPDU selects class %u, which was not proposed",
			    cc->class_options >> 4);
	c->remote_ref = cc->src_ref;
	if (cc->preferred_size)
		c->tpdu_size = smaller(c->tpdu_size, cc->preferred_size);
	else if (cc->size)
		c->tpdu_size = smaller(c->tpdu_size, cc->size);
	else if (c->tpdu_size < TPKT_TPDU_MAX)
		c->tpdu_size = common_size(c->tpdu_size);
	return OK;
}

static FALLIBLE take_data(struct cotp *c, const struct tpdu *dt)
{
	if (dt->data.len > c->limits.tsdu_max - c->tsdu.len)
		return FAIL(ST_PEER, TPDU_REJECT_UNSPECIFIED, "a TSDU of more than %zu octets",
			    c->limits.tsdu_max);
	buf_put(&c->tsdu, dt->data);
	if (!dt->end)
		return OK;
	c->user->data_ind(c->user_data, &c->tsdu);
	if (c->tsdu.cap > TSDU_KEEP)
		buf_free(&c->tsdu);
	buf_clear(&c->tsdu);
	return OK;
}

static const char *reason_text(uint8_t reason)
{
	switch (reason) {
	case COTP_REASON_NONE:			return "no reason given";
	case COTP_REASON_CONGESTION:		return "congestion at its TSAP";
	case COTP_REASON_NO_SESSION_ENTITY:	return "no session entity at its TSAP";
	case COTP_REASON_ADDRESS_UNKNOWN:	return "T-selector unknown";
	case COTP_REASON_NORMAL:		return "normal disconnect by its session entity";
	case COTP_REASON_REMOTE_CONGESTION:	return "congestion when connecting";
	case COTP_REASON_NEGOTIATION_FAILED:	return "class or options cannot be agreed";
	case COTP_REASON_DUPLICATE_SOURCE:	return "source reference used twice";
	case COTP_REASON_MISMATCHED_REFERENCES:	return "references do not match";
	case COTP_REASON_PROTOCOL_ERROR:	return "protocol error";
	case COTP_REASON_REFERENCE_OVERFLOW:	return "no references left";
	case COTP_REASON_REFUSED_ON_NETWORK:	return "refused on this network connection";
	case COTP_REASON_LENGTH_INVALID:	return "header or parameter length invalid";
	}
	return "a reason X.224 does not have";
}

/* Once open, class 0 has no DR; what a peer means by one is plain nevertheless. */
static FALLIBLE disconnected(struct cotp *c, const struct tpdu *dr)
{
	struct status *why = FAIL(ST_LATER, dr->reason, "the peer refused the transport connection: %s",
				  reason_text(dr->reason));

	end_with(c, why);
	status_free(&why);
	return OK;
}

static FALLIBLE rejected(struct cotp *c, const struct tpdu *er)
{
	struct status *why = FAIL(ST_PEER, er->reason,
				  "the peer calls a TPDU of ours in error, with cause %u", er->reason);

	end_with(c, why);
	status_free(&why);
	return OK;
}

static const struct cell table[STATE_COUNT][EV_COUNT] = {
	[STATE_CLOSED][EV_TCONreq]   = { send_cr,      STATE_WFCC },
	[STATE_CLOSED][EV_CR]        = { accept_cr,    STATE_WFTRESP },
	[STATE_WFCC][EV_CC]          = { accept_cc,    STATE_OPEN },
	[STATE_WFCC][EV_DR]          = { disconnected, STATE_OVER },
	[STATE_WFCC][EV_ER]          = { rejected,     STATE_OVER },
	[STATE_WFTRESP][EV_TCONresp] = { send_cc,      STATE_OPEN },
	[STATE_WFTRESP][EV_DR]       = { disconnected, STATE_OVER },
	[STATE_WFTRESP][EV_ER]       = { rejected,     STATE_OVER },
	[STATE_OPEN][EV_DT]          = { take_data,    STATE_OPEN },
	[STATE_OPEN][EV_DR]          = { disconnected, STATE_OVER },
	[STATE_OPEN][EV_ER]          = { rejected,     STATE_OVER },
};

static FALLIBLE step(struct cotp *c, enum cotp_event event, const struct tpdu *tpdu)
{
	const struct cell *cell = &table[c->state][event];

	if (!cell->act)
		return FAIL(event <= EV_TCONresp ? ST_USAGE : ST_PEER, TPDU_REJECT_TPDU_TYPE,
			    "%s is not allowed in state %s", event_name[event], state_name[c->state]);
	TRY(cell->act(c, tpdu));
	if (c->state != STATE_OVER)	/* the user may have ended it meanwhile */
		c->state = cell->next;
	return OK;
}

static FALLIBLE take_tpdu(struct cotp *c, struct bytes octets)
{
	struct tpdu tpdu;

	TRY(tpdu_decode(octets, &tpdu));
	switch (tpdu.code) {
	case TPDU_CR:
		TRY(step(c, EV_CR, &tpdu));
		c->user->connect_ind(c->user_data,
				     &(struct transport_address){ tpdu.calling, tpdu.called });
		return OK;
	case TPDU_CC:
		TRY(step(c, EV_CC, &tpdu));
		c->user->connect_cnf(c->user_data);
		return OK;
	case TPDU_DT:
		return step(c, EV_DT, &tpdu);
	case TPDU_DR:
		return step(c, EV_DR, &tpdu);
	case TPDU_ER:
		return step(c, EV_ER, &tpdu);
	}
	return OK;
}

/* [X.224 6.22] An ER TPDU says which TPDU was wrong; a DR has said it already. */
static void reject(struct cotp *c, struct bytes tpdu, struct status *why)
{
	bool refused = why->diag == COTP_REASON_NEGOTIATION_FAILED;

	if (!refused && tpdu.len)
		write_tpdu(c, &(struct tpdu){ .code = TPDU_ER, .dst_ref = c->remote_ref,
					      .reason = (uint8_t)why->diag,
					      .data = bytes_slice(tpdu, 0, ER_ECHO_MAX) });
	end_with(c, why);
	status_free(&why);
}

void cotp_input(struct cotp *c, struct bytes octets)
{
	while (c->state != STATE_OVER) {
		struct bytes tpdu;
		struct status *wrong = tpkt_next(&c->reader, &octets, &tpdu);

		if (!wrong && !tpdu.data)
			return;
		if (!wrong)
			wrong = take_tpdu(c, tpdu);
		if (wrong)
			reject(c, tpdu, wrong);
	}
}

void cotp_network_lost(struct cotp *c, const struct status *why)
{
	struct status *lost;

	if (c->state == STATE_OVER)
		return;
	lost = status_new(status_copy(why), ST_LATER, 0, "the network connection ended in state %s",
			  state_name[c->state]);
	end_with(c, lost);
	status_free(&lost);
}

static void cotp_attach(void *transport, const struct transport_user *user, void *user_data)
{
	struct cotp *c = transport;

	c->user = user;
	c->user_data = user_data;
}

static FALLIBLE cotp_connect_req(void *transport, const struct transport_address *address)
{
	struct cotp *c = transport;
	struct tpdu cr = { .code = TPDU_CR, .src_ref = c->local_ref,
			   .calling = address->calling, .called = address->called };

	propose_sizes(c->tpdu_size, &cr);
	return step(c, EV_TCONreq, &cr);
}

static FALLIBLE cotp_connect_rsp(void *transport)
{
	return step(transport, EV_TCONresp, NULL);
}

static FALLIBLE cotp_data_req(void *transport, const struct bytes *parts, size_t count)
{
	struct cotp *c = transport;
	struct parts rest = parts_over(parts, count);
	size_t room = c->tpdu_size - TPDU_DT_HEADER;
	struct bytes *out;

	if (c->state != STATE_OPEN)
		return FAIL(ST_USAGE, 0, "T-DATA request is not allowed in state %s",
			    state_name[c->state]);
	out = mem_new_array(struct bytes, count + 1);
	do {
		size_t len = smaller(rest.left, room);
		uint8_t header[TPKT_HEADER + TPDU_DT_HEADER] = { 0 };

		tpkt_header(header, TPDU_DT_HEADER + len);
		header[TPKT_HEADER] = TPDU_DT_HEADER - 1;
		header[TPKT_HEADER + 1] = TPDU_DT;
		header[TPKT_HEADER + 2] = len == rest.left ? TPDU_DT_EOT : 0;
		out[0] = bytes_of(header, sizeof header);
		c->network->write(c->net, out, 1 + parts_take(&rest, len, out + 1));
	} while (rest.left);
	mem_free(&out);
	return OK;
}

static void cotp_disconnect_req(void *transport)
{
	struct cotp *c = transport;

	if (c->state == STATE_OVER)
		return;
	if (c->state == STATE_WFTRESP)
		write_tpdu(c, &(struct tpdu){ .code = TPDU_DR, .dst_ref = c->remote_ref,
					      .reason = COTP_REASON_NORMAL });
	c->state = STATE_OVER;
	c->network->close(c->net);
}

const struct transport_service cotp_transport = {
	.attach = cotp_attach,
	.connect_req = cotp_connect_req,
	.connect_rsp = cotp_connect_rsp,
	.data_req = cotp_data_req,
	.disconnect_req = cotp_disconnect_req,
};

struct cotp *cotp_new(const struct cotp_limits *limits, const struct network *network, void *net)
{
	struct cotp *c = mem_new(struct cotp);

	c->limits = *limits;
	if (c->limits.tpdu_size < TPDU_SIZE_MIN)
		c->limits.tpdu_size = TPDU_SIZE_MIN;
	else if (c->limits.tpdu_size >= TPKT_TPDU_MAX)
		c->limits.tpdu_size = TPKT_TPDU_MAX;
	else
		c->limits.tpdu_size = whole_units(c->limits.tpdu_size);
	c->tpdu_size = c->limits.tpdu_size;
	c->network = network;
	c->net = net;
	c->local_ref = 1;	/* one connection on each network connection: any reference does */
	return c;
}

void cotp_free(struct cotp **cotp)
{
	if (!*cotp)
		return;
	tpkt_reader_cleanup(&(*cotp)->reader);
	buf_free(&(*cotp)->tsdu);
	mem_free(cotp);
}

void cotp_limit_tsdu(struct cotp *c, size_t tsdu_max)
{
	c->limits.tsdu_max = tsdu_max;
}

size_t cotp_tpdu_size(const struct cotp *c)
{
	return c->tpdu_size;
}
