/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ua send, probe and reply: what is on the command line becomes a letter. */
#include "ua/letter.h"

#include "lib/base/file.h"
#include "lib/base/memory.h"
#include "lib/sec/message.h"
#include "ua/inbox.h"
#include "ua/print.h"

#include <errno.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

enum { ASK_DIRECTORY_SECONDS = 2 };	/* who is offline does not want to wait */

#define LETTER_OPTIONS									\
	{ "cc", "NAME", "A copy for someone; may be repeated." },			\
	{ "sign", NULL, "Prove who wrote it and that it is unchanged." },		\
	{ "seal", NULL, "Let nobody but the recipients read it; signs, too." },		\
	{ "proof", NULL, "Ask who takes delivery for a proof of it; signs, too." }, \
	{ "label", "LABEL", "How sensitive it is, such as restricted or POLICY:secret+CATEGORY; "	\
	  "signs, too." },								\
	{ "origin-check", NULL, "Let everybody on the way check who wrote it; signs, too." },	\
	{ "integrity-check", NULL, "Sign the content beside the tokens as well; signs, too." },	\
	{ "confidential-check", NULL, "Show check and number to the recipients alone; signs, too." }, \
	{ "certificate", NULL, "Send your certificate along; signs, too." },		\
	{ "proof-of-submission", NULL, "Ask your MTA for proof that it took the message." },	\
	{ "report", NULL, "Ask for a report of the delivery (non-delivery is always reported)." }, \
	{ "suite", "NAME", "Sign and seal with this suite rather than that of the settings." }, \
	{ "attach", "FILE", "Attach a file; may be repeated." }

const struct option_spec send_options[] = {
	{ "to", "NAME", "A recipient: O/R address, directory name or nickname; may be repeated." },
	{ "to-plain", "NAME", "A recipient for whom it is not signed; may be repeated." },
	{ "subject", "TEXT", "What it is about." },
	LETTER_OPTIONS,
	{ 0 }
};

const struct option_spec reply_options[] = {
	{ "subject", "TEXT", "Another subject than that of the message." },
	{ "plain", NULL, "Neither signed nor sealed, even if the message was." },
	{ "anyway", NULL, "Reply though the message was refused." },
	LETTER_OPTIONS,
	{ 0 }
};

/* --- the text --- */

static FALLIBLE read_stdin(size_t max, struct buf *out)
{
	for (;;) {
		size_t had = out->len;
		ssize_t got = read(STDIN_FILENO, buf_extend(out, 65536), 65536);

		if (got < 0)
			return status_errno(errno, "cannot read the text");
		out->len = had + (size_t)got;
		if (out->len > max)
			return FAIL(ST_USAGE, 0, "the text is longer than %zu octets", max);
		if (got == 0)
			return OK;
	}
}

/* The file of that name; standard input for "-", and where nothing else says what to send. */
static FALLIBLE read_body(struct home *home, const char *path, struct letter *letter)
{
	AUTO(buf_free) struct buf octets = { 0 };
	size_t max = (size_t)home->settings->content_max;

	if (!path && letter->attachment_count)
		return OK;
	if (path && strcmp(path, "-") != 0)
		TRY_DOING(file_read(path, max, &octets, NULL), "cannot read the text");
	else
		TRY(read_stdin(max, &octets));
	if (memchr(octets.data ? octets.data : (const uint8_t *)"", 0, octets.len))
		return FAIL(ST_USAGE, 0, "the text has a zero octet; attach it as a file instead");
	letter->text = arena_text(home->arena, buf_view(&octets));
	return OK;
}

/* --- recipients --- */

/* At once where the directory can be reached; otherwise at the next exchange. */
static FALLIBLE resolve_early(struct home *home, struct correspondent *who, bool *io_reachable)
{
	struct status *failed;

	if (!*io_reachable)
		return OK;
	failed = correspondent_resolve(home, home->arena, ASK_DIRECTORY_SECONDS, who);
	if (!failed || failed->kind != ST_LATER)
		return failed;
	*io_reachable = false;
	status_free(&failed);
	return OK;
}

static bool is_among(struct home *home, const struct correspondent *list, size_t count,
		     const struct correspondent *who)
{
	const char *key = orname_key(home->arena, who->name);

	for (size_t i = 0; i < count; i++)
		if (!strcmp(orname_key(home->arena, list[i].name), key))
			return true;
	return false;
}

static size_t count_given(const struct options *options, const char *option)
{
	size_t count = 0;

	while (options_nth(options, option, count))
		count++;
	return count;
}

