/* SPDX-License-Identifier: Apache-2.0 */
/* A network that breaks: passes connections on to a server, and cuts each after so many octets. */
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

/* What was passed so far, in both directions, and how often it was cut. */
size_t proxy_octets(const struct proxy *proxy);
unsigned proxy_cuts(const struct proxy *proxy);

#endif
