/* SPDX-License-Identifier: Apache-2.0 */
/* The log and the audit log of the process: each event is one write of one line. */
#include "lib/base/log.h"

#include "lib/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

enum { OCTETS_SHOWN = 64, VALUE_MAX = 2000 };

const char *const log_level_names[] = { "error", "warn", "info", "debug", "octets", NULL };

static struct {
	pthread_mutex_t lock;
	char *program, *path, *audit_path;
	int fd, audit_fd;
	_Atomic enum log_level level;
	const struct clock *clock;
} the = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.fd = STDERR_FILENO,
	.audit_fd = STDERR_FILENO,
	.level = LOG_LV_WARN,
	.clock = &clock_real,
};

static bool is_given(const char *path)
{
	return path && *path;
}

static void fd_close(const int *fd)
{
	if (*fd > STDERR_FILENO)
		close(*fd);
}

static FALLIBLE file_open(const char *path, int *out_fd)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);

	if (fd < 0)
		return status_errno(errno, "cannot open the log %s", path);
	*out_fd = fd;
	return OK;
}

/* Both files or neither.  The audit log is the log where it has no file of its own. */
static FALLIBLE files_open(const char *path, const char *audit_path, int *out_fd, int *out_audit_fd)
{
	int fd = STDERR_FILENO, audit_fd;

	if (is_given(path))
		TRY(file_open(path, &fd));
	audit_fd = fd;
	if (is_given(audit_path)) {
		struct status *st = file_open(audit_path, &audit_fd);

		if (st) {
			fd_close(&fd);
			return st;
		}
	}
	*out_fd = fd;
	*out_audit_fd = audit_fd;
	return OK;
}

static void files_replace(int fd, int audit_fd)
{
	if (the.audit_fd != the.fd)
		fd_close(&the.audit_fd);
	fd_close(&the.fd);
	the.fd = fd;
	the.audit_fd = audit_fd;
}

FALLIBLE log_open(const struct log_options *options)
{
	int fd, audit_fd;

	TRY(files_open(options->path, options->audit_path, &fd, &audit_fd));
	log_close();
	pthread_mutex_lock(&the.lock);
	files_replace(fd, audit_fd);
	the.program = mem_strdup(options->program);
	the.path = is_given(options->path) ? mem_strdup(options->path) : NULL;
	the.audit_path = is_given(options->audit_path) ? mem_strdup(options->audit_path) : NULL;
	the.level = options->level;
	the.clock = options->clock ? options->clock : &clock_real;
	pthread_mutex_unlock(&the.lock);
	return OK;
}

FALLIBLE log_reopen(void)
{
	int fd = -1, audit_fd = -1;

	pthread_mutex_lock(&the.lock);
	struct status *st = files_open(the.path, the.audit_path, &fd, &audit_fd);
	if (!st)
		files_replace(fd, audit_fd);
	pthread_mutex_unlock(&the.lock);
	return st;
}

void log_close(void)
{
	pthread_mutex_lock(&the.lock);
	files_replace(STDERR_FILENO, STDERR_FILENO);
	mem_free(&the.program);
	mem_free(&the.path);
	mem_free(&the.audit_path);
	the.level = LOG_LV_WARN;
	the.clock = &clock_real;
	pthread_mutex_unlock(&the.lock);
}

bool log_wants(enum log_level level)
{
	return level <= the.level;
}

/* A plain word needs no quotes: it cannot be taken for two fields. */
static bool is_plain(const char *value, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)value[i];

		if (c <= ' ' || c >= 0x7f || c == '"' || c == '=' || c == '\\')
			return false;
	}
	return len > 0;
}

/* Quoted; control characters and what is not ASCII are \xNN, so that no terminal obeys them. */
static void put_quoted(struct buf *line, const char *value, size_t len)
{
	buf_put_u8(line, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)value[i];

		if (c == '"' || c == '\\')
			buf_printf(line, "\\%c", c);
		else if (c < ' ' || c >= 0x7f)
			buf_printf(line, "\\x%02x", c);
		else
			buf_put_u8(line, c);
	}
	buf_put_u8(line, '"');
}

