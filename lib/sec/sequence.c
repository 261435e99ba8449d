/* SPDX-License-Identifier: Apache-2.0 */
/* Message sequence numbers [X.411 8.2.1.1.1.34]. */
#include "lib/sec/sequence.h"

#include "lib/base/cursor.h"
#include "lib/base/memory.h"

#include <inttypes.h>

enum {
	STATE_VERSION = 1,
	COUNT_BITS = 26,
	DEVICE_BITS = 5,
};

/* Times begin with 2020: 32 bits last until 2156. */
static const time_t time_origin = 1577836800;

/* --- numbers --- */

uint32_t sequence_count(uint64_t number)
{
	return number & SEQUENCE_COUNT_MAX;
}

unsigned sequence_device(uint64_t number)
{
	return number >> COUNT_BITS & SEQUENCE_DEVICE_MAX;
}

static uint64_t second_of(uint64_t number)
{
	return number >> (COUNT_BITS + DEVICE_BITS);
}

FALLIBLE sequence_next(uint64_t last, unsigned device, time_t now, uint64_t *out_number)
{
	uint64_t second = now > time_origin ? (uint64_t)(now - time_origin) & UINT32_MAX : 0;

	if (device > SEQUENCE_DEVICE_MAX)
		return FAIL(ST_USAGE, 0, "a user has at most %d devices", SEQUENCE_DEVICE_MAX);
	if (sequence_count(last) == SEQUENCE_COUNT_MAX)
		return FAIL(ST_NEVER, 0, "all sequence numbers to this recipient are used up");
	if (second < second_of(last))
		second = second_of(last);
	*out_number = (second << DEVICE_BITS | device) << COUNT_BITS | (sequence_count(last) + 1);
	return OK;
}

/* --- what the receiver knows --- */

static uint64_t highest(const struct sequence_state *state)
{
	return state->count ? state->accepted[state->count - 1] : 0;
}

/* Where a number stands among those accepted, or would stand. */
static unsigned place_of(const struct sequence_state *state, uint64_t number)
{
	unsigned place = 0;

	while (place < state->count && state->accepted[place] < number)
		place++;
	return place;
}

/* One beyond all that came: only the count may be strange. */
static void judge_new(const struct sequence_state *state, struct sequence_fact *fact)
{
	uint32_t before = sequence_count(highest(state));

	if (fact->count <= before) {
		fact->verdict = fact->count <= 1 ? SEQUENCE_RESTART : SEQUENCE_RESTORED;
		return;
	}
	fact->missing = fact->count - before - 1;
	fact->verdict = fact->missing ? SEQUENCE_GAP :
		state->count ? SEQUENCE_IN_ORDER : SEQUENCE_FIRST;
}

static enum sequence_verdict verdict_on_past(const struct sequence_state *state, uint64_t number)
{
	unsigned place = place_of(state, number);

	if (number == 0 || (place == 0 && state->count == SEQUENCE_WINDOW &&
			    state->accepted[0] != number))
		return SEQUENCE_TOO_OLD;
	return state->accepted[place] == number ? SEQUENCE_REPLAY : SEQUENCE_LATE;
}

struct sequence_fact sequence_check(const struct sequence_state *state, uint64_t number,
				    time_t signed_at)
{
	struct sequence_fact fact = { .number = number, .count = sequence_count(number),
				      .device = sequence_device(number) };

	if (state->count && signed_at < state->since) {
		fact.verdict = SEQUENCE_TOO_OLD;
	} else if (number > highest(state)) {
		judge_new(state, &fact);
	} else {
		fact.verdict = verdict_on_past(state, number);
		/* A plain 1 again, signed after everything else, cannot be a repeat of anything. */
		if (number == 1 && fact.verdict != SEQUENCE_LATE && signed_at > state->newest)
			fact.verdict = SEQUENCE_RESTART;
	}
	return fact;
}

