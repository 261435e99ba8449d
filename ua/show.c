/* SPDX-License-Identifier: Apache-2.0 */
/* One message, for people and for programs.  Nothing of it reaches a terminal as it came. */
#include "ua/show.h"

#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "ua/letter.h"
#include "ua/print.h"

static const char *const folder_names[] = { "inbox", "outbox", "sent" };
static const char *const kind_names[] = { "message", "report", "notification", "probe" };

/* --- for people --- */

static void show_field(FILE *to, const char *name, const char *value)
{
	if (!value)
		return;
	fprintf(to, "%-9s ", name);
	print_line(to, value);
	fputc('\n', to);
}

static void show_names(const struct opened *o, const char *field, const struct ipm_names *names,
		       FILE *to)
{
	for (size_t i = 0; i < names->count; i++) {
		const struct ipm_name *name = &names->names[i];

		show_field(to, field, name->name.len ? orname_tlv_text(o->arena, name->name)
						     : name->free_form);
	}
}

/* The heading is part of what was signed, but says what its writer likes: where it names another
 * than the envelope, both are shown. */
static void show_other_author(const struct opened *o, FILE *to)
{
	const struct ipm_name *author = o->ipm->originator;

	if (author && author->name.len && o->delivery &&
	    !orname_tlv_equal(author->name, o->delivery->originator)) {
		fputs("Note      the heading names another author: ", to);
		print_line(to, orname_tlv_text(o->arena, author->name));
		fputc('\n', to);
	}
}

static void show_attachment(const struct ipm_body *part, size_t number, FILE *to)
{
	fprintf(to, "Attachment %zu: ", number);
	print_line(to, part->file_name ? part->file_name : part->type);
	fprintf(to, " (%zu octets)\n", part->data.len);
}

static void show_body(const struct opened *o, const struct ipm *ipm, FILE *to)
{
	size_t attachments = 0;

	for (size_t i = 0; i < ipm->body_count; i++) {
		const struct ipm_body *part = &ipm->body[i];

		if (part->kind == IPM_TEXT) {
			print_text(to, part->text);
		} else if (part->kind == IPM_FORWARDED) {
			fputs("--- forwarded message, not checked ---\n", to);
			show_field(to, "Subject", part->message->subject);
			show_body(o, part->message, to);
			fputs("--- end of the forwarded message ---\n", to);
		} else {
			show_attachment(part, ++attachments, to);
		}
	}
}

static void show_notification(const struct opened *o, FILE *to)
{
	const struct ipn *ipn = o->ipn;
	const char *words = ipn->receipt ? "was read"
		: non_receipt_words(ipn->non_receipt_reason, ipn->discard_reason);

	fputs("Its recipient says that a message ", to);
	print_line(to, words);
	if (ipn->receipt)
		fprintf(to, " on %s", time_text(ipn->receipt_time).s);
	fputs(".\n", to);
}

static void show_content(const struct opened *o, FILE *to)
{
	fputc('\n', to);
	if (o->ipm)
		show_body(o, o->ipm, to);
	else if (o->ipn)
		show_notification(o, to);
	else
		fprintf(to, "(%s)\n", o->unreadable);
}

static void show_report(const struct opened *o, FILE *to)
{
	const struct report *report = o->report;

	show_field(to, "About", mts_id_text(o->arena, report->subject_id));
	for (size_t i = 0; i < report->recipient_count; i++) {
		show_field(to, "To", orname_tlv_text(o->arena, report->recipients[i].name));
		show_field(to, "", report_recipient_text(o->arena, &report->recipients[i]));
	}
}

const char *message_warning(struct arena *arena, const struct ua_message *m,
			    const struct finding *f)
{
	if (m->folder == UA_INBOX)
		return suite_warning(arena, f->suite, f->broken);
	const struct wishes wishes = wishes_from_text(arena, m->facts);
	return wishes_warning(arena, &wishes);
}

/* A sentence with its causes, each in a line of its own. */
static void show_story(const char *sentence, FILE *to)
{
	static const char between[] = "; because: ";
	const char *at = sentence, *next;

	while ((next = strstr(at, between))) {
		AUTO(mem_free) char *line = text_shown(bytes_of(at, (size_t)(next - at)));

		fprintf(to, "%s\n  because: ", line);
		at = next + strlen(between);
	}
	print_line(to, at);
}

