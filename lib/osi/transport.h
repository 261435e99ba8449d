/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The transport service [X.214]: what session asks of the layer below, and what
 * that layer tells it.  COTP is one; a loopback or a scripted peer fits as well.
 */
#ifndef LIB_OSI_TRANSPORT_H
#define LIB_OSI_TRANSPORT_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

/* T-selectors of a connection; an empty one is absent.  Borrowed. */
struct transport_address {
	struct bytes calling, called;
};

struct transport_user {
	/* Answer with connect_rsp, or with disconnect_req to refuse. */
	void (*connect_ind)(void *user, const struct transport_address *address);
	void (*connect_cnf)(void *user);
	/* A whole TSDU; take *tsdu (buf_take) to keep it without a copy. */
	void (*data_ind)(void *user, struct buf *tsdu);
	/* It is over: refused, broken, or closed by the peer.  Borrowed. */
	void (*disconnect_ind)(void *user, const struct status *why);
};

struct transport_service {
	/* Says who is to be told; before anything else. */
	void (*attach)(void *transport, const struct transport_user *user, void *user_data);
	FALLIBLE (*connect_req)(void *transport, const struct transport_address *address);
	FALLIBLE (*connect_rsp)(void *transport);
	/* One TSDU; the parts are borrowed until it returns. */
	FALLIBLE (*data_req)(void *transport, const struct bytes *parts, size_t count);
	/* Everything sent before still leaves.  Nothing is told afterwards. */
	void (*disconnect_req)(void *transport);
};

#endif
