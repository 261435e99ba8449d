/* SPDX-License-Identifier: Apache-2.0 */
/* Users of the MTS, and what they registered. */
#include "mta/mts_user.h"

#include "lib/base/log.h"
#include "lib/mhs/diagnostics.h"
#include "lib/store/registered.h"

struct mts_user mts_user_of_store(struct arena *arena, const struct peer *store)
{
	return (struct mts_user){ arena_printf(arena, "store %s", store->name), store };
}

struct mts_user mts_user_of_agent(const struct mta *mta, struct arena *arena,
				  const struct orname *name)
{
	return (struct mts_user){ peers_user_name(arena, name),
				  peers_find_user(mta->peers, orname_key(arena, name)) };
}

/* --- labels --- */

static struct bytes allowed(const struct mta *mta, const struct mts_user *user)
{
	return labels_allowed(&mta->labels, user->peer ? user->peer->expected.security_context
						       : bytes_none());
}

FALLIBLE mts_user_may_register(const struct mta *mta, const struct mts_user *user,
			       struct bytes labels)
{
	return labels_check_context(&mta->labels, labels, allowed(mta, user));
}

/* What was registered under other settings may be more than these allow: then they are in force. */
static bool labels_hold(const struct mta *mta, const struct mts_user *user,
			const struct registered *r)
{
	struct status *st = r->has_labels ? mts_user_may_register(mta, user, r->labels) : OK;
	bool hold = r->has_labels && !st;

	if (st)
		log_event(LOG_LV_WARN, "registered labels are more than the settings allow",
			  log_text("user", user->name), log_why(st));
	status_drop(st);
	return hold;
}

FALLIBLE mts_user_expect(const struct mta *mta, const struct mts_user *user, struct arena *arena,
			 struct link_expected *io)
{
	AUTO(buf_free) struct buf stored = { 0 };
	struct registered r;

	TRY(registered_find(mta->reader, arena, user->name, &r));
	if (labels_hold(mta, user, &r))
		io->security_context = r.labels;
	if (io->password) {
		TRY(registered_password(mta->reader, user->name, &stored));
		io->password_stored = arena_dup(arena, buf_view(&stored));
	}
	return OK;
}

/* --- what they take --- */

static bool is_among(struct bytes types, struct bytes type)
{
	struct ber_tlv one;

	while (types.len) {
		struct status *st = ber_next(&types, &one);

		if (st) {
			status_drop(st);
			return false;
		}
		if (bytes_equal(one.whole, type))
			return true;
	}
	return false;
}

static FALLIBLE check_content(const struct registered *r, const struct envelope *env)
{
	int64_t octets = env->probe ? env->content_length : (int64_t)env->content.len;

	if (r->has_content_max && octets > r->content_max)
		return FAIL(ST_NEVER, DIAG_CONTENT_TOO_LONG,
			    "a content of %lld octets: %lld are the most that were registered",
			    (long long)octets, (long long)r->content_max);
	if (r->has_content_types && !is_among(r->content_types, env->content_type))
		return FAIL(ST_NEVER, DIAG_CONTENT_TYPE_NOT_SUPPORTED,
			    "contents of this type are none of those that were registered");
	return OK;
}

static FALLIBLE check_label(const struct mta *mta, const struct mts_user *user,
			    const struct registered *r, const struct envelope *env)
{
	struct status *refused = labels_hold(mta, user, r)
		? labels_check(&mta->labels, r->labels,
			       ext_value(&env->extensions, EXT_MESSAGE_SECURITY_LABEL)) : OK;
	const struct audit_event event = {
		.msg = mts_id_text(env->arena, env->id),
		.user = user->name,
		.what = "deliver",
		.diag = "secure-messaging-error",
		.why = refused,
	};

	if (refused)
		log_audit(&event);
	return refused;
}

static FALLIBLE takes(const struct mta *mta, const struct mts_user *user, struct arena *arena,
		      const struct envelope *env)
{
	struct registered r;

	TRY(registered_find(mta->reader, arena, user->name, &r));
	TRY(check_label(mta, user, &r, env));
	return check_content(&r, env);
}

static FALLIBLE store_takes(const struct mta *mta, const struct peer *store, struct arena *arena,
			    const struct envelope *env)
{
	const struct mts_user of_store = mts_user_of_store(arena, store);

	TRY_DOING(takes(mta, &of_store, arena, env), "the store %s does not take it", store->name);
	return OK;
}

FALLIBLE mts_user_takes(const struct mta *mta, const struct peer *to, struct bytes recipient,
			const struct envelope *env)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct orname *name = NULL;

	if (to->kind == PEER_STORE)
		TRY(store_takes(mta, to, arena, env));
	TRY(orname_decode(arena, recipient, &name));
	const struct mts_user agent = mts_user_of_agent(mta, arena, name);
	TRY_DOING(takes(mta, &agent, arena, env), "%s does not take it", orname_text(arena, name));
	return OK;
}

/* [X.411 8.3.1.2.1.6] A user agent is public where an Administration owns it. */
enum mts_user_type mts_user_type(const struct peer *to)
{
	if (to->kind == PEER_STORE)
		return USER_MS;
	return to->area->value[OR_PRMD] ? USER_PRIVATE : USER_PUBLIC;
}
