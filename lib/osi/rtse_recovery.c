/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Activities that were cut off [X.228 7]: in each direction as many as the
 * bound on octets and a small number allow, oldest first to go.  An outgoing
 * one is known by its octets, because its user repeats the transfer.
 */
#include "lib/osi/rtse_recovery.h"

#include "lib/base/memory.h"

#define INCOMING_MAX 16
#define OUTGOING_MAX 16

/* An invocation without an answer.  A large argument is found in the activity that carried it. */
#define INVOKED_MAX 64
#define INVOKED_ARGUMENT_MAX 16384

struct invoked {
	int32_t id;
	int operation;
	struct buf argument;
};

struct rtse_recovery {
	size_t octets_max;
	struct outgoing out[OUTGOING_MAX];	/* oldest first */
	size_t out_count;
	struct incoming in[INCOMING_MAX];	/* oldest first */
	size_t in_count;
	struct invoked invoked[INVOKED_MAX];	/* oldest first */
	size_t invoked_count;
	int32_t last_id;
	struct rtse *machines;
};

void activity_name_set(struct activity_name *n, struct bytes association, struct bytes activity)
{
	activity_name_free(n);
	buf_put(&n->association, association);
	buf_put(&n->activity, activity);
}

void activity_name_free(struct activity_name *n)
{
	buf_free(&n->association);
	buf_free(&n->activity);
}

void outgoing_free(struct outgoing *o)
{
	activity_name_free(&o->name);
	buf_free(&o->apdu);
	*o = (struct outgoing){ 0 };
}

void incoming_free(struct incoming *i)
{
	activity_name_free(&i->name);
	buf_free(&i->apdu);
	i->serial = 0;
	i->complete = false;
}

struct rtse_recovery *rtse_recovery_new(size_t octets_max)
{
	struct rtse_recovery *recovery = mem_new(struct rtse_recovery);

	recovery->octets_max = octets_max;
	return recovery;
}

void rtse_recovery_free(struct rtse_recovery **recovery)
{
	struct rtse_recovery *r = TAKE(*recovery);

	if (!r)
		return;
	for (size_t i = 0; i < r->out_count; i++)
		outgoing_free(&r->out[i]);
	for (size_t i = 0; i < r->in_count; i++)
		incoming_free(&r->in[i]);
	for (size_t i = 0; i < r->invoked_count; i++)
		buf_free(&r->invoked[i].argument);
	mem_free(&r);
}

struct rtse **rtse_recovery_machines(struct rtse_recovery *recovery)
{
	return &recovery->machines;
}

void rtse_recovery_first_id(struct rtse_recovery *recovery, int32_t id)
{
	recovery->last_id = id;
}

size_t rtse_recovery_held(const struct rtse_recovery *recovery)
{
	size_t held = 0;

	for (size_t i = 0; i < recovery->in_count; i++)
		held += recovery->in[i].apdu.len;
	return held;
}

size_t rtse_recovery_held_outgoing(const struct rtse_recovery *recovery)
{
	size_t held = 0;

	for (size_t i = 0; i < recovery->out_count; i++)
		held += recovery->out[i].apdu.len;
	return held;
}

size_t rtse_recovery_passed(const struct rtse_recovery *recovery)
{
	size_t passed = rtse_recovery_held(recovery);

	for (size_t i = 0; i < recovery->out_count; i++)
		passed += recovery->out[i].confirmed_at;
	return passed;
}

bool rtse_recovery_has_outgoing(const struct rtse_recovery *recovery)
{
	return recovery->out_count > 0;
}

bool rtse_recovery_is_empty(const struct rtse_recovery *recovery)
{
	return recovery->out_count == 0 && recovery->in_count == 0 &&
	       recovery->invoked_count == 0;
}

static struct outgoing take_outgoing_at(struct rtse_recovery *recovery, size_t at)
{
	struct outgoing o = recovery->out[at];

	recovery->out_count--;
	memmove(&recovery->out[at], &recovery->out[at + 1],
		(recovery->out_count - at) * sizeof(recovery->out[0]));
	return o;
}

void rtse_recovery_put_outgoing(struct rtse_recovery *recovery, struct outgoing *o)
{
	struct outgoing kept = *o;

	*o = (struct outgoing){ 0 };
	while (recovery->out_count == OUTGOING_MAX ||
	       (recovery->out_count > 0 &&
		rtse_recovery_held_outgoing(recovery) + kept.apdu.len > recovery->octets_max)) {
		struct outgoing oldest = take_outgoing_at(recovery, 0);

		outgoing_free(&oldest);
	}
	/* The one that was cut off last is kept in any case: its user repeats it. */
	recovery->out[recovery->out_count++] = kept;
}

/* Takes one out of the row, which closes up; the octets are the caller's now. */
static struct incoming take_at(struct rtse_recovery *recovery, size_t at)
{
	struct incoming i = recovery->in[at];

