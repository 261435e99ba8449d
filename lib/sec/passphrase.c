/* SPDX-License-Identifier: Apache-2.0 */
/* Where passphrases come from. */
#include "lib/sec/passphrase.h"

#include "lib/base/file.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

FALLIBLE passphrase_read(const char *path, struct secret *out_passphrase)
{
	AUTO(secret_buf_free) struct buf octets = { 0 };
	mode_t mode;

	TRY_DOING(file_read(path, PASSPHRASE_MAX_OCTETS + 1, &octets, &mode),
		  "cannot read the passphrase");
	if (mode & 077)
		return FAIL(ST_REFUSED, 0, "the passphrase file %s is open to others (mode %04o): "
			    "make it 0600", path, (unsigned)mode);
	const uint8_t *end = octets.len ? memchr(octets.data, '\n', octets.len) : NULL;
	size_t len = end ? (size_t)(end - octets.data) : octets.len;
	if (len == 0)
		return FAIL(ST_USAGE, 0, "the first line of the passphrase file %s is empty", path);
	*out_passphrase = secret_new(len);
	memcpy(out_passphrase->data, octets.data, len);
	return OK;
}

/* --- the terminal --- */

static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
enum { ENDING_COUNT = sizeof(ending) / sizeof(ending[0]) };

static volatile sig_atomic_t arrived;

static void note(int signum)
{
	arrived = signum;
}

/* What signals did before. */
struct usual_signals {
	struct sigaction actions[ENDING_COUNT];
	sigset_t mask;
};

/* Whoever is interrupted here gets his terminal back first.  Signals arrive only while a key is
 * waited for: one that came before would not end the waiting. */
static void signals_note(struct usual_signals *usual)
{
	struct sigaction action = { .sa_handler = note };
	sigset_t held;

	arrived = 0;
	sigemptyset(&held);
	for (size_t i = 0; i < ENDING_COUNT; i++)
		sigaddset(&held, ending[i]);
	sigprocmask(SIG_BLOCK, &held, &usual->mask);
	for (size_t i = 0; i < ENDING_COUNT; i++)
		sigaction(ending[i], &action, &usual->actions[i]);
}

static void signals_restore(const struct usual_signals *usual)
{
	for (size_t i = 0; i < ENDING_COUNT; i++)
		sigaction(ending[i], &usual->actions[i], NULL);
	sigprocmask(SIG_SETMASK, &usual->mask, NULL);
	if (arrived)
		raise(arrived);
}

/* False where it was a signal that came. */
static bool wait_for_key(int tty, const struct usual_signals *usual)
{
	struct pollfd fd = { .fd = tty, .events = POLLIN };

	while (ppoll(&fd, 1, NULL, &usual->mask) < 0)
		if (errno != EINTR || arrived)
			return false;
	return true;
}

/* One line, of which no more is kept than there is room for. */
static FALLIBLE read_line(int tty, const struct usual_signals *usual, struct secret *line)
{
	size_t len = 0;
	uint8_t octet = 0;

	for (;;) {
		if (!wait_for_key(tty, usual) || read(tty, &octet, 1) <= 0)
			return FAIL(ST_USAGE, 0, "no passphrase was given");
		if (octet == '\n')
			break;
		if (len == line->len)
			return FAIL(ST_USAGE, 0, "the passphrase has more than %d octets",
				    PASSPHRASE_MAX_OCTETS);
		line->data[len++] = octet;
	}
	line->len = len;
	return OK;
}

static FALLIBLE ask_unseen(int tty, const char *prompt, const struct usual_signals *signals,
			   struct secret *line)
{
	struct termios usual, unseen;

	if (tcgetattr(tty, &usual))
		return status_errno(errno, "cannot ask for the passphrase");
	unseen = usual;
	unseen.c_lflag = (unseen.c_lflag & ~(tcflag_t)ECHO) | ECHONL;
	if (tcsetattr(tty, TCSAFLUSH, &unseen))
		return status_errno(errno, "cannot ask for the passphrase");
	dprintf(tty, "%s: ", prompt);
	struct status *failed = read_line(tty, signals, line);
	tcsetattr(tty, TCSAFLUSH, &usual);
	return failed;
}

