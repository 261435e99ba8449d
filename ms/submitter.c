/* SPDX-License-Identifier: Apache-2.0 */
/* Indirect submission: from the user's invocation to the MTA's answer and back. */
#include "ms/submitter.h"

#include "asn1/mhs_operations.h"
#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/mhs/contexts.h"
#include "lib/mhs/envelope.h"
#include "lib/mhs/operations.h"
#include "lib/store/mailbox.h"
#include "ms/mta_password.h"
#include "ms/p7.h"
#include "ms/repeats.h"

/* One operation on its way. */
struct passing {
	struct submitter *submitter;
	struct caller *caller;
	struct repeat_key key;
	int32_t invoke_id;		/* the user's */
	int32_t mta_invoke_id;
	struct buf apdu;
	struct bytes argument;		/* lies in it; then the result does */
	struct arena *arena;		/* the texts below */
	const char *mts_id;
	struct passing *next;
};

enum submitter_state {
	SUBMITTER_IDLE,
	SUBMITTER_OPENING,
	SUBMITTER_OPEN,
	SUBMITTER_CLOSING,		/* what comes now waits for the next association */
};

struct submitter {
	struct ms *ms;
	enum submitter_state state;
	struct link *link;		/* null where idle */
	struct timer *linger;		/* null unless open with nothing to do */
	struct passing *waiting, *sent;	/* in the order of their arrival */
	struct passing *remembering;	/* answered, and the answer is being stored */
	struct repeats *repeats;
	unsigned sent_count;
};

static void passing_free(struct passing *p)
{
	caller_free(&p->caller);
	buf_free(&p->apdu);
	arena_free(&p->arena);
	mem_free(&p);
}

static void add_last(struct passing **list, struct passing *p)
{
	while (*list)
		list = &(*list)->next;
	p->next = NULL;
	*list = p;
}

static struct passing *take_first(struct passing **list)
{
	struct passing *p = *list;

	if (p)
		*list = p->next;
	return p;
}

static struct passing *take_sent(struct submitter *s, int32_t mta_invoke_id)
{
	for (struct passing **place = &s->sent; *place; place = &(*place)->next) {
		if ((*place)->mta_invoke_id == mta_invoke_id) {
			s->sent_count--;
			return take_first(place);
		}
	}
	return NULL;
}

static void take(struct passing **list, struct passing *p)
{
	while (*list != p)
		list = &(*list)->next;
	*list = p->next;
}

/* The user keeps it and tries again. */
static void tell_later(const struct passing *p)
{
	AUTO(buf_free) struct buf parameter = { 0 };

	error_null(&parameter);
	caller_error(p->caller, p->invoke_id, ERR_REMOTE_BIND_ERROR, buf_view(&parameter));
}

/* The MTA could not be asked, or did not answer. */
static void fail_passing(struct passing *p)
{
	tell_later(p);
	passing_free(p);
}

static void fail_all(struct passing **list)
{
	struct passing *p;

	while ((p = take_first(list)))
		fail_passing(p);
}

/* --- the association --- */

static void linger_over(void *arg)
{
	struct submitter *s = arg;

	timer_free(&s->linger);
	s->state = SUBMITTER_CLOSING;
	link_release(s->link);
}

static void linger_when_done(struct submitter *s)
{
	if (s->state == SUBMITTER_OPEN && !s->sent && !s->waiting)
		s->linger = timer_new(s->ms->loop, s->ms->settings->linger * 1000, 0, linger_over,
				      s);
}

static void send_waiting(struct submitter *s)
{
	timer_free(&s->linger);
	while (s->waiting && s->sent_count < s->ms->limits.invocations_max) {
		struct passing *p = take_first(&s->waiting);
		struct status *failed = assoc_invoke_req(link_assoc(s->link), p->key.operation,
							 &p->argument, 1, &p->mta_invoke_id);

		if (failed) {
			fail_passing(p);
			s->state = SUBMITTER_CLOSING;
			link_abort(s->link, failed);
			return;
		}
		s->sent_count++;
		add_last(&s->sent, p);
	}
	linger_when_done(s);
}

static void on_opened(void *user, struct link *link)
{
	struct submitter *s = user;

	(void)link;
	s->state = SUBMITTER_OPEN;
	send_waiting(s);
}

static const struct link_user submitter_user;

/* It may have changed its password. */
static FALLIBLE find_target(const struct ms *ms, const struct peer *mta, struct arena *arena,
			    struct link_target *out)
{
	*out = peer_target(mta, &context_mts_access, ms->settings->bind_timeout * 1000);
	return out->expected.password
		? mta_password_stored(ms->reader, mta, arena, &out->expected.password_stored) : OK;
}

static void open_link(struct submitter *s)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	const struct peer *mta = users_submission_mta(s->ms->users);
	struct link_target target = { 0 };
	struct status *st = mta ? find_target(s->ms, mta, arena, &target)
				: FAIL(ST_USAGE, 0, "no MTA is set");

	if (st) {
		log_event(LOG_LV_WARN, "submission refused", log_why(st));
		status_free(&st);
		fail_all(&s->waiting);
		return;
	}
	s->state = SUBMITTER_OPENING;
	s->link = link_connect(&s->ms->env, &target, on_opened, &submitter_user, s);
}

static void on_closed(void *user, struct link *link, const struct status *why)
{
	struct submitter *s = user;
	bool was_opening = s->state == SUBMITTER_OPENING;

	if (why)
		log_event(LOG_LV_WARN, "MTA lost", log_assoc(link_number(link)),
			  log_text("peer", link_peer(link)), log_why(why));
	timer_free(&s->linger);
	s->state = SUBMITTER_IDLE;
	s->link = NULL;
	s->sent_count = 0;
	fail_all(&s->sent);
	if (was_opening)
		fail_all(&s->waiting);
	else if (s->waiting)
		open_link(s);
}

