/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proof ADDRESS SERVER keep|alter|repeat FILE: stands between a user and her
 * store, and looks for results with a proof of submission.  It keeps them in the
 * file as they are, alters the time of submission in them, or says the one of the
 * file instead.  At SIGTERM it says how many there were.
 */
#include "lib/base/file.h"
#include "lib/base/loop.h"
#include "tests/support/proxy.h"
#include "tests/support/stolen.h"

#include <signal.h>
#include <stdio.h>

enum { TPKT_HEADER = 4, RESULT_MAX = 10000 };

struct attack {
	struct loop *loop;
	const char *how, *file;
	struct buf heard;		/* of a TPKT that is not complete */
	struct buf kept;		/* the result of another submission */
	unsigned results;
};

/* ExtensionType 35, as it stands in an extension; the value behind it has more than these. */
static bool has_proof(struct bytes tpkt)
{
	return memmem(tpkt.data, tpkt.len, "\x80\x01\x23\xa2", 4) != NULL;
}

/* The octet of the invoke identifier: [2] of ROSE, behind the presentation context. */
static uint8_t *invoke_id(struct bytes tpkt)
{
	const uint8_t *from = memmem(tpkt.data, tpkt.len, "\x02\x01\x05\xa0", 4);
	const uint8_t *id = from ? memmem(from + 4, 20, "\x02\x01", 2) : NULL;

	return id ? (uint8_t *)id + 2 : NULL;
}

/* message-submission-time [0], of which the last digit of the minutes is another then. */
static void alter(struct bytes tpkt)
{
	uint8_t *time = memmem(tpkt.data, tpkt.len, "\x80\x0d", 2);

	if (time)
		time[2 + 9] ^= 1;
}

/* A whole TPKT, which is changed in its place or not at all. */
static void pass_on(struct attack *a, struct bytes tpkt, struct buf *out)
{
	if (!has_proof(tpkt)) {
		buf_put(out, tpkt);
		return;
	}
	a->results++;
	if (!strcmp(a->how, "repeat")) {
		uint8_t *id = invoke_id(buf_view(&a->kept)), *wanted = invoke_id(tpkt);

		if (id && wanted)
			*id = *wanted;
		tpkt = buf_view(&a->kept);
	} else if (!strcmp(a->how, "alter")) {
		alter(tpkt);
	} else {
		status_drop(file_replace(a->file, 0600, tpkt));
	}
	buf_put(out, tpkt);
}

static void rewrite(void *arg, struct bytes said, struct buf *out)
{
	struct attack *a = arg;
	size_t done = 0;

	buf_put(&a->heard, said);
	while (a->heard.len - done >= TPKT_HEADER) {
		const uint8_t *head = a->heard.data + done;
		size_t len = (size_t)head[2] << 8 | head[3];

		if (len < TPKT_HEADER || a->heard.len - done < len)
			break;
		pass_on(a, bytes_of(head, len), out);
		done += len;
	}
	buf_consume(&a->heard, done);
}

static void stop(void *arg)
{
	loop_stop(arg);
}

static FALLIBLE attack(struct attack *a, char **words, struct proxy **proxy)
{
	if (!strcmp(a->how, "repeat"))
		TRY(file_read(a->file, RESULT_MAX, &a->kept, NULL));
	TRY(proxy_open(a->loop, words[0], words[1], proxy));
	proxy_rewrite(*proxy, rewrite, a);
	loop_signal(a->loop, SIGTERM, stop, a->loop);
	puts("ready");
	fflush(stdout);
	loop_run(a->loop);
	printf("%u results with a proof\n", a->results);
	return OK;
}

static FALLIBLE run(char **words)
{
	struct attack a = { .loop = loop_new(), .how = words[2], .file = words[3] };
	struct proxy *proxy = NULL;
	struct status *failed = attack(&a, words, &proxy);

	loop_shutdown(a.loop);
	proxy_free(&proxy);
	loop_free(&a.loop);
	buf_free(&a.heard);
	buf_free(&a.kept);
	return failed;
}

int main(int argc, char **argv)
{
	return attack_main(argc, argv, 4, "proof ADDRESS SERVER keep|alter|repeat FILE", run);
}
