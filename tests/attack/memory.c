/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memory PID FILE: looks for the octets of the file in all that a process has in memory, which is
 * more than its core file would have.  Ends with 0 where they are not there, with 1 where they are,
 * and says in which mapping.
 */
#include "lib/base/bytes.h"
#include "lib/base/file.h"
#include "lib/base/memory.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { NEEDLE_MAX = 64 * 1024, WINDOW = 1 << 20, FOUND = 1, BROKEN = 2 };
#define SHADOW (UINT64_C(1) << 40)	/* no program has that much; a sanitizer keeps its books in it */

struct search {
	int memory;
	struct bytes needle;
	uint8_t *window;
	size_t found, looked_at;
};

/* Windows overlap by what the needle needs. */
static void look_into(struct search *s, uint64_t from, uint64_t to, const char *name)
{
	while (from < to) {
		size_t want = to - from < WINDOW ? (size_t)(to - from) : WINDOW;
		ssize_t got = pread(s->memory, s->window, want, (off_t)from);

		if (got <= 0)
			return;		/* a mapping that nobody can read */
		s->looked_at += (size_t)got;
		if (memmem(s->window, (size_t)got, s->needle.data, s->needle.len)) {
			s->found++;
			printf("found in %s", name);
			return;
		}
		if ((size_t)got < s->needle.len || (uint64_t)got >= to - from)
			return;
		from += (uint64_t)got - s->needle.len + 1;
	}
}

static int search(const char *pid, struct bytes needle)
{
	AUTO(mem_free) char *maps_path = mem_printf("/proc/%s/maps", pid);
	AUTO(mem_free) char *memory_path = mem_printf("/proc/%s/mem", pid);
	struct search s = { .memory = open(memory_path, O_RDONLY | O_CLOEXEC), .needle = needle };
	FILE *maps = fopen(maps_path, "re");
	char line[4096];

	if (s.memory < 0 || !maps) {
		perror(pid);
		return BROKEN;
	}
	s.window = mem_alloc(WINDOW, 1);
	while (fgets(line, sizeof(line), maps)) {
		char *end;
		uint64_t from = strtoull(line, &end, 16), to = *end == '-' ? strtoull(end + 1, &end, 16) : 0;

		if (*end == ' ' && end[1] == 'r' && to - from < SHADOW)
			look_into(&s, from, to, line);
	}
	fclose(maps);
	close(s.memory);
	mem_free(&s.window);
	printf("%zu octets looked at\n", s.looked_at);
	return s.looked_at == 0 ? BROKEN : s.found ? FOUND : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	AUTO(buf_free) struct buf needle = { 0 };

	if (argc != 3) {
		fputs("usage: memory PID FILE\n", stderr);
		return BROKEN;
	}
	struct status *failed = file_read(argv[2], NEEDLE_MAX, &needle, NULL);
	if (failed || needle.len == 0) {
		status_print(stderr, "memory", failed);
		status_free(&failed);
		return BROKEN;
	}
	return search(argv[1], buf_view(&needle));
}
