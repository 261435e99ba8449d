/* SPDX-License-Identifier: Apache-2.0 */
/* Whom the store serves and who delivers to it. */
#include "ms/users.h"

#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/store/mailbox.h"
#include "ms/register.h"

#include <stdlib.h>

struct users {
	struct arena *arena;
	struct user *list;	/* in the order of their keys */
	size_t count;
	struct peer *mtas;
	size_t mta_count;
	struct policies policies;
};

/* --- users --- */

static FALLIBLE read_user(struct arena *arena, const struct labels *labels, const char *line,
			  struct user *user)
{
	TRY(peer_read(arena, labels, PEER_USER, line, &user->peer));
	user->key = orname_key(arena, user->peer.area);
	return OK;
}

static int compare_users(const void *a, const void *b)
{
	return strcmp(((const struct user *)a)->key, ((const struct user *)b)->key);
}

static FALLIBLE read_users(struct users *users, const struct labels *labels,
			   const struct text_list *lines)
{
	users->list = arena_new_array(users->arena, struct user, lines->count);
	for (size_t i = 0; i < lines->count; i++) {
		struct user *user = &users->list[i];

		TRY_DOING(read_user(users->arena, labels, lines->items[i], user),
			  "mailbox = %s", lines->items[i]);
		user->policy = policies_find(&users->policies, user->peer.area);
	}
	users->count = lines->count;
	qsort(users->list, users->count, sizeof(struct user), compare_users);
	for (size_t i = 1; i < users->count; i++)
		if (compare_users(&users->list[i - 1], &users->list[i]) == 0)
			return FAIL(ST_USAGE, 0, "mailbox = %s: the address stands there twice",
				    users->list[i].peer.name);
	return OK;
}

static FALLIBLE make_mailboxes(struct db *db, void *arg)
{
	struct users *users = arg;

	for (size_t i = 0; i < users->count; i++)
		TRY(mailbox_user(db, users->list[i].key, true, &users->list[i].mailbox));
	return OK;
}

/* --- what they are cleared for --- */

static struct bytes allowed(const struct user *user, const struct labels *labels)
{
	return labels_allowed(labels, user->peer.expected.security_context);
}

struct bytes user_clearance(const struct user *user, const struct labels *labels)
{
	return user->labels.len ? buf_view(&user->labels) : allowed(user, labels);
}

bool user_may_register(const struct user *user, const struct labels *labels,
		       struct bytes registered)
{
	const struct bytes limit = allowed(user, labels);

	return !limit.len || context_is_within(registered, limit);
}

/* What was registered under other settings may be more than these allow: then they are in force. */
static FALLIBLE load_labels(struct db *db, const struct labels *labels, struct user *user)
{
	TRY(mailbox_registered(db, user->mailbox, REGISTERED_LABELS, &user->labels));
	if (!user->labels.len || user_may_register(user, labels, buf_view(&user->labels)))
		return OK;
	buf_clear(&user->labels);
	log_event(LOG_LV_WARN, "registered labels are more than the settings allow",
		  log_text("user", user->peer.name));
	return OK;
}

/* --- MTAs --- */

static FALLIBLE read_mtas(struct users *users, const struct labels *labels,
			  const struct text_list *lines)
{
	users->mtas = arena_new_array(users->arena, struct peer, lines->count);
	for (size_t i = 0; i < lines->count; i++)
		TRY_DOING(peer_read(users->arena, labels, PEER_MTA, lines->items[i],
				    &users->mtas[i]), "mta = %s",
			  lines->items[i]);
	users->mta_count = lines->count;
	return OK;
}

/* --- all of them --- */

FALLIBLE users_open(const struct ms_settings *settings, const struct labels *labels,
		    struct db *db, struct users **out_users)
{
	AUTO(users_free) struct users *users = mem_new(struct users);

	users->arena = arena_new();
	TRY(policies_read(users->arena, &settings->policies, &users->policies));
	TRY(read_users(users, labels, &settings->mailboxes));
	TRY(read_mtas(users, labels, &settings->mtas));
	TRY(db_atomically(db, make_mailboxes, users));
	for (size_t i = 0; i < users->count; i++)
		TRY(load_labels(db, labels, &users->list[i]));
	*out_users = TAKE(users);
	return OK;
}

void users_free(struct users **users)
{
	struct users *u = TAKE(*users);

	if (!u)
		return;
	for (size_t i = 0; i < u->count; i++)
		buf_free(&u->list[i].labels);
	arena_free(&u->arena);
	mem_free(&u);
}

struct user *users_find(const struct users *users, struct bytes or_name)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct orname *name = NULL;
	struct status *failed = orname_decode(arena, or_name, &name);

	if (failed) {
		status_free(&failed);
		return NULL;
	}
	const struct user wanted = { .key = orname_key(arena, name) };
	return bsearch(&wanted, users->list, users->count, sizeof(struct user), compare_users);
}

struct user *users_find_mailbox(const struct users *users, int64_t mailbox)
{
	for (size_t i = 0; i < users->count; i++)
		if (users->list[i].mailbox == mailbox)
			return &users->list[i];
	return NULL;
}

const struct peer *users_find_mta(const struct users *users, const char *name)
{
	for (size_t i = 0; i < users->mta_count; i++)
		if (strcmp(users->mtas[i].name, name) == 0)
			return &users->mtas[i];
	return NULL;
}

const struct peer *users_submission_mta(const struct users *users)
{
	return users->mta_count ? &users->mtas[0] : NULL;
}