static void put_text(struct buf *line, const char *name, const char *value)
{
	size_t len = strnlen(value, VALUE_MAX);

	buf_printf(line, " %s=", name);
	if (is_plain(value, len))
		buf_put(line, bytes_of(value, len));
	else
		put_quoted(line, value, len);
	if (value[len])
		buf_put_text(line, "...");
}

static void put_field(struct buf *line, const struct log_field *f)
{
	AUTO(mem_free) char *made = NULL;

	switch (f->kind) {
	case LOG_TEXT:
		if (f->text)
			put_text(line, f->name, f->text);
		break;
	case LOG_NUMBER:
		buf_printf(line, " %s=%lld", f->name, (long long)f->number);
		break;
	case LOG_OCTETS:
		made = bytes_hex(bytes_slice(f->octets, 0, OCTETS_SHOWN));
		buf_printf(line, " %s=%s%s", f->name, made,
			   f->octets.len > OCTETS_SHOWN ? "..." : "");
		break;
	case LOG_WHY:
		if (f->why) {
			made = status_text(f->why);
			put_text(line, f->name, made);
		}
		break;
	}
}

/* The association and the message lead the line. */
static bool leads(const struct log_field *f)
{
	return strcmp(f->name, "assoc") == 0 || strcmp(f->name, "msg") == 0;
}

static void put_fields(struct buf *line, const struct log_field *fields, bool leading)
{
	for (const struct log_field *f = fields; f->name; f++)
		if (leads(f) == leading)
			put_field(line, f);
}

/* Under the lock, since the program's name and the clock can change. */
static void put_head(struct buf *line, const char *level)
{
	buf_printf(line, "%s %s %-5s", time_rfc3339_us(clock_now_us(the.clock)).s,
		   the.program ? the.program : "postern", level);
}

/* One write of the whole line: lines of several processes do not mix in one file. */
static void line_write(int fd, const char *level, struct bytes rest)
{
	AUTO(buf_free) struct buf line = { 0 };

	put_head(&line, level);
	buf_put(&line, rest);
	buf_put_u8(&line, '\n');
	struct bytes left = buf_view(&line);
	while (left.len) {
		ssize_t n = write(fd, left.data, left.len);

		if (n < 0 && errno != EINTR)
			return;		/* a full disk must not stop the mail */
		if (n > 0)
			left = bytes_slice(left, (size_t)n, left.len);
	}
}

void log_write(enum log_level level, const char *what, const struct log_field *fields)
{
	AUTO(buf_free) struct buf rest = { 0 };

	put_fields(&rest, fields, true);
	buf_printf(&rest, " %s", what);
	put_fields(&rest, fields, false);
	pthread_mutex_lock(&the.lock);
	line_write(the.fd, log_level_names[level], buf_view(&rest));
	pthread_mutex_unlock(&the.lock);
}

void log_audit(const struct audit_event *event)
{
	AUTO(buf_free) struct buf rest = { 0 };

	const struct log_field assoc = log_assoc(event->assoc), msg = log_msg(event->msg);
	const struct log_field user = log_text("user", event->user);
	const struct log_field label = log_text("label", event->label);
	const struct log_field diag = log_text("diag", event->diag), why = log_why(event->why);

	if (event->assoc)
		put_field(&rest, &assoc);
	put_field(&rest, &msg);
	put_field(&rest, &user);
	buf_printf(&rest, " %s %s", event->what, event->allowed ? "allowed" : "refused");
	put_field(&rest, &label);
	put_field(&rest, &diag);
	put_field(&rest, &why);
	pthread_mutex_lock(&the.lock);
	line_write(the.audit_fd, "audit", buf_view(&rest));
	pthread_mutex_unlock(&the.lock);
}
