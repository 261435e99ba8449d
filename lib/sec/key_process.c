/* SPDX-License-Identifier: Apache-2.0 */
/* The server's side of its key process: starts it, asks it, knows when it has ended. */
#include "lib/sec/key_process.h"

#include "lib/base/memory.h"
#include "lib/sec/key_wire.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ANSWER_SECONDS = 60, HELLO_FACTS = 2, KINDS = 2 + ST_PEER };

struct process {
	pid_t pid;			/* 0 once its end was seen */
	pthread_mutex_t lock;
	pthread_cond_t freed;
	int idle[KEY_CHANNELS];		/* channels that nobody uses now */
	size_t idle_count, open_count;
	struct key_process_facts facts;
};

/* --- asking --- */

/* A channel of one's own, for as long as the question takes; -1 where none is left. */
static int channel_take(struct process *p)
{
	int fd = -1;

	pthread_mutex_lock(&p->lock);
	while (p->idle_count == 0 && p->open_count)
		pthread_cond_wait(&p->freed, &p->lock);
	if (p->idle_count)
		fd = p->idle[--p->idle_count];
	pthread_mutex_unlock(&p->lock);
	return fd;
}

/* One that failed is of no further use: its next answer might be that to another question. */
static void channel_give(struct process *p, int fd, bool works)
{
	if (!works)
		close(fd);
	pthread_mutex_lock(&p->lock);
	if (works)
		p->idle[p->idle_count++] = fd;
	else
		p->open_count--;
	pthread_cond_broadcast(&p->freed);
	pthread_mutex_unlock(&p->lock);
}

static FALLIBLE failure_of(uint8_t kind, struct bytes words)
{
	AUTO(mem_free) char *text = bytes_to_text(words);

	return FAIL((enum status_kind)(kind - 1), 0, "%s", text);
}

/* Reads an answer; false where there is none. */
static bool answer(int fd, struct secret *out, struct status **out_failed)
{
	AUTO(secret_free) struct secret got = { 0 };
	uint8_t kind;

	if (!key_wire_get(fd, KINDS, KEY_WORDS_MAX_OCTETS, &kind, &got))
		return false;
	if (kind)
		*out_failed = failure_of(kind, secret_view(&got));
	else
		*out = secret_take(&got);
	return true;
}

static FALLIBLE process_perform(void *state, enum key_operation operation, struct bytes in,
				struct secret *out)
{
	struct process *p = state;
	int fd = channel_take(p);
	struct status *failed = OK;

	if (fd < 0)
		return FAIL(ST_LATER, 0, "the process that holds the key has ended");
	bool answered = key_wire_put(fd, (uint8_t)operation, in) && answer(fd, out, &failed);
	channel_give(p, fd, answered);
	return answered ? failed : FAIL(ST_LATER, 0, "the process that holds the key does not answer");
}

/* --- its end --- */

static FALLIBLE ended(struct process *p, int status)
{
	p->pid = 0;
	if (WIFSIGNALED(status))
		return FAIL(ST_LATER, 0, "the process that holds the key was ended by signal %d (%s)",
			    WTERMSIG(status), strsignal(WTERMSIG(status)));
	return FAIL(ST_LATER, 0, "the process that holds the key has ended with code %d",
		    WEXITSTATUS(status));
}

static void process_free(void *state)
{
	struct process *p = state;

	while (p->idle_count)
		close(p->idle[--p->idle_count]);
	/* It keeps nothing that its end could spoil. */
	if (p->pid && kill(p->pid, SIGKILL) == 0)
		while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
			;
	pthread_cond_destroy(&p->freed);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

static const struct key_holder holder = { process_perform, process_free };

FALLIBLE key_process_check(const struct private_key *key)
{
	struct process *p = private_key_state(key, &holder);
	int status;

	return p && p->pid && waitpid(p->pid, &status, WNOHANG) == p->pid ? ended(p, status) : OK;
}

struct key_process_facts key_process_facts(const struct private_key *key)
{
	const struct process *p = private_key_state(key, &holder);

	return p ? p->facts : (struct key_process_facts){ 0 };
}

/* --- its beginning --- */

static FALLIBLE open_channels(struct process *p, int theirs[static KEY_CHANNELS])
{
	const struct timeval patience = { .tv_sec = ANSWER_SECONDS };

	for (size_t i = 0; i < KEY_CHANNELS; i++) {
		int pair[2];

		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
			return status_errno(errno, "cannot speak to a process for the key");
		p->idle[p->idle_count++] = pair[0];
		theirs[i] = pair[1];
		if (setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)))
			return status_errno(errno, "cannot speak to a process for the key");
	}
	p->open_count = KEY_CHANNELS;
	return OK;
}

static void close_theirs(const int theirs[static KEY_CHANNELS])
{
	for (size_t i = 0; i < KEY_CHANNELS; i++)
		if (theirs[i] >= 0)
			close(theirs[i]);
}

/* Its first words: that it has the key, or why not. */
static FALLIBLE hear(struct process *p, struct secret *out_hello)
{
	struct status *failed = OK;
	int status;

	if (answer(p->idle[0], out_hello, &failed))
		return failed ? failed : out_hello->len > HELLO_FACTS ? OK
			: FAIL(ST_LATER, 0, "the process that holds the key does not say which");
	if (waitpid(p->pid, &status, WNOHANG) == p->pid)
		return ended(p, status);
	return FAIL(ST_LATER, 0, "the process for the key does not answer");
}

static FALLIBLE start(struct process *p, const char *name, const struct key_opening *opening,
		      const char *user, struct secret *out_hello)
{
	int theirs[KEY_CHANNELS] = { -1, -1, -1, -1 };
	struct status *failed = open_channels(p, theirs);

	if (!failed) {
		fflush(NULL);
		p->pid = fork();
		if (p->pid == 0)
			key_server_run(theirs, name, opening, user);
		if (p->pid < 0) {
			p->pid = 0;
			failed = status_errno(errno, "cannot start a process for the key");
		}
	}
	close_theirs(theirs);
	return failed ? failed : hear(p, out_hello);
}

FALLIBLE key_process_start(const char *name, const struct key_opening *opening, const char *user,
			   struct private_key **out_key)
{
	struct process *p = mem_new(struct process);
	AUTO(secret_free) struct secret hello = { 0 };

	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->freed, NULL);
	struct status *failed = start(p, name, opening, user, &hello);
	if (failed) {
		process_free(p);
		return failed;
	}
	p->facts = (struct key_process_facts){ p->pid, hello.data[0], hello.data[1] };
	return private_key_held(&holder, p, bytes_slice(secret_view(&hello), HELLO_FACTS, hello.len),
				out_key);
}
