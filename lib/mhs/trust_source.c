/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One question to the directory answers all that can be asked of a name: its certificates,
 * cross-certificates and revocation lists are kept together.  A value that cannot be decoded
 * is as good as absent: what cannot be checked then fails for want of it.
 */
#include "lib/mhs/trust_source.h"

#include "asn1/dn.h"
#include "lib/base/cache.h"
#include "lib/base/log.h"
#include "lib/base/memory.h"

#include <pthread.h>

enum {
	NAMES_KEPT = 4096,
	OCTETS_KEPT = 64 * 1024 * 1024,
	HANDLES_IDLE = 16,
};

struct trust_source {
	const struct trust_options *options;
	struct cache *objects;			/* by DER Name: struct object */
	struct cache *addresses;		/* by the text of an O/R address: struct name_list */
	pthread_mutex_t lock;			/* of the handles */
	struct directory *idle[HANDLES_IDLE];
	size_t idle_count;
};

/* What is known of a name; all empty where the directory has no entry. */
struct object {
	struct buf name;
	struct cert_list certs;
	struct found_list cross;
	struct crl_list crls;
	size_t octets;
};

static void object_free(void *value)
{
	struct object *object = value;

	buf_free(&object->name);
	cert_list_free(&object->certs);
	found_list_free(&object->cross);
	crl_list_free(&object->crls);
	mem_free(&object);
}

void name_list_free(struct name_list *names)
{
	for (size_t i = 0; i < names->count; i++)
		buf_free(&names->items[i]);
	mem_free(&names->items);
	names->count = 0;
}

static void name_list_release(void *value)
{
	name_list_free(value);
	mem_free(&value);
}

static void name_list_add(struct name_list *names, struct bytes name)
{
	names->items = mem_grow(names->items, names->count + 1, sizeof *names->items);
	names->items[names->count++] = buf_copy(name);
}

struct trust_source *trust_source_new(const struct trust_options *options)
{
	struct trust_source *source = mem_new(struct trust_source);

	source->options = options;
	source->objects = cache_new(&(struct cache_options){ NAMES_KEPT, OCTETS_KEPT, object_free });
	source->addresses = cache_new(&(struct cache_options){ NAMES_KEPT, OCTETS_KEPT,
							       name_list_release });
	pthread_mutex_init(&source->lock, NULL);
	return source;
}

void trust_source_free(struct trust_source **source)
{
	if (!*source)
		return;
	cache_free(&(*source)->objects);
	cache_free(&(*source)->addresses);
	while ((*source)->idle_count)
		directory_free(&(*source)->idle[--(*source)->idle_count]);
	pthread_mutex_destroy(&(*source)->lock);
	mem_free(source);
}

/* --- a handle for each thread that is asking --- */

static FALLIBLE handle_take(struct trust_source *source, struct directory **out_dir)
{
	*out_dir = NULL;
	pthread_mutex_lock(&source->lock);
	if (source->idle_count)
		*out_dir = source->idle[--source->idle_count];
	pthread_mutex_unlock(&source->lock);
	return *out_dir ? OK : directory_new(source->options->directory, out_dir);
}

static void handle_give_back(struct trust_source *source, struct directory *dir)
{
	pthread_mutex_lock(&source->lock);
	if (source->idle_count < HANDLES_IDLE)
		source->idle[source->idle_count++] = TAKE(dir);
	pthread_mutex_unlock(&source->lock);
	directory_free(&dir);
}

/* --- fetching --- */

static void skipped(struct object *object, const char *what, struct status *why)
{
	AUTO(mem_free) char *name = NULL;
	struct status *st = dn_to_text(buf_view(&object->name), &name);

	log_event(LOG_LV_WARN, "directory value skipped", log_text("name", name),
		  log_text("attribute", what), log_why(why));
	status_drop(st);
	status_drop(why);
}

static void keep_cert(struct object *object, struct bytes der)
{
	AUTO(cert_free) const struct cert *cert = NULL;
	struct status *st = cert_decode(der, &cert);

	if (st) {
		skipped(object, "userCertificate", st);
		return;
	}
	cert_list_add(&object->certs, cert);
	object->octets += der.len;
}

static void keep_cross(struct object *object, const char *what, struct bytes der)
{
	AUTO(cert_found_free) const struct cert_found *found = NULL;
	struct status *st = cert_found_read(der, &found);

	if (st) {
		skipped(object, what, st);
		return;
	}
	found_list_add(&object->cross, found);
	object->octets += der.len;
}

