/* SPDX-License-Identifier: Apache-2.0 */
/* A network that cannot be trusted: passes connections on to a server, cuts each after so many
 * octets, or says something else than the server did. */
#ifndef TESTS_SUPPORT_PROXY_H
#define TESTS_SUPPORT_PROXY_H

#include "lib/base/loop.h"

struct proxy;

FALLIBLE proxy_open(struct loop *loop, const char *address, const char *server,
		    struct proxy **out_proxy);
/* Its connections end with the loop, which is freed before it. */
void proxy_free(struct proxy **proxy);

/* From now on each connection passes so many octets, both directions together; 0: all. */
void proxy_cut_after(struct proxy *proxy, size_t octets);
/* The same, until one was cut. */
void proxy_cut_once(struct proxy *proxy, size_t octets);

/* Of what the server says, rewrite appends what the caller is told. */
typedef void proxy_rewriter(void *arg, struct bytes said, struct buf *out);
void proxy_rewrite(struct proxy *proxy, proxy_rewriter *rewrite, void *arg);

/* What was passed so far, in both directions, and how often it was cut. */
size_t proxy_octets(const struct proxy *proxy);
unsigned proxy_cuts(const struct proxy *proxy);

#endif
