/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that is never refused. */
#include "lib/base/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must(void *p)
{
	if (!p) {
		fputs("out of memory\n", stderr);
		abort();
	}
	return p;
}

void *mem_alloc(size_t count, size_t size)
{
	return must(calloc(count ? count : 1, size ? size : 1));
}

void *mem_grow(void *old, size_t count, size_t size)
{
	return must(reallocarray(old, count ? count : 1, size));
}

char *mem_strdup(const char *text)
{
	return must(strdup(text));
}

void *mem_dup(const void *data, size_t len)
{
	void *copy = mem_alloc(1, len);

	if (len)
		memcpy(copy, data, len);
	return copy;
}

char *mem_vprintf(const char *format, va_list args)
{
	char *text = NULL;

	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	return must(text);
}

char *mem_printf(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	char *text = mem_vprintf(format, args);
	va_end(args);
	return text;
}

void mem_free(void *p)
{
	void **slot = p;

	free(*slot);
	*slot = NULL;
}
