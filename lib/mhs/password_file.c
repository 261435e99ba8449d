/* SPDX-License-Identifier: Apache-2.0 */
/* A password of ours, changed at a peer and in its file. */
#include "lib/mhs/password_file.h"

#include "lib/base/file.h"
#include "lib/base/memory.h"
#include "lib/mhs/password_change.h"
#include "lib/sec/passphrase.h"

#include <errno.h>
#include <jansson.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- the new one --- */

static FALLIBLE choose(const char *peer, struct secret *out)
{
	AUTO(mem_free) char *prompt = mem_printf("New password for %s", peer);
	AUTO(secret_free) struct secret first = { 0 }, second = { 0 };

	TRY(passphrase_ask(prompt, &first));
	TRY(passphrase_ask("The same once more", &second));
	if (!crypto_equal(secret_view(&first), secret_view(&second)))
		return FAIL(ST_USAGE, 0, "the two passwords differ");
	*out = secret_take(&first);
	return OK;
}

static FALLIBLE read_new(const struct invocation *invocation, const char *peer,
			 struct secret *out)
{
	const char *file = options_value(&invocation->options, "new-file");

	if (file)
		return passphrase_read(file, out);
	TRY_DOING(choose(peer, out), "a new password is needed: --new-file FILE");
	return OK;
}

/* --- the files --- */

/* As the old one is: for the same owner, who may be the server's and not who runs the command. */
static FALLIBLE write_beside(const char *file, const char *fresh, struct bytes password)
{
	AUTO(secret_buf_free) struct buf line = { 0 };
	struct stat info;

	buf_reserve(&line, password.len + 1);
	buf_put(&line, password);
	buf_put_u8(&line, '\n');
	if (stat(file, &info) != 0)
		return status_errno(errno, "cannot look at %s", file);
	TRY(file_create(fresh, 0600, buf_view(&line)));
	if (info.st_uid != geteuid() && chown(fresh, info.st_uid, info.st_gid) != 0) {
		struct status *st = status_errno(errno, "cannot give %s to the owner of %s", fresh,
						 file);
		unlink(fresh);
		return st;
	}
	return OK;
}

/* A change was cut off: does the peer know the new password already?  None is given up before the
 * other was seen to count. */
static FALLIBLE settle(const struct password_peer *peer, const char *fresh, bool *out_made)
{
	*out_made = false;
	if (!peer->file || access(fresh, F_OK) != 0)
		return OK;
	struct status *st = peer->bind(peer->arg, fresh);
	if (!st) {
		*out_made = true;
		return file_move(fresh, peer->file);
	}
	if (st->kind == ST_REFUSED) {
		status_free(&st);
		st = peer->bind(peer->arg, peer->file);
	}
	if (st)
		return status_doing(st, "a change that was cut off left %s, and it cannot be found out "
				    "now which password counts", fresh);
	return unlink(fresh) == 0 ? OK : status_errno(errno, "cannot remove %s", fresh);
}

/* Where he said no, the old one stays; where he did not answer, both do. */
static FALLIBLE change(const struct password_peer *peer, const char *fresh, struct bytes before,
		       struct bytes after)
{
	TRY(password_check_new(before, after));
	if (peer->file) {
		TRY_DOING(peer->bind(peer->arg, peer->file), "the password for %s was not changed",
			  peer->name);
		TRY(write_beside(peer->file, fresh, after));
	}
	struct status *st = peer->change(peer->arg, before, after);
	if (!st)
		return peer->file ? file_move(fresh, peer->file) : OK;
	if (st->kind != ST_LATER) {
		if (peer->file)
			unlink(fresh);
		return status_doing(st, "the password for %s was not changed", peer->name);
	}
	if (!peer->file)
		return status_doing(st, "it is not known whether %s has the new password: try both",
				    peer->name);
	return status_doing(st, "it is not known whether %s has the new password, which is kept in "
			    "%s: say the command again to find out", peer->name, fresh);
}

/* --- the command --- */

static void tell(const struct invocation *invocation, const struct password_peer *peer, bool before)
{
	if (invocation->json) {
		json_t *json = json_pack("{s:s, s:s?, s:b}", "peer", peer->name, "file", peer->file,
					 "was-cut-off", before);

		json_dumpf(json, stdout, 0);
		putchar('\n');
		json_decref(json);
	} else if (before) {
		printf("%s has the new password already: the change had been cut off. %s has it, too.\n",
		       peer->name, peer->file);
	} else {
		printf("%s has the new password%s%s.\n", peer->name, peer->file ? ", and so has " : "",
		       peer->file ? peer->file : "");
	}
}

FALLIBLE password_change_run(const struct invocation *invocation, const struct password_peer *peer,
			     struct bytes before)
{
	AUTO(mem_free) char *fresh = mem_printf("%s.new", peer->file ? peer->file : "");
	AUTO(secret_free) struct secret in_file = { 0 }, after = { 0 };
	bool made;

	TRY(settle(peer, fresh, &made));
	if (!made) {
		if (!before.len && peer->file) {
			TRY(passphrase_read(peer->file, &in_file));
			before = secret_view(&in_file);
		}
		TRY(read_new(invocation, peer->name, &after));
		TRY(change(peer, fresh, before, secret_view(&after)));
	}
	tell(invocation, peer, made);
	return OK;
}
