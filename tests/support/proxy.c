/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/proxy.h"

#include "lib/base/memory.h"

enum { CALLER, SERVER };

/* One connection to the proxy and the one on to the server. */
struct pair {
	struct proxy *proxy;
	struct conn *conns[2];		/* null once closed */
	size_t passed;
	bool cut;
};

/* A side of a pair, as its connection knows it. */
struct end {
	struct pair *pair;
	int side;
};

struct proxy {
	struct loop *loop;
	struct listener *listener;
	char *server;
	size_t cut_after, octets;
	bool once;
	unsigned cuts;
	proxy_rewriter *rewrite;
	void *arg;
};

static struct conn *other(const struct end *end)
{
	return end->pair->conns[!end->side];
}

static void on_connected(void *user, struct conn *conn)
{
	(void)conn;
	conn_resume(other(user));
}

/* What was passed last still arrives. */
static void cut(struct pair *pair, const struct end *from)
{
	pair->cut = true;
	pair->proxy->cuts++;
	if (pair->proxy->once)
		pair->proxy->cut_after = 0;
	conn_close(other(from));
	conn_abort(pair->conns[from->side]);
}

static void on_data(void *user, struct conn *conn, struct bytes octets)
{
	struct end *end = user;
	struct pair *pair = end->pair;
	struct proxy *proxy = pair->proxy;
	struct conn *to = other(end);

	if (!to || pair->cut)
		return;
	if (proxy->cut_after)
		octets = bytes_slice(octets, 0, proxy->cut_after - pair->passed);
	pair->passed += octets.len;
	proxy->octets += octets.len;
	AUTO(buf_free) struct buf told = { 0 };
	if (proxy->rewrite && end->side == SERVER) {
		proxy->rewrite(proxy->arg, octets, &told);
		octets = buf_view(&told);
	}
	if (octets.len)
		conn_write(to, &octets, 1);
	if (proxy->cut_after && pair->passed >= proxy->cut_after)
		cut(pair, end);
	else if (conn_queued(to))
		conn_pause(conn);
}

static void on_drained(void *user, struct conn *conn)
{
	struct end *end = user;

	(void)conn;
	if (other(end) && !end->pair->cut)
		conn_resume(other(end));
}

static void on_closed(void *user, struct conn *conn, const struct status *why)
{
	struct end *end = user;
	struct pair *pair = end->pair;

	(void)conn, (void)why;
	pair->conns[end->side] = NULL;
	if (other(end))
		conn_close(other(end));
	else
		mem_free(&pair);
	mem_free(&end);
}

static const struct conn_user callbacks = {
	.connected = on_connected, .data = on_data, .drained = on_drained, .closed = on_closed,
};

static struct end *end_of(struct pair *pair, int side)
{
	struct end *end = mem_new(struct end);

	*end = (struct end){ pair, side };
	return end;
}

static void accepted(void *arg, struct conn *conn)
{
	struct proxy *proxy = arg;
	struct pair *pair = mem_new(struct pair);

	pair->proxy = proxy;
	pair->conns[CALLER] = conn;
	conn_start(conn, &callbacks, end_of(pair, CALLER));
	conn_pause(conn);
	pair->conns[SERVER] = conn_open(proxy->loop, proxy->server, 5000, &callbacks,
					end_of(pair, SERVER));
}

FALLIBLE proxy_open(struct loop *loop, const char *address, const char *server,
		    struct proxy **out_proxy)
{
	AUTO(proxy_free) struct proxy *proxy = mem_new(struct proxy);

	proxy->loop = loop;
	proxy->server = mem_strdup(server);
	TRY(listener_open(loop, address, 100, accepted, proxy, &proxy->listener));
	*out_proxy = TAKE(proxy);
	return OK;
}

void proxy_free(struct proxy **proxy)
{
	if (!*proxy)
		return;
	listener_close(&(*proxy)->listener);
	mem_free(&(*proxy)->server);
	mem_free(proxy);
}

void proxy_cut_after(struct proxy *proxy, size_t octets)
{
	proxy->cut_after = octets;
	proxy->once = false;
}

void proxy_cut_once(struct proxy *proxy, size_t octets)
{
	proxy->cut_after = octets;
	proxy->once = true;
}

void proxy_rewrite(struct proxy *proxy, proxy_rewriter *rewrite, void *arg)
{
	proxy->rewrite = rewrite;
	proxy->arg = arg;
}

size_t proxy_octets(const struct proxy *proxy)
{
	return proxy->octets;
}

unsigned proxy_cuts(const struct proxy *proxy)
{
	return proxy->cuts;
}
