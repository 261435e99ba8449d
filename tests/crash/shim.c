/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded into a program under test (LD_PRELOAD): ends it by SIGKILL just
 * before the n-th thing that others could see of it, n being POSTERN_CRASH_AT:
 * a write into a file, a sync, or octets into a socket.  Between two of these,
 * one instant is as good as another: a sweep over n meets every state that a
 * death can leave behind.  A server counts from the first connection that it
 * accepts, so that the start is not swept again and again; with
 * POSTERN_CRASH_COUNT=connect, for those who ask, from the first that it opens.
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_bool counting;
static atomic_long seen;

static void act(void)
{
	static long crash_at = -1;

	if (crash_at < 0) {
		const char *text = getenv("POSTERN_CRASH_AT");

		crash_at = text ? strtol(text, NULL, 10) : 0;
	}
	if (!atomic_load(&counting) || atomic_fetch_add(&seen, 1) + 1 != crash_at)
		return;
	kill(getpid(), SIGKILL);
	for (;;)
		pause();
}

static void act_on_socket(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode))
		act();
}

/* A command has no connections: it counts from its first instruction, where it is told to. */
__attribute__((constructor)) static void begin(void)
{
	if (getenv("POSTERN_CRASH_NOW"))
		atomic_store(&counting, true);
}

/* The function of this name that would have been called without us. */
#define NEXT(function)                                                               \
	static __typeof__(function) *next;                                           \
	if (!next)                                                                   \
		next = (__typeof__(function) *)dlsym(RTLD_NEXT, #function)

int accept4(int fd, __SOCKADDR_ARG addr, socklen_t *restrict len, int flags)
{
	NEXT(accept4);
	int got = next(fd, addr, len, flags);

	if (got >= 0)
		atomic_store(&counting, true);
	return got;
}

int connect(int fd, __CONST_SOCKADDR_ARG addr, socklen_t len)
{
	NEXT(connect);
	const char *from = getenv("POSTERN_CRASH_COUNT");

	if (from && !strcmp(from, "connect"))
		atomic_store(&counting, true);
	return next(fd, addr, len);
}

int fsync(int fd)
{
	NEXT(fsync);
	act();
	return next(fd);
}

int fdatasync(int fd)
{
	NEXT(fdatasync);
	act();
	return next(fd);
}

ssize_t pwrite(int fd, const void *from, size_t len, off_t at)
{
	NEXT(pwrite);
	act();
	return next(fd, from, len, at);
}

ssize_t pwrite64(int fd, const void *from, size_t len, off64_t at)
{
	NEXT(pwrite64);
	act();
	return next(fd, from, len, at);
}

ssize_t write(int fd, const void *from, size_t len)
{
	NEXT(write);
	act_on_socket(fd);
	return next(fd, from, len);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
	NEXT(writev);
	act_on_socket(fd);
	return next(fd, parts, count);
}

ssize_t send(int fd, const void *from, size_t len, int flags)
{
	NEXT(send);
	act_on_socket(fd);
	return next(fd, from, len, flags);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	NEXT(sendmsg);
	act_on_socket(fd);
	return next(fd, message, flags);
}
