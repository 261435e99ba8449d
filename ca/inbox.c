/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/inbox.h"

#include "asn1/dn.h"
#include "lib/base/base64url.h"
#include "lib/base/memory.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

enum { REQUESTS_MAX = 100000 };

void inbox_cleanup(struct inbox *inbox)
{
	for (size_t i = 0; i < inbox->count; i++) {
		cert_request_free(&inbox->list[i].request);
		buf_free(&inbox->list[i].name_key);
	}
	mem_free(&inbox->list);
	inbox->count = 0;
}

static int is_request(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 4 && !strcmp(entry->d_name + len - 4, ".pem");
}

/* Takes the request, or the failure to read it. */
static FALLIBLE take(struct inbox *inbox, const char *file, struct cert_request *request,
		     struct status *st)
{
	struct inbox_request taken = { .file = file, .request = request };

	if (!st)
		st = dn_key(request->subject, &taken.name_key);
	if (st) {
		cert_request_free(&taken.request);
		return st;
	}
	inbox->list = mem_grow(inbox->list, inbox->count + 1, sizeof *inbox->list);
	inbox->list[inbox->count++] = taken;
	return OK;
}

static void take_file(struct inbox *inbox, const char *file, struct arena *arena, struct people *people)
{
	const char *path = arena_printf(arena, "%s/%s", inbox->folder, file);
	struct cert_request *request = NULL;
	struct status *st = cert_request_load(path, &request);

	st = take(inbox, arena_strdup(arena, file), request, st);
	if (st)
		people_problem(people, path, 0, st);
}

FALLIBLE inbox_open(const char *folder, struct arena *arena, struct people *people,
		    struct inbox *out_inbox)
{
	struct dirent **files = NULL;
	int count = scandir(folder, &files, is_request, alphasort);

	if (count < 0)
		return status_errno(errno, "cannot look into %s", folder);
	out_inbox->folder = folder;
	for (int i = 0; i < count; i++) {
		if (i < REQUESTS_MAX)
			take_file(out_inbox, files[i]->d_name, arena, people);
		free(files[i]);
	}
	free(files);
	if (count > REQUESTS_MAX)
		return FAIL(ST_USAGE, 0, "%s has more than %d requests", folder, REQUESTS_MAX);
	return OK;
}

/* --- what is kept of a folder --- */

/* Certificates go where the names of their requests say: not elsewhere. */
static FALLIBLE decode(const char *file, const char *text, struct cert_request **out_request)
{
	AUTO(buf_free) struct buf der = { 0 };

	if (strchr(file, '/'))
		return FAIL(ST_REFUSED, 0, "it is no name of a file in a folder");
	if (!text || !base64url_get(bytes_text(text), &der))
		return FAIL(ST_PEER, 0, "it is no BASE64URL");
	return cert_request_decode(buf_view(&der), out_request);
}

FALLIBLE inbox_load(const char *folder, const json_t *kept, struct arena *arena, struct people *people,
		    struct inbox *out_inbox)
{
	const char *file;
	json_t *text;

	out_inbox->folder = folder;
	json_object_foreach((json_t *)kept, file, text) {
		struct cert_request *request = NULL;
		struct status *st = decode(file, json_string_value(text), &request);

		st = take(out_inbox, arena_strdup(arena, file), request, st);
		if (st)
			people_problem(people, arena_strdup(arena, file), 0, st);
	}
	return OK;
}

FALLIBLE inbox_save(const struct inbox *inbox, const struct people *people, json_t *into)
{
	for (size_t i = 0; i < people->count; i++) {
		AUTO(buf_free) struct buf text = { 0 };
		const struct inbox_request *request = NULL;

		TRY_DOING(inbox_find(inbox, &people->list[i], &request), "%s:%zu", people->path,
			  people->list[i].line);
		base64url_put(&text, request->request->der);
		if (json_object_set_new(into, request->file, json_stringn((const char *)text.data, text.len)))
			return FAIL(ST_USAGE, 0, "the name of the file %s is not in UTF-8", request->file);
	}
	return OK;
}

/* --- whose each is --- */

static FALLIBLE find_file(const struct inbox *inbox, const char *file,
			  const struct inbox_request **out_request)
{
	for (size_t i = 0; i < inbox->count; i++)
		if (!strcmp(inbox->list[i].file, file)) {
			*out_request = &inbox->list[i];
			return OK;
		}
	return FAIL(ST_NOT_FOUND, 0, "there is no request %s in %s that can be read", file, inbox->folder);
}

FALLIBLE inbox_find(const struct inbox *inbox, const struct person *person,
		    const struct inbox_request **out_request)
{
	AUTO(buf_free) struct buf name = { 0 };
	AUTO(buf_free) struct buf key = { 0 };
	const struct inbox_request *found = NULL;

	TRY_DOING(dn_from_text(person->name, &name), "the name %s", person->name);
	TRY(dn_key(buf_view(&name), &key));
	if (person->request)
		return find_file(inbox, person->request, out_request);
	for (size_t i = 0; i < inbox->count; i++) {
		if (!bytes_equal(buf_view(&inbox->list[i].name_key), buf_view(&key)))
			continue;
		if (found)
			return FAIL(ST_USAGE, 0, "there are two requests of %s, %s and %s: say which, in a "
				    "column \"request\"", person->name, found->file, inbox->list[i].file);
		found = &inbox->list[i];
	}
	if (!found)
		return FAIL(ST_NOT_FOUND, 0, "there is no request of %s in %s", person->name, inbox->folder);
	*out_request = found;
	return OK;
}
