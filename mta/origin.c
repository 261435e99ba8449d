/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a message or probe is its originator's. */
#include "mta/origin.h"

#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/mhs/mts_id.h"
#include "lib/mhs/operations.h"
#include "lib/mhs/originator.h"
#include "lib/mhs/orname.h"
#include "lib/sec/origin_check.h"

#include <stdlib.h>

bool origin_is_judged(const struct mta *mta)
{
	return mta->settings->check_origin != ORIGIN_UNCHECKED;
}

FALLIBLE origin_can_be_judged(const struct mta *mta)
{
	if (origin_is_judged(mta) && !mta->site->trust)
		return FAIL(ST_USAGE, 0, "check-origin needs an authority to check certificates by: "
			    "set authority, or check-origin = no");
	return OK;
}

/* One question, from the loop to the worker pool and back. */
struct judgement {
	struct origin_question q;
	struct status *failed;
};

static const char *origin_element(const struct envelope *env)
{
	return env->probe ? "probe-origin-authentication-check"
			  : "message-origin-authentication-check";
}

/* --- on the worker pool --- */

static struct bytes check_of(const struct envelope *env)
{
	return ext_value(&env->extensions, env->probe ? EXT_PROBE_ORIGIN_AUTHENTICATION_CHECK
						      : EXT_MESSAGE_ORIGIN_AUTHENTICATION_CHECK);
}

static FALLIBLE attempt(void *arg, const struct cert_path *path)
{
	const struct envelope *env = arg;
	const struct origin_facts facts = {
		.probe = env->probe,
		.content = env->content,
		.content_identifier = env->content_identifier,
		.label = ext_value(&env->extensions, EXT_MESSAGE_SECURITY_LABEL),
	};

	return origin_check_verify(&facts, NULL, NULL, cert_path_leaf(path)->key, check_of(env));
}

/* A check that cannot be made has failed, except where the directory cannot be asked now. */
static FALLIBLE verify(const struct judgement *j)
{
	struct envelope *env = j->q.env;
	struct status *failed = originator_check(j->q.mta->site->trust, env->arena, env->originator,
						 &env->extensions, attempt, env);

	if (!failed || failed->kind == ST_LATER)
		return failed;
	return status_new(failed, ST_REFUSED, SECURITY_AUTHENTICATION_FAILURE_ON_SUBJECT_MESSAGE,
			  "its %s is not believed", origin_element(env));
}

static void judge(void *arg)
{
	struct judgement *j = arg;

	j->failed = check_of(j->q.env).len ? verify(j)
		: FAIL(ST_REFUSED, SECURITY_MANDATORY_PARAMETER_ABSENCE, "it has no %s",
		       origin_element(j->q.env));
}

/* --- in the loop --- */

static bool may_pass(const struct judgement *j)
{
	switch ((enum origin_policy)j->q.mta->settings->check_origin) {
	case ORIGIN_REFUSED:
		return !j->failed || !check_of(j->q.env).len;
	case ORIGIN_REQUIRED:
		return !j->failed;
	case ORIGIN_UNCHECKED:
	case ORIGIN_LOGGED:
		break;
	}
	return true;
}

static void audit(const struct judgement *j, bool allowed)
{
	const struct envelope *env = j->q.env;
	const struct audit_event event = {
		.assoc = j->q.assoc,
		.msg = env->id.len ? mts_id_text(env->arena, env->id) : NULL,
		.user = orname_tlv_text(env->arena, env->originator),
		.what = env->probe ? "origin of a probe" : "origin of a message",
		.allowed = allowed,
		.diag = allowed || j->failed->kind == ST_LATER ? NULL : "secure-messaging-error",
		.why = j->failed,
	};

	log_audit(&event);
}

static void judged(void *arg)
{
	struct judgement *j = arg;
	const bool allowed = may_pass(j);

	audit(j, allowed);
	j->q.done(j->q.arg, allowed ? OK : j->failed);
	status_free(&j->failed);
	free(j);
}

void origin_judge(const struct origin_question *question)
{
	struct judgement *j = mem_new(struct judgement);

	j->q = *question;
	loop_work(j->q.mta->loop, judge, judged, j);
}
