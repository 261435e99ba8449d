/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/inbox.h"

#include "asn1/dn.h"
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

static FALLIBLE load(const char *path, struct inbox_request *into)
{
	TRY(cert_request_load(path, &into->request));
	return dn_key(into->request->subject, &into->name_key);
}

static void take(struct inbox *inbox, const char *file, struct arena *arena, struct people *people)
{
	const char *path = arena_printf(arena, "%s/%s", inbox->folder, file);
	struct inbox_request request = { .file = arena_strdup(arena, file) };
	struct status *st = load(path, &request);

	if (st) {
		people_problem(people, path, 0, st);
		cert_request_free(&request.request);
		return;
	}
	inbox->list = mem_grow(inbox->list, inbox->count + 1, sizeof *inbox->list);
	inbox->list[inbox->count++] = request;
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
			take(out_inbox, files[i]->d_name, arena, people);
		free(files[i]);
	}
	free(files);
	if (count > REQUESTS_MAX)
		return FAIL(ST_USAGE, 0, "%s has more than %d requests", folder, REQUESTS_MAX);
	return OK;
}

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
