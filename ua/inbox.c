/* SPDX-License-Identifier: Apache-2.0 */
/* A message of the store, opened for a reader. */
#include "ua/inbox.h"

#include "lib/base/memory.h"
#include "ua/letter.h"

#include <errno.h>
#include <stdlib.h>

FALLIBLE message_number(const char *word, int64_t *out_id)
{
	char *end;

	errno = 0;
	long long number = strtoll(word, &end, 10);
	if (errno || end == word || *end || number < 1)
		return FAIL(ST_USAGE, 0, "\"%s\" is no message number; \"postern-ua list\" shows them",
			    word);
	*out_id = number;
	return OK;
}

/* What cannot be read is told, not a failure: the rest of the message is there. */
static void read_content(struct opened *o)
{
	struct status *failed;

	if (o->finding.sealed && o->finding.verdict != VERDICT_GOOD) {
		o->unreadable = "the content is sealed and was not opened";
		return;
	}
	if (!o->content.len) {
		o->unreadable = "there is no content";
		return;
	}
	failed = ipm_decode(o->arena, buf_view(&o->content), &o->ipm, &o->ipn);
	if (failed) {
		AUTO(mem_free) char *why = status_text(failed);

		o->unreadable = arena_strdup(o->arena, why);
	}
	status_drop(failed);
}

static FALLIBLE read_envelope(struct opened *o)
{
	if (o->message.folder != UA_INBOX)
		return OK;
	if (o->message.kind == UA_REPORT)
		return report_delivery_decode(o->arena, buf_view(&o->envelope), &o->report);
	return delivery_envelope_decode(o->arena, buf_view(&o->envelope), &o->delivery);
}

/* As it was written; null where it has none. */
static const char *sent_label(const struct home *home, struct opened *o)
{
	const struct wishes wishes = wishes_from_text(o->arena, o->message.facts);

	return wishes.label.len ? label_text(home->labels.policies, o->arena, wishes.label) : NULL;
}

FALLIBLE inbox_open(struct home *home, int64_t id, struct opened **out_opened)
{
	AUTO(opened_free) struct opened *o = mem_new(struct opened);

	o->arena = arena_new();
	TRY(uastore_get(home->db, id, o->arena, &o->message));
	TRY(uastore_read(home->db, id, &o->envelope, &o->content));
	TRY_DOING(read_envelope(o), "cannot read the envelope of message %lld", (long long)id);
	if (o->message.folder == UA_INBOX)
		o->finding = finding_read(o->arena, o->message.facts);
	o->label = o->message.folder == UA_INBOX ? o->finding.label : sent_label(home, o);
	if (o->message.kind != UA_REPORT)
		read_content(o);
	*out_opened = TAKE(o);
	return OK;
}

void opened_free(struct opened **opened)
{
	if (!*opened)
		return;
	buf_free(&(*opened)->envelope);
	buf_free(&(*opened)->content);
	arena_free(&(*opened)->arena);
	mem_free(opened);
}
