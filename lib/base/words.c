/* SPDX-License-Identifier: Apache-2.0 */
/* Settings whose value is a line of words. */
#include "lib/base/words.h"

#include "lib/base/memory.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

/* Takes one word off the front, with quotes removed. */
static FALLIBLE take_word(const char **line, struct buf *out)
{
	bool quoted = false;
	const char *p = *line;

	for (; *p && (quoted || !isspace((unsigned char)*p)); p++) {
		if (*p == '"')
			quoted = !quoted;
		else
			buf_put_u8(out, (uint8_t)*p);
	}
	if (quoted)
		return FAIL(ST_USAGE, 0, "a quote is opened and not closed");
	*line = p;
	return OK;
}

static void split_word(struct arena *arena, struct bytes text, struct word *word)
{
	word->whole = arena_text(arena, text);
	const char *sign = strchr(word->whole, '=');

	word->value = word->whole;
	if (sign && word->whole[0] != '/') {
		word->key = arena_text(arena, bytes_of(text.data, (size_t)(sign - word->whole)));
		word->value = sign + 1;
	}
}

FALLIBLE words_split(struct arena *arena, const char *line, struct word **out_words,
		     size_t *out_count)
{
	/* A word needs a character and a space. */
	struct word *words = arena_new_array(arena, struct word, strlen(line) / 2 + 1);
	size_t count = 0;

	for (;;) {
		AUTO(buf_free) struct buf text = { 0 };

		while (isspace((unsigned char)*line))
			line++;
		if (!*line)
			break;
		TRY(take_word(&line, &text));
		split_word(arena, buf_view(&text), &words[count++]);
	}
	*out_words = words;
	*out_count = count;
	return OK;
}

static void file_close(FILE **file)
{
	if (*file)
		fclose(*file);
}

FALLIBLE words_read_line(const char *path, char **out_line)
{
	AUTO(file_close) FILE *file = fopen(path, "re");
	struct stat info;
	size_t size = 0;

	if (!file || fstat(fileno(file), &info) < 0)
		return status_errno(errno, "cannot read %s", path);
	if (info.st_mode & (S_IRGRP | S_IROTH))
		return FAIL(ST_REFUSED, 0, "%s can be read by others than its owner", path);
	ssize_t len = getline(out_line, &size, file);
	if (len < 0)
		return FAIL(ST_USAGE, 0, "%s is empty", path);
	(*out_line)[strcspn(*out_line, "\r\n")] = 0;
	return OK;
}
