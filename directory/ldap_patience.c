/* SPDX-License-Identifier: Apache-2.0 */
/* A layer between libldap's own and the socket's, where each wait has an end. */
#include "directory/ldap_patience.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>

enum { LEVEL = (LBER_SBIOD_LEVEL_PROVIDER + LBER_SBIOD_LEVEL_TRANSPORT) / 2 };	/* TLS is above it */

struct timespec ldap_patience_from_now(unsigned seconds)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += seconds;
	return until;
}

struct timeval ldap_patience_left(const struct timespec *until)
{
	struct timespec now;
	struct timeval left = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &now);

	int64_t micro = (until->tv_sec - now.tv_sec) * INT64_C(1000000) +
			(until->tv_nsec - now.tv_nsec) / 1000;

	if (micro > 0)
		left = (struct timeval){ micro / 1000000, micro % 1000000 };
	return left;
}

/* Waits until the socket is ready; false at the end of the patience. */
static bool await(Sockbuf_IO_Desc *layer, short events, const struct timespec *until)
{
	struct ldap_patience *patience = layer->sbiod_pvt;
	struct pollfd socket = { .events = events };
	int ready;

	ber_sockbuf_ctrl(layer->sbiod_sb, LBER_SB_OPT_GET_FD, &socket.fd);
	do {
		struct timeval left = ldap_patience_left(until);

		ready = poll(&socket, 1, (int)(left.tv_sec * 1000 + (left.tv_usec + 999) / 1000));
	} while (ready < 0 && errno == EINTR);
	if (ready)
		return ready > 0;
	patience->over = true;
	errno = ETIMEDOUT;
	return false;
}

static int layer_setup(Sockbuf_IO_Desc *layer, void *patience)
{
	layer->sbiod_pvt = patience;
	return 0;
}

static int layer_ctrl(Sockbuf_IO_Desc *layer, int opt, void *arg)
{
	return LBER_SBIOD_CTRL_NEXT(layer, opt, arg);
}

static ber_slen_t layer_read(Sockbuf_IO_Desc *layer, void *out, ber_len_t len)
{
	const struct ldap_patience *patience = layer->sbiod_pvt;
	bool there = LBER_SBIOD_CTRL_NEXT(layer, LBER_SB_OPT_DATA_READY, NULL) > 0;

	if (!there && !await(layer, POLLIN, &patience->until))
		return -1;
	return LBER_SBIOD_READ_NEXT(layer, out, len);
}

static ber_slen_t layer_write(Sockbuf_IO_Desc *layer, void *octets, ber_len_t len)
{
	const struct ldap_patience *patience = layer->sbiod_pvt;
	const struct timespec until = ldap_patience_from_now(patience->seconds);

	if (!await(layer, POLLOUT, &until))
		return -1;
	return LBER_SBIOD_WRITE_NEXT(layer, octets, len);
}

static Sockbuf_IO layer_calls = {
	.sbi_setup = layer_setup,
	.sbi_ctrl = layer_ctrl,
	.sbi_read = layer_read,
	.sbi_write = layer_write,
};

/* libldap has connected, and goes on with TLS. */
static int connected(LDAP *ld, Sockbuf *socket, LDAPURLDesc *server, struct sockaddr *address,
		     struct ldap_conncb *callback)
{
	(void)ld;
	(void)server;
	(void)address;
	return ber_sockbuf_add_io(socket, &layer_calls, LEVEL, callback->lc_arg);
}

static void disconnected(LDAP *ld, Sockbuf *socket, struct ldap_conncb *callback)
{
	(void)ld;
	(void)socket;
	(void)callback;
}

bool ldap_patience_begin(struct ldap_patience *patience, LDAP *ld, unsigned seconds)
{
	*patience = (struct ldap_patience){
		.callback = { connected, disconnected, patience },
		.until = ldap_patience_from_now(seconds),
		.seconds = seconds,
	};
	return ldap_set_option(ld, LDAP_OPT_CONNECT_CB, &patience->callback) == LDAP_OPT_SUCCESS;
}
