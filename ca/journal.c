/* SPDX-License-Identifier: Apache-2.0 */
/* The journal of an authority: adding, and reading back. */
#include "ca/journal.h"

#include "ca/authority.h"
#include "lib/base/base64url.h"
#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/sec/jws.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

/* --- the head --- */

FALLIBLE journal_head(struct db *db, struct journal_head *out_head)
{
	AUTO(query_end) struct query *q = db_query(db,
		"SELECT number, line FROM journal ORDER BY number DESC LIMIT 1");

	*out_head = (struct journal_head){ 0 };
	if (query_next(q)) {
		struct bytes line = query_octets(q, 1);

		out_head->number = query_int(q, 0);
		crypto_sha256(&line, 1, out_head->hash);
	}
	return query_check(q);
}

void journal_head_text(const struct journal_head *head, char out_text[static JOURNAL_HEAD_TEXT])
{
	AUTO(buf_free) struct buf hash = { 0 };

	base64url_put(&hash, bytes_of(head->hash, sizeof head->hash));
	snprintf(out_text, JOURNAL_HEAD_TEXT, "%lld:%.*s", (long long)head->number, (int)hash.len,
		 (const char *)hash.data);
}

FALLIBLE journal_head_from_text(const char *text, struct journal_head *out_head)
{
	AUTO(buf_free) struct buf hash = { 0 };
	char *end = NULL;

	errno = 0;
	out_head->number = strtoll(text, &end, 10);
	if (errno || end == text || *end != ':' || out_head->number < 1 ||
	    !base64url_get(bytes_text(end + 1), &hash) || hash.len != HASH_OCTETS)
		return FAIL(ST_USAGE, 0, "\"%s\" is no head of a journal, which looks like 17:Zm9v...: "
			    "\"journal\" prints it", text);
	memcpy(out_head->hash, hash.data, HASH_OCTETS);
	return OK;
}

/* --- adding --- */

static char *user_name(void)
{
	struct passwd *user = getpwuid(getuid());

	return user ? mem_strdup(user->pw_name) : mem_printf("uid %u", getuid());
}

/* Everything in the entry but the facts, which it takes over. */
static json_t *entry_make(const struct authority *ca, const struct journal_head *before,
			  time_t now, const char *act, json_t *facts)
{
	AUTO(mem_free) char *user = user_name();
	AUTO(buf_free) struct buf previous = { 0 };

	if (before->number)
		base64url_put(&previous, bytes_of(before->hash, sizeof before->hash));
	buf_put_u8(&previous, 0);
	return json_pack("{s:I, s:s, s:s, s:s, s:s*, s:s, s:o}",
			 "number", (json_int_t)before->number + 1,
			 "previous", (const char *)previous.data,
			 "time", time_rfc3339(now).s,
			 "user", user, "as", ca->as,
			 "act", act, "facts", facts);
}

FALLIBLE journal_add(struct authority *ca, time_t now, const char *act, json_t *facts)
{
	AUTO(buf_free) struct buf line = { 0 };
	struct journal_head before;
	struct status *st = journal_head(ca->db, &before);

	if (st) {
		json_decref(facts);
		return st;
	}

	json_t *entry = entry_make(ca, &before, now, act, facts);
	AUTO(mem_free) char *text = entry ? json_dumps(entry, JSON_COMPACT) : NULL;

	json_decref(entry);
	if (!text)
		return FAIL(ST_NEVER, 0, "what was done cannot be said in the journal");
	TRY_DOING(jws_sign(ca->key, bytes_text(text), &line), "cannot sign the journal");
	TRY_DOING(db_run(ca->db, "INSERT INTO journal (number, line) VALUES (?, ?)",
			 v_int(before.number + 1), v_octets(buf_view(&line))),
		  "cannot write the journal");
	return OK;
}

/* --- reading --- */

static FALLIBLE each_row(struct db *db, FALLIBLE (*each)(void *, int64_t, struct bytes), void *arg)
{
	AUTO(query_end) struct query *q = db_query(db, "SELECT line FROM journal ORDER BY number");

	for (int64_t number = 1; query_next(q); number++)
		TRY(each(arg, number, query_octets(q, 0)));
	return query_check(q);
}

static void close_file(FILE **file)
{
	if (*file)
		fclose(*file);
}

static FALLIBLE each_line(const char *path, FALLIBLE (*each)(void *, int64_t, struct bytes), void *arg)
{
	AUTO(close_file) FILE *file = fopen(path, "re");
	AUTO(mem_free) char *line = mem_alloc(1, JOURNAL_LINE_MAX);

	if (!file)
		return status_errno(errno, "cannot open %s", path);
	for (int64_t number = 1; fgets(line, JOURNAL_LINE_MAX, file); number++) {
		size_t len = strlen(line);

		if (!len || line[len - 1] != '\n')
			return FAIL(ST_REFUSED, 0, "entry %lld of %s has no end: it was cut off, or is "
				    "no entry", (long long)number, path);
		TRY(each(arg, number, bytes_of(line, len - 1)));
	}
	if (ferror(file))
		return status_errno(errno, "cannot read %s", path);
	return OK;
}

FALLIBLE journal_each(const struct journal_source *source,
		      FALLIBLE (*each)(void *arg, int64_t number, struct bytes line), void *arg)
{
	return source->db ? each_row(source->db, each, arg) : each_line(source->path, each, arg);
}

FALLIBLE journal_entry(struct bytes line, json_t **out_entry)
{
	AUTO(buf_free) struct buf payload = { 0 };

	TRY(jws_payload(line, &payload));

	json_t *entry = json_loadb((const char *)payload.data, payload.len, JSON_REJECT_DUPLICATES, NULL);

	if (!json_is_object(entry)) {
		json_decref(entry);
		return FAIL(ST_PEER, 0, "a line of the journal says nothing that can be read");
	}
	*out_entry = entry;
	return OK;
}
