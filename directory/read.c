/* SPDX-License-Identifier: Apache-2.0 */
/* What is read with a handle: entries by their names, one or several at once. */
#include "directory/handle.h"

#include "asn1/dn.h"
#include "lib/base/memory.h"

#include <strings.h>

enum {
	REFERENCES_MAX = 16,	/* in one answer */
	URLS_MAX = 4,		/* of one reference; further ones are not tried */
};

/* The attribute an answer means; of text, in whatever language.  ATTR_COUNT for others. */
static enum directory_attr attr_of(const char *name)
{
	size_t len = strcspn(name, ";");
	enum directory_attr attr = 0;

	while (attr < DIRECTORY_ATTR_COUNT && strcasecmp(attr_infos[attr].name, name) != 0)
		attr++;
	if (attr < DIRECTORY_ATTR_COUNT)
		return attr;
	for (attr = 0; attr < DIRECTORY_ATTR_COUNT; attr++)
		if (attr != DIRECTORY_BARE_CERTIFICATE && strlen(attr_infos[attr].name) == len &&
		    !strncasecmp(attr_infos[attr].name, name, len))
			break;
	return attr;
}

static FALLIBLE reading_entry(void *data, const char *name)
{
	struct reading *r = data;

	if (r->entries.count == r->room) {
		struct directory_entry *old = r->entries.list;

		r->room = r->room ? 2 * r->room : 4;
		r->entries.list = arena_new_array(r->arena, struct directory_entry, r->room);
		if (old)
			memcpy(r->entries.list, old, r->entries.count * sizeof *old);
	}
	r->entries.list[r->entries.count++].name = arena_strdup(r->arena, name);
	return OK;
}

/* Room for twice as many whenever it runs out. */
static void values_add(struct arena *arena, struct directory_values *values, struct bytes value)
{
	if (!(values->count & (values->count - 1))) {
		size_t room = values->count ? 2 * values->count : 1;
		struct bytes *list = arena_new_array(arena, struct bytes, room);

		if (values->count)
			memcpy(list, values->list, values->count * sizeof *list);
		values->list = list;
	}
	values->list[values->count++] = value;
}

static FALLIBLE reading_value(void *data, const char *name, struct bytes value)
{
	struct reading *r = data;
	struct directory_entry *entry = &r->entries.list[r->entries.count - 1];
	enum directory_attr attr = attr_of(name);

	if (attr == DIRECTORY_ATTR_COUNT)
		return OK;

	struct directory_values *values = &entry->values[attr];
	size_t most = attr_infos[attr].list ? r->config->max_list : r->config->max_value;

	if (values->count == r->config->max_values)
		return FAIL(ST_PEER, 0, "%s of %s has more than %u values", name, entry->name,
			    r->config->max_values);
	if (value.len > most)
		return FAIL(ST_PEER, 0, "a value of %s of %s has %zu octets, more than %zu", name,
			    entry->name, value.len, most);
	values_add(r->arena, values, bytes_of(arena_text(r->arena, value), value.len));
	return OK;
}

/* Elsewhere: what is too much to follow is not kept either. */
static FALLIBLE reading_reference(void *data, char *const *urls)
{
	struct reading *r = data;
	struct reference *to;
	size_t count = 0;

	if (r->reference_count == REFERENCES_MAX)
		return FAIL(ST_PEER, 0, "the answer refers to more than %d other servers",
			    REFERENCES_MAX);
	if (!r->references)
		r->references = arena_new_array(r->arena, struct reference, REFERENCES_MAX);
	to = &r->references[r->reference_count++];
	to->urls = arena_new_array(r->arena, char *, URLS_MAX + 1);
	for (; urls[count] && count < URLS_MAX; count++)
		to->urls[count] = arena_strdup(r->arena, urls[count]);
	return OK;
}

static void entry_read_pairs(struct directory_entry *entry, struct arena *arena)
{
	const struct directory_values *values = &entry->values[DIRECTORY_CROSS_PAIR];

	entry->pairs.list = arena_new_array(arena, struct cert_pair, values->count);
	for (size_t i = 0; i < values->count; i++) {
		struct status *st = pair_decode(values->list[i],
						&entry->pairs.list[entry->pairs.count]);

		if (st)
			entry->pairs.junk++;
		else
			entry->pairs.count++;
		status_drop(st);
	}
}

/* Searches that are made together, and what each of them gave. */
struct batch {
	struct ldap_search *searches;
	struct reading *readings;
	struct status **failures;
	size_t count;
	struct meanwhile *work;
};

/* A server that is busy has answered nothing: another may. */
static FALLIBLE batch_put_off(const struct batch *batch, size_t why)
{
	struct status *st = TAKE(batch->failures[why]);

	for (size_t i = 0; i < batch->count; i++)
		status_free(&batch->failures[i]);
	return st;
}

