/* SPDX-License-Identifier: Apache-2.0 */
/* An interpersonal message is made [X.420 5, 7] and put into the outbox. */
#include "ua/letter.h"

#include "asn1/bounds.h"
#include "lib/base/file.h"
#include "lib/base/memory.h"
#include "lib/mhs/envelope.h"
#include "lib/mhs/text.h"
#include "lib/sec/message.h"
#include "ua/finding.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistr.h>

/* --- wishes --- */

char *wishes_to_text(const struct wishes *w)
{
	json_t *json = json_pack("{s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:I, s:i, s:s*}",
				 "sign", w->sign, "seal", w->seal, "proof", w->proof,
				 "report", w->report, "submission_proof", w->submission_proof,
				 "origin_check", w->origin_check, "content_check", w->content_check,
				 "confidential_check", w->confidential_check,
				 "certificate", w->certificate, "probe", w->probe,
				 "probe_octets", (json_int_t)w->probe_octets,
				 "plain_from", w->plain_from,
				 "suite", w->suite ? w->suite->name : NULL);
	AUTO(mem_free) char *label = bytes_hex(w->label);

	if (w->label.len)
		json_object_set_new(json, "label", json_string(label));
	char *text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	return text;
}

static bool wish(const json_t *json, const char *name)
{
	return json_is_true(json_object_get(json, name));
}

static const struct suite *suite_wish(const json_t *json)
{
	const char *name = json_string_value(json_object_get(json, "suite"));
	const struct suite *suite = NULL;

	if (name)
		status_drop(suite_from_text(name, &suite));	/* we wrote it */
	return suite;
}

struct wishes wishes_from_text(struct arena *arena, const char *facts)
{
	json_t *json = facts ? json_loads(facts, 0, NULL) : NULL;
	const char *hex = json_string_value(json_object_get(json, "label"));
	AUTO(buf_free) struct buf label = { 0 };

	if (hex)
		(void)buf_from_hex(hex, &label);
	const struct wishes wishes = {
		.sign = wish(json, "sign"),
		.seal = wish(json, "seal"),
		.proof = wish(json, "proof"),
		.report = wish(json, "report"),
		.submission_proof = wish(json, "submission_proof"),
		.origin_check = wish(json, "origin_check"),
		.content_check = wish(json, "content_check"),
		.confidential_check = wish(json, "confidential_check"),
		.certificate = wish(json, "certificate"),
		.probe = wish(json, "probe"),
		.probe_octets = json_integer_value(json_object_get(json, "probe_octets")),
		.plain_from = (int)json_integer_value(json_object_get(json, "plain_from")),
		.label = arena_dup(arena, buf_view(&label)),
		.suite = suite_wish(json),
	};

	json_decref(json);
	return wishes;
}

const char *wishes_warning(struct arena *arena, const struct wishes *w)
{
	return w->sign && w->suite ? suite_warning(arena, w->suite->name, w->suite->broken) : NULL;
}

/* --- the heading --- */

const char *ipm_id_text(struct arena *arena, const struct ipm_id *id)
{
	if (!id->local)
		return NULL;
	return arena_printf(arena, "%s %s", id->local,
			    id->user.len ? orname_tlv_text(arena, id->user) : "");
}

/* Never used before [X.420 7.1.1]: the time, and 64 random bits. */
static struct ipm_id new_id(const struct home *home, struct arena *arena)
{
	uint64_t unique;

	crypto_random(&unique, sizeof(unique));
	return (struct ipm_id){
		.user = home->own_name,
		.local = arena_printf(arena, "%lld-%016llx", (long long)clock_now(home->clock),
				      (unsigned long long)unique),
	};
}

/* Appends them; there is room. */
static FALLIBLE heading_names(struct arena *arena, const struct correspondent *who, size_t count,
			      struct ipm_names *io)
{
	for (size_t i = 0; i < count; i++)
		TRY(correspondent_tlv(arena, &who[i], &io->names[io->count++].name));
	return OK;
}

