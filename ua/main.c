/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ua: writes, signs, seals, sends, fetches, checks and shows messages. */
#include "lib/mhs/enrol.h"
#include "ua/evidence.h"
#include "ua/init.h"
#include "ua/letter.h"
#include "ua/password.h"
#include "ua/register.h"
#include "ua/show.h"
#include "ua/sync.h"

enum { MANY = 1000 };

static const struct option_spec options[] = {
	{ "home", "DIR", "Your folder; otherwise $POSTERN_HOME, or ~/.postern." },
	{ 0 }
};

static const struct command commands[] = {
	{ .name = "init", .options = init_options, .run = cmd_init,
	  .summary = "Make your folder: settings, a key, a request for a certificate.",
	  .help = "Without --key and --certificate a key is made, and request.pem, which your "
		  "authority certifies.\nThen: postern-ua init --certificate FILE" },
	{ .name = "enrol", .options = enrol_options, .run = cmd_enrol,
	  .summary = "Ask for a certificate: the next, before the first ends, or one for a new key.",
	  .help = "Writes a request, which goes to the authority, and the words that you read to it.\n"
		  "With --beside it is for another key, which is made beside the one that you have; once it\n"
		  "is certified: postern-ua init --certificate FILE" },
	{ .name = "passphrase", .options = passphrase_options, .run = cmd_passphrase,
	  .summary = "Encrypt your key with another passphrase." },
	{ .name = "send", .words = "[FILE|-]", .words_max = 1, .options = send_options,
	  .run = cmd_send, .summary = "Write a message; it waits in the outbox for \"sync\".",
	  .help = "The text comes from FILE or from standard input; with --attach and no FILE "
		  "there is none.\nNAME is an O/R address (/S=Smith/.../C=FR/), a directory name "
		  "(CN=Smith,C=FR) or a nickname." },
	{ .name = "probe", .options = probe_options, .run = cmd_probe,
	  .summary = "Ask whether a message could be delivered; \"receipts\" has the answer." },
	{ .name = "sync", .options = sync_options, .run = cmd_sync,
	  .summary = "Exchange with your message store, or your MTA: send, fetch, check." },
	{ .name = "list", .options = list_options, .run = cmd_list,
	  .summary = "List messages: those received, or the outbox, or those sent." },
	{ .name = "read", .words = "NUMBER", .words_min = 1, .words_max = 1,
	  .options = read_options, .run = cmd_read,
	  .summary = "Show a message, and what was found out about it." },
	{ .name = "reply", .words = "NUMBER [FILE|-]", .words_min = 1, .words_max = 2,
	  .options = reply_options, .run = cmd_reply,
	  .summary = "Answer a message; signed and sealed as it was." },
	{ .name = "receipts", .words = "[NUMBER]", .words_max = 1, .run = cmd_receipts,
	  .summary = "What became of what you sent: delivered to whom, proved by whom, or why not." },
	{ .name = "evidence", .words = "export NUMBER | verify FILE", .words_min = 2, .words_max = 2,
	  .options = evidence_options, .run = cmd_evidence,
	  .summary = "Prove to others who wrote a message, that it was submitted and delivered; or judge.",
	  .help = "export puts into one file all that a judge needs: of a message that you received, or of\n"
		  "one that you sent.  verify judges such a file, and needs neither your folder nor a\n"
		  "network: only the certificate of an authority that the judge trusts." },
	{ .name = "delete", .words = "NUMBER...", .words_min = 1, .words_max = MANY,
	  .run = cmd_delete, .summary = "Delete messages, here and in a message store." },
	{ .name = "nickname", .words = "[NAME [ADDRESS]]", .words_max = 2,
	  .options = nickname_options, .run = cmd_nickname,
	  .summary = "Keep a short name for an O/R address or directory name, or list them." },
	{ .name = "register", .options = register_options, .run = cmd_register,
	  .summary = "Say which security labels your message store, or your MTA, is to take for you.",
	  .help = "It takes no more than its settings allow you; what is labelled otherwise goes back to\n"
		  "its sender, with a report." },
	{ .name = "password", .options = password_options, .run = cmd_password,
	  .summary = "Change the password that you bind to your message store, or your MTA, with.",
	  .help = "Where its settings give you one.  The file that ua.conf names for the password is\n"
		  "changed with it; said again after it was cut off, the command finds out what became of it." },
	{ .name = "status", .run = cmd_status,
	  .summary = "Who you are, the last exchange, what waits, how long your certificate lasts." },
	{ 0 }
};

static const struct command_program program = {
	.name = "postern-ua",
	.summary = "Writes, signs, seals, sends, fetches, checks and shows messages.",
	.commands = commands,
	.options = options,
	.settings = ua_settings_table,
	.settings_size = sizeof(struct ua_settings),
	.find_config = home_config,
};

int main(int argc, char **argv)
{
	return command_main(&program, argc, argv);
}