/* The lowest makes room where the window is full. */
static void insert(struct sequence_state *state, uint64_t number)
{
	unsigned place = place_of(state, number);

	if (state->count == SEQUENCE_WINDOW) {
		place--;
		memmove(state->accepted, state->accepted + 1, place * sizeof(number));
	} else {
		memmove(state->accepted + place + 1, state->accepted + place,
			(state->count - place) * sizeof(number));
		state->count++;
	}
	state->accepted[place] = number;
}

void sequence_accept(struct sequence_state *state, uint64_t number, time_t signed_at)
{
	enum sequence_verdict verdict = sequence_check(state, number, signed_at).verdict;

	if (!sequence_is_acceptable(verdict))
		return;
	if (verdict == SEQUENCE_RESTART && number <= highest(state))
		*state = (struct sequence_state){ .since = signed_at };
	insert(state, number);
	if (signed_at > state->newest)
		state->newest = signed_at;
}

/* --- kept --- */

void sequence_encode(const struct sequence_state *state, struct buf *out)
{
	buf_put_u8(out, STATE_VERSION);
	buf_put_u64(out, (uint64_t)state->newest);
	buf_put_u64(out, (uint64_t)state->since);
	buf_put_u8(out, (uint8_t)state->count);
	for (unsigned i = 0; i < state->count; i++)
		buf_put_u64(out, state->accepted[i]);
}

static FALLIBLE decode_accepted(struct cursor *at, struct sequence_state *state)
{
	unsigned count = cur_u8(at);

	if (count > SEQUENCE_WINDOW)
		return FAIL(ST_LATER, 0, "the record of sequence numbers has %u of them", count);
	for (; state->count < count; state->count++) {
		uint64_t number = cur_u64(at);

		if (number <= highest(state))
			break;
		state->accepted[state->count] = number;
	}
	TRY(cur_check_end(at, "the record of sequence numbers"));
	if (state->count < count)
		return FAIL(ST_LATER, 0, "the record of sequence numbers is not in order");
	return OK;
}

FALLIBLE sequence_decode(struct bytes octets, struct sequence_state *out_state)
{
	struct cursor at = cursor_over(octets);
	struct sequence_state state = { 0 };

	*out_state = state;
	if (!octets.len)
		return OK;
	if (cur_u8(&at) != STATE_VERSION)
		return FAIL(ST_LATER, 0, "the record of sequence numbers is of another version");
	state.newest = (time_t)cur_u64(&at);
	state.since = (time_t)cur_u64(&at);
	struct status *broken = decode_accepted(&at, &state);
	if (broken)
		return status_new(broken, ST_LATER, 0, "the store is broken");
	*out_state = state;
	return OK;
}

/* --- what becomes of it --- */

bool sequence_is_acceptable(enum sequence_verdict verdict)
{
	return verdict != SEQUENCE_REPLAY && verdict != SEQUENCE_TOO_OLD;
}

/* What the text says behind "message 7 from this sender". */
static char *what_is_said(const struct sequence_fact *fact)
{
	switch (fact->verdict) {
	case SEQUENCE_FIRST:
		return mem_strdup(", the first");
	case SEQUENCE_IN_ORDER:
		return mem_strdup(", none missing");
	case SEQUENCE_GAP:
		return mem_printf(", %" PRIu32 " before it missing so far", fact->missing);
	case SEQUENCE_LATE:
		return mem_strdup(", late but new");
	case SEQUENCE_REPLAY:
		return mem_strdup(" was accepted before: this is a repeat");
	case SEQUENCE_RESTART:
		return mem_strdup(", who has begun to count anew");
	case SEQUENCE_RESTORED:
		return mem_strdup(", whose count went back, as that of a backup does: new, but "
				  "nobody can tell how many are missing");
	case SEQUENCE_TOO_OLD:
		break;
	}
	return mem_strdup(" is too far back to tell whether it is a repeat");
}

char *sequence_text(const struct sequence_fact *fact)
{
	AUTO(mem_free) char *said = what_is_said(fact);

	if (fact->device > 1)
		return mem_printf("message %" PRIu32 " from this sender's device %u%s", fact->count,
				  fact->device, said);
	return mem_printf("message %" PRIu32 " from this sender%s", fact->count, said);
}
