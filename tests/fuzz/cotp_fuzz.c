/* SPDX-License-Identifier: Apache-2.0 */
/* TPKT and COTP: the first octet chooses a side and the piece size, the rest comes from the peer. */
#include "lib/osi/cotp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each part is looked at, so that the sanitizer sees whether it may be. */
static volatile uint8_t last_sent;

struct end {
	struct cotp *cotp;
	bool over;
};

static void net_write(void *net, const struct bytes *parts, size_t count)
{
	(void)net;
	for (size_t i = 0; i < count; i++)
		if (parts[i].len)
			last_sent = parts[i].data[parts[i].len - 1];
}

static void net_close(void *net)
{
	(void)net;
}

static void on_connect(void *user, const struct transport_address *address)
{
	(void)address;
	status_drop(cotp_transport.connect_rsp(((struct end *)user)->cotp));
}

static void on_confirm(void *user)
{
	struct bytes part = BYTES("hello");

	status_drop(cotp_transport.data_req(((struct end *)user)->cotp, &part, 1));
}

static void on_data(void *user, struct buf *tsdu)
{
	struct bytes part = buf_view(tsdu);

	status_drop(cotp_transport.data_req(((struct end *)user)->cotp, &part, 1));
}

static void on_disconnect(void *user, const struct status *why)
{
	struct end *end = user;

	if (end->over || !why)
		__builtin_trap();	/* it is told once, and why */
	end->over = true;
}

static const struct network network = { net_write, net_close };
static const struct transport_user user = { on_connect, on_confirm, on_data, on_disconnect };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct cotp_limits limits = { .tpdu_size = 1024, .tsdu_max = 4096 };
	struct bytes left = bytes_of(data, size);
	struct end end = { 0 };
	size_t piece;

	if (!size)
		return 0;
	end.cotp = cotp_new(&limits, &network, NULL);
	cotp_transport.attach(end.cotp, &user, &end);
	if (data[0] & 1)
		status_drop(cotp_transport.connect_req(end.cotp, &(struct transport_address){ 0 }));
	piece = data[0] >> 1 ? data[0] >> 1 : size;
	left = bytes_slice(left, 1, size);
	while (left.len) {
		cotp_input(end.cotp, bytes_slice(left, 0, piece));
		left = bytes_slice(left, piece, left.len);
	}
	cotp_network_lost(end.cotp, NULL);
	cotp_free(&end.cotp);
	return 0;
}
