/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A password that we give to a peer, changed at the peer and in the file that it stands in.
 * Whatever is cut off, the password that counts is in one of two files: the new one is in
 * FILE.new before the peer is asked, and takes the old one's place once he has confirmed.
 */
#ifndef LIB_MHS_PASSWORD_FILE_H
#define LIB_MHS_PASSWORD_FILE_H

#include "lib/base/command.h"
#include "lib/sec/crypto.h"

/* How the peer is asked.  ST_LATER: it is not known whether he did it. */
struct password_peer {
	const char *name;		/* for people */
	const char *file;		/* the password stands in it; null: in none */
	/* Binds with the password in a file. */
	FALLIBLE (*bind)(void *arg, const char *file);
	/* Binds, as the settings say, and asks for the change. */
	FALLIBLE (*change)(void *arg, struct bytes before, struct bytes after);
	void *arg;
};

/* Options of the commands. */
#define PASSWORD_OPTIONS                                                                      \
	{ "new-file", "FILE", "The new password is the first line of FILE (mode 0600); otherwise " \
	  "it is asked for." },

/*
 * "password", as programs have it: finds out what became of a change that was cut off, or makes one,
 * with the password that the options name or the terminal gives, and says so.  before is the old
 * one (empty: the file's).
 */
FALLIBLE password_change_run(const struct invocation *invocation, const struct password_peer *peer,
			     struct bytes before);

#endif
