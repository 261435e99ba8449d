/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words that open a private key, or the PIN of a token: from the first line
 * of a file that nobody else may read, or from the terminal, unseen.  Never from
 * the command line or the environment, where others can read them.
 */
#ifndef LIB_SEC_PASSPHRASE_H
#define LIB_SEC_PASSPHRASE_H

#include "lib/base/options.h"
#include "lib/sec/crypto.h"

enum { PASSPHRASE_MIN_OCTETS = 8, PASSPHRASE_MAX_OCTETS = 1023 };

/* Without the end of the line.  ST_REFUSED where others may read the file, ST_USAGE where its
 * first line is empty or too long. */
FALLIBLE passphrase_read(const char *path, struct secret *out_passphrase);

/* Asks on the terminal, whatever standard input is; ST_USAGE where there is none. */
FALLIBLE passphrase_ask(const char *prompt, struct secret *out_passphrase);

/* A new one, asked for twice; ST_USAGE where the two differ or are too short. */
FALLIBLE passphrase_choose(const char *what, struct secret *out_passphrase);

/* Options of commands that make a key, or encrypt it anew. */
#define PASSPHRASE_OPTIONS                                                                    \
	{ "passphrase-file", "FILE", "Encrypt the key with the first line of FILE (mode 0600)." }, \
	{ "no-passphrase", NULL, "Leave the key unencrypted: whoever reads the file has it." },

/* For keys that may also be made in a token. */
#define KEY_URI_OPTION                                                                        \
	{ "key-uri", "URI", "Make the key in a token (pkcs11:token=...;object=...), which keeps it; " \
	  "the passphrase is its PIN." },

/* What these options say, or the user on the terminal; none for an unencrypted key. */
FALLIBLE passphrase_new(const struct options *options, const char *what,
			struct secret *out_passphrase);

/* Encrypts the keys in files anew, or no more, as the options say.  Where that was cut off, the same
 * goes on: a key that opens already as it is to is left as it is. */
FALLIBLE passphrase_change(const char *const *paths, size_t count, const struct key_opening *opening,
			   const struct options *options);

#endif
