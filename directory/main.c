/* SPDX-License-Identifier: Apache-2.0 */
/* postern-dir: looks into the directory, and writes into it. */
#include "directory/cmd.h"

static const struct setting settings[] = {
	DIRECTORY_SETTINGS(offsetof(struct dir_settings, directory)),
	{ "authority", SET_STR, offsetof(struct dir_settings, authority), "", 0, 0,
	  "PEM file of the certification authority that path starts from.", NULL },
	{ "revocation-list-age", SET_SECS, offsetof(struct dir_settings, list_age), "0", 0, 31536000,
	  "How old a revocation list may be; 0: until the time that it says itself.", NULL },
	{ "path-certificates", SET_INT, offsetof(struct dir_settings, path_certificates), "8", 2, 1000,
	  "How many certificates a path may have.", NULL },
	{ "path-lookups", SET_INT, offsetof(struct dir_settings, path_lookups), "64", 1, 10000,
	  "How many entries of authorities are looked at for a path.", NULL },
	{ "require-policy", SET_LIST, offsetof(struct dir_settings, policies), NULL, 0, 64,
	  "A policy (OID) under which all certificates of a path have to be; one of several.", NULL },
	{ "allow-broken-1989", SET_BOOL, offsetof(struct dir_settings, allow_broken_1989), "no", 0, 0,
	  "Whether certificates signed with the hash of 1988, which is broken, are believed.", NULL },
	{ 0 }
};

static const struct command commands[] = {
	{ .name = "get", .words = "NAME", .words_min = 1, .words_max = 1,
	  .summary = "Show the entry of a directory name.",
	  .help = "NAME is a directory name, the most specific part first: "
		  "\"CN=Alice Smith,O=Ministry,C=FR\".\n"
		  "Nothing shown has been verified: certificates are described as they claim to be.",
	  .run = cmd_get },
	{ .name = "find", .options = find_options,
	  .summary = "Find entries by O/R address, common name, mail address, organization or kind.",
	  .help = "An entry has to meet all that is given.  Upper and lower case are the same.  Several "
		  "entries\nare shown as a table.",
	  .run = cmd_find },
	{ .name = "path", .words = "NAME", .words_min = 1, .words_max = 1, .options = path_options,
	  .summary = "Show why somebody's certificate is trusted, or why it is not.",
	  .help = "Finds a certification path from the trusted authority to the certificate in the "
		  "entry of NAME,\nverifies it, and shows who vouches for whom.  Where there is none, "
		  "every path that was\ntried is named, and why it fell.",
	  .run = cmd_path },
	{ .name = "publish", .words = "NAME", .words_min = 1, .words_max = 1,
	  .options = publish_options,
	  .summary = "Put values into an entry, which is made where it is absent.",
	  .help = "The values given replace what the entry has of the same attribute; with --add "
		  "they join it,\nwith --remove they leave it.",
	  .run = cmd_publish },
	{ .name = "unpublish", .words = "NAME", .words_min = 1, .words_max = 1,
	  .options = unpublish_options,
	  .summary = "Take an entry out of the directory.", .run = cmd_unpublish },
	{ .name = "check", .words = "[BASE]", .words_max = 1, .options = check_options,
	  .summary = "Look at all entries for what is wrong, and say how it is repaired.",
	  .help = "BASE is where to begin; directory-base where nothing is said.  Certificates that "
		  "ended, end\nsoon, lie where nobody looks or are not the entry's; pairs that do not "
		  "match; revocation lists\nthat should have been replaced.  With each comes the command that "
		  "repairs it.  What was revoked is\ntold, and may stay.",
	  .run = cmd_check },
	{ .name = "repair", .words = "NAME", .words_min = 1, .words_max = 1, .options = repair_options,
	  .summary = "Take away or move what check found.", .run = cmd_repair },
	{ .name = "serve", .words = "start|stop|status FOLDER", .words_min = 2, .words_max = 2,
	  .options = serve_options,
	  .summary = "Run a directory for a small site, with OpenLDAP's slapd.",
	  .help = "Everything it needs lies in FOLDER, and stays there when it stops.",
	  .run = cmd_serve },
	{ 0 }
};

static const struct command_program program = {
	.name = "postern-dir",
	.summary = "Reads and writes the directory: O/R addresses, certificates, revocation lists.",
	.commands = commands,
	.settings = settings,
	.settings_size = sizeof(struct dir_settings),
	.config = "~/.config/postern/dir.conf",
};

int main(int argc, char **argv)
{
	return command_main(&program, argc, argv);
}
