/* SPDX-License-Identifier: Apache-2.0 */
/* Settings as a file that could be read again, or as JSON. */
#include "lib/base/settings_value.h"

#include "lib/base/memory.h"

#include <jansson.h>

static const void *slot(const struct setting *s, const void *from)
{
	return (const char *)from + s->offset;
}

static void show_one(const struct setting *s, const char *value, FILE *to)
{
	fprintf(to, "%s = %s\n", s->name, value);
}

static char *value_text(const struct setting *s, const void *from)
{
	struct buf text = { 0 };

	setting_put_text(s, slot(s, from), &text);
	buf_put_u8(&text, 0);
	return (char *)text.data;
}

static void show_text(const struct setting *table, const void *from, FILE *to)
{
	for (const struct setting *s = table; s->name; s++) {
		fprintf(to, "%s# %s\n", s == table ? "" : "\n", s->help);
		if (s->kind == SET_LIST) {
			const struct text_list *list = slot(s, from);

			/* What settings_finish would put there. */
			if (!list->count && s->fallback)
				show_one(s, s->fallback, to);
			else if (!list->count)
				fprintf(to, "#%s =\n", s->name);
			for (size_t i = 0; i < list->count; i++)
				show_one(s, list->items[i], to);
		} else {
			AUTO(mem_free) char *value = value_text(s, from);

			show_one(s, value, to);
		}
	}
}

static json_t *list_json(const struct text_list *list, const char *fallback)
{
	json_t *items = json_array();

	if (!list->count && fallback)
		json_array_append_new(items, json_string(fallback));
	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(items, json_string(list->items[i]));
	return items;
}

static json_t *value_json(const struct setting *s, const void *from)
{
	switch (s->kind) {
	case SET_LIST:
		return list_json(slot(s, from), s->fallback);
	case SET_BOOL:
		return json_boolean(*(const bool *)slot(s, from));
	case SET_INT: case SET_SIZE: case SET_SECS:
		return json_integer(*(const int64_t *)slot(s, from));
	default: {
		AUTO(mem_free) char *value = value_text(s, from);

		return json_string(value);
	}
	}
}

static void show_json(const struct setting *table, const void *from, FILE *to)
{
	json_t *all = json_object();

	for (const struct setting *s = table; s->name; s++)
		json_object_set_new(all, s->name, value_json(s, from));
	json_dumpf(all, to, JSON_INDENT(2));
	fputc('\n', to);
	json_decref(all);
}

void settings_show(const struct setting *table, const void *from, FILE *to, bool json)
{
	if (json)
		show_json(table, from, to);
	else
		show_text(table, from, to);
}