/* Adds those whom an option names, each once. */
static FALLIBLE add_named(struct home *home, const struct options *options, const char *option,
			  struct correspondent **list, size_t *io_count)
{
	size_t given = count_given(options, option), had = *io_count;
	struct correspondent *all = arena_new_array(home->arena, struct correspondent, had + given);
	bool reachable = true;

	for (size_t i = 0; i < had; i++)
		all[i] = (*list)[i];
	*list = all;
	for (size_t i = 0; i < given; i++) {
		struct correspondent *who = &all[*io_count];
		const char *text = options_nth(options, option, i);

		TRY_DOING(correspondent_find(home, home->arena, text, who), "--%s %s", option, text);
		TRY_DOING(resolve_early(home, who, &reachable), "--%s %s", option, text);
		if (!is_among(home, all, *io_count, who))
			++*io_count;
	}
	return OK;
}

/* Signed for him or not: both cannot be. */
static FALLIBLE check_once(struct home *home, const struct letter *letter)
{
	for (size_t i = 0; i < letter->plain_count; i++) {
		const struct correspondent *who = &letter->plain[i];

		if (is_among(home, letter->to, letter->to_count, who) ||
		    is_among(home, letter->cc, letter->cc_count, who))
			return FAIL(ST_USAGE, 0, "%s is named with --to-plain and another time: the "
				    "message is either signed for a recipient or not",
				    correspondent_text(home->arena, who));
	}
	return OK;
}

/* --- the letter --- */

/* What is given in place of what it had before: a reply, which quotes, may only be higher. */
static FALLIBLE choose_label(struct home *home, const struct options *options, struct bytes *io)
{
	const char *given = options_value(options, "label");
	struct label before, now;
	struct bytes tlv;

	if (!given)
		return OK;
	TRY(label_from_text(home->labels.policies, home->arena, given, &tlv));
	if (io->len) {
		TRY(label_decode(*io, &before));
		TRY(label_decode(tlv, &now));
		if (!label_dominates(&now, &before))
			return FAIL(ST_USAGE, 0, "the message is labelled %s, which %s does not "
				    "dominate: a reply keeps the label, or has a higher one",
				    label_text(home->labels.policies, home->arena, *io), given);
	}
	*io = tlv;
	return OK;
}

/* The suite is settled now: what the user is told of it holds whatever the settings say later. */
static FALLIBLE choose_suite(const struct home *home, const struct options *options,
			     struct wishes *wishes)
{
	wishes->suite = home->suite;
	if (options_has(options, "suite"))
		TRY_DOING(suite_from_text(options_value(options, "suite"), &wishes->suite), "--suite");
	return wishes->sign ? suite_check_making(wishes->suite, &home->terms.others, wishes->seal) : OK;
}

static FALLIBLE fill_letter(struct home *home, const struct invocation *invocation,
			    const char *path, struct letter *letter)
{
	const struct options *options = &invocation->options;
	struct wishes *wishes = &letter->wishes;

	letter->attachment_count = count_given(options, "attach");
	letter->attachments = arena_new_array(home->arena, const char *, letter->attachment_count);
	for (size_t i = 0; i < letter->attachment_count; i++)
		letter->attachments[i] = options_nth(options, "attach", i);
	wishes->seal |= options_has(options, "seal");
	wishes->proof = options_has(options, "proof");
	wishes->report = options_has(options, "report");
	wishes->submission_proof = options_has(options, "proof-of-submission");
	wishes->origin_check = options_has(options, "origin-check");
	wishes->content_check = options_has(options, "integrity-check");
	wishes->confidential_check = options_has(options, "confidential-check");
	wishes->certificate = options_has(options, "certificate");
	wishes->sign |= options_has(options, "sign") || wishes->seal || wishes->proof ||
			wishes->origin_check || wishes->content_check ||
			wishes->confidential_check || wishes->certificate ||
			options_has(options, "label");
	TRY(choose_label(home, options, &wishes->label));
	if (options_has(options, "subject"))
		letter->subject = options_value(options, "subject");
	TRY(message_check_services(letter->wishes.seal, letter->wishes.proof));
	TRY(choose_suite(home, options, &letter->wishes));
	TRY(add_named(home, options, "to", &letter->to, &letter->to_count));
	TRY(add_named(home, options, "cc", &letter->cc, &letter->cc_count));
	TRY(add_named(home, options, "to-plain", &letter->plain, &letter->plain_count));
	TRY(check_once(home, letter));
	return read_body(home, path, letter);
}