static void keep_crl(struct object *object, struct bytes der)
{
	AUTO(crl_free) const struct crl *crl = NULL;
	struct status *st = crl_decode(der, &crl);

	if (st) {
		skipped(object, "certificateRevocationList", st);
		return;
	}
	crl_list_add(&object->crls, crl);
	object->octets += der.len;
}

static void keep_entry(struct object *object, const struct directory_entry *entry)
{
	const struct directory_values *certs = &entry->values[DIRECTORY_USER_CERTIFICATE];
	const struct directory_values *authority = &entry->values[DIRECTORY_CA_CERTIFICATE];
	const struct directory_values *crls = &entry->values[DIRECTORY_CRL];

	for (size_t i = 0; i < certs->count; i++)
		keep_cert(object, certs->list[i]);
	for (size_t i = 0; i < authority->count; i++)
		keep_cross(object, "cACertificate", authority->list[i]);
	for (size_t i = 0; i < entry->pairs.count; i++) {
		const struct cert_pair *pair = &entry->pairs.list[i];

		if (pair->forward.len)
			keep_cross(object, "crossCertificatePair", pair->forward);
		if (pair->reverse.len)
			keep_cross(object, "crossCertificatePair", pair->reverse);
	}
	for (size_t i = 0; i < crls->count; i++)
		keep_crl(object, crls->list[i]);
}

static FALLIBLE ask_name(struct trust_source *source, struct bytes name, struct arena *arena,
			 struct directory_entry *out_entry)
{
	struct directory *dir;

	TRY(handle_take(source, &dir));

	struct status *st = directory_get_der(dir, name, arena, out_entry);

	handle_give_back(source, dir);
	return st;
}

static FALLIBLE ask_names(struct trust_source *source, const struct bytes *names, size_t count,
			  struct arena *arena, struct directory_answer *out_answers)
{
	struct directory *dir;

	TRY(handle_take(source, &dir));

	struct status *st = directory_get_many(dir, names, count, arena, out_answers);

	handle_give_back(source, dir);
	return st;
}

static struct object *object_new(struct bytes name)
{
	struct object *object = mem_new(struct object);

	object->name = buf_copy(name);
	return object;
}

/* What an answer makes known of a name; *out_absent: that the directory has no such entry. */
static FALLIBLE object_fill(struct object *object, struct status *failed,
			    const struct directory_entry *entry, bool *out_absent)
{
	*out_absent = failed && failed->kind == ST_NOT_FOUND;
	if (!failed)
		keep_entry(object, entry);
	else if (*out_absent)
		status_free(&failed);
	return failed;
}

static time_t until(const struct trust_source *source, bool absent)
{
	return clock_now(source->options->clock) +
	       (absent ? source->options->absent_seconds : source->options->cache_seconds);
}

static void object_keep(struct trust_source *source, struct object *object, bool absent)
{
	cache_put(source->objects, buf_view(&object->name), object, object->octets,
		  until(source, absent));
}

/* Calls take with what is known of a name, from the cache or the directory. */
static FALLIBLE with_object(struct trust_source *source, struct bytes name,
			    void (*take)(const void *object, void *arg), void *arg)
{
	if (!source->options->directory ||
	    cache_find(source->objects, name, clock_now(source->options->clock), take, arg))
		return OK;

	AUTO(arena_free) struct arena *arena = arena_new();
	struct directory_entry entry;
	bool absent = false;
	struct object *object = object_new(name);
	struct status *st = object_fill(object, ask_name(source, name, arena, &entry), &entry, &absent);

	if (st) {
		object_free(object);
		return st;
	}
	take(object, arg);
	object_keep(source, object, absent);
	return OK;
}

/* --- fetching together --- */

static void take_nothing(const void *object, void *arg)
{
	(void)object;
	(void)arg;
}

static bool is_wanted(struct trust_source *source, const struct bytes *names, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (bytes_equal(names[i], names[at]))
			return false;
	return !cache_find(source->objects, names[at], clock_now(source->options->clock),
			   take_nothing, NULL);
}

