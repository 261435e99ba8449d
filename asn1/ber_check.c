/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The check of everything from a peer, and the rewriting of indefinite lengths.
 *
 * Both walk the value with an explicit stack of bounded height, so neither time
 * nor memory depends on more than the number of values.
 */
#include "asn1/ber.h"

#include "asn1/ber_frame.h"
#include "lib/base/memory.h"

struct level {
	size_t end;		/* where the contents end; of an indefinite value, its parent's */
	bool indefinite;
};

struct scan {
	struct bytes in;
	const struct ber_limits *limits;
	size_t pos;
	size_t count;
	unsigned depth;
	struct level levels[BER_DEPTH_MAX];
};

enum step {
	STEP_PRIMITIVE,		/* the frame of a primitive value; the scan is behind it */
	STEP_OPEN,		/* the frame of a constructed value; the scan is at its contents */
	STEP_CLOSE,		/* the end of the innermost constructed value */
	STEP_DONE,
};

static void scan_init(struct scan *s, struct bytes in, const struct ber_limits *limits)
{
	s->in = in;
	s->limits = limits;
	s->pos = s->count = s->depth = 0;
}

/* What X.690 8.2 to 8.5, 8.8 and 8.19 say of a value under its universal tag. */
static FALLIBLE check_universal(const struct ber_frame *frame)
{
	bool fine;

	switch (frame->tag) {
	case BER_BOOLEAN:
		fine = !frame->constructed && frame->len == 1;
		break;
	case BER_NULL:
		fine = !frame->constructed && frame->len == 0;
		break;
	case BER_INTEGER:
	case BER_ENUMERATED:
	case BER_OID:
		fine = !frame->constructed && frame->len > 0;
		break;
	case BER_SEQUENCE:
	case BER_SET:
		fine = frame->constructed;
		break;
	default:
		fine = true;
	}
	if (!fine)
		return FAIL(ST_PEER, 0, "a value with universal tag %u has a form that its type "
			    "has not", frame->tag);
	return OK;
}

static FALLIBLE scan_value(struct scan *s, size_t end, struct ber_frame *frame,
			   enum step *out_step)
{
	TRY(ber_read_frame(bytes_slice(s->in, s->pos, end - s->pos), frame));
	TRY(check_universal(frame));
	if (++s->count > s->limits->count)
		return FAIL(ST_PEER, 0, "more than %zu values", s->limits->count);
	s->pos += frame->header;
	if (!frame->constructed) {
		s->pos += frame->len;
		*out_step = STEP_PRIMITIVE;
		return OK;
	}
	if (s->depth == s->limits->depth || s->depth == BER_DEPTH_MAX)
		return FAIL(ST_PEER, 0, "values lie more than %u deep inside one another", s->depth);
	s->levels[s->depth++] = (struct level){
		.end = frame->indefinite ? end : s->pos + frame->len,
		.indefinite = frame->indefinite,
	};
	*out_step = STEP_OPEN;
	return OK;
}

static FALLIBLE scan_step(struct scan *s, struct ber_frame *frame, enum step *out_step)
{
	if (s->depth == 0) {
		if (s->count == 0)
			return scan_value(s, s->in.len, frame, out_step);
		if (s->pos < s->in.len)
			return FAIL(ST_PEER, 0, "%zu octets stand behind the value",
				    s->in.len - s->pos);
		*out_step = STEP_DONE;
		return OK;
	}
	struct level *top = &s->levels[s->depth - 1];
	bool ends = top->indefinite
		? ber_at_end_of_contents(bytes_slice(s->in, s->pos, top->end - s->pos))
		: s->pos == top->end;

	if (!ends)
		return scan_value(s, top->end, frame, out_step);
	if (top->indefinite)
		s->pos += 2;
	s->depth--;
	*out_step = STEP_CLOSE;
	return OK;
}

FALLIBLE ber_check(struct bytes in, const struct ber_limits *limits, struct ber_shape *out_shape)
{
	struct scan s;
	struct ber_shape shape = { 0 };
	struct ber_frame frame;
	enum step step;

	scan_init(&s, in, limits);
	do {
		TRY(scan_step(&s, &frame, &step));
		if (step == STEP_OPEN) {
			shape.constructed++;
			shape.indefinite |= frame.indefinite;
		}
	} while (step != STEP_DONE);
	shape.count = s.count;
	if (out_shape)
		*out_shape = shape;
	return OK;
}

/*
 * The new contents length of each constructed value, in the order in which they
 * open; KEEP where nothing inside is indefinite, so that the octets stay.
 */
#define KEEP SIZE_MAX

struct measuring {
	size_t index;		/* in the table of lengths */
	size_t len;		/* of the new contents, so far */
	size_t start, header;	/* as it arrived */
	uint32_t tag;
	bool changes;
};

static FALLIBLE measure(struct bytes in, const struct ber_limits *limits, size_t *lengths)
{
	struct scan s;
	struct measuring open[BER_DEPTH_MAX + 1] = { 0 };	/* the first stands for the whole */
	struct ber_frame frame;
	enum step step;
	size_t next = 0;

	scan_init(&s, in, limits);
	for (;;) {
		size_t start = s.pos;

		TRY(scan_step(&s, &frame, &step));
		struct measuring *top = &open[s.depth];

		switch (step) {
		case STEP_PRIMITIVE:
			top->len += s.pos - start;
			break;
		case STEP_OPEN:
			*top = (struct measuring){
				.index = next++, .start = start, .tag = frame.tag,
				.changes = frame.indefinite,
			};
			break;
		case STEP_CLOSE: {
			const struct measuring *closed = top + 1;

			lengths[closed->index] = closed->changes ? closed->len : KEEP;
			top->changes |= closed->changes;
			top->len += closed->changes ? ber_size(closed->tag, closed->len)
						    : s.pos - closed->start;
			break;
		}
		case STEP_DONE:
			return OK;
		}
	}
}

/* Copies what stays in runs as long as they get, and new headers between them. */
static FALLIBLE rewrite(struct bytes in, const struct ber_limits *limits, const size_t *lengths,
			struct buf *out)
{
	struct scan s;
	struct ber_frame frame;
	enum step step;
	size_t copied = 0;

	scan_init(&s, in, limits);
	do {
		size_t start = s.pos;

		TRY(scan_step(&s, &frame, &step));
		if (step == STEP_OPEN && *lengths++ != KEEP) {
			buf_put(out, bytes_slice(in, copied, start - copied));
			ber_put_header(out, frame.tag, true, lengths[-1]);
			copied = s.pos;
		} else if (step == STEP_CLOSE && s.levels[s.depth].indefinite) {
			buf_put(out, bytes_slice(in, copied, start - copied));
			copied = s.pos;
		}
	} while (step != STEP_DONE);
	buf_put(out, bytes_slice(in, copied, in.len - copied));
	return OK;
}

FALLIBLE ber_to_definite(struct bytes in, const struct ber_limits *limits, struct buf *out)
{
	struct ber_shape shape;

	TRY(ber_check(in, limits, &shape));
	if (!shape.indefinite) {
		buf_put(out, in);
		return OK;
	}
	AUTO(mem_free) size_t *lengths = mem_new_array(size_t, shape.constructed);

	TRY(measure(in, limits, lengths));
	/* A new header is up to 7 octets longer than 80, and end-of-contents octets go. */
	buf_reserve(out, in.len);
	return rewrite(in, limits, lengths, out);
}
