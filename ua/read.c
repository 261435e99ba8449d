/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ua read and delete. */
#include "ua/show.h"

#include "lib/base/file.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "ua/print.h"

#include <errno.h>
#include <sys/stat.h>

const struct option_spec read_options[] = {
	{ "verbose", NULL, "Show how the certificate was verified." },
	{ "anyway", NULL, "Show the content of a message that was refused." },
	{ "save-attachments", "DIR", "Put attachments into this folder." },
	{ 0 }
};

/* --- attachments --- */

/* The last part of a name that somebody else chose, with nothing in it that a folder or a
 * terminal would take amiss; in the arena. */
static const char *safe_name(struct arena *arena, const char *given, size_t part)
{
	AUTO(mem_free) char *shown = text_shown(bytes_text(given ? given : ""));
	const char *slash = strrchr(shown, '/'), *name = slash ? slash + 1 : shown;

	while (*name == '.')
		name++;
	return *name ? arena_strdup(arena, name) : arena_printf(arena, "attachment-%zu", part);
}

static FALLIBLE save_part(struct arena *arena, const char *folder, const struct ipm_body *part,
			  size_t number, bool quiet)
{
	const char *name = safe_name(arena, part->file_name, number);
	const char *path = arena_printf(arena, "%s/%s", folder, name);
	struct status *failed = file_create(path, 0600, part->data);

	/* Two of one name; or saved before. */
	if (failed && failed->kind == ST_USAGE) {
		status_free(&failed);
		path = arena_printf(arena, "%s/%zu-%s", folder, number, name);
		failed = file_create(path, 0600, part->data);
	}
	TRY(failed);
	if (!quiet)
		printf("Saved %s (%zu octets)\n", path, part->data.len);
	return OK;
}

static FALLIBLE save_attachments(const struct opened *o, const char *folder, bool quiet)
{
	size_t number = 0;

	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return status_errno(errno, "cannot make %s", folder);
	for (size_t i = 0; o->ipm && i < o->ipm->body_count; i++)
		if (o->ipm->body[i].kind != IPM_TEXT && o->ipm->body[i].kind != IPM_FORWARDED)
			TRY(save_part(o->arena, folder, &o->ipm->body[i], ++number, quiet));
	return OK;
}

/* --- read --- */

FALLIBLE cmd_read(const struct invocation *invocation)
{
	const struct options *options = &invocation->options;
	const char *folder = options_value(options, "save-attachments");
	AUTO(home_free) struct home *home = NULL;
	AUTO(opened_free) struct opened *o = NULL;
	int64_t id;

	TRY(message_number(invocation->words[0], &id));
	TRY(home_of(invocation, &home));
	TRY(inbox_open(home, id, &o));
	bool kept_apart = o->finding.verdict == VERDICT_REFUSED && o->message.kind != UA_REPORT &&
			  !options_has(options, "anyway");
	if (invocation->json)
		print_json(message_json(o, !kept_apart));
	else
		show_message(o, !kept_apart, options_has(options, "verbose"), stdout);
	if (kept_apart)
		return FAIL(ST_REFUSED, 0, "message %lld was refused; --anyway shows its content",
			    (long long)id);
	if (folder)
		TRY(save_attachments(o, folder, invocation->json));
	return uastore_set_read(home->db, id, true);
}

/* --- delete --- */

static FALLIBLE delete_all(struct db *db, void *arg)
{
	const struct invocation *invocation = arg;

	for (size_t i = 0; i < invocation->word_count; i++) {
		int64_t id;

		TRY(message_number(invocation->words[i], &id));
		TRY(uastore_delete(db, id));
	}
	return OK;
}

FALLIBLE cmd_delete(const struct invocation *invocation)
{
	AUTO(home_free) struct home *home = NULL;

	TRY(home_of(invocation, &home));
	TRY(db_atomically(home->db, delete_all, (void *)invocation));
	if (invocation->json)
		print_json(json_pack("{s:I}", "deleted", (json_int_t)invocation->word_count));
	else
		printf("Deleted %s%s.\n",
		       count_words(home->arena, invocation->word_count, "message"), home->mta ? ""
		       : "; the next \"postern-ua sync\" deletes in the message store, too");
	return OK;
}
