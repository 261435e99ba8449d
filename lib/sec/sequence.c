/* SPDX-License-Identifier: Apache-2.0 */
/* Message sequence numbers [X.411 8.2.1.1.1.34]. */
#include "lib/sec/sequence.h"

#include "lib/base/memory.h"

#include <inttypes.h>

struct sequence_fact sequence_check(const struct sequence_state *state, uint64_t number)
{
	struct sequence_fact fact = { .number = number };

	if (number > state->highest) {
		fact.missing = number - state->highest - 1;
		fact.verdict = fact.missing ? SEQUENCE_GAP :
			state->highest ? SEQUENCE_IN_ORDER : SEQUENCE_FIRST;
		return fact;
	}
	uint64_t behind = state->highest - number;
	if (number == 0 || behind >= SEQUENCE_WINDOW)
		fact.verdict = SEQUENCE_TOO_OLD;
	else
		fact.verdict = state->seen >> behind & 1 ? SEQUENCE_REPLAY : SEQUENCE_LATE;
	return fact;
}

void sequence_accept(struct sequence_state *state, uint64_t number)
{
	switch (sequence_check(state, number).verdict) {
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
	case SEQUENCE_REPLAY:
	case SEQUENCE_TOO_OLD:
		break;
	}
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
	case SEQUENCE_TOO_OLD:
		break;
	}
	return mem_printf("number %" PRIu64 " is too far behind to tell whether it is a repeat",
			  fact->number);
}
