/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ua password: another password to bind to the message store, or the MTA, with. */
#include "ua/password.h"

#include "lib/base/memory.h"
#include "lib/mhs/password_file.h"
#include "lib/sec/passphrase.h"
#include "ua/administer.h"

const struct option_spec password_options[] = {
	{ "old-file", "FILE", "The old password is the first line of FILE (mode 0600); otherwise it is "
	  "that of the settings, or asked for." },
	PASSWORD_OPTIONS
	{ 0 }
};

static FALLIBLE bind_with(void *arg, const char *file)
{
	struct home *home = arg;
	AUTO(session_close) struct session *session = NULL;
	const char *usual = home->password_file;

	home->password_file = file;
	struct status *st = session_open(home, &session);
	home->password_file = usual;
	return st;
}

static FALLIBLE ask_for_change(void *arg, struct bytes before, struct bytes after)
{
	struct home *home = arg;
	AUTO(session_close) struct session *session = NULL;

	TRY(session_open(home, &session));
	return administer_password(home, session, before, after);
}

/* None where the file of the settings has it. */
static FALLIBLE read_old(const struct invocation *invocation, const struct home *home,
			 struct secret *out)
{
	const char *file = options_value(&invocation->options, "old-file");
	AUTO(mem_free) char *prompt = mem_printf("Old password for %s", home->server);

	if (file)
		return passphrase_read(file, out);
	if (home->password_file)
		return OK;
	TRY_DOING(passphrase_ask(prompt, out), "the old password is needed: --old-file FILE");
	return OK;
}

FALLIBLE cmd_password(const struct invocation *invocation)
{
	AUTO(home_free) struct home *home = NULL;
	AUTO(secret_free) struct secret before = { 0 };

	TRY(home_of(invocation, &home));
	TRY(home_unlock(home));
	TRY(read_old(invocation, home, &before));
	const struct password_peer peer = {
		.name = home->server,
		.file = home->password_file,
		.bind = bind_with, .change = ask_for_change, .arg = home,
	};
	return password_change_run(invocation, &peer, secret_view(&before));
}
