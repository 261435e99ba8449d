/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/wire.h"

#include "lib/base/memory.h"
#include "lib/base/status.h"
#include "tests/support/capture.h"

struct end {
	struct wire *wire;
	const struct wire_user *user;
	void *user_data;
	struct buf to_come;	/* written by the other end */
	bool closed;		/* this end closed: what it wrote still arrives */
	bool told;		/* this end knows that the connection is gone */
	size_t octets;
};

struct wire {
	struct end ends[2];
	size_t chunk;
	size_t cut_after;	/* SIZE_MAX: never */
	struct capture *capture;
};

struct wire *wire_new(void)
{
	struct wire *w = mem_new(struct wire);

	w->ends[0].wire = w->ends[1].wire = w;
	w->cut_after = SIZE_MAX;
	return w;
}

void wire_free(struct wire **wire)
{
	struct wire *w = TAKE(*wire);

	if (!w)
		return;
	buf_free(&w->ends[0].to_come);
	buf_free(&w->ends[1].to_come);
	capture_free(&w->capture);
	mem_free(&w);
}

void *wire_end(struct wire *w, int end)
{
	return &w->ends[end];
}

void wire_attach(struct wire *w, int end, const struct wire_user *user, void *user_data)
{
	w->ends[end].user = user;
	w->ends[end].user_data = user_data;
}

void wire_set_chunk(struct wire *w, size_t octets)
{
	w->chunk = octets;
}

void wire_cut_after(struct wire *w, size_t octets)
{
	w->cut_after = octets;
}

bool wire_record(struct wire *w, const char *path)
{
	capture_free(&w->capture);
	w->capture = capture_new(path);
	return w->capture != NULL;
}

static struct end *other(struct end *e)
{
	return e == &e->wire->ends[0] ? &e->wire->ends[1] : &e->wire->ends[0];
}

static void write_parts(void *net, const struct bytes *parts, size_t count)
{
	struct end *from = net;
	struct end *to = other(from);
	size_t at = to->to_come.len;

	if (from->closed)
		return;
	for (size_t i = 0; i < count; i++)
		buf_put(&to->to_come, parts[i]);
	if (from->wire->capture)
		capture_segment(from->wire->capture, from == &from->wire->ends[0],
				bytes_slice(buf_view(&to->to_come), at, SIZE_MAX));
}

static void close_end(void *net)
{
	struct end *e = net;

	e->closed = true;
}

const struct network wire_network = { write_parts, close_end };

static void lose(struct end *e)
{
	if (e->told || e->closed)
		return;
	e->told = true;
	e->user->lost(e->user_data);
}

/* True if there was something for this end. */
static bool hand_over(struct end *e)
{
	struct wire *w = e->wire;
	AUTO(buf_free) struct buf piece = { 0 };
	size_t len = e->to_come.len;

	if (len == 0) {
		if (!other(e)->closed || e->told || e->closed)
			return false;
		lose(e);
		return true;
	}
	if (w->chunk && len > w->chunk)
		len = w->chunk;
	if (len > w->cut_after)
		len = w->cut_after;
	if (len == e->to_come.len) {
		piece = buf_take(&e->to_come);
	} else {
		buf_put(&piece, bytes_slice(buf_view(&e->to_come), 0, len));
		buf_consume(&e->to_come, len);
	}
	if (w->cut_after != SIZE_MAX)
		w->cut_after -= len;
	e->octets += len;
	if (len && !e->closed && !e->told)
		e->user->input(e->user_data, buf_view(&piece));
	if (w->cut_after == 0) {
		buf_clear(&w->ends[0].to_come);
		buf_clear(&w->ends[1].to_come);
		lose(&w->ends[0]);
		lose(&w->ends[1]);
	}
	return true;
}

bool wire_run(struct wire *w)
{
	bool any = false, more = true;

	while (more) {
		more = hand_over(&w->ends[1]);
		more = hand_over(&w->ends[0]) || more;
		any = any || more;
	}
	return any;
}

size_t wire_octets(const struct wire *w, int to)
{
	return w->ends[to].octets;
}

bool wire_is_closed(const struct wire *w)
{
	return (w->ends[0].closed || w->ends[0].told) && (w->ends[1].closed || w->ends[1].told);
}
