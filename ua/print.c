/* SPDX-License-Identifier: Apache-2.0 */
#include "ua/print.h"

#include "lib/base/arena.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"

#include <ctype.h>

void print_json(json_t *json)
{
	json_dumpf(json, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(json);
}

json_t *json_shown(const char *text)
{
	if (!text)
		return json_null();
	AUTO(mem_free) char *shown = text_shown(bytes_text(text));
	return json_string(shown);
}

json_t *json_time(time_t t)
{
	return t ? json_string(time_rfc3339(t).s) : json_null();
}

static void print_shown(FILE *to, struct bytes octets)
{
	AUTO(mem_free) char *shown = text_shown(octets);

	fputs(shown, to);
}

void print_line(FILE *to, const char *text)
{
	print_shown(to, text ? bytes_text(text) : BYTES("-"));
}

/* A tab moves the cursor no further than a space does. */
static void put_one_line(struct buf *out, struct bytes line)
{
	AUTO(buf_free) struct buf spaced = buf_copy(line);

	for (size_t i = 0; i < spaced.len; i++)
		if (spaced.data[i] == '\t')
			spaced.data[i] = ' ';
	AUTO(mem_free) char *shown = text_shown(buf_view(&spaced));
	buf_printf(out, "%s\n", shown);
}

static void put_text(struct buf *out, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\r\n");

		put_one_line(out, bytes_of(text, len));
		text += len;
		if (text[0] == '\r' && text[1] == '\n')
			text++;
		if (*text)
			text++;
	}
}

void print_text(FILE *to, const char *text)
{
	AUTO(buf_free) struct buf lines = { 0 };

	put_text(&lines, text);
	fwrite(lines.data, 1, lines.len, to);
}

json_t *json_text(const char *text)
{
	AUTO(buf_free) struct buf lines = { 0 };

	put_text(&lines, text);
	return json_stringn((const char *)lines.data, lines.len);
}

const char *count_words(struct arena *arena, size_t count, const char *what)
{
	if (count == 0)
		return arena_printf(arena, "no %ss", what);
	return arena_printf(arena, "%zu %s%s", count, what, count == 1 ? "" : "s");
}

const char *sentence(struct arena *arena, const char *words)
{
	char *copy = arena_strdup(arena, words);

	copy[0] = (char)toupper((unsigned char)copy[0]);
	return copy;
}
