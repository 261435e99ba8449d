/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that is never refused: running out ends the process, because what
 * matters is durable.  Sizes that come from a peer are bounded before they
 * get here.
 */
#ifndef LIB_BASE_MEMORY_H
#define LIB_BASE_MEMORY_H

#include <stdarg.h>
#include <stddef.h>

/* Zeroed memory for count things of a size.  The caller frees it. */
__attribute__((returns_nonnull, malloc)) void *mem_alloc(size_t count, size_t size);

/* As realloc, for count things of a size; what is new is not zeroed. */
__attribute__((returns_nonnull)) void *mem_grow(void *old, size_t count, size_t size);

__attribute__((returns_nonnull, malloc)) char *mem_strdup(const char *text);
__attribute__((returns_nonnull, malloc)) void *mem_dup(const void *data, size_t len);

__attribute__((format(printf, 1, 2), returns_nonnull, malloc))
char *mem_printf(const char *format, ...);
__attribute__((format(printf, 1, 0), returns_nonnull, malloc))
char *mem_vprintf(const char *format, va_list args);

/* Frees the pointer that p points at and nulls it: AUTO(mem_free) char *text = ... */
void mem_free(void *p);

#define mem_new(type) ((type *)mem_alloc(1, sizeof(type)))
#define mem_new_array(type, count) ((type *)mem_alloc((count), sizeof(type)))

#endif