static void show_checks(const struct opened *o, bool verbose, FILE *to)
{
	const char *sentence = finding_sentence(o->arena, &o->finding);

	if (verbose)
		show_story(sentence, to);
	else
		print_line(to, sentence);
	fputc('\n', to);
	if (!verbose || !o->finding.path)
		return;
	fputs("How the certificate was verified:\n", to);
	print_text(to, o->finding.path);
	if (o->finding.as_of)
		print_line(to, arena_printf(o->arena, "Certificates and revocation lists as of %s, checked on %s.",
					    time_text(o->finding.as_of).s, time_text(o->finding.checked).s));
}

void show_message(const struct opened *o, bool with_content, bool verbose, FILE *to)
{
	const struct ua_message *m = &o->message;

	fprintf(to, "%s %lld\n", m->kind == UA_REPORT ? "Report" : "Message", (long long)m->id);
	show_field(to, "From", m->originator);
	if (o->ipm) {
		show_names(o, "To", &o->ipm->to, to);
		show_names(o, "Cc", &o->ipm->cc, to);
	} else {
		show_field(to, "To", m->recipients);
	}
	show_field(to, "Subject", m->subject);
	show_field(to, "Label", o->label);
	show_field(to, "Date", time_text(m->submitted ? m->submitted : m->date).s);
	if (o->ipm)
		show_other_author(o, to);
	if (o->report)
		show_report(o, to);
	const char *warning = message_warning(o->arena, m, &o->finding);
	if (warning)
		fprintf(to, "%s\n", warning);
	if (m->folder == UA_INBOX && !o->report)
		show_checks(o, verbose, to);
	if (with_content && !o->report)
		show_content(o, to);
}

/* --- for programs --- */

static json_t *names_json(const struct opened *o, const struct ipm_names *names)
{
	json_t *list = json_array();

	for (size_t i = 0; i < names->count; i++) {
		const struct ipm_name *name = &names->names[i];

		json_array_append_new(list, json_shown(name->name.len
			? orname_tlv_text(o->arena, name->name) : name->free_form));
	}
	return list;
}

/* A program escapes for itself: line ends stay. */
static json_t *text_json(const char *text)
{
	json_t *json = json_string(text);

	return json ? json : json_shown(text);
}

static json_t *body_json(const struct ipm *ipm)
{
	json_t *list = json_array();

	for (size_t i = 0; i < ipm->body_count; i++) {
		const struct ipm_body *part = &ipm->body[i];
		json_t *json = json_object();

		if (part->kind == IPM_TEXT) {
			json_object_set_new(json, "text", text_json(part->text));
		} else if (part->kind == IPM_FORWARDED) {
			json_object_set_new(json, "forwarded", body_json(part->message));
		} else {
			json_object_set_new(json, "file", json_shown(part->file_name));
			json_object_set_new(json, "type", json_shown(part->type));
			json_object_set_new(json, "octets", json_integer((json_int_t)part->data.len));
		}
		json_array_append_new(list, json);
	}
	return list;
}

json_t *message_json(const struct opened *o, bool with_content)
{
	const struct ua_message *m = &o->message;
	json_t *json = json_pack("{s:I, s:s, s:s, s:o, s:o, s:o, s:o, s:o}",
		"id", (json_int_t)m->id, "folder", folder_names[m->folder],
		"kind", kind_names[m->kind], "from", json_shown(m->originator),
		"recipients", json_shown(m->recipients), "subject", json_shown(m->subject),
		"date", json_time(m->date), "submitted", json_time(m->submitted));

	if (o->label)
		json_object_set_new(json, "label", json_shown(o->label));
	if (m->folder == UA_INBOX) {
		json_object_set_new(json, "checks", finding_json(&o->finding));
		json_object_set_new(json, "sentence",
				    json_shown(finding_sentence(o->arena, &o->finding)));
	}
	const char *warning = message_warning(o->arena, m, &o->finding);
	if (warning)
		json_object_set_new(json, "warning", json_string(warning));
	if (o->ipm) {
		json_object_set_new(json, "to", names_json(o, &o->ipm->to));
		json_object_set_new(json, "cc", names_json(o, &o->ipm->cc));
	}
	if (with_content && o->ipm)
		json_object_set_new(json, "body", body_json(o->ipm));
	if (with_content && o->unreadable)
		json_object_set_new(json, "unreadable", json_shown(o->unreadable));
	return json;
}
