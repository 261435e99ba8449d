/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Octets from a network straight into a whole responder, from TPKT to ROSE.
 * Its user accepts, answers and takes everything.  The first octet says in how
 * large pieces they arrive.
 */
#include "lib/osi/assoc.h"

#include "lib/mhs/contexts.h"
#include "lib/osi/rtse_recovery.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct side {
	struct assoc *assoc;
	struct rtse_recovery *recovery;
	bool over;
};

static void on_bind(void *user, const struct assoc_bind *bind)
{
	struct side *s = user;

	assoc_use_recovery(s->assoc, s->recovery);
	status_drop(assoc_bind_rsp(s->assoc, bind->recovers ? bytes_none() : BYTES("\x05\x00")));
}

static void on_invoke(void *user, int32_t invoke_id, int operation, struct bytes argument,
		      struct buf *apdu)
{
	struct side *s = user;
	int32_t id;

	(void)apdu;
	status_drop(assoc_result_req(s->assoc, invoke_id, operation, &argument, 1));
	status_drop(assoc_invoke_req(s->assoc, operation, &argument, 1, &id));
}

static void on_answer(void *user, int32_t invoke_id, struct bytes result, struct buf *apdu)
{
	(void)user;
	(void)invoke_id;
	(void)result;
	(void)apdu;
}

static void on_error(void *user, int32_t invoke_id, int error, struct bytes parameter,
		     struct buf *apdu)
{
	(void)error;
	on_answer(user, invoke_id, parameter, apdu);
}

static void on_reject(void *user, int32_t invoke_id, const struct status *why)
{
	(void)user;
	(void)invoke_id;
	(void)why;
}

static void on_transfer(void *user, struct bytes message, struct buf *apdu)
{
	struct side *s = user;

	(void)apdu;
	if (message.len % 5 == 0)
		status_drop(assoc_transfer_refuse(s->assoc));
	else
		status_drop(assoc_transfer_rsp(s->assoc));
}

static void on_transferred(void *user, const struct status *failed)
{
	(void)user;
	(void)failed;
}

static void on_turn(void *user)
{
	struct side *s = user;
	struct bytes value = BYTES("\x05\x00");

	status_drop(assoc_transfer_req(s->assoc, &value, 1));
}

static void on_turn_please(void *user)
{
	struct side *s = user;

	status_drop(assoc_turn_give(s->assoc));
}

static void on_unbind(void *user)
{
	struct side *s = user;

	status_drop(assoc_unbind_rsp(s->assoc));
}

static void on_end(void *user)
{
	((struct side *)user)->over = true;
}

static void on_abort(void *user, const struct status *why)
{
	(void)why;
	on_end(user);
}

static void swallow(void *net, const struct bytes *parts, size_t count)
{
	(void)net;
	(void)parts;
	(void)count;
}

static void close_network(void *net)
{
	(void)net;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct network network = { swallow, close_network };
	static const struct assoc_user user = {
		.bind_ind = on_bind, .invoke_ind = on_invoke, .result_ind = on_answer,
		.error_ind = on_error, .reject_ind = on_reject, .transfer_ind = on_transfer,
		.transfer_cnf = on_transferred, .turn_ind = on_turn,
		.turn_please_ind = on_turn_please, .unbind_ind = on_unbind,
		.unbind_cnf = on_end, .abort_ind = on_abort,
	};
	struct assoc_limits limits = assoc_limits_default;
	struct bytes left = bytes_of(data, size);
	struct side s = { 0 };
	size_t piece;

	if (size == 0)
		return 0;
	piece = left.data[0] ? left.data[0] : SIZE_MAX;
	left = bytes_slice(left, 1, SIZE_MAX);
	limits.apdu_max = 65536;
	limits.checkpoint_size = 1;
	s.recovery = rtse_recovery_new(65536);
	s.assoc = assoc_new(contexts_all, &limits, &network, NULL, &user, &s);
	while (left.len && !s.over) {
		struct bytes octets = bytes_slice(left, 0, piece);

		assoc_input(s.assoc, octets);
		left = bytes_slice(left, octets.len, SIZE_MAX);
	}
	assoc_network_lost(s.assoc, NULL);
	assoc_free(&s.assoc);
	rtse_recovery_free(&s.recovery);
	return 0;
}
