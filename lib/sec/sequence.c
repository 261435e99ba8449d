/* SPDX-License-Identifier: Apache-2.0 */
/* Message sequence numbers [X.411 8.2.1.1.1.34]. */
#include "lib/sec/sequence.h"

#include "lib/base/cursor.h"
#include "lib/base/memory.h"

#include <inttypes.h>

enum { STATE_VERSION = 1 };

/* A number up to the highest: within the window it is known whether it came before. */
static enum sequence_verdict verdict_on_past(const struct sequence_state *state, uint64_t number)
{
	uint64_t behind = state->highest - number;

	if (number == 0 || behind >= SEQUENCE_WINDOW)
		return SEQUENCE_TOO_OLD;
	return state->seen >> behind & 1 ? SEQUENCE_REPLAY : SEQUENCE_LATE;
}

struct sequence_fact sequence_check(const struct sequence_state *state, uint64_t number,
				    time_t signed_at)
{
	struct sequence_fact fact = { .number = number };

	if (state->highest && signed_at < state->since) {
		fact.verdict = SEQUENCE_TOO_OLD;
	} else if (number > state->highest) {
		fact.missing = number - state->highest - 1;
		fact.verdict = fact.missing ? SEQUENCE_GAP :
			state->highest ? SEQUENCE_IN_ORDER : SEQUENCE_FIRST;
	} else {
		fact.verdict = verdict_on_past(state, number);
		/* Signed after everything else, it cannot be a repeat of anything. */
		if (number == 1 && fact.verdict != SEQUENCE_LATE && signed_at > state->newest)
			fact.verdict = SEQUENCE_RESTART;
	}
	return fact;
}

void sequence_accept(struct sequence_state *state, uint64_t number, time_t signed_at)
{
	switch (sequence_check(state, number, signed_at).verdict) {
	case SEQUENCE_FIRST:
	case SEQUENCE_IN_ORDER:
	case SEQUENCE_GAP: {
		uint64_t ahead = number - state->highest;

		state->seen = ahead < SEQUENCE_WINDOW ? state->seen << ahead | 1 : 1;
		state->highest = number;
		break;
	}
	case SEQUENCE_LATE:
		state->seen |= UINT64_C(1) << (state->highest - number);
		break;
	case SEQUENCE_RESTART:
		*state = (struct sequence_state){ .highest = number, .seen = 1, .since = signed_at };
		break;
	case SEQUENCE_REPLAY:
	case SEQUENCE_TOO_OLD:
		return;
	}
	if (signed_at > state->newest)
		state->newest = signed_at;
}

void sequence_encode(const struct sequence_state *state, struct buf *out)
{
	buf_put_u8(out, STATE_VERSION);
	buf_put_u64(out, state->highest);
	buf_put_u64(out, state->seen);
	buf_put_u64(out, (uint64_t)state->newest);
	buf_put_u64(out, (uint64_t)state->since);
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
	state.highest = cur_u64(&at);
	state.seen = cur_u64(&at);
	state.newest = (time_t)cur_u64(&at);
	state.since = (time_t)cur_u64(&at);
	struct status *broken = cur_check_end(&at, "the record of sequence numbers");
	if (broken)
		return status_new(broken, ST_LATER, 0, "the store is broken");
	*out_state = state;
	return OK;
}

bool sequence_is_acceptable(enum sequence_verdict verdict)
{
	return verdict != SEQUENCE_REPLAY && verdict != SEQUENCE_TOO_OLD;
}

char *sequence_text(const struct sequence_fact *fact)
{
	switch (fact->verdict) {
	case SEQUENCE_FIRST:
		return mem_printf("number %" PRIu64 ", the first from this sender", fact->number);
	case SEQUENCE_IN_ORDER:
		return mem_printf("number %" PRIu64 ", in order", fact->number);
	case SEQUENCE_GAP:
		return mem_printf("number %" PRIu64 ", %" PRIu64 " before it %s missing", fact->number,
				  fact->missing, fact->missing == 1 ? "is" : "are");
	case SEQUENCE_LATE:
		return mem_printf("number %" PRIu64 ", late but not seen before", fact->number);
	case SEQUENCE_REPLAY:
		return mem_printf("number %" PRIu64 " was accepted before: this is a repeat",
				  fact->number);
	case SEQUENCE_RESTART:
		return mem_printf("number %" PRIu64 " again: the sender has lost his count and begun anew",
				  fact->number);
	case SEQUENCE_TOO_OLD:
		break;
	}
	return mem_printf("number %" PRIu64 " is too far back to tell whether it is a repeat",
			  fact->number);
}
