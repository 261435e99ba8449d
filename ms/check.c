/* SPDX-License-Identifier: Apache-2.0 */
/* A message that is delivered, and the policy of the mailbox. */
#include "ms/check.h"

#include "lib/base/log.h"
#include "lib/mhs/diagnostics.h"
#include "lib/mhs/originator.h"
#include "lib/mhs/seen.h"
#include "lib/mhs/suites.h"

static struct check_plan plan_of(const struct ms *ms, const struct user *user,
				 const struct delivery *d, const struct cert *signer)
{
	return (struct check_plan){
		.accepted = user->policy->verify,
		.options = *suite_terms_with_tlv(&ms->terms, d->originator),
		.originator = signer,
		.own_name = user->peer.or_name,
		.same_name = orname_tlv_equal,
		.token = ext_value(&d->extensions, EXT_MESSAGE_TOKEN),
		.seal_algorithm = ext_value(&d->extensions,
					    EXT_CONTENT_CONFIDENTIALITY_ALGORITHM),
		.asks_for_proof = ext_long(&d->extensions, EXT_PROOF_OF_DELIVERY_REQUEST, 0) == 1,
		.now = clock_now(ms->clock),
	};
}

static bool is_signed(const struct delivery *d)
{
	return ext_find(&d->extensions, EXT_MESSAGE_TOKEN) ||
		ext_find(&d->extensions, EXT_CONTENT_CONFIDENTIALITY_ALGORITHM);
}

struct attempting {
	const struct ms *ms;
	const struct user *user;
	const struct delivery *delivery;
	struct checked *checked;
};

static FALLIBLE attempt(void *arg, const struct cert_path *path)
{
	const struct attempting *a = arg;
	const struct check_plan plan = plan_of(a->ms, a->user, a->delivery, cert_path_leaf(path));
	AUTO(buf_free) struct buf content = buf_copy(a->delivery->content);

	TRY(message_check(&plan, &content, &a->checked->facts));
	a->checked->path = cert_path_copy(path);
	/* It points into the certificate that is now kept. */
	a->checked->facts.signer_text = cert_path_leaf(a->checked->path)->subject_text;
	return OK;
}

static FALLIBLE check_signed(const struct ms *ms, const struct user *user,
			     const struct delivery *d, struct checked *out)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct attempting attempting = { ms, user, d, out };

	if (!ms->site->trust)
		return FAIL(ST_LATER, 0, "no authority is set, so that no signature can be verified");
	return originator_check(ms->site->trust, arena, d->originator, &d->extensions, attempt,
				&attempting);
}

FALLIBLE check_delivery(const struct ms *ms, const struct user *user,
			const struct delivery *delivery, struct checked *out_checked)
{
	if (is_signed(delivery))
		return check_signed(ms, user, delivery, out_checked);
	if (user->policy->unsigned_ == UNSIGNED_REFUSE)
		return FAIL(ST_REFUSED, DIAG_SECURE_MESSAGING_ERROR, "there is no message token: nothing "
			    "says who the message is from");
	return OK;
}

FALLIBLE check_repeat(const struct ms *ms, const struct checked *checked, struct db *db)
{
	struct seen_within within = { db, clock_now(ms->clock) };
	const struct seen_before seen = seen_before_within(&within);

	if (!checked->path)
		return OK;
	const struct check_plan plan = {
		.originator = cert_path_leaf(checked->path),
		.seen = &seen,
		.now = within.now,
	};
	return message_check_new(&plan, &checked->facts);
}

void checked_cleanup(struct checked *checked)
{
	cert_path_free(&checked->path);
}

void check_audit(const struct user *user, const struct delivery *delivery, const char *mts_id,
		 const struct status *why)
{
	AUTO(status_free) struct status *unsigned_ = NULL;
	struct audit_event event = {
		.msg = mts_id,
		.user = user->peer.name,
		.what = "delivery",
		.allowed = !why,
		.diag = why ? diagnostic_name(DIAG_SECURE_MESSAGING_ERROR) : NULL,
		.why = why,
	};

	if (!why && !is_signed(delivery)) {
		if (user->policy->unsigned_ == UNSIGNED_PASS)
			return;
		unsigned_ = FAIL(ST_REFUSED, 0, "nobody signed it");
		event.why = unsigned_;
	}
	log_audit(&event);
}
