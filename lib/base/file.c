/* SPDX-License-Identifier: Apache-2.0 */
/* Small whole files, written durably: the octets first, then the name. */
#include "lib/base/file.h"

#include "lib/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void fd_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

FALLIBLE file_read(const char *path, size_t max, struct buf *out, mode_t *out_mode)
{
	AUTO(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	AUTO(buf_free) struct buf octets = { 0 };
	struct stat info;

	if (fd < 0 || fstat(fd, &info) < 0)
		return status_errno(errno, "cannot open %s", path);
	if (!S_ISREG(info.st_mode))
		return FAIL(ST_USAGE, 0, "%s is not a file", path);
	/* Room for all of it at once: a secret is not left behind by growing. */
	if ((size_t)info.st_size <= max)
		buf_reserve(&octets, (size_t)info.st_size + 4096);
	for (;;) {
		size_t had = octets.len;
		ssize_t got = read(fd, buf_extend(&octets, 4096), 4096);

		if (got < 0)
			return status_errno(errno, "cannot read %s", path);
		octets.len = had + (size_t)got;
		if (octets.len > max)
			return FAIL(ST_USAGE, 0, "%s is longer than %zu octets", path, max);
		if (got == 0)
			break;
	}
	if (out_mode)
		*out_mode = info.st_mode & 07777;
	*out = buf_take(&octets);
	return OK;
}

/* A name is durable once the folder it stands in is. */
static FALLIBLE sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	AUTO(mem_free) char *folder = slash == path ? mem_strdup("/") :
		slash ? bytes_to_text(bytes_of(path, (size_t)(slash - path))) : mem_strdup(".");
	AUTO(fd_close) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return status_errno(errno, "cannot make %s durable", folder);
	return OK;
}

static FALLIBLE write_all(int fd, const char *path, struct bytes octets)
{
	while (octets.len > 0) {
		ssize_t put = write(fd, octets.data, octets.len);

		if (put < 0)
			return status_errno(errno, "cannot write %s", path);
		octets = bytes_slice(octets, (size_t)put, octets.len);
	}
	return OK;
}

static FALLIBLE write_durably(int fd, const char *path, struct bytes octets)
{
	TRY(write_all(fd, path, octets));
	if (fsync(fd) < 0)
		return status_errno(errno, "cannot make %s durable", path);
	return OK;
}

FALLIBLE file_create(const char *path, mode_t mode, struct bytes octets)
{
	AUTO(fd_close) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

	if (fd < 0 && errno == EEXIST)
		return FAIL(ST_USAGE, 0, "%s is there already", path);
	if (fd < 0)
		return status_errno(errno, "cannot make %s", path);
	struct status *failed = write_durably(fd, path, octets);
	if (failed) {
		unlink(path);
		return failed;
	}
	return sync_folder(path);
}

/* A terminal, a pipe or /dev/null: whoever may would take its name from it. */
static bool is_device(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

static FALLIBLE write_to_device(const char *path, struct bytes octets)
{
	AUTO(fd_close) int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return status_errno(errno, "cannot open %s", path);
	return write_all(fd, path, octets);
}

FALLIBLE file_replace(const char *path, mode_t mode, struct bytes octets)
{
	if (is_device(path))
		return write_to_device(path, octets);

	AUTO(mem_free) char *fresh = mem_printf("%s.XXXXXX", path);
	AUTO(fd_close) int fd = mkostemp(fresh, O_CLOEXEC);

	if (fd < 0)
		return status_errno(errno, "cannot make %s", fresh);
	struct status *failed = write_durably(fd, fresh, octets);
	if (!failed && (fchmod(fd, mode) < 0 || rename(fresh, path) < 0))
		failed = status_errno(errno, "cannot put %s in place", path);
	if (failed) {
		unlink(fresh);
		return failed;
	}
	return sync_folder(path);
}

FALLIBLE file_sync(const char *path)
{
	AUTO(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return status_errno(errno, "cannot make %s durable", path);
	return sync_folder(path);
}

FALLIBLE file_move(const char *from, const char *to)
{
	TRY(file_sync(from));
	if (rename(from, to))
		return status_errno(errno, "cannot put %s in place", to);
	return sync_folder(to);
}

FALLIBLE file_remove(const char *path)
{
	if (unlink(path) == 0)
		return sync_folder(path);
	return errno == ENOENT ? OK : status_errno(errno, "cannot remove %s", path);
}
