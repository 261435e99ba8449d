/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ca: a certification authority. */
#include "ca/cmd.h"

static const char *const approval_names[] = { "none", "two-person", NULL };

static const struct setting settings[] = {
	{ "authority", SET_STR, offsetof(struct ca_settings, path), ".", 0, 0,
	  "The directory of the authority: ca.key, ca.pem and ca.db.", NULL },
	{ "key-passphrase-file", SET_STR, offsetof(struct ca_settings, passphrase_file), "", 0, 0,
	  "File whose first line opens the key; otherwise it is asked for.", NULL },
	DIRECTORY_SETTINGS(offsetof(struct ca_settings, directory)),
	{ "profile", SET_LIST, offsetof(struct ca_settings, profiles), NULL, 0, 16,
	  "What certificates for a use are like: ua|ms|mta|ca [days=N] [days-max=N] "
	  "[keys=p256,ed25519,rsa] [address=required|optional] [usage=sign,seal] [policies=OID,...].", NULL },
	{ "require-words", SET_BOOL, offsetof(struct ca_settings, needs_words), "no", 0, 0,
	  "Whether nothing is issued without the words of the request.", NULL },
	{ "allow-broken-1989", SET_BOOL, offsetof(struct ca_settings, allow_broken_1989), "no", 0, 0,
	  "Whether an authority of 1988, whose certificates are broken, may be made and used.", NULL },
	{ "approval", SET_ENUM, offsetof(struct ca_settings, approval), "none", 0, 0,
	  "Whether what matters waits until two people have approved it.", approval_names },
	{ "approver", SET_LIST, offsetof(struct ca_settings, approvers), NULL, 0, 64,
	  "Who may approve, and his certificate: NAME FILE.pem.", NULL },
	{ "list-interval", SET_SECS, offsetof(struct ca_settings, list_interval), "6d", 60, 31622400,
	  "How often a revocation list is issued.", NULL },
	{ "list-overlap", SET_SECS, offsetof(struct ca_settings, list_overlap), "1d", 60, 31622400,
	  "How long a list is still good after the next one was due.", NULL },
	{ 0 }
};

