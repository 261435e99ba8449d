/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One question to the directory answers all that can be asked of a name: its certificates,
 * cross-certificates and revocation lists are kept together: in memory for a while, and on disk
 * with their age, for when the directory cannot be asked.
 */
#include "lib/mhs/trust_source.h"

#include "asn1/dn.h"
#include "lib/base/cache.h"
#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/mhs/orname.h"
#include "lib/mhs/trust_addresses.h"
#include "lib/mhs/trust_handles.h"
#include "lib/mhs/trust_object.h"

enum {
	NAMES_KEPT = 4096,
	MEMORY_KEPT = 256 * 1024 * 1024,	/* a list of 16 MB, the largest, has room in it */
	FETCHED_AT_ONCE = 64,
	ENDS_SOON_SECONDS = 86400,	/* a list that does is fetched before others */
	IN_USE_SECONDS = 30 * 86400,	/* since somebody last asked for it */
};

struct trust_source {
	const struct trust_options *options;
	struct dircache *kept;			/* null: nothing outlives the process */
	struct cache *objects;			/* by DER Name: struct trust_object */
	struct trust_addresses *addresses;
	struct cache *renewed;			/* by DER Name: what was fetched anew not long ago */
	struct trust_handles handles;
};

/* Of caches whose keys say all. */
static void mark_free(void *value)
{
	mem_free(&value);
}

struct trust_source *trust_source_new(const struct trust_options *options, struct dircache *kept)
{
	struct trust_source *source = mem_new(struct trust_source);

	source->options = options;
	source->kept = kept;
	source->objects = cache_new(&(struct cache_options){ NAMES_KEPT, MEMORY_KEPT,
							     trust_object_free });
	source->renewed = cache_new(&(struct cache_options){ NAMES_KEPT, 0, mark_free });
	trust_handles_init(&source->handles, options->directory);
	source->addresses = trust_addresses_new(options, kept, &source->handles);
	return source;
}

void trust_source_free(struct trust_source **source)
{
	if (!*source)
		return;
	cache_free(&(*source)->objects);
	trust_addresses_free(&(*source)->addresses);
	cache_free(&(*source)->renewed);
	trust_handles_cleanup(&(*source)->handles);
	mem_free(source);
}

/* --- fetching --- */

static FALLIBLE ask_name(struct trust_source *source, struct bytes name, struct arena *arena,
			 struct directory_entry *out_entry)
{
	struct directory *dir;

	TRY(trust_handle_take(&source->handles, &dir));

	struct status *st = directory_get_der(dir, name, arena, out_entry);

	trust_handle_give_back(&source->handles, dir, st);
	return st;
}

static FALLIBLE ask_names(struct trust_source *source, const struct bytes *names, size_t count,
			  struct meanwhile *work, struct arena *arena,
			  struct directory_answer *out_answers)
{
	struct directory *dir;

	TRY(trust_handle_take(&source->handles, &dir));

	struct status *st = directory_get_many(dir, names, count, work, arena, out_answers);

	trust_handle_give_back(&source->handles, dir, st);
	return st;
}

static time_t now_of(const struct trust_source *source)
{
	return clock_now(source->options->clock);
}

static struct trust_object *recall_object(struct trust_source *source, struct bytes name)
{
	struct dircache_item item;
	struct trust_object *object;

	if (!trust_recall(source->kept, DIRCACHE_ENTRY, name, now_of(source),
			  source->options->offline_seconds, &item))
		return NULL;
	object = trust_object_new(name, buf_view(&item.octets));
	object->fetched = item.fetched;
	object->absent = item.absent;
	buf_free(&item.octets);
	return object;
}

/* What an answer of the directory makes known of a name. */
static FALLIBLE object_of_answer(struct trust_source *source, struct bytes name, struct status *failed,
				 const struct directory_entry *entry, struct trust_object **out_object)
{
	AUTO(buf_free) struct buf values = { 0 };
	struct trust_object *object;
	bool absent = failed && failed->kind == ST_NOT_FOUND;

	if (failed && !absent)
		return failed;
	status_drop(failed);
	if (!absent)
		trust_values_pack(entry, &values);
	object = trust_object_new(name, buf_view(&values));
	object->fetched = now_of(source);
	object->absent = absent;
	trust_remember(source->kept, DIRCACHE_ENTRY, name,
		       &(struct dircache_item){ values, object->fetched, object->ends, absent });
	*out_object = object;
	return OK;
}

static void object_keep(struct trust_source *source, struct trust_object *object)
{
	time_t until = object->fetched + (object->absent ? source->options->absent_seconds
							 : source->options->cache_seconds);

	if (object->ends && object->ends < until)	/* the next list is there by then */
		until = object->ends;
	/* Older than that only because the directory cannot be asked, or has no newer list: soon it is
	 * tried again. */
	if (until <= now_of(source) && source->options->cache_seconds > 0)
		until = now_of(source) + source->options->absent_seconds;
	cache_put(source->objects, buf_view(&object->name), object, object->memory, until);
}

