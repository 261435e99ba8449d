/* SPDX-License-Identifier: Apache-2.0 */
/* One exchange with the message store, or the MTA, after the other. */
#include "ua/sync.h"

#include "ua/fetch.h"
#include "ua/outbox.h"
#include "ua/print.h"
#include "ua/turn.h"
#include "ua/verify.h"

const struct option_spec sync_options[] = {
	{ "watch", NULL, "Stay bound, and go on whenever the store says that there is something new." },
	{ "again", NULL, "Check refused messages once more, too." },
	{ 0 }
};

struct exchange {
	struct home *home;
	struct session *session;
	const struct invocation *invocation;
	bool again;
	bool silent;			/* nothing to tell where nothing happened */
	bool watching;
	struct outbox_counts outbox;
	struct arrival_counts fetched;
	struct verify_counts verified;
};

/* --- telling --- */

static void tell_json(const struct exchange *x, const char *peer)
{
	json_t *json = json_pack("{s:o, s:{s:I, s:I, s:I}, s:{s:I, s:I, s:I}, s:{s:I, s:I, s:I, s:I, s:I}}",
		x->home->mta ? "mta" : "store", json_shown(peer),
		"outbox", "sent", (json_int_t)x->outbox.sent,
		"refused", (json_int_t)x->outbox.refused,
		"waiting", (json_int_t)x->outbox.waiting,
		"fetched", "messages", (json_int_t)x->fetched.messages,
		"reports", (json_int_t)x->fetched.reports,
		"unreadable", (json_int_t)x->fetched.unreadable,
		"checked", "good", (json_int_t)x->verified.good,
		"unsigned", (json_int_t)x->verified.unsigned_,
		"refused", (json_int_t)x->verified.refused,
		"unchecked", (json_int_t)x->verified.unchecked,
		"broken", (json_int_t)x->verified.broken);

	print_json(json);
}

static void tell_checked(const struct verify_counts *v)
{
	if (v->good)
		printf("  %zu signed and unchanged\n", v->good);
	if (v->broken)
		printf("  WARNING: %zu of them with a suite that proves nothing any more: \"postern-ua "
		       "list\" says which\n", v->broken);
	if (v->unsigned_)
		printf("  %zu not signed\n", v->unsigned_);
	if (v->refused)
		printf("  %zu REFUSED and kept apart: \"postern-ua list\" says why\n", v->refused);
	if (v->unchecked)
		printf("  %zu not checked yet: \"postern-ua list\" says why\n", v->unchecked);
}

static void tell_words(const struct exchange *x, const char *peer)
{
	struct arena *arena = x->home->arena;

	printf("With %s: sent %s, received %s and %s.\n", peer,
	       count_words(arena, x->outbox.sent, "message"),
	       count_words(arena, x->fetched.messages, "message"),
	       count_words(arena, x->fetched.reports, "report"));
	tell_checked(&x->verified);
	if (x->outbox.refused)
		printf("  %zu could not be sent: \"postern-ua receipts\" says why\n",
		       x->outbox.refused);
	if (x->fetched.unreadable)
		printf("  %zu %s: nobody could read the envelope\n", x->fetched.unreadable,
		       x->home->mta ? "not taken" : "left in the store");
	if (x->outbox.why)
		status_print(stdout, "  waiting", x->outbox.why);
}

static bool is_nothing(const struct exchange *x)
{
	return !x->outbox.sent && !x->outbox.refused && !x->fetched.messages &&
	       !x->fetched.reports && !x->verified.good && !x->verified.unsigned_ &&
	       !x->verified.refused;
}

static void tell(struct exchange *x)
{
	const char *peer = session_peer(x->session);

	if (!(x->silent && is_nothing(x))) {
		if (x->invocation->json)
			tell_json(x, peer);
		else
			tell_words(x, peer);
		fflush(stdout);
	}
	status_free(&x->outbox.why);
	x->outbox = (struct outbox_counts){ 0 };
	x->fetched = (struct arrival_counts){ 0 };
	x->verified = (struct verify_counts){ 0 };
}