static const struct command commands[] = {
	{ .name = "init", .options = init_options, .run = cmd_init,
	  .summary = "Make an authority: its key, its own certificate, its database." },
	{ .name = "request", .words = "DIRECTORY", .words_min = 1, .words_max = 1,
	  .options = request_options, .run = cmd_request,
	  .summary = "Make a key and a request for a certificate (needs no authority).",
	  .help = "Writes key.pem, which stays with its owner, and request.pem, which goes to the "
		  "authority." },
	{ .name = "issue", .words = "REQUEST", .words_min = 1, .words_max = 1,
	  .options = issue_options, .run = cmd_with_approval,
	  .summary = "Issue a certificate for a request.",
	  .help = "Have the holder read the words of the request to you, and say them with --words: nobody\n"
		  "has then put another in its place.  What is said here about name, scope and O/R address has to be what the request "
		  "says;\nwhat the request leaves open is taken from here." },
	{ .name = "enrol-batch", .words = "PEOPLE", .words_min = 1, .words_max = 1,
	  .options = batch_options, .run = cmd_with_approval,
	  .summary = "Issue certificates for a list of people, in CSV or LDIF.",
	  .help = "CSV begins with a line of column names: name (of the directory), and any of or-address,\n"
		  "scope, words, request (its file), days.  LDIF (PEOPLE ends in .ldif) has entries with\n"
		  "mhsORAddresses.  Requests that are not named are found by the name in them.  Nothing\n"
		  "is issued while there is a mistake in the list.  Where two have to approve, they approve\n"
		  "the list and its requests as a whole." },
	{ .name = "renew", .words = "[CERTIFICATE|SERIAL]", .words_max = 1,
	  .options = renew_options, .run = cmd_with_approval,
	  .summary = "Issue a certificate for the same key, name and address again; or all that end soon." },
	{ .name = "expiring", .options = expiring_options, .run = cmd_expiring,
	  .summary = "List what ends soon and has no successor; fails (75) where there is something." },
	{ .name = "cross-certify", .words = "CERTIFICATE", .words_min = 1, .words_max = 1,
	  .options = cross_options, .run = cmd_with_approval,
	  .summary = "Certify another authority, or keep what it issued to this one.",
	  .help = "CERTIFICATE is the other authority's own; compare its fingerprint with what "
		  "its people tell you.\nWith --received, CERTIFICATE is the one that it issued to "
		  "this authority: both together\nmake the pair that publish puts into the "
		  "directory." },
	{ .name = "offer", .options = offer_options, .run = cmd_offer,
	  .summary = "Write what another authority needs to certify this one.",
	  .help = "The ceremony: one side makes an offer; the other inspects it, compares its words "
		  "with\nwhat the first reads aloud, and answers; the first inspects, compares and "
		  "accepts." },
	{ .name = "inspect", .words = "FILE", .words_min = 1, .words_max = 1, .run = cmd_inspect,
	  .summary = "Show a request, an offer or an answer: whose, what for, and its words." },
	{ .name = "answer", .words = "OFFER", .words_min = 1, .words_max = 1,
	  .options = answer_options, .run = cmd_with_approval,
	  .summary = "Certify the authority that made an offer.",
	  .help = "Where nothing is said here of path length, names, addresses or policies, the authority "
		  "is\nheld to what it asks for." },
	{ .name = "accept", .words = "ANSWER", .words_min = 1, .words_max = 1,
	  .options = accept_options, .run = cmd_with_approval,
	  .summary = "Keep what an answer grants, and certify its authority in turn.",
	  .help = "Two files have been carried then, and both sides' people trust the other's.  The other "
		  "side's\npair wants what is issued here: it comes with a third file (--out), or from the "
		  "directory, once\nthis authority has published (complete)." },
	{ .name = "complete", .words = "[NAME]", .words_max = 1,
	  .options = complete_options, .run = cmd_complete,
	  .summary = "Keep and publish what others have issued to this authority, as they publish it.",
	  .help = "Only what the key of the other has signed, as this authority has certified it, is kept.\n"
		  "Fails (75) where somebody whom it certifies publishes nothing for it." },
	{ .name = "pairs", .run = cmd_pairs,
	  .summary = "List who certifies whom; fails (75) where something has to be made anew." },
	{ .name = "rollover", .options = rollover_options, .run = cmd_with_approval,
	  .summary = "Let another key follow the authority's own.",
	  .help = "The old key certifies the new one and the new one the old: whoever trusts either "
		  "certificate\ntrusts what both have signed, once publish has told the directory.  The "
		  "old key stays for\nrevocation lists, until all that it has signed has ended.  Authorities that certify "
		  "the old key are\nnamed, and make their half of the pair anew after another offer (pairs)." },
	{ .name = "withdraw", .words = "NAME", .words_min = 1, .words_max = 1,
	  .options = revoke_options, .run = cmd_with_approval,
	  .summary = "Certify another authority no more: revoke, unpublish, forget.",
	  .help = "The reason is cessation unless --reason says another." },
	{ .name = "revoke", .words = "CERTIFICATE|SERIAL", .words_min = 1, .words_max = 1,
	  .options = revoke_options, .run = cmd_with_approval,
	  .summary = "Revoke a certificate for good; the directory is told at once.",
	  .help = "Where the settings name a directory, the next list is issued and published with it." },
	{ .name = "suspend", .words = "CERTIFICATE|SERIAL", .words_min = 1, .words_max = 1,
	  .run = cmd_suspend, .summary = "Revoke a certificate until it is released." },
	{ .name = "release", .words = "CERTIFICATE|SERIAL", .words_min = 1, .words_max = 1,
	  .run = cmd_with_approval, .summary = "Take a suspension back." },
	{ .name = "crl", .options = crl_options, .run = cmd_crl,
	  .summary = "Issue a revocation list; with --if-due, for timers." },
	{ .name = "publish", .run = cmd_publish,
	  .summary = "Put certificates, pairs and the revocation list into the directory." },
	{ .name = "passphrase", .options = passphrase_options, .run = cmd_passphrase,
	  .summary = "Encrypt the authority's keys with another passphrase." },
	{ .name = "pending", .run = cmd_pending,
	  .summary = "List what waits for approval." },
	{ .name = "approve", .words = "NUMBER", .words_min = 1, .words_max = 1,
	  .options = approve_options, .run = cmd_approve,
	  .summary = "Approve what waits, with your own key; the second approval carries it out.",
	  .help = "Where the settings say approval = two-person, whatever certifies somebody, revokes an\n"
		  "authority's certificate or changes the key waits for two approvers." },
	{ .name = "reject", .words = "NUMBER", .words_min = 1, .words_max = 1, .run = cmd_reject,
	  .summary = "Let what waits come to nothing." },
	{ .name = "journal", .words = "[verify [FILE]]", .words_max = 2,
	  .options = journal_options, .run = cmd_journal,
	  .summary = "List what was done, when and by whom; verify that nobody changed the list.",
	  .help = "With verify, the numbers, the chain of hashes and all signatures are checked: of the "
		  "authority's\nown journal, or of one that was exported, for which --certificate is "
		  "enough.\nRemember the head that is printed, elsewhere: with --head, a journal whose "
		  "end was cut off\nis known." },
	{ .name = "backup", .words = "FOLDER", .words_min = 1, .words_max = 1,
	  .options = backup_options, .run = cmd_backup,
	  .summary = "Save the authority's database and certificate in a new folder." },
	{ .name = "restore", .words = "FOLDER", .words_min = 1, .words_max = 1,
	  .options = restore_options, .run = cmd_restore,
	  .summary = "Put a backup in the place of a database that was lost.",
	  .help = "What was revoked since the backup is taken from the lists in the directory, and the next "
		  "list\nhas a higher number than they." },
	{ .name = "show", .run = cmd_show,
	  .summary = "List what was issued, with its state and expiry." },
	{ 0 }
};

static const struct option_spec options[] = {
	{ "ca", "DIR", "The directory of the authority, instead of the one in the settings." },
	{ "as", "NAME", "Who acts, for the journal, which says the Unix user in any case." },
	CONFIRM_OPTIONS,
	{ 0 }
};

static const struct command_program program = {
	.name = "postern-ca",
	.summary = "A certification authority: keys are certified for one use, one name, one address.",
	.commands = commands,
	.options = options,
	.settings = settings,
	.settings_size = sizeof(struct ca_settings),
	.config = "~/.config/postern/ca.conf",
};

int main(int argc, char **argv)
{
	return command_main(&program, argc, argv);
}
