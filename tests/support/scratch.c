/* SPDX-License-Identifier: Apache-2.0 */
/* A folder for one test's files. */
#include "tests/support/scratch.h"

#include "lib/base/arena.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena *arena;
static const char *folder;

int scratch_setup(void **state)
{
	const char *build = getenv("B");

	(void)state;
	arena = arena_new();
	char *name = arena_printf(arena, "%s/tests", build ? build : "build");
	mkdir(name, 0777);
	name = arena_printf(arena, "%s/scratch.XXXXXX", name);
	folder = mkdtemp(name);
	return folder ? 0 : -1;
}

/* A folder with all that is in it. */
static int remove_folder(const char *path)
{
	DIR *dir = opendir(path);

	if (!dir)
		return -1;
	for (const struct dirent *entry; (entry = readdir(dir));) {
		const char *inside = arena_printf(arena, "%s/%s", path, entry->d_name);

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (unlink(inside) != 0 && errno == EISDIR)
			remove_folder(inside);
	}
	closedir(dir);
	return rmdir(path);
}

int scratch_teardown(void **state)
{
	(void)state;
	int failed = remove_folder(folder);
	arena_free(&arena);
	return failed;
}

const char *scratch_path(const char *name)
{
	return arena_printf(arena, "%s/%s", folder, name);
}