/* --- one exchange --- */

/* What it delivers comes whenever it does. */
static FALLIBLE exchange_with_mta(struct exchange *x)
{
	struct status *failed = outbox_send(x->home, x->session, x->invocation, &x->outbox);

	return failed ? failed : session_collect(x->session);
}

static FALLIBLE exchange_all(struct exchange *x)
{
	struct home *home = x->home;

	/* What waits because the link broke is sent now. */
	status_free(&x->outbox.why);
	x->outbox.waiting = 0;
	if (home->mta)
		return exchange_with_mta(x);
	TRY(fetch_delete(home, x->session));
	TRY(outbox_send(home, x->session, x->invocation, &x->outbox));
	return fetch_new(home, x->session, x->invocation, &x->fetched);
}

/* An MTA does not have to be asked. */
static FALLIBLE ask_for_alerts(const struct exchange *x)
{
	return x->watching && !x->home->mta ? fetch_register_alert(x->session) : OK;
}

static FALLIBLE reopen(struct exchange *x, const struct status *lost)
{
	TRY(session_reopen(x->session, x->invocation, lost));
	return ask_for_alerts(x);
}

/* Until it is done, or the link cannot be had again. */
static FALLIBLE exchange_resuming(struct exchange *x)
{
	struct status *failed = exchange_all(x);

	while (failed && session_can_reopen(x->session)) {
		AUTO(status_free) struct status *lost = failed;

		failed = reopen(x, lost);
		if (!failed)
			failed = exchange_all(x);
	}
	return failed;
}

static FALLIBLE exchange_body(struct exchange *x)
{
	struct home *home = x->home;
	AUTO(turn_end) int turn = -1;

	TRY(turn_take(home, x->session, &turn));
	struct status *failed = exchange_resuming(x), *unchecked;

	if (home->mta)
		x->fetched = session_arrivals(x->session);
	/* What came before the link broke is checked all the same. */
	unchecked = verify_pending(home, x->again, &x->verified);
	x->again = false;
	trust_refresh(home->site->trust);
	if (!failed && !unchecked)
		unchecked = uastore_set_number(home->db, "last-sync", clock_now(home->clock));
	if (failed)
		status_drop(unchecked);
	return failed ? failed : unchecked;
}

static FALLIBLE exchange_once(struct exchange *x)
{
	struct status *failed = exchange_body(x);

	tell(x);
	return failed;
}

/* An alert or a delivery, or half the time in which the peer has to show that it is there. */
static FALLIBLE watch(struct exchange *x)
{
	int64_t timeout_ms = x->home->settings->idle_timeout * 1000 / 2;
	bool stop = false;

	x->silent = true;
	while (!stop) {
		struct status *failed = session_watch(x->session, timeout_ms, &stop);

		if (failed && session_can_reopen(x->session)) {
			AUTO(status_free) struct status *lost = failed;

			failed = reopen(x, lost);
		}
		TRY(failed);
		if (!stop)
			TRY(exchange_once(x));
	}
	return OK;
}

FALLIBLE cmd_sync(const struct invocation *invocation)
{
	AUTO(home_free) struct home *home = NULL;
	AUTO(session_close) struct session *session = NULL;
	struct exchange x = {
		.invocation = invocation,
		.again = options_has(&invocation->options, "again"),
	};

	TRY(home_of(invocation, &home));
	TRY(home_unlock(home));
	TRY(session_open(home, &session));
	x.home = home;
	x.session = session;
	if (!options_has(&invocation->options, "watch"))
		return exchange_once(&x);
	/* First, so that nothing arrives unnoticed. */
	x.watching = true;
	TRY(ask_for_alerts(&x));
	TRY(exchange_once(&x));
	return watch(&x);
}
