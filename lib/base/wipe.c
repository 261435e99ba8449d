/* SPDX-License-Identifier: Apache-2.0 */
/* free and realloc that leave nothing behind. */
#include "lib/base/wipe.h"

#if FREED_IS_WIPED

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

/* glibc's own. */
void __libc_free(void *p);
void *__libc_realloc(void *p, size_t size);
void *__libc_malloc(size_t size);

void free(void *p)
{
	if (p)
		explicit_bzero(p, malloc_usable_size(p));
	__libc_free(p);
}

/* What has grown a little will again. */
static void *move(void *from, size_t had, size_t size)
{
	size_t room = had + had / 8;
	void *to = __libc_malloc(size > room ? size : room);

	if (to) {
		memcpy(to, from, had);
		free(from);
	}
	return to;
}

/* glibc gives back the place that it moves something from, and what it cuts off, as they are. */
void *realloc(void *p, size_t size)
{
	if (!p)
		return __libc_malloc(size);
	if (!size) {
		free(p);
		return NULL;
	}
	size_t had = malloc_usable_size(p);

	if (size > had)
		return move(p, had, size);
	if (size >= had / 2)
		return p;
	explicit_bzero((char *)p + size, had - size);
	return __libc_realloc(p, size);
}

#endif