FALLIBLE passphrase_ask(const char *prompt, struct secret *out_passphrase)
{
	AUTO(secret_free) struct secret line = secret_new(PASSPHRASE_MAX_OCTETS);
	struct usual_signals usual;
	int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (tty < 0)
		return FAIL(ST_USAGE, 0, "there is no terminal to ask for a passphrase");
	signals_note(&usual);
	struct status *failed = ask_unseen(tty, prompt, &usual, &line);
	close(tty);
	signals_restore(&usual);
	if (failed)
		return failed;
	*out_passphrase = secret_take(&line);
	return OK;
}

FALLIBLE passphrase_choose(const char *what, struct secret *out_passphrase)
{
	AUTO(mem_free) char *prompt = mem_printf("New passphrase for %s", what);
	AUTO(secret_free) struct secret first = { 0 }, second = { 0 };

	TRY(passphrase_ask(prompt, &first));
	if (first.len < PASSPHRASE_MIN_OCTETS)
		return FAIL(ST_USAGE, 0, "a passphrase of %zu octets is too short: %d are the least",
			    first.len, PASSPHRASE_MIN_OCTETS);
	TRY(passphrase_ask("The same once more", &second));
	if (!crypto_equal(secret_view(&first), secret_view(&second)))
		return FAIL(ST_USAGE, 0, "the two passphrases differ");
	*out_passphrase = secret_take(&first);
	return OK;
}

/* --- of keys that are made --- */

FALLIBLE passphrase_new(const struct options *options, const char *what,
			struct secret *out_passphrase)
{
	const char *file = options_value(options, "passphrase-file");
	const char *uri = options_value(options, "key-uri");
	bool none = options_has(options, "no-passphrase");

	if (uri && none)
		return FAIL(ST_USAGE, 0, "a token wants its PIN: --passphrase-file FILE");
	if (file && none)
		return FAIL(ST_USAGE, 0, "--passphrase-file and --no-passphrase exclude each other");
	if (none) {
		*out_passphrase = (struct secret){ 0 };
		return OK;
	}
	if (file)
		return passphrase_read(file, out_passphrase);
	if (uri)
		return passphrase_ask("PIN of the token", out_passphrase);
	TRY_DOING(passphrase_choose(what, out_passphrase),
		  "the key needs a passphrase: --passphrase-file FILE, or --no-passphrase to leave it "
		  "unencrypted");
	return OK;
}

/* A key on its way from one passphrase to another. */
struct changing {
	struct private_key *key;	/* null: it does not open as before, */
	struct status *failed;		/* for this reason */
};

static void changing_free(struct changing *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		private_key_free(&list[i].key);
		status_free(&list[i].failed);
	}
	mem_free(&list);
}

/* Whether a key that did not open as before was changed already; otherwise why not. */
static FALLIBLE check_changed(const char *path, const struct secret *passphrase, struct changing *c)
{
	const struct key_opening as_wanted = { .known = passphrase, .unencrypted = !passphrase->len };
	AUTO(private_key_free) struct private_key *key = NULL;

	status_drop(private_key_load(path, &as_wanted, &key));
	return key ? OK : TAKE(c->failed);
}

static FALLIBLE change_all(const char *const *paths, size_t count, const struct key_opening *opening,
			   const struct options *options, struct changing *list)
{
	AUTO(secret_free) struct secret passphrase = { 0 };

	for (size_t i = 0; i < count; i++) {
		list[i].failed = private_key_load(paths[i], opening, &list[i].key);
		/* Of several, one may be as it is to be, and want words that nobody has said yet. */
		if (list[i].failed && (count == 1 || list[i].failed->kind == ST_NOT_FOUND))
			return TAKE(list[i].failed);
	}
	TRY(passphrase_new(options, paths[0], &passphrase));
	for (size_t i = 0; i < count; i++)
		if (list[i].failed)
			TRY(check_changed(paths[i], &passphrase, &list[i]));
	for (size_t i = 0; i < count; i++)
		if (list[i].key)
			TRY(private_key_replace(paths[i], list[i].key, secret_view(&passphrase)));
	return OK;
}

FALLIBLE passphrase_change(const char *const *paths, size_t count, const struct key_opening *opening,
			   const struct options *options)
{
	struct changing *list = mem_new_array(struct changing, count);
	struct status *failed = change_all(paths, count, opening, options, list);

	changing_free(list, count);
	return failed;
}
