/* SPDX-License-Identifier: Apache-2.0 */
/* Whom the store serves and who delivers to it. */
#include "ms/users.h"

#include "asn1/dn.h"
#include "lib/base/memory.h"
#include "lib/base/words.h"
#include "lib/mhs/mts_id.h"
#include "lib/mhs/orname.h"
#include "lib/store/mailbox.h"

#include <stdlib.h>

struct users {
	struct arena *arena;
	struct user *list;	/* in the order of their keys */
	size_t count;
	struct mta *mtas;
	size_t mta_count;
};

/* --- words of a line --- */

static FALLIBLE read_secret(struct arena *arena, const char *path, const char **out_secret)
{
	AUTO(mem_free) char *text = NULL;

	TRY(words_read_line(path, &text));
	*out_secret = arena_strdup(arena, text);
	return OK;
}

static FALLIBLE read_directory_name(struct arena *arena, const char *text, struct bytes *out_name)
{
	AUTO(buf_free) struct buf der = { 0 };

	TRY(dn_from_text(text, &der));
	*out_name = arena_dup(arena, buf_view(&der));
	return OK;
}

static FALLIBLE unknown_word(const struct word *word, const char *known)
{
	if (!word->key)
		return FAIL(ST_USAGE, 0, "\"%s\" has no meaning here", word->value);
	return FAIL(ST_USAGE, 0, "%s=... is not known; %s are", word->key, known);
}

static bool is_key(const struct word *word, const char *key)
{
	return word->key && strcmp(word->key, key) == 0;
}

/* --- users --- */

static FALLIBLE set_address(struct arena *arena, const char *text, struct user *user)
{
	struct orname *name = NULL;
	AUTO(buf_free) struct buf or_address = { 0 };

	TRY(orname_from_text(arena, text, &name));
	TRY(orname_check(name));
	TRY(oraddress_encode(name, &or_address));
	user->or_address = arena_dup(arena, buf_view(&or_address));
	user->text = orname_text(arena, name);
	user->key = orname_key(arena, name);
	return OK;
}

static FALLIBLE read_user(struct arena *arena, const char *line, struct user *user)
{
	struct word *words = NULL;
	size_t count = 0;

	TRY(words_split(arena, line, &words, &count));
	if (count < 1 || words[0].key)
		return FAIL(ST_USAGE, 0, "an O/R address comes first");
	TRY(set_address(arena, words[0].value, user));
	for (size_t i = 1; i < count; i++) {
		if (is_key(&words[i], "dn"))
			TRY(read_directory_name(arena, words[i].value, &user->directory_name));
		else if (is_key(&words[i], "password-file"))
			TRY(read_secret(arena, words[i].value, &user->password));
		else
			return unknown_word(&words[i], "dn and password-file");
	}
	return OK;
}

static int compare_users(const void *a, const void *b)
{
	return strcmp(((const struct user *)a)->key, ((const struct user *)b)->key);
}

static FALLIBLE read_users(struct users *users, const struct text_list *lines)
{
	users->list = arena_new_array(users->arena, struct user, lines->count);
	for (size_t i = 0; i < lines->count; i++)
		TRY_DOING(read_user(users->arena, lines->items[i], &users->list[i]), "mailbox = %s",
			  lines->items[i]);
	users->count = lines->count;
	qsort(users->list, users->count, sizeof(struct user), compare_users);
	for (size_t i = 1; i < users->count; i++)
		if (compare_users(&users->list[i - 1], &users->list[i]) == 0)
			return FAIL(ST_USAGE, 0, "mailbox = %s: the address stands there twice",
				    users->list[i].text);
	return OK;
}

static FALLIBLE make_mailboxes(struct db *db, void *arg)
{
	struct users *users = arg;

	for (size_t i = 0; i < users->count; i++)
		TRY(mailbox_user(db, users->list[i].key, true, &users->list[i].mailbox));
	return OK;
}

/* --- MTAs --- */

static FALLIBLE set_domain(struct arena *arena, const char *text, struct mta *mta)
{
	struct mta_identity *identity = NULL;
	AUTO(buf_free) struct buf der = { 0 };

	TRY(mta_identity_from_text(arena, text, mta->name, &identity));
	domain_encode(identity, &der);
	mta->domain = arena_dup(arena, buf_view(&der));
	return OK;
}

static FALLIBLE set_mta_word(struct arena *arena, const struct word *word, struct mta *mta)
{
	if (is_key(word, "domain"))
		return set_domain(arena, word->value, mta);
	if (is_key(word, "dn"))
		return read_directory_name(arena, word->value, &mta->directory_name);
	if (is_key(word, "password-file"))
		return read_secret(arena, word->value, &mta->password);
	if (is_key(word, "own-password-file"))
		return read_secret(arena, word->value, &mta->own_password);
	return unknown_word(word, "domain, dn, password-file and own-password-file");
}

static FALLIBLE read_mta(struct arena *arena, const char *line, struct mta *mta)
{
	struct word *words = NULL;
	size_t count = 0;

	TRY(words_split(arena, line, &words, &count));
	if (count < 2 || words[0].key || words[1].key)
		return FAIL(ST_USAGE, 0, "a name and a host:port come first");
	mta->name = words[0].value;
	mta->address = words[1].value;
	for (size_t i = 2; i < count; i++)
		TRY(set_mta_word(arena, &words[i], mta));
	if (!mta->domain.len)
		return FAIL(ST_USAGE, 0, "domain=... is missing");
	if (!mta->directory_name.len && !mta->password)
		return FAIL(ST_USAGE, 0, "dn=... or password-file=... has to say how %s proves who "
			    "it is", mta->name);
	return OK;
}

static FALLIBLE read_mtas(struct users *users, const struct text_list *lines)
{
	users->mtas = arena_new_array(users->arena, struct mta, lines->count);
	for (size_t i = 0; i < lines->count; i++)
		TRY_DOING(read_mta(users->arena, lines->items[i], &users->mtas[i]), "mta = %s",
			  lines->items[i]);
	users->mta_count = lines->count;
	return OK;
}

/* --- all of them --- */

FALLIBLE users_open(const struct ms_settings *settings, struct db *db, struct users **out_users)
{
	AUTO(users_free) struct users *users = mem_new(struct users);

	users->arena = arena_new();
	TRY(read_users(users, &settings->mailboxes));
	TRY(read_mtas(users, &settings->mtas));
	TRY(db_atomically(db, make_mailboxes, users));
	*out_users = TAKE(users);
	return OK;
}

void users_free(struct users **users)
{
	struct users *u = TAKE(*users);

	if (!u)
		return;
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

const struct mta *users_find_mta(const struct users *users, const char *name)
{
	for (size_t i = 0; i < users->mta_count; i++)
		if (strcmp(users->mtas[i].name, name) == 0)
			return &users->mtas[i];
	return NULL;
}

const struct mta *users_submission_mta(const struct users *users)
{
	return users->mta_count ? &users->mtas[0] : NULL;
}
