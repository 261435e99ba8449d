/* SPDX-License-Identifier: Apache-2.0 */
/* What a server and its key process say to each other. */
#include "lib/sec/key_wire.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum { HEADER_OCTETS = 5, STEP_OCTETS = 1 << 20 };

/* Sends what the parts have; nobody is told by a signal. */
static bool send_parts(int fd, struct iovec *parts, size_t count)
{
	while (count) {
		struct msghdr message = { .msg_iov = parts, .msg_iovlen = count };
		ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return false;
		while (count && (size_t)sent >= parts->iov_len) {
			sent -= (ssize_t)parts->iov_len;
			parts++;
			count--;
		}
		if (count) {
			parts->iov_base = (uint8_t *)parts->iov_base + sent;
			parts->iov_len -= (size_t)sent;
		}
	}
	return true;
}

bool key_wire_put(int fd, uint8_t kind, struct bytes octets)
{
	uint8_t header[HEADER_OCTETS] = { kind, (uint8_t)(octets.len >> 24), (uint8_t)(octets.len >> 16),
					  (uint8_t)(octets.len >> 8), (uint8_t)octets.len };
	struct iovec parts[] = {
		{ header, sizeof(header) },
		{ (void *)(uintptr_t)octets.data, octets.len },
	};

	return send_parts(fd, parts, octets.len ? 2 : 1);
}

static bool receive(int fd, uint8_t *into, size_t len)
{
	while (len) {
		ssize_t got = recv(fd, into, len, MSG_WAITALL);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		into += got;
		len -= (size_t)got;
	}
	return true;
}

/* Room is made as the octets arrive, not as they are announced. */
static bool receive_body(int fd, size_t len, struct secret *out)
{
	while (out->len < len) {
		size_t had = out->len, room = had ? 2 * had : STEP_OCTETS;
		struct secret grown = secret_new(room < len ? room : len);

		if (had)
			memcpy(grown.data, out->data, had);
		secret_free(out);
		*out = grown;
		if (!receive(fd, out->data + had, out->len - had))
			return false;
	}
	return true;
}

bool key_wire_get(int fd, unsigned kinds, size_t max, uint8_t *out_kind, struct secret *out)
{
	AUTO(secret_free) struct secret body = { 0 };
	uint8_t header[HEADER_OCTETS];

	if (!receive(fd, header, sizeof(header)))
		return false;
	size_t len = (size_t)header[1] << 24 | (size_t)header[2] << 16 | (size_t)header[3] << 8 | header[4];
	if (header[0] >= kinds || len > max || !receive_body(fd, len, &body))
		return false;
	*out_kind = header[0];
	*out = secret_take(&body);
	return true;
}