static FALLIBLE post(struct home *home, const struct invocation *invocation,
		     const struct letter *letter)
{
	int64_t id;

	TRY(letter_post(home, letter, &id));
	const char *warning = wishes_warning(home->arena, &letter->wishes);
	if (invocation->json)
		print_json(json_pack("{s:I, s:s, s:s*}", "id", (json_int_t)id, "state",
				     ua_state_names[UA_QUEUED], "warning", warning));
	else
		printf("%s%sMessage %lld is in the outbox; \"postern-ua sync\" sends it.\n",
		       warning ? warning : "", warning ? "\n" : "", (long long)id);
	return OK;
}

FALLIBLE cmd_send(const struct invocation *invocation)
{
	AUTO(home_free) struct home *home = NULL;
	struct letter letter = { 0 };

	TRY(home_of(invocation, &home));
	TRY(fill_letter(home, invocation, invocation->word_count ? invocation->words[0] : NULL,
			&letter));
	return post(home, invocation, &letter);
}

/* --- probes --- */

const struct option_spec probe_options[] = {
	{ "to", "NAME", "Who would get the message; may be repeated." },
	{ "octets", "NUMBER", "How long its content would be." },
	{ "sign", NULL, "Let everybody on the way check who asks." },
	{ "certificate", NULL, "Send your certificate along; signs, too." },
	{ 0 }
};

static FALLIBLE read_octets(const char *text, int64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoll(text, &end, 10);
	if (errno || end == text || *end || *out < 0)
		return FAIL(ST_USAGE, 0, "--octets %s is no number of octets", text);
	return OK;
}

FALLIBLE cmd_probe(const struct invocation *invocation)
{
	const struct options *options = &invocation->options;
	AUTO(home_free) struct home *home = NULL;
	struct letter letter = { .subject = "(probe)", .wishes = {
		.probe = true, .report = true,
		.certificate = options_has(options, "certificate"),
		.sign = options_has(options, "sign") || options_has(options, "certificate"),
	} };

	TRY(home_of(invocation, &home));
	if (options_has(options, "octets"))
		TRY(read_octets(options_value(options, "octets"), &letter.wishes.probe_octets));
	TRY(add_named(home, options, "to", &letter.to, &letter.to_count));
	return post(home, invocation, &letter);
}

/* --- replies --- */

static const char *reply_subject(struct arena *arena, const char *subject)
{
	if (!subject || strncasecmp(subject, "re:", 3) == 0)
		return subject;
	return arena_printf(arena, "Re: %s", subject);
}

/* What the message says of its writer; services as it had them. */
static FALLIBLE begin_reply(struct home *home, const struct invocation *invocation,
			    const struct opened *message, struct letter *letter)
{
	bool plain = options_has(&invocation->options, "plain");

	if (message->message.folder != UA_INBOX || message->message.kind != UA_MESSAGE)
		return FAIL(ST_USAGE, 0, "message %lld was not received: nobody to reply to",
			    (long long)message->message.id);
	if (message->finding.verdict == VERDICT_REFUSED &&
	    !options_has(&invocation->options, "anyway"))
		return FAIL(ST_REFUSED, 0, "message %lld was refused (%s): --anyway replies to whom "
			    "it names", (long long)message->message.id, message->finding.why);
	letter->to = arena_new_of(home->arena, struct correspondent);
	letter->to_count = 1;
	TRY(correspondent_stored(home->arena, message->message.originator, message->finding.signer,
				 letter->to));
	letter->subject = reply_subject(home->arena, message->message.subject);
	if (message->ipm)
		letter->in_reply_to = message->ipm->id;
	letter->wishes.sign = !plain && message->finding.signer;
	if (message->delivery)
		letter->wishes.label = arena_dup(home->arena,
			ext_value(&message->delivery->extensions, EXT_MESSAGE_SECURITY_LABEL));
	letter->wishes.seal = !plain && message->finding.sealed;
	return OK;
}

FALLIBLE cmd_reply(const struct invocation *invocation)
{
	AUTO(home_free) struct home *home = NULL;
	AUTO(opened_free) struct opened *message = NULL;
	struct letter letter = { 0 };
	int64_t id;

	TRY(message_number(invocation->words[0], &id));
	TRY(home_of(invocation, &home));
	TRY(inbox_open(home, id, &message));
	TRY(begin_reply(home, invocation, message, &letter));
	/* Proof and seal exclude each other: who asks for the proof gets it. */
	if (options_has(&invocation->options, "proof") && !options_has(&invocation->options, "seal"))
		letter.wishes.seal = false;
	TRY(fill_letter(home, invocation, invocation->word_count > 1 ? invocation->words[1] : NULL,
			&letter));
	return post(home, invocation, &letter);
}