static FALLIBLE batch_request(struct directory *dir, void *arg)
{
	const struct batch *batch = arg;

	for (size_t i = 0; i < batch->count; i++) {
		struct reading *r = &batch->readings[i];

		r->entries = (struct directory_entries){ 0 };
		r->room = r->reference_count = 0;
		batch->searches[i].reader = (struct ldap_reader){ r, reading_entry, reading_value,
								  reading_reference };
	}
	TRY(ldap_link_search_all(dir->link, batch->searches, batch->count, batch->work,
				 batch->failures));
	for (size_t i = 0; i < batch->count; i++)
		if (batch->failures[i] && batch->failures[i]->kind == ST_LATER)
			return batch_put_off(batch, i);
	for (size_t i = 0; i < batch->count; i++)
		for (size_t k = 0; k < batch->readings[i].entries.count; k++)
			entry_read_pairs(&batch->readings[i].entries.list[k], batch->readings[i].arena);
	return OK;
}

/* Fills in the attributes and runs all searches; the readings have what was found. */
static FALLIBLE batch_run(struct directory *dir, struct batch *batch, struct arena *arena)
{
	const char *attrs[DIRECTORY_ATTR_COUNT + 1] = { 0 };

	for (enum directory_attr attr = 0; attr < DIRECTORY_ATTR_COUNT; attr++)
		attrs[attr] = attr_infos[attr].name;
	for (size_t i = 0; i < batch->count; i++) {
		batch->searches[i].attrs = attrs;
		batch->readings[i] = (struct reading){ .config = &dir->config, .arena = arena };
	}
	TRY(directory_run(dir, batch_request, batch));
	for (size_t i = 0; i < batch->count; i++)
		if (!batch->failures[i] && batch->readings[i].reference_count)
			batch->failures[i] = references_follow(dir, &batch->searches[i],
							       &batch->readings[i]);
	return OK;
}

FALLIBLE search_run(struct directory *dir, struct ldap_search *search, struct arena *arena,
		    struct directory_entries *out_entries)
{
	struct reading reading;
	struct status *failed = OK;
	struct batch batch = { .searches = search, .readings = &reading, .failures = &failed, .count = 1 };

	TRY(batch_run(dir, &batch, arena));
	if (!failed)
		*out_entries = reading.entries;
	return failed;
}

FALLIBLE name_check(const char *name)
{
	AUTO(buf_free) struct buf der = { 0 };

	return dn_from_text(name, &der);
}

static const struct ldap_search one_entry = { .filter = "(objectClass=*)" };

/* The entry of a name out of the answer to a search for it. */
static FALLIBLE take_entry(const char *name, struct status *failed,
			   const struct directory_entries *entries, struct directory_entry *out_entry)
{
	TRY_DOING(failed, "cannot read %s in the directory", name);
	if (entries->count != 1)
		return FAIL(ST_NOT_FOUND, 0, "the directory has no entry %s that may be read", name);
	*out_entry = entries->list[0];
	return OK;
}

FALLIBLE directory_get(struct directory *dir, const char *name, struct arena *arena,
		       struct directory_entry *out_entry)
{
	struct ldap_search search = one_entry;
	struct directory_entries entries = { 0 };

	TRY(name_check(name));
	search.base = name;
	return take_entry(name, search_run(dir, &search, arena, &entries), &entries, out_entry);
}

FALLIBLE directory_get_der(struct directory *dir, struct bytes name, struct arena *arena,
			   struct directory_entry *out_entry)
{
	AUTO(mem_free) char *text = NULL;

	TRY(dn_to_text(name, &text));
	return directory_get(dir, text, arena, out_entry);
}

FALLIBLE directory_get_many(struct directory *dir, const struct bytes *names, size_t count,
			    struct meanwhile *work, struct arena *arena,
			    struct directory_answer *out_answers)
{
	struct batch batch = {
		.searches = arena_new_array(arena, struct ldap_search, count),
		.readings = arena_new_array(arena, struct reading, count),
		.failures = arena_new_array(arena, struct status *, count),
		.count = count,
		.work = work,
	};

	for (size_t i = 0; i < count; i++) {
		AUTO(mem_free) char *text = NULL;

		TRY(dn_to_text(names[i], &text));
		batch.searches[i] = one_entry;
		batch.searches[i].base = arena_strdup(arena, text);
	}
	TRY_DOING(batch_run(dir, &batch, arena), "cannot read %zu entries in the directory", count);
	for (size_t i = 0; i < count; i++)
		out_answers[i].failed = take_entry(batch.searches[i].base, batch.failures[i],
						   &batch.readings[i].entries, &out_answers[i].entry);
	return OK;
}