/* What fails here is asked for again, by itself, and fails then. */
static void expect(void *data, const struct bytes *names, size_t count)
{
	struct trust_source *source = data;
	AUTO(arena_free) struct arena *arena = arena_new();
	struct bytes *wanted = arena_new_array(arena, struct bytes, count);
	struct directory_answer *answers = arena_new_array(arena, struct directory_answer, count);
	size_t wanted_count = 0;

	if (!source->options->directory || source->options->cache_seconds < 0)
		return;
	for (size_t i = 0; i < count; i++)
		if (is_wanted(source, names, i))
			wanted[wanted_count++] = names[i];
	if (wanted_count < 2)
		return;

	struct status *st = ask_names(source, wanted, wanted_count, arena, answers);

	for (size_t i = 0; !st && i < wanted_count; i++) {
		struct object *object = object_new(wanted[i]);
		bool absent;
		struct status *failed = object_fill(object, answers[i].failed, &answers[i].entry,
						    &absent);

		if (!failed)
			object_keep(source, object, absent);
		else
			object_free(object);
		status_drop(failed);
	}
	status_drop(st);
}

/* --- the callbacks --- */

static void take_certs(const void *object, void *arg)
{
	const struct cert_list *certs = &((const struct object *)object)->certs;

	for (size_t i = 0; i < certs->count; i++)
		cert_list_add(arg, certs->items[i]);
}

static void take_cross(const void *object, void *arg)
{
	const struct found_list *cross = &((const struct object *)object)->cross;

	for (size_t i = 0; i < cross->count; i++)
		found_list_add(arg, cross->items[i]);
}

static void take_crls(const void *object, void *arg)
{
	const struct crl_list *crls = &((const struct object *)object)->crls;

	for (size_t i = 0; i < crls->count; i++)
		crl_list_add(arg, crls->items[i]);
}

static FALLIBLE user_certs(void *data, struct bytes name, struct cert_list *out_certs)
{
	return with_object(data, name, take_certs, out_certs);
}

static FALLIBLE cross_certs(void *data, struct bytes name, struct found_list *out_certs)
{
	return with_object(data, name, take_cross, out_certs);
}

static FALLIBLE crls(void *data, struct bytes name, struct crl_list *out_crls)
{
	return with_object(data, name, take_crls, out_crls);
}

struct cert_source trust_source_callbacks(struct trust_source *source)
{
	return (struct cert_source){ source, user_certs, cross_certs, crls, expect };
}

/* --- by O/R address --- */

static void take_names(const void *value, void *arg)
{
	const struct name_list *names = value;

	for (size_t i = 0; i < names->count; i++)
		name_list_add(arg, buf_view(&names->items[i]));
}

static FALLIBLE ask_address(struct trust_source *source, const char *or_address,
			    struct arena *arena, struct directory_entries *out_entries)
{
	struct directory *dir;

	TRY(handle_take(source, &dir));

	struct status *st = directory_find(dir, DIRECTORY_OR_ADDRESS, or_address, arena, out_entries);

	handle_give_back(source, dir);
	return st;
}

static FALLIBLE names_fetch(struct trust_source *source, const char *or_address,
			    struct name_list *out_names)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct directory_entries entries = { 0 };
	struct status *st = ask_address(source, or_address, arena, &entries);

	if (st && st->kind == ST_NOT_FOUND)
		status_free(&st);
	for (size_t i = 0; !st && i < entries.count; i++) {
		AUTO(buf_free) struct buf name = { 0 };

		st = dn_from_text(entries.list[i].name, &name);
		if (!st)
			name_list_add(out_names, buf_view(&name));
	}
	return st;
}

FALLIBLE trust_source_names(struct trust_source *source, const char *or_address,
			    struct name_list *out_names)
{
	struct bytes key = bytes_text(or_address);

	if (!source->options->directory ||
	    cache_find(source->addresses, key, clock_now(source->options->clock), take_names,
		       out_names))
		return OK;

	struct name_list *names = mem_new(struct name_list);
	struct status *st = names_fetch(source, or_address, names);

	if (st) {
		name_list_release(names);
		return st;
	}
	take_names(names, out_names);
	cache_put(source->addresses, key, names, DN_MAX_OCTETS * names->count,
		  until(source, !names->count));
	return OK;
}

/* --- forgetting --- */

static bool object_is(const void *value, void *arg)
{
	return dn_equal(buf_view(&((const struct object *)value)->name), *(struct bytes *)arg);
}

static bool names_have(const void *value, void *arg)
{
	const struct name_list *names = value;

	for (size_t i = 0; i < names->count; i++)
		if (dn_equal(buf_view(&names->items[i]), *(struct bytes *)arg))
			return true;
	return !names->count;
}

void trust_source_forget(struct trust_source *source, struct bytes directory_name)
{
	cache_forget(source->objects, object_is, &directory_name);
	cache_forget(source->addresses, names_have, &directory_name);
}
