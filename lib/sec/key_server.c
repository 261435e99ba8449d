/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of the key process.  What it reads comes from its own server, and
 * is held to the form all the same: a server that was taken over gets signatures,
 * and nothing else.
 */
#include "lib/sec/key_wire.h"

#include "lib/base/memory.h"
#include "lib/base/privilege.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

struct channel {
	int fd;
	const struct private_key *key;
};

/* --- serving --- */

static size_t request_max(enum key_operation operation)
{
	return operation == KEY_SIGN_WHOLE ? KEY_WHOLE_MAX_OCTETS : KEY_RESULT_MAX_OCTETS;
}

static bool answer_failure(int fd, const struct status *failed)
{
	AUTO(mem_free) char *words = status_text(failed);

	return key_wire_put(fd, (uint8_t)(1 + failed->kind),
			    bytes_slice(bytes_text(words), 0, KEY_WORDS_MAX_OCTETS));
}

static bool serve_one(const struct channel *channel)
{
	AUTO(secret_free) struct secret in = { 0 }, out = { 0 };
	AUTO(status_free) struct status *failed = OK;
	uint8_t operation;

	if (!key_wire_get(channel->fd, KEY_OPERATION_COUNT, KEY_WHOLE_MAX_OCTETS, &operation, &in))
		return false;
	if (in.len > request_max(operation))
		failed = FAIL(ST_USAGE, 0, "%zu octets are too many to %s", in.len,
			      key_operation_words(operation));
	else
		failed = private_key_perform(channel->key, operation, secret_view(&in), &out);
	return failed ? answer_failure(channel->fd, failed)
		      : key_wire_put(channel->fd, 0, secret_view(&out));
}

/* The process ends with its first channel that does, without a word: nothing of it is to be kept. */
static void *serve(void *arg)
{
	while (serve_one(arg))
		;
	_exit(EXIT_SUCCESS);
}

/* --- beginning --- */

/* Nothing is open but the channels and standard error, where a sanitizer would speak. */
static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static FALLIBLE close_others(const int fds[static KEY_CHANNELS])
{
	int sorted[KEY_CHANNELS];
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	unsigned from = STDERR_FILENO + 1;

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		return status_errno(errno, "cannot open /dev/null");
	memcpy(sorted, fds, sizeof(sorted));
	qsort(sorted, KEY_CHANNELS, sizeof(sorted[0]), by_number);
	for (size_t i = 0; i < KEY_CHANNELS; i++) {
		if ((unsigned)sorted[i] > from)
			close_range(from, (unsigned)sorted[i] - 1, 0);
		from = (unsigned)sorted[i] + 1;
	}
	close_range(from, ~0U, 0);
	return OK;
}

/* It is the server that is stopped; this process ends with it. */
static FALLIBLE set_apart(void)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2 };

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) || prctl(PR_SET_NAME, "postern-key", 0, 0, 0))
		return status_errno(errno, "cannot set the key process apart");
	return privilege_hide();
}

static FALLIBLE begin(const int fds[static KEY_CHANNELS], const char *name,
		      const struct key_opening *opening, const char *user,
		      struct private_key **out_key)
{
	TRY(set_apart());
	TRY(close_others(fds));
	TRY(private_key_load(name, opening, out_key));
	TRY(privilege_drop(user));
	return privilege_hide();
}

static void start_threads(struct channel channels[static KEY_CHANNELS])
{
	pthread_t thread;

	for (size_t i = 1; i < KEY_CHANNELS; i++)
		if (pthread_create(&thread, NULL, serve, &channels[i]))
			_exit(EXIT_FAILURE);
}

/* That it is ready: what the system let it do, and the public half. */
static void tell(int fd, const struct private_key *key, bool locked)
{
	AUTO(buf_free) struct buf hello = { 0 };
	/* A token's module opens files of its own. */
	AUTO(status_free) struct status *loose = private_key_is_here(key) ? privilege_confine() : OK;

	buf_put_u8(&hello, locked);
	buf_put_u8(&hello, !loose);
	buf_put(&hello, public_key_spki(private_key_public(key)));
	if (!key_wire_put(fd, 0, buf_view(&hello)))
		_exit(EXIT_FAILURE);
}

void key_server_run(const int fds[static KEY_CHANNELS], const char *name,
		    const struct key_opening *opening, const char *user)
{
	static struct channel channels[KEY_CHANNELS];
	bool locked = secrets_lock();
	struct private_key *key = NULL;
	struct status *failed = begin(fds, name, opening, user, &key);

	if (failed) {
		answer_failure(fds[0], failed);
		_exit(EXIT_FAILURE);
	}
	for (size_t i = 0; i < KEY_CHANNELS; i++)
		channels[i] = (struct channel){ fds[i], key };
	start_threads(channels);
	tell(fds[0], key, locked);
	serve(&channels[0]);
	abort();	/* it does not come back */
}