static FALLIBLE object_fetch(struct trust_source *source, struct bytes name,
			     struct trust_object **out_object)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct directory_entry entry;
	struct status *st;

	if (trust_handles_rest(&source->handles) && (*out_object = recall_object(source, name)))
		return OK;
	st = object_of_answer(source, name, ask_name(source, name, arena, &entry), &entry, out_object);
	if (!st || st->kind != ST_LATER)
		return st;
	*out_object = recall_object(source, name);
	if (!*out_object)
		return st;
	log_event(LOG_LV_WARN, "directory not asked, what is kept is used",
		  log_text("of", time_rfc3339((*out_object)->fetched).s), log_why(st));
	status_drop(st);
	return OK;
}

/* How what was found goes to who asked, who is told the age of the oldest of it. */
struct taking {
	void (*take)(const void *object, void *arg);
	void *arg;
	struct trust_asking *asking;
};

static void take_noting(const void *value, void *arg)
{
	const struct trust_object *object = value;
	const struct taking *taking = arg;
	time_t *as_of = &taking->asking->as_of;

	if (!*as_of || object->fetched < *as_of)
		*as_of = object->fetched;
	taking->take(value, taking->arg);
}

/* Calls take with what is known of a name, from the cache or the directory. */
static FALLIBLE with_object(struct trust_asking *asking, struct bytes name,
			    void (*take)(const void *object, void *arg), void *arg)
{
	struct trust_source *source = asking->source;
	struct taking taking = { take, arg, asking };
	struct trust_object *object = NULL;

	if (!source->options->directory ||
	    cache_find(source->objects, name, now_of(source), take_noting, &taking))
		return OK;
	TRY(object_fetch(source, name, &object));
	name_list_add(&asking->fetched, name);
	take_noting(object, &taking);
	object_keep(source, object);
	return OK;
}

/* --- fetching together --- */

static void take_nothing(const void *object, void *arg)
{
	(void)object;
	(void)arg;
}

static bool is_remembered(struct trust_source *source, struct bytes name)
{
	return cache_find(source->objects, name, now_of(source), take_nothing, NULL);
}

/* Whether the directory has to be asked. */
static bool is_wanted(struct trust_source *source, const struct bytes *names, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (bytes_equal(names[i], names[at]))
			return false;
	return !is_remembered(source, names[at]);
}

/* Whether anything was found out. */
static bool fetch_together(struct trust_source *source, const struct bytes *names, size_t count,
			   struct meanwhile *work)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct directory_answer *answers = arena_new_array(arena, struct directory_answer, count);
	struct status *st = ask_names(source, names, count, work, arena, answers);
	bool any = false;

	for (size_t i = 0; !st && i < count; i++) {
		struct trust_object *object = NULL;
		struct status *failed = object_of_answer(source, names[i], answers[i].failed,
							 &answers[i].entry, &object);

		if (!failed)
			object_keep(source, object);
		any |= !failed;
		status_drop(failed);
	}
	status_drop(st);
	return any;
}

static bool fetch_for(struct trust_asking *asking, const struct bytes *names, size_t count,
		      struct meanwhile *work)
{
	for (size_t i = 0; i < count; i++)
		name_list_add(&asking->fetched, names[i]);
	return fetch_together(asking->source, names, count, work);
}

/* What fails here is asked for again, by itself, and fails then; and where the directory cannot be
 * asked, nothing more is expected of it.  One alone is asked for when it is needed, unless there is
 * something to do meanwhile. */
static void expect(void *data, const struct bytes *names, size_t count, struct meanwhile *work)
{
	struct trust_asking *asking = data;
	struct trust_source *source = asking->source;
	AUTO(arena_free) struct arena *arena = arena_new();
	struct bytes *wanted = arena_new_array(arena, struct bytes, count);
	size_t wanted_count = 0;

	if (!source->options->directory || source->options->cache_seconds < 0 || asking->unreachable ||
	    (source->kept && trust_handles_rest(&source->handles)))
		return;
	for (size_t i = 0; i < count; i++)
		if (is_wanted(source, names, i))
			wanted[wanted_count++] = names[i];
	if (wanted_count == 0 || (wanted_count == 1 && !work))
		return;
	asking->unreachable = !fetch_for(asking, wanted, wanted_count, work);
}

/* --- fetching what was remembered, and did not serve --- */

static bool may_renew(struct trust_source *source, struct bytes name)
{
	time_t now = now_of(source);

	if (cache_find(source->renewed, name, now, take_nothing, NULL))
		return false;
	cache_put(source->renewed, name, mem_new(char), 0, now + source->options->absent_seconds);
	return true;
}

bool trust_source_renew(struct trust_asking *asking, const struct name_list *which)
{
	struct trust_source *source = asking->source;
	struct bytes names[FETCHED_AT_ONCE];
	size_t count = 0;

	if (trust_handles_rest(&source->handles))
		return false;
	for (size_t i = 0; i < which->count && count < FETCHED_AT_ONCE; i++)
		if (may_renew(source, buf_view(&which->items[i])))
			names[count++] = buf_view(&which->items[i]);
	asking->as_of = 0;
	return count && fetch_for(asking, names, count, NULL);	/* or else what is remembered stays */
}

