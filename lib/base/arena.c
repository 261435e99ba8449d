/* SPDX-License-Identifier: Apache-2.0 */
/* One life for many small things. */
#include "lib/base/arena.h"

#include "lib/base/memory.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdlib.h>

enum { BLOCK_SIZE = 4096 };

struct block {
	struct block *next;
	size_t used, size;
	alignas(max_align_t) uint8_t room[];
};

struct owned {
	struct owned *next;
	void *thing;
	void (*release)(void *thing);
};

struct arena {
	struct block *blocks;	/* the one with room first */
	struct owned *owned;	/* newest first: released in the order opposite to making */
};

struct arena *arena_new(void)
{
	return mem_new(struct arena);
}

void arena_free(struct arena **arena)
{
	struct arena *a = *arena;

	if (!a)
		return;
	for (struct owned *o = a->owned; o; o = o->next)
		o->release(o->thing);
	while (a->blocks) {
		struct block *next = a->blocks->next;

		free(a->blocks);
		a->blocks = next;
	}
	free(a);
	*arena = NULL;
}

/* Its room is zeroed where that is asked for, as far as it is used. */
static struct block *block_new(size_t size)
{
	struct block *b = mem_grow(NULL, 1, sizeof(*b) + size);

	*b = (struct block){ .size = size };
	return b;
}

/* A thing too big for a shared block gets its own, behind the one that still has room. */
static void *alloc_alone(struct arena *a, size_t len)
{
	struct block *b = block_new(len);

	b->used = len;
	if (a->blocks) {
		b->next = a->blocks->next;
		a->blocks->next = b;
	} else {
		a->blocks = b;
	}
	return b->room;
}

static void *take_room(struct arena *a, size_t len)
{
	const size_t align = alignof(max_align_t);

	if (len > SIZE_MAX - sizeof(struct block) - align)
		abort();
	len = (len + align - 1) / align * align;
	if (len > BLOCK_SIZE / 4)
		return alloc_alone(a, len);
	if (!a->blocks || a->blocks->size - a->blocks->used < len) {
		struct block *b = block_new(BLOCK_SIZE);

		b->next = a->blocks;
		a->blocks = b;
	}
	void *room = a->blocks->room + a->blocks->used;
	a->blocks->used += len;
	return room;
}

void *arena_alloc(struct arena *a, size_t count, size_t size)
{
	size_t len;

	if (__builtin_mul_overflow(count, size, &len))
		abort();
	return memset(take_room(a, len), 0, len);
}

struct bytes arena_dup(struct arena *a, struct bytes octets)
{
	uint8_t *copy = take_room(a, octets.len);

	if (octets.len)
		memcpy(copy, octets.data, octets.len);
	return bytes_of(copy, octets.len);
}

char *arena_text(struct arena *a, struct bytes octets)
{
	char *copy = take_room(a, octets.len + 1);

	if (octets.len)
		memcpy(copy, octets.data, octets.len);
	copy[octets.len] = 0;
	return copy;
}

char *arena_strdup(struct arena *a, const char *text)
{
	return arena_text(a, bytes_text(text));
}

char *arena_printf(struct arena *a, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	char *text = mem_vprintf(format, args);
	va_end(args);
	char *copy = arena_strdup(a, text);
	free(text);
	return copy;
}

void arena_own(struct arena *a, void *thing, void (*release)(void *thing))
{
	struct owned *o = arena_new_of(a, struct owned);

	o->thing = thing;
	o->release = release;
	o->next = a->owned;
	a->owned = o;
}
