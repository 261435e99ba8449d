/* SPDX-License-Identifier: Apache-2.0 */
/* Failures: making, chaining, telling. */
#include "lib/base/status.h"

#include "lib/base/bytes.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static struct status *status_make(struct status *cause, enum status_kind kind, int diag,
				  const char *format, va_list args)
{
	struct status *st = mem_new(struct status);

	st->kind = kind;
	st->diag = diag;
	st->cause = cause;
	st->words = mem_vprintf(format, args);
	return st;
}

struct status *(status_new)(struct status *cause, enum status_kind kind, int diag,
			  const char *format, ...)
{
	va_list args;

	va_start(args, format);
	struct status *st = status_make(cause, kind, diag, format, args);
	va_end(args);
	return st;
}

struct status *(status_doing)(struct status *cause, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	struct status *st = status_make(cause, cause->kind, cause->diag, format, args);
	va_end(args);
	return st;
}

static enum status_kind kind_of_errno(int error)
{
	switch (error) {
	case ENOENT:
		return ST_NOT_FOUND;
	case EINTR: case EAGAIN: case ENOSPC: case EDQUOT: case EIO: case EMFILE: case ENFILE:
	case ECONNREFUSED: case ECONNRESET: case ETIMEDOUT: case EHOSTUNREACH:
	case ENETUNREACH: case EPIPE: case EBUSY:
		return ST_LATER;
	default:
		return ST_USAGE;
	}
}

struct status *(status_errno)(int error, const char *format, ...)
{
	struct status *cause = FAIL(kind_of_errno(error), 0, "%s", strerrordesc_np(error));
	va_list args;

	va_start(args, format);
	struct status *st = status_make(cause, cause->kind, 0, format, args);
	va_end(args);
	return st;
}

struct status *status_copy(const struct status *st)
{
	if (!st)
		return OK;
	return status_new(status_copy(st->cause), st->kind, st->diag, "%s", st->words);
}

void status_free(struct status **st)
{
	while (*st) {
		struct status *cause = (*st)->cause;

		free((*st)->words);
		free(*st);
		*st = cause;
	}
}

char *status_text(const struct status *st)
{
	AUTO(buf_free) struct buf text = { 0 };

	for (const struct status *s = st; s; s = s->cause) {
		if (s != st)
			buf_put_text(&text, "; because: ");
		buf_put_text(&text, s->words);
	}
	buf_put_u8(&text, 0);
	return (char *)buf_take(&text).data;
}

/* Names and texts of others are in the words. */
void status_print(FILE *to, const char *program, const struct status *st)
{
	for (const struct status *s = st; s; s = s->cause) {
		AUTO(mem_free) char *words = text_shown(bytes_text(s->words));

		if (s == st)
			fprintf(to, "%s: %s\n", program, words);
		else
			fprintf(to, "  because: %s\n", words);
	}
}

int status_exit_code(const struct status *st)
{
	if (!st)
		return EX_OK;
	switch (st->kind) {
	case ST_USAGE:
		return EX_USAGE;
	case ST_NOT_FOUND:
		return EX_NOINPUT;
	case ST_REFUSED:
		return EX_NOPERM;
	case ST_LATER:
		return EX_TEMPFAIL;
	case ST_NEVER:
		return EX_UNAVAILABLE;
	case ST_PEER:
		return EX_PROTOCOL;
	}
	return EX_SOFTWARE;
}

const char *status_kind_name(enum status_kind kind)
{
	static const char *const names[] = {
		[ST_USAGE] = "usage", [ST_NOT_FOUND] = "not-found", [ST_REFUSED] = "refused",
		[ST_LATER] = "later", [ST_NEVER] = "never",	    [ST_PEER] = "peer",
	};

	return names[kind];
}
