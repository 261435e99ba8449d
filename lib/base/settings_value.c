/* SPDX-License-Identifier: Apache-2.0 */
/* One value of a setting: its text and back. */
#include "lib/base/settings_value.h"

#include "lib/base/memory.h"

#include <errno.h>
#include <stdlib.h>

/* What may stand behind a number, largest first: the first that divides is how it is shown. */
struct unit {
	char letter;
	int64_t factor;
};

static const struct unit no_units[] = { { '\0', 1 }, { 0 } };
static const struct unit size_units[] = {
	{ 'G', 1 << 30 }, { 'M', 1 << 20 }, { 'K', 1 << 10 }, { '\0', 1 }, { 0 }
};
static const struct unit time_units[] = {
	{ 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 }, { '\0', 1 }, { 0 }
};

static const struct unit *units_of(enum setting_kind kind)
{
	switch (kind) {
	case SET_SIZE:
		return size_units;
	case SET_SECS:
		return time_units;
	default:
		return no_units;
	}
}

static int64_t largest(const struct setting *s)
{
	return s->min == 0 && s->max == 0 ? INT64_MAX : s->max;
}

static void put_number(const struct setting *s, int64_t value, struct buf *out)
{
	const struct unit *u = units_of(s->kind);

	while (u->letter && (value == 0 || value % u->factor))
		u++;
	buf_printf(out, "%lld", (long long)(value / u->factor));
	if (u->letter)
		buf_put_u8(out, (uint8_t)u->letter);
}

static char *number_words(const struct setting *s, int64_t value)
{
	struct buf text = { 0 };

	put_number(s, value, &text);
	buf_put_u8(&text, 0);
	return (char *)text.data;
}

static const char *suffix_words(enum setting_kind kind)
{
	switch (kind) {
	case SET_SIZE:
		return " octets, with K, M or G for larger units";
	case SET_SECS:
		return " seconds, with m, h or d for larger units";
	default:
		return "";
	}
}

static FALLIBLE number_refused(const struct setting *s, const char *value)
{
	if (largest(s) == INT64_MAX)
		return FAIL(ST_USAGE, 0, "%s: \"%s\" is not a number of at least %lld%s",
			    s->name, value, (long long)s->min, suffix_words(s->kind));
	AUTO(mem_free) char *low = number_words(s, s->min);
	AUTO(mem_free) char *high = number_words(s, s->max);
	return FAIL(ST_USAGE, 0, "%s: \"%s\" is not a number from %s to %s%s",
		    s->name, value, low, high, suffix_words(s->kind));
}

static FALLIBLE number_parse(const struct setting *s, const char *value, int64_t *slot)
{
	const struct unit *u = units_of(s->kind);
	char *end;
	int64_t number;

	errno = 0;
	long long digits = strtoll(value, &end, 10);
	if (errno || end == value)
		return number_refused(s, value);
	while (u->factor && u->letter != *end)
		u++;
	if (!u->factor || (*end && end[1]) || __builtin_mul_overflow(digits, u->factor, &number) ||
	    number < s->min || number > largest(s))
		return number_refused(s, value);
	*slot = number;
	return OK;
}

static FALLIBLE bool_parse(const struct setting *s, const char *value, bool *slot)
{
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return FAIL(ST_USAGE, 0, "%s: \"%s\" is neither \"yes\" nor \"no\"", s->name, value);
	*slot = value[0] == 'y';
	return OK;
}

static FALLIBLE enum_parse(const struct setting *s, const char *value, int *slot)
{
	AUTO(buf_free) struct buf known = { 0 };

	for (int i = 0; s->choices[i]; i++) {
		if (strcmp(value, s->choices[i]) == 0) {
			*slot = i;
			return OK;
		}
		buf_printf(&known, "%s%s", i ? ", " : "", s->choices[i]);
	}
	return FAIL(ST_USAGE, 0, "%s: \"%s\" is none of %.*s",
		    s->name, value, (int)known.len, (const char *)known.data);
}

static FALLIBLE str_parse(const struct setting *s, const char *value, char **slot)
{
	if (s->max && strlen(value) > (size_t)s->max)
		return FAIL(ST_USAGE, 0, "%s: the value has %zu characters; %lld are the most",
			    s->name, strlen(value), (long long)s->max);
	mem_free(slot);
	*slot = mem_strdup(value);
	return OK;
}

static FALLIBLE list_add(const struct setting *s, const char *value, struct text_list *list)
{
	if (!*value)
		return FAIL(ST_USAGE, 0, "%s: the value is empty", s->name);
	if (s->max && (int64_t)list->count >= s->max)
		return FAIL(ST_USAGE, 0, "%s: is given more than %lld times", s->name, (long long)s->max);
	list->items = mem_grow(list->items, list->count + 1, sizeof(*list->items));
	list->items[list->count++] = mem_strdup(value);
	return OK;
}

FALLIBLE setting_parse(const struct setting *s, const char *value, void *slot)
{
	switch (s->kind) {
	case SET_STR:
		return str_parse(s, value, slot);
	case SET_INT: case SET_SIZE: case SET_SECS:
		return number_parse(s, value, slot);
	case SET_BOOL:
		return bool_parse(s, value, slot);
	case SET_ENUM:
		return enum_parse(s, value, slot);
	case SET_LIST:
		return list_add(s, value, slot);
	}
	abort();
}

void setting_put_text(const struct setting *s, const void *slot, struct buf *out)
{
	switch (s->kind) {
	case SET_STR:
		buf_put_text(out, *(char *const *)slot ? *(char *const *)slot : "");
		break;
	case SET_INT: case SET_SIZE: case SET_SECS:
		put_number(s, *(const int64_t *)slot, out);
		break;
	case SET_BOOL:
		buf_put_text(out, *(const bool *)slot ? "yes" : "no");
		break;
	case SET_ENUM:
		buf_put_text(out, s->choices[*(const int *)slot]);
		break;
	case SET_LIST:
		break;
	}
}

void setting_cleanup(const struct setting *s, void *slot)
{
	if (s->kind == SET_STR) {
		mem_free(slot);
	} else if (s->kind == SET_LIST) {
		struct text_list *list = slot;

		for (size_t i = 0; i < list->count; i++)
			free(list->items[i]);
		free(list->items);
		*list = (struct text_list){ 0 };
	}
}
