/* SPDX-License-Identifier: Apache-2.0 */
/* postern-dir: looks into the directory, and writes into it. */
#include "directory/cmd.h"

static const struct setting settings[] = {
	DIRECTORY_SETTINGS(offsetof(struct dir_settings, directory)),
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
	  .summary = "Find entries by O/R address, common name or mail address.",
	  .help = "Give exactly one of the options.  Upper and lower case are the same.",
	  .run = cmd_find },
	{ .name = "publish", .words = "NAME", .words_min = 1, .words_max = 1,
	  .options = publish_options,
	  .summary = "Put values into an entry, which is made where it is absent.",
	  .help = "The values given replace what the entry has of the same attribute; with --add "
		  "they join it,\nwith --remove they leave it.",
	  .run = cmd_publish },
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
