/* SPDX-License-Identifier: Apache-2.0 */
/* Settings: the table reads the file, and checks what it reads. */
#include "lib/base/settings.h"

#include "lib/base/bytes.h"
#include "lib/base/memory.h"
#include "lib/base/settings_value.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

static void *slot(const struct setting *s, const void *into)
{
	return (char *)(uintptr_t)into + s->offset;
}

void settings_init(const struct setting *table, void *into)
{
	for (const struct setting *s = table; s->name; s++)
		if (s->kind != SET_LIST && s->fallback)
			/* A default that its own table refuses is a mistake of the program. */
			if (setting_parse(s, s->fallback, slot(s, into)))
				abort();
}

static const struct setting *setting_find(const struct setting *table, const char *name)
{
	for (const struct setting *s = table; s->name; s++)
		if (strcmp(s->name, name) == 0)
			return s;
	return NULL;
}

/* Cuts white space at both ends, in place. */
static char *trim(char *text)
{
	while (isspace((unsigned char)*text))
		text++;
	char *end = text + strlen(text);
	while (end > text && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	return text;
}

/* "key = value", which is cut in place. */
static FALLIBLE assign(const struct setting *table, void *into, char *line,
		       const struct setting **out_setting)
{
	char *equals = strchr(line, '=');

	if (!equals)
		return FAIL(ST_USAGE, 0, "\"%s\" is not \"key = value\"", trim(line));
	*equals = '\0';
	char *name = trim(line), *value = trim(equals + 1);
	const struct setting *s = setting_find(table, name);

	if (!s)
		return FAIL(ST_USAGE, 0, "there is no setting \"%s\"; --show-settings lists them", name);
	TRY(setting_parse(s, value, slot(s, into)));
	*out_setting = s;
	return OK;
}

FALLIBLE settings_set(const struct setting *table, void *into, const char *assignment)
{
	AUTO(mem_free) char *line = mem_strdup(assignment);
	const struct setting *s;

	return assign(table, into, line, &s);
}

static size_t table_size(const struct setting *table)
{
	size_t n = 0;

	while (table[n].name)
		n++;
	return n;
}

static void file_close(FILE **f)
{
	if (*f)
		fclose(*f);
}

/* Some editors begin a file with the mark of UTF-8. */
static char *after_mark(char *line, size_t number)
{
	const char *mark = "\xef\xbb\xbf";

	return number == 1 && strncmp(line, mark, strlen(mark)) == 0 ? line + strlen(mark) : line;
}

/* One line of a file; set_at says on which line each setting was seen before. */
static FALLIBLE read_line(const struct setting *table, void *into, char *line, size_t number,
			  size_t *set_at)
{
	const struct setting *s = NULL;

	line = trim(line);
	if (!*line || *line == '#')
		return OK;
	TRY(assign(table, into, line, &s));
	size_t *before = &set_at[s - table];
	if (*before && s->kind != SET_LIST)
		return FAIL(ST_USAGE, 0, "\"%s\" is already set in line %zu", s->name, *before);
	*before = number;
	return OK;
}

FALLIBLE settings_read(const struct setting *table, void *into, const char *path)
{
	AUTO(file_close) FILE *f = fopen(path, "re");
	AUTO(mem_free) size_t *set_at = mem_new_array(size_t, table_size(table));
	AUTO(mem_free) char *line = NULL;
	size_t room = 0;

	if (!f)
		return status_errno(errno, "cannot read the settings in %s", path);
	ssize_t len;
	for (size_t number = 1; (len = getline(&line, &room, f)) >= 0; number++) {
		struct status *st = strlen(line) < (size_t)len
			? FAIL(ST_USAGE, 0, "there is a zero octet, which no text has")
			: read_line(table, into, after_mark(line, number), number, set_at);

		if (st) {
			struct status *placed = FAIL(st->kind, 0, "%s:%zu: %s", path, number, st->words);

			status_free(&st);
			return placed;
		}
	}
	if (ferror(f))
		return status_errno(errno, "cannot read the settings in %s", path);
	return OK;
}

static FALLIBLE list_finish(const struct setting *s, struct text_list *list)
{
	if (!list->count && s->fallback)
		TRY(setting_parse(s, s->fallback, list));
	if ((int64_t)list->count < s->min)
		return FAIL(ST_USAGE, 0, "the setting \"%s\" must be given at least %lld times: %s",
			    s->name, (long long)s->min, s->help);
	return OK;
}

FALLIBLE settings_finish(const struct setting *table, void *into)
{
	for (const struct setting *s = table; s->name; s++) {
		if (s->kind == SET_LIST)
			TRY(list_finish(s, slot(s, into)));
		else if (s->kind == SET_STR && !*(char **)slot(s, into))
			return FAIL(ST_USAGE, 0, "the setting \"%s\" must be set: %s", s->name, s->help);
	}
	return OK;
}

void settings_cleanup(const struct setting *table, void *into)
{
	for (const struct setting *s = table; s->name; s++)
		setting_cleanup(s, slot(s, into));
}