/* The heading does not tell who gets it signed: that is between the originator and each. */
static FALLIBLE heading_recipients(struct arena *arena, const struct letter *letter, struct ipm *ipm)
{
	ipm->to.names = arena_new_array(arena, struct ipm_name,
					letter->to_count + letter->plain_count);
	ipm->cc.names = arena_new_array(arena, struct ipm_name, letter->cc_count);
	TRY(heading_names(arena, letter->to, letter->to_count, &ipm->to));
	TRY(heading_names(arena, letter->plain, letter->plain_count, &ipm->to));
	return heading_names(arena, letter->cc, letter->cc_count, &ipm->cc);
}

/* --- the body --- */

static const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static FALLIBLE attach(const struct home *home, struct arena *arena, const char *path,
		       struct ipm_body *out)
{
	AUTO(buf_free) struct buf octets = { 0 };
	struct stat info;

	TRY_DOING(file_read(path, (size_t)home->settings->content_max, &octets, NULL),
		  "cannot attach %s", path);
	if (stat(path, &info) != 0)
		return status_errno(errno, "cannot attach %s", path);
	*out = (struct ipm_body){
		.kind = IPM_FILE,
		.data = arena_dup(arena, buf_view(&octets)),
		.file_name = file_name(path),
		.modified = info.st_mtime,
	};
	return OK;
}

static FALLIBLE make_body(const struct home *home, struct arena *arena,
			  const struct letter *letter, struct ipm *ipm)
{
	if (1 + letter->attachment_count > IPM_BODY_PARTS_MAX)
		return FAIL(ST_USAGE, 0, "%zu attachments: a message has %d at most",
			    letter->attachment_count, IPM_BODY_PARTS_MAX - 1);
	ipm->body = arena_new_array(arena, struct ipm_body, 1 + letter->attachment_count);
	if (letter->text)
		ipm->body[ipm->body_count++] = (struct ipm_body){ .kind = IPM_TEXT,
								  .text = letter->text };
	for (size_t i = 0; i < letter->attachment_count; i++)
		TRY(attach(home, arena, letter->attachments[i], &ipm->body[ipm->body_count++]));
	return OK;
}

static FALLIBLE make_content(struct home *home, struct arena *arena, const struct letter *letter,
			     struct ipm *ipm, struct buf *content)
{
	ipm->id = new_id(home, arena);
	ipm->originator = arena_new_of(arena, struct ipm_name);
	ipm->originator->name = home->own_name;
	ipm->in_reply_to = letter->in_reply_to;
	ipm->subject = letter->subject;
	TRY(heading_recipients(arena, letter, ipm));
	TRY(make_body(home, arena, letter, ipm));
	TRY(ipm_encode(ipm, content));
	if (content->len > (size_t)home->settings->content_max)
		return FAIL(ST_USAGE, 0, "the message has %zu octets, and %lld are the most that one may "
			    "have (setting content-max)", content->len,
			    (long long)home->settings->content_max);
	return OK;
}

/* --- checking --- */

static size_t recipient_count(const struct letter *letter)
{
	return letter->to_count + letter->cc_count + letter->plain_count;
}

static FALLIBLE check_text(const char *what, const char *text)
{
	if (text && !text_is_utf8(bytes_text(text)))
		return FAIL(ST_USAGE, 0, "the %s is not UTF-8; attach it as a file instead", what);
	return OK;
}

/* Authentication is for each recipient by himself, confidentiality for all or none. */
static FALLIBLE check_services(const struct letter *letter)
{
	const struct wishes *w = &letter->wishes;

	TRY(message_check_services(w->seal, w->proof));
	if (!letter->plain_count)
		return OK;
	if (w->seal)
		return FAIL(ST_USAGE, 0, "a message is sealed for all of its recipients or for none: "
			    "who gets it without a token could not open it; leave out --seal, or name "
			    "him with --to");
	if (w->sign && letter->to_count + letter->cc_count == 0)
		return FAIL(ST_USAGE, 0, "signed for whom? --to-plain names those for whom it is not: "
			    "give --to NAME at least once");
	return OK;
}

