/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many small things with one life (a message, an association) share one arena
 * and are freed together.
 */
#ifndef LIB_BASE_ARENA_H
#define LIB_BASE_ARENA_H

#include "lib/base/bytes.h"

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena **arena);

/* Zeroed memory that lives as long as the arena. */
__attribute__((returns_nonnull)) void *arena_alloc(struct arena *arena, size_t count, size_t size);
__attribute__((returns_nonnull)) char *arena_strdup(struct arena *arena, const char *text);
struct bytes arena_dup(struct arena *arena, struct bytes octets);

/* A zero-terminated copy of octets. */
__attribute__((returns_nonnull)) char *arena_text(struct arena *arena, struct bytes octets);

__attribute__((format(printf, 2, 3), returns_nonnull))
char *arena_printf(struct arena *arena, const char *format, ...);

/* The arena frees the pointer with release when its own life ends. */
void arena_own(struct arena *arena, void *thing, void (*release)(void *thing));

#define arena_new_of(arena, type) ((type *)arena_alloc((arena), 1, sizeof(type)))
#define arena_new_array(arena, type, count) ((type *)arena_alloc((arena), (count), sizeof(type)))

#endif