void trust_asking_cleanup(struct trust_asking *asking)
{
	name_list_free(&asking->fetched);
	name_list_free(&asking->holders);
	name_list_free(&asking->authorities);
}

/* --- fetching before it is needed --- */

struct due {
	struct arena *arena;
	struct bytes *names;
	size_t count;
};

static void add_due(void *arg, struct bytes name)
{
	struct due *due = arg;

	due->names[due->count++] = arena_dup(due->arena, name);
}

void trust_source_refresh(struct trust_source *source)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct due due = { arena, arena_new_array(arena, struct bytes, FETCHED_AT_ONCE), 0 };
	time_t now = now_of(source);

	if (!source->kept || !source->options->directory || source->options->cache_seconds < 0)
		return;

	const struct dircache_due which = {
		.fetched_before = now - source->options->cache_seconds,
		.used_since = now - IN_USE_SECONDS,
		.ends_before = now + ENDS_SOON_SECONDS,
		.max = FETCHED_AT_ONCE,
	};

	trust_kept_trouble(dircache_due(source->kept, &which, add_due, &due));
	if (due.count)
		(void)fetch_together(source, due.names, due.count, NULL);
}

/* --- the callbacks --- */

static void take_found(const struct found_list *found, struct found_list *out_certs)
{
	for (size_t i = 0; i < found->count; i++)
		found_list_add(out_certs, found->items[i]);
}

static void take_certs(const void *object, void *arg)
{
	take_found(&((const struct trust_object *)object)->certs, arg);
}

static void take_cross(const void *object, void *arg)
{
	take_found(&((const struct trust_object *)object)->cross, arg);
}

static void take_crls(const void *object, void *arg)
{
	const struct crl_list *crls = &((const struct trust_object *)object)->crls;

	for (size_t i = 0; i < crls->count; i++)
		crl_list_add(arg, crls->items[i]);
}

static void take_presence(const void *object, void *arg)
{
	*(bool *)arg = !((const struct trust_object *)object)->absent;
}

/* Puts an entry, as it is spelled, among those that may have changed since they were fetched.  That
 * there is none is believed for absent_seconds anyway. */
static void note_remembered(struct trust_asking *asking, struct name_list *among, struct bytes name)
{
	struct trust_source *source = asking->source;
	bool present = false;

	if (cache_find(source->objects, name, now_of(source), take_presence, &present) && present &&
	    !name_list_has(&asking->fetched, name, bytes_equal) &&
	    !name_list_has(among, name, bytes_equal))
		name_list_add(among, name);
}

static FALLIBLE user_certs(void *data, struct bytes name, struct found_list *out_certs)
{
	struct trust_asking *asking = data;

	note_remembered(asking, &asking->holders, name);
	return with_object(asking, name, take_certs, out_certs);
}

static FALLIBLE cross_certs(void *data, struct bytes name, struct found_list *out_certs)
{
	struct trust_asking *asking = data;

	note_remembered(asking, &asking->authorities, name);
	return with_object(asking, name, take_cross, out_certs);
}

static FALLIBLE crls(void *data, struct bytes name, struct crl_list *out_crls)
{
	struct trust_asking *asking = data;

	note_remembered(asking, &asking->authorities, name);
	return with_object(asking, name, take_crls, out_crls);
}

/* Whoever has the address in the directory is among the entries that are found by it. */
static FALLIBLE has_address(void *data, struct bytes name, struct bytes or_address, bool *out_has)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(name_list_free) struct name_list names = { 0 };
	const struct trust_asking *asking = data;
	struct orname *address = NULL;

	*out_has = false;
	TRY(oraddress_decode(arena, or_address, &address));
	TRY(trust_source_names(asking->source, orname_text(arena, address), &names));
	for (size_t i = 0; i < names.count; i++)
		*out_has |= dn_equal(buf_view(&names.items[i]), name);
	return OK;
}

struct cert_source trust_source_callbacks(struct trust_asking *asking)
{
	return (struct cert_source){ asking, user_certs, cross_certs, crls, expect, has_address,
				    &asking->as_of };
}

FALLIBLE trust_source_names(struct trust_source *source, const char *or_address,
			    struct name_list *out_names)
{
	return source->options->directory ? trust_addresses_find(source->addresses, or_address, out_names) :
					    OK;
}

/* --- forgetting --- */

static bool object_is(const void *value, void *arg)
{
	return dn_equal(buf_view(&((const struct trust_object *)value)->name), *(struct bytes *)arg);
}

void trust_source_forget(struct trust_source *source, struct bytes directory_name)
{
	if (source->kept)
		trust_kept_trouble(dircache_forget(source->kept, directory_name));
	cache_forget(source->objects, object_is, &directory_name);
	trust_addresses_forget(source->addresses, directory_name);
}
