/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cut ADDRESS SERVER OCTETS: a bad network.  Passes connections on to the
 * server, and cuts each after so many octets, both directions together.  At
 * SIGTERM it says how many it passed, and how often it cut.
 */
#include "lib/base/loop.h"
#include "tests/support/proxy.h"
#include "tests/support/stolen.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static void stop(void *arg)
{
	loop_stop(arg);
}

static FALLIBLE run(char **words)
{
	struct loop *loop = loop_new();
	struct proxy *proxy = NULL;
	struct status *failed = proxy_open(loop, words[0], words[1], &proxy);

	if (!failed) {
		proxy_cut_after(proxy, strtoul(words[2], NULL, 10));
		loop_signal(loop, SIGTERM, stop, loop);
		puts("ready");
		fflush(stdout);
		loop_run(loop);
		printf("passed=%zu cuts=%u\n", proxy_octets(proxy), proxy_cuts(proxy));
	}
	loop_shutdown(loop);
	proxy_free(&proxy);
	loop_free(&loop);
	return failed;
}

int main(int argc, char **argv)
{
	return attack_main(argc, argv, 3, "cut ADDRESS SERVER OCTETS", run);
}
