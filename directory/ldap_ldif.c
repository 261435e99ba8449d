/* SPDX-License-Identifier: Apache-2.0 */
/* LDIF, read by libldap [RFC 2849]. */
#include "directory/ldif.h"

#include "lib/base/memory.h"

#include <ldap.h>
#include <ldif.h>
#include <strings.h>
#include <unistr.h>

enum { VALUES_MAX = 1000 };

/* --- lines --- */

static struct bytes take_line(struct bytes *rest)
{
	const uint8_t *end = rest->len ? memchr(rest->data, '\n', rest->len) : NULL;
	size_t len = end ? (size_t)(end - rest->data) + 1 : rest->len;
	struct bytes line = bytes_slice(*rest, 0, len);

	*rest = bytes_slice(*rest, len, rest->len);
	return line;
}

static bool begins_with(struct bytes line, const char *what)
{
	return line.len >= strlen(what) && !strncasecmp((const char *)line.data, what, strlen(what));
}

static bool is_blank(struct bytes line)
{
	return !line.len || line.data[0] == '\n' || begins_with(line, "\r\n");
}

/* libldap would open whatever such a line names. */
static FALLIBLE check_lines(struct bytes text)
{
	for (size_t n = 1; text.len; n++) {
		struct bytes line = take_line(&text);

		if (begins_with(line, "include:"))
			return FAIL(ST_USAGE, 0, "line %zu includes another file: that is not read", n);
		if (memchr(line.data, 0, line.len))
			return FAIL(ST_USAGE, 0, "line %zu has a zero octet in it", n);
	}
	return OK;
}

/* Where the entry begins that is read after so many lines. */
static size_t first_line(struct bytes text, size_t passed)
{
	for (size_t n = 1; text.len; n++) {
		struct bytes line = take_line(&text);

		if (n > passed && !is_blank(line) && line.data[0] != '#' &&
		    !begins_with(line, "version:"))
			return n;
	}
	return passed + 1;
}

/* --- entries --- */

static FALLIBLE take_value(char *line, struct arena *arena, struct ldif_entry *entry)
{
	const char *colon = strchr(line, ':');
	struct berval attr, value;
	int allocated = 0;

	if (!colon || colon == line)
		return FAIL(ST_USAGE, 0, "the entry of line %zu has a line without an attribute",
			    entry->line);
	if (colon[1] == '<')
		return FAIL(ST_USAGE, 0, "the entry of line %zu takes a value from another file: that is "
			    "not read", entry->line);
	if (entry->count == VALUES_MAX)
		return FAIL(ST_USAGE, 0, "the entry of line %zu has more than %d values", entry->line,
			    VALUES_MAX);
	if (ldif_parse_line2(line, &attr, &value, &allocated) != 0)
		return FAIL(ST_USAGE, 0, "the entry of line %zu has a line that is no LDIF", entry->line);

	struct bytes octets = bytes_of(value.bv_val, value.bv_len);
	bool is_text = !u8_check(octets.data, octets.len) &&
		       (!octets.len || !memchr(octets.data, 0, octets.len));

	entry->values[entry->count++] = (struct ldif_value){
		arena_text(arena, bytes_of(attr.bv_val, attr.bv_len)),
		is_text ? arena_text(arena, octets) : NULL,
	};
	if (allocated)
		ber_memfree(value.bv_val);
	return OK;
}

static FALLIBLE take_entry(char *record, struct arena *arena, struct ldif_entry *entry)
{
	struct ldif_value values[VALUES_MAX];

	entry->values = values;
	for (char *next = record, *line; (line = ldif_getline(&next));)
		if (*line && *line != '\n')
			TRY(take_value(line, arena, entry));
	entry->values = arena_new_array(arena, struct ldif_value, entry->count + 1);
	memcpy(entry->values, values, entry->count * sizeof *values);
	entry->name = ldif_find(entry, "dn");
	if (!entry->name)
		return FAIL(ST_USAGE, 0, "the entry of line %zu has no dn", entry->line);
	return OK;
}

const char *ldif_find(const struct ldif_entry *entry, const char *attr)
{
	for (size_t i = 0; i < entry->count; i++)
		if (!strcasecmp(entry->values[i].attr, attr))
			return entry->values[i].text;
	return NULL;
}

/* Nothing: libldap passes over a number that stands alone; or the line that a file may begin with,
 * where an empty one follows. */
static bool is_no_entry(const char *record)
{
	if (!record || !*record || *record == '\n')
		return true;
	const char *end = strchr(record, '\n');
	return begins_with(bytes_text(record), "version:") && (!end || !end[1]);
}

/* ldif_read_record, which leaves what it read before where it finds nothing. */
static int read_record(LDIFFP *file, unsigned long *lines, char **record, int *size)
{
	if (*record)
		**record = 0;
	return ldif_read_record(file, lines, record, size);
}

static void close_file(LDIFFP **file)
{
	if (*file)
		ldif_close(*file);
}

static void free_record(char **record)
{
	ber_memfree(*record);
}

/* What is wrong is said by us, not on standard error by libldap. */
static void say_nothing(const char *words)
{
	(void)words;
}

FALLIBLE ldif_read(struct bytes text, struct arena *arena, struct ldif_entry **out_entries,
		   size_t *out_count)
{
	AUTO(free_record) char *record = NULL;
	AUTO(mem_free) char *copy = bytes_to_text(text);
	AUTO(mem_free) struct ldif_entry *entries = NULL;
	unsigned long lines = 0;
	int size = 0, got = 0;
	size_t count = 0;

	*out_count = 0;
	if (!text.len)
		return OK;
	TRY(check_lines(text));
	ber_set_option(NULL, LBER_OPT_LOG_PRINT_FN, (void *)say_nothing);
	AUTO(close_file) LDIFFP *file = ldif_open_mem(copy, text.len, "r");
	if (!file)
		return FAIL(ST_LATER, 0, "cannot read LDIF");
	for (size_t passed = 0; (got = read_record(file, &lines, &record, &size)) > 0;
	     passed = lines) {
		if (count == LDIF_ENTRIES_MAX)
			return FAIL(ST_USAGE, 0, "there are more than %d entries", LDIF_ENTRIES_MAX);
		entries = mem_grow(entries, count + 1, sizeof *entries);
		entries[count] = (struct ldif_entry){ .line = first_line(text, passed) };
		if (is_no_entry(record))
			continue;
		TRY(take_entry(record, arena, &entries[count]));
		count++;
	}
	if (got < 0)
		return FAIL(ST_USAGE, 0, "line %lu is no LDIF", lines);
	*out_entries = arena_new_array(arena, struct ldif_entry, count + 1);
	if (count)
		memcpy(*out_entries, entries, count * sizeof *entries);
	*out_count = count;
	return OK;
}