static FALLIBLE check_letter(struct home *home, const struct letter *letter)
{
	size_t count = recipient_count(letter);

	TRY(check_services(letter));
	TRY_DOING(labels_check(&home->labels, home->labels.context, letter->wishes.label),
		  "the setting security-context does not allow it");
	if (count == 0)
		return FAIL(ST_USAGE, 0, "to whom? Give --to NAME at least once");
	if (count > RECIPIENTS_MAX)
		return FAIL(ST_USAGE, 0, "%zu recipients: a message may have %d at most", count,
			    RECIPIENTS_MAX);
	TRY(check_text("text", letter->text));
	TRY(check_text("subject", letter->subject));
	if (letter->subject && u8_mbsnlen((const uint8_t *)letter->subject,
					  strlen(letter->subject)) > UB_SUBJECT_FIELD)
		return FAIL(ST_USAGE, 0, "the subject has more than %d characters",
			    UB_SUBJECT_FIELD);
	if (letter->wishes.sign)
		TRY_DOING(home_unlock(home), "cannot sign");
	return OK;
}

/* --- the outbox --- */

struct posting {
	const struct letter *letter;
	struct arena *arena;
	const struct ua_message *message;
	struct bytes content;
	int64_t id;
};

static FALLIBLE add_recipients(struct db *db, struct posting *p, const struct correspondent *who,
			       size_t count, int *io_number)
{
	for (size_t i = 0; i < count; i++) {
		const struct ua_recipient recipient = {
			.number = ++*io_number,
			.address = correspondent_text(p->arena, &who[i]),
			.directory_name = who[i].directory_name,
			.state = UA_QUEUED,
			.at = p->message->date,
			.reason = -1,
			.diagnostic = -1,
		};

		TRY(uastore_add_recipient(db, p->id, &recipient));
	}
	return OK;
}

static FALLIBLE post_body(struct db *db, void *arg)
{
	struct posting *p = arg;
	const struct letter *letter = p->letter;
	bool duplicate;
	int number = 0;

	TRY(uastore_add(db, p->message, bytes_none(), p->content, &p->id, &duplicate));
	TRY(add_recipients(db, p, letter->to, letter->to_count, &number));
	TRY(add_recipients(db, p, letter->cc, letter->cc_count, &number));
	return add_recipients(db, p, letter->plain, letter->plain_count, &number);
}

/* "/S=Bob/.../", or "/S=Bob/.../ and 2 more". */
static const char *recipients_text(struct arena *arena, const struct letter *letter)
{
	size_t more = recipient_count(letter) - 1;
	const char *first = correspondent_text(arena, letter->to_count ? letter->to
						     : letter->cc_count ? letter->cc : letter->plain);

	return more ? arena_printf(arena, "%s and %zu more", first, more) : first;
}

FALLIBLE letter_post(struct home *home, const struct letter *letter, int64_t *out_id)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(buf_free) struct buf content = { 0 };
	struct wishes wishes = letter->wishes;
	struct ipm ipm = { .importance = IMPORTANCE_NORMAL };

	TRY(check_letter(home, letter));
	if (!wishes.probe)
		TRY(make_content(home, arena, letter, &ipm, &content));
	if (letter->plain_count)
		wishes.plain_from = (int)(letter->to_count + letter->cc_count) + 1;
	AUTO(mem_free) char *facts = wishes_to_text(&wishes);
	const struct ua_message message = {
		.folder = UA_OUTBOX,
		.kind = wishes.probe ? UA_PROBE : UA_MESSAGE,
		.state = UA_QUEUED,
		.read = true,
		.date = clock_now(home->clock),
		.ipm_id = ipm_id_text(arena, &ipm.id),
		.originator = home->own_text,
		.recipients = recipients_text(arena, letter),
		.subject = letter->subject,
		.facts = facts,
	};
	struct posting posting = { letter, arena, &message, buf_view(&content), 0 };

	TRY(db_atomically(home->db, post_body, &posting));
	*out_id = posting.id;
	return OK;
}