/* --- answers --- */

static void answer(struct passing *p)
{
	repeats_keep(p->submitter->repeats, &p->key, p->caller, p->argument);
	caller_result(p->caller, p->invoke_id, p->key.operation, &p->argument, 1);
	passing_free(p);
}

static FALLIBLE remember_job(struct db *db, void *arg)
{
	const struct passing *p = arg;

	return mailbox_submitted(db, p->key.mailbox, p->mts_id,
				 clock_now(p->submitter->ms->clock));
}

/* The message is the MTA's: that its report would not find the user is no reason to say no. */
static void remembered(void *arg, const struct status *failed)
{
	struct passing *p = arg;

	take(&p->submitter->remembering, p);
	if (failed)
		log_event(LOG_LV_ERROR, "submitter not remembered", log_msg(p->mts_id),
			  log_why(failed));
	log_event(LOG_LV_INFO, "submitted",
		  log_assoc(p->caller->link ? link_number(p->caller->link) : 0),
		  log_msg(p->mts_id));
	answer(p);
}

static FALLIBLE read_identifier(struct passing *p)
{
	struct submission_result result;

	TRY(submission_result_decode(p->arena, p->argument, &result));
	p->mts_id = mts_id_text(p->arena, result.id);
	return OK;
}

static void remember_submitter(struct passing *p)
{
	struct status *failed = read_identifier(p);

	add_last(&p->submitter->remembering, p);
	if (!failed)
		failed = writer_submit(p->submitter->ms->writer, remember_job, remembered, p);
	if (failed)
		remembered(p, failed);
	status_free(&failed);
}

static void on_result(void *user, struct link *link, int32_t invoke_id, struct bytes result,
		      struct buf *apdu)
{
	struct submitter *s = user;
	struct passing *p = take_sent(s, invoke_id);

	(void)link;
	if (!p)
		return;
	buf_free(&p->apdu);
	p->apdu = buf_take(apdu);
	p->argument = result;
	if (p->key.operation == OP_CANCEL_DEFERRED_DELIVERY)
		answer(p);
	else
		remember_submitter(p);
	send_waiting(s);
}

static void on_error(void *user, struct link *link, int32_t invoke_id, int error,
		     struct bytes parameter, struct buf *apdu)
{
	struct submitter *s = user;
	struct passing *p = take_sent(s, invoke_id);

	(void)link, (void)apdu;
	if (!p)
		return;
	caller_error(p->caller, p->invoke_id, error, parameter);
	passing_free(p);
	send_waiting(s);
}

static void on_reject(void *user, struct link *link, int32_t invoke_id, const struct status *why)
{
	struct submitter *s = user;
	struct passing *p = take_sent(s, invoke_id);

	(void)link;
	if (!p)
		return;
	p7_failed(p->caller, p->invoke_id, p->key.operation, why);
	passing_free(p);
	send_waiting(s);
}

static const struct link_user submitter_user = {
	.result = on_result,
	.error = on_error,
	.reject = on_reject,
	.closed = on_closed,
};

/* --- its users --- */

struct submitter *submitter_new(struct ms *ms)
{
	struct submitter *s = mem_new(struct submitter);

	s->ms = ms;
	s->repeats = repeats_new(ms->clock, ms->settings->resume.within);
	return s;
}

void submitter_free(struct submitter **submitter)
{
	if (*submitter)
		repeats_free(&(*submitter)->repeats);
	mem_free(submitter);
}

static bool adopt_from(struct passing *list, const struct repeat_key *key, struct caller *caller,
		       int32_t invoke_id)
{
	for (struct passing *p = list; p; p = p->next) {
		if (p->caller == caller || !repeat_key_equal(&p->key, key))
			continue;
		/* Where the other link is open after all, he waits there for an answer. */
		tell_later(p);
		caller_free(&p->caller);
		p->caller = caller_ref(caller);
		p->invoke_id = invoke_id;
		return true;
	}
	return false;
}

/* It came over another link, which broke while it was under way: the answer goes to his new one. */
static bool adopt(const struct submitter *s, const struct repeat_key *key, struct caller *caller,
		  int32_t invoke_id)
{
	return adopt_from(s->waiting, key, caller, invoke_id) ||
	       adopt_from(s->sent, key, caller, invoke_id) ||
	       adopt_from(s->remembering, key, caller, invoke_id);
}

void submitter_pass(struct submitter *s, struct caller *caller, int64_t mailbox,
		    int32_t invoke_id, int operation, struct bytes argument, struct buf *apdu)
{
	const struct repeat_key key = repeat_key_of(mailbox, operation, argument);
	struct bytes told;
	struct passing *p;

	if (repeats_find(s->repeats, &key, caller, &told)) {
		caller_result(caller, invoke_id, operation, &told, 1);
		return;
	}
	if (adopt(s, &key, caller, invoke_id))
		return;
	p = mem_new(struct passing);
	*p = (struct passing){
		.submitter = s, .caller = caller_ref(caller), .key = key,
		.invoke_id = invoke_id, .apdu = buf_take(apdu),
		.argument = argument, .arena = arena_new(),
	};
	add_last(&s->waiting, p);
	if (s->state == SUBMITTER_IDLE)
		open_link(s);
	else if (s->state == SUBMITTER_OPEN)
		send_waiting(s);
}