	recovery->in_count--;
	memmove(&recovery->in[at], &recovery->in[at + 1],
		(recovery->in_count - at) * sizeof(recovery->in[0]));
	return i;
}

void rtse_recovery_put_incoming(struct rtse_recovery *recovery, struct incoming *i)
{
	struct incoming kept = *i;

	*i = (struct incoming){ 0 };
	while (recovery->in_count == INCOMING_MAX ||
	       (recovery->in_count > 0 &&
		rtse_recovery_held(recovery) + kept.apdu.len > recovery->octets_max)) {
		struct incoming oldest = take_at(recovery, 0);

		incoming_free(&oldest);
	}
	if (kept.apdu.len > recovery->octets_max)
		incoming_free(&kept);
	else
		recovery->in[recovery->in_count++] = kept;
}

bool bytes_are_joined(struct bytes whole, const struct bytes *parts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!bytes_equal(bytes_slice(whole, 0, parts[i].len), parts[i]))
			return false;
		whole = bytes_slice(whole, parts[i].len, SIZE_MAX);
	}
	return whole.len == 0;
}

bool rtse_recovery_take_outgoing(struct rtse_recovery *recovery, const struct bytes *parts,
				 size_t count, struct outgoing *out_o)
{
	for (size_t i = 0; i < recovery->out_count; i++) {
		if (bytes_are_joined(buf_view(&recovery->out[i].apdu), parts, count)) {
			*out_o = take_outgoing_at(recovery, i);
			return true;
		}
	}
	return false;
}

struct bytes rtse_recovery_outgoing(const struct rtse_recovery *recovery, size_t at)
{
	return at < recovery->out_count ? buf_view(&recovery->out[at].apdu) : bytes_none();
}

bool rtse_recovery_take_incoming(struct rtse_recovery *recovery, struct bytes association,
				 struct bytes activity, struct incoming *out_i)
{
	for (size_t i = 0; i < recovery->in_count; i++) {
		const struct activity_name *n = &recovery->in[i].name;

		if (bytes_equal(buf_view(&n->association), association) &&
		    bytes_equal(buf_view(&n->activity), activity)) {
			*out_i = take_at(recovery, i);
			return true;
		}
	}
	return false;
}

void rtse_recovery_forget_complete(struct rtse_recovery *recovery)
{
	size_t i = 0;

	while (i < recovery->in_count) {
		if (recovery->in[i].complete) {
			struct incoming done = take_at(recovery, i);

			incoming_free(&done);
		} else {
			i++;
		}
	}
}

/* --- operations --- */

int32_t rtse_recovery_next_id(struct rtse_recovery *recovery)
{
	recovery->last_id = recovery->last_id == INT32_MAX ? 1 : recovery->last_id + 1;
	return recovery->last_id;
}

static void forget_invoked(struct rtse_recovery *recovery, size_t at)
{
	buf_free(&recovery->invoked[at].argument);
	recovery->invoked_count--;
	memmove(&recovery->invoked[at], &recovery->invoked[at + 1],
		(recovery->invoked_count - at) * sizeof(recovery->invoked[0]));
}

static void forget_invocation(struct rtse_recovery *recovery, int32_t invoke_id)
{
	for (size_t i = 0; i < recovery->invoked_count; i++) {
		if (recovery->invoked[i].id == invoke_id) {
			forget_invoked(recovery, i);
			return;
		}
	}
}

void rtse_recovery_invoked(struct rtse_recovery *recovery, int32_t invoke_id, int operation,
			   const struct bytes *parts, size_t count)
{
	struct invoked *in;
	size_t len = 0;

	forget_invocation(recovery, invoke_id);
	for (size_t i = 0; i < count; i++)
		len += parts[i].len;
	if (len > INVOKED_ARGUMENT_MAX)
		return;
	if (recovery->invoked_count == INVOKED_MAX)
		forget_invoked(recovery, 0);
	in = &recovery->invoked[recovery->invoked_count++];
	*in = (struct invoked){ .id = invoke_id, .operation = operation };
	for (size_t i = 0; i < count; i++)
		buf_put(&in->argument, parts[i]);
}

int32_t rtse_recovery_unanswered(const struct rtse_recovery *recovery, int operation,
				 const struct bytes *parts, size_t count, size_t at)
{
	for (size_t i = 0; i < recovery->invoked_count; i++) {
		const struct invoked *in = &recovery->invoked[i];

		if (in->operation == operation &&
		    bytes_are_joined(buf_view(&in->argument), parts, count) && at-- == 0)
			return in->id;
	}
	return 0;
}

void rtse_recovery_answered(struct rtse_recovery *recovery, int32_t invoke_id)
{
	forget_invocation(recovery, invoke_id);
	for (size_t i = 0; i < recovery->out_count; i++) {
		if (recovery->out[i].awaits == invoke_id) {
			struct outgoing o = take_outgoing_at(recovery, i);

			outgoing_free(&o);
			return;
		}
	}
}
