/* SPDX-License-Identifier: Apache-2.0 */
/* How those who started a server learn that it listens, and which process it is. */
#include "lib/base/ready.h"

#include "lib/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static FALLIBLE write_and_close(int fd, struct bytes text, const char *what)
{
	while (text.len) {
		ssize_t n = write(fd, text.data, text.len);

		if (n < 0 && errno != EINTR) {
			struct status *st = status_errno(errno, "cannot write %s", what);

			close(fd);
			return st;
		}
		if (n > 0)
			text = bytes_slice(text, (size_t)n, text.len);
	}
	if (close(fd))
		return status_errno(errno, "cannot write %s", what);
	return OK;
}

/* Nobody sees half of it: written beside, then renamed. */
static FALLIBLE write_whole(const char *path, struct bytes text)
{
	AUTO(mem_free) char *beside = mem_printf("%s.new", path);
	int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0)
		return status_errno(errno, "cannot create %s", beside);
	TRY(write_and_close(fd, text, beside));
	if (rename(beside, path))
		return status_errno(errno, "cannot create %s", path);
	return OK;
}

static FALLIBLE number_of(const char *text, int *out_fd)
{
	char *end;
	long number = strtol(text, &end, 10);

	if (!*text || *end || number < 0 || number > INT16_MAX)
		return FAIL(ST_USAGE, 0, "--ready-fd: \"%s\" is not the number of an open file", text);
	*out_fd = (int)number;
	return OK;
}

FALLIBLE ready_tell(const char *file, const char *fd_number, struct bytes lines)
{
	int fd;

	if (file)
		TRY(write_whole(file, lines));
	if (!fd_number)
		return OK;
	TRY(number_of(fd_number, &fd));
	return write_and_close(fd, lines, "to the file of --ready-fd");
}

FALLIBLE pid_file_write(const char *path)
{
	AUTO(mem_free) char *text = mem_printf("%d\n", getpid());

	return path ? write_whole(path, bytes_text(text)) : OK;
}

void pid_file_remove(const char *path)
{
	if (path)
		unlink(path);
}
