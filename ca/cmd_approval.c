/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ca pending, approve and reject; and how other commands come to wait. */
#include "ca/act.h"

#include "ca/approval.h"
#include "ca/inbox.h"
#include "lib/base/file.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/sec/issue.h"
#include "lib/sec/passphrase.h"
#include "lib/sec/spoken.h"

#include <stdlib.h>

const struct option_spec approve_options[] = {
	{ "key", "FILE", "Your own key, whose certificate the setting approver names." },
	{ "key-passphrase-file", "FILE", "What opens it; otherwise you are asked." },
	{ "out", "FILE", "Where to write what is made (default: as the command's own)." },
	PASSPHRASE_OPTIONS
	{ 0 }
};

/* What waits for approval is run from here, when it has it. */
static const struct {
	const char *name;
	FALLIBLE (*run)(const struct invocation *invocation);
} acts[] = {
	{ "issue", cmd_issue }, { "enrol-batch", cmd_batch }, { "renew", cmd_renew },
	{ "cross-certify", cmd_cross },
	{ "answer", cmd_answer }, { "accept", cmd_accept }, { "rollover", cmd_rollover },
	{ "withdraw", cmd_withdraw }, { "revoke", cmd_revoke }, { "release", cmd_release },
};

static FALLIBLE run_act(const struct invocation *invocation, struct approval *approval)
{
	struct ca_settings settings = *(const struct ca_settings *)invocation->settings;
	struct invocation run = *invocation;

	settings.given = approval;
	run.settings = &settings;
	for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
		if (!strcmp(acts[i].name, invocation->command->name))
			return acts[i].run(&run);
	return FAIL(ST_USAGE, 0, "%s is nothing that waits for approval", invocation->command->name);
}

static FALLIBLE read_approvers(const struct invocation *invocation, struct approvers *out)
{
	const struct ca_settings *settings = invocation->settings;

	return settings->approval == APPROVAL_TWO ? approvers_read(&settings->approvers, out) : OK;
}

/* --- coming to wait --- */

static FALLIBLE ask(const struct invocation *invocation)
{
	AUTO(authority_free) struct authority *ca = NULL;
	AUTO(buf_free) struct buf act = { 0 };
	int64_t number;

	TRY(cmd_authority(invocation, &ca));
	TRY(act_of(invocation, ca, &act));
	TRY(approval_ask(ca, buf_view(&act), invocation->command->name, clock_now(&clock_real), &number));
	if (invocation->json)
		print_json(invocation, json_pack("{s:I}", "pending", (json_int_t)number));
	else
		printf("It waits as act %lld, until two have approved it: postern-ca approve %lld --key FILE\n",
		       (long long)number, (long long)number);
	return OK;
}

/* The command is tried: what is wrong with it shows now, and whether it is one that has to wait. */
FALLIBLE cmd_with_approval(const struct invocation *invocation)
{
	AUTO(approvers_cleanup) struct approvers approvers = { 0 };
	struct approval approval = { 0 };

	TRY(read_approvers(invocation, &approvers));
	approval.approvers = approvers.count ? &approvers : NULL;

	struct status *st = run_act(invocation, &approval);

	if (!approval.wanted)
		return st;
	status_free(&st);
	return ask(invocation);
}

/* --- what waits --- */

static json_t *describe_request(const struct cert_request *request)
{
	return json_pack("{s:s, s:s, s:s}", "request_of", request->subject_text, "scope",
			 scope_name(request->scope), "words", spoken_of(request->fingerprint).s);
}

/* What the file of an act is, for whoever approves it. */
static json_t *describe_file(const char *path)
{
	AUTO(cert_request_free) struct cert_request *request = NULL;
	AUTO(cert_free) const struct cert *cert = NULL;
	AUTO(status_free) struct status *no_request = cert_request_load(path, &request);

	if (!no_request)
		return describe_request(request);
	AUTO(status_free) struct status *no_cert = cert_load(path, &cert);

	if (!no_cert)
		return json_pack("{s:s, s:s, s:s, s:s}", "certificate_of", cert->subject_text, "issuer",
				 cert->issuer_text, "serial", cert->serial_text, "words",
				 spoken_of(cert->fingerprint).s);
	return json_pack("{s:s}", "file", "neither a request nor a certificate");
}

/* A list of people: what sha256sum prints for its file, who is on it, and what there is of theirs. */
static FALLIBLE describe_list(const struct replay *r, json_t *shown)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(buf_free) struct buf octets = { 0 };
	AUTO(people_cleanup) struct people people = { 0 };
	AUTO(inbox_cleanup) struct inbox inbox = { 0 };
	json_t *requests = json_array();
	uint8_t hash[HASH_OCTETS];

	json_object_set_new(shown, "requests", requests);
	TRY(file_read(r->file.path, PEOPLE_FILE_MAX, &octets, NULL));
	TRY(people_read(r->file.path, arena, &people));
	TRY(inbox_load("", r->settings.given_requests, arena, &people, &inbox));
	for (size_t i = 0; i < inbox.count; i++)
		json_array_append_new(requests, describe_request(inbox.list[i].request));

	struct bytes list = buf_view(&octets);

	crypto_sha256(&list, 1, hash);
	AUTO(mem_free) char *text = bytes_hex(bytes_of(hash, sizeof hash));

	json_object_set_new(shown, "about", json_pack("{s:I, s:s}", "people", (json_int_t)people.count,
						      "sha256", text));
	return OK;
}

/* As it is in the act, but for its files. */
static FALLIBLE describe(const struct replay *r, json_t *shown)
{
	json_object_set(shown, "command", json_object_get(r->act, "command"));
	json_object_set(shown, "arguments", json_object_get(r->act, "arguments"));
	json_object_set(shown, "word", json_object_get(r->act, "word"));
	if (r->settings.given_requests)
		return describe_list(r, shown);
	if (r->file.fd > 0)
		json_object_set_new(shown, "about", describe_file(r->file.path));
	return OK;
}

static void print_value(const char *name, const json_t *value)
{
	AUTO(mem_free) char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	AUTO(mem_free) char *safe = text_shown(bytes_text(text));

	printf("  %-14s %s\n", name, safe);
}

static void print_act(int64_t number, const json_t *shown)
{
	const char *name;
	json_t *value, *one;
	size_t i;

	printf("Act %lld\n", (long long)number);
	json_object_foreach((json_t *)shown, name, value) {
		if (!json_is_array(value))
			print_value(name, value);
		json_array_foreach(value, i, one)
			print_value(i ? "" : name, one);
	}
}

/* One that was changed is listed as such: it has to be rejected by its number. */
static FALLIBLE describe_pending(const struct invocation *invocation, struct authority *ca,
				 const struct approvers *approvers, int64_t number, json_t *into)
{
	AUTO(buf_free) struct buf act = { 0 };
	AUTO(replay_cleanup) struct replay replay = { 0 };
	size_t count = 0;

	TRY(approval_load(ca, number, &act));
	TRY(replay_begin(buf_view(&act), invocation, &replay));
	TRY(describe(&replay, into));
	TRY(approval_count(ca, approvers, number, &count));
	json_object_set_new(into, "approvals", json_integer((json_int_t)count));
	return OK;
}

static void list_pending(const struct invocation *invocation, struct authority *ca,
			 const struct approvers *approvers, int64_t number, json_t *list)
{
	json_t *shown = json_pack("{s:I}", "pending", (json_int_t)number);
	AUTO(status_free) struct status *odd = describe_pending(invocation, ca, approvers, number, shown);

	if (odd) {
		AUTO(mem_free) char *text = status_text(odd);

		json_object_set_new(shown, "problem", json_string(text));
	}
	if (list)
		json_array_append(list, shown);
	else
		print_act(number, shown);
	json_decref(shown);
}

FALLIBLE cmd_pending(const struct invocation *invocation)
{
	AUTO(approvers_cleanup) struct approvers approvers = { 0 };
	AUTO(authority_free) struct authority *ca = NULL;

	TRY(read_approvers(invocation, &approvers));
	TRY(cmd_authority(invocation, &ca));

	AUTO(query_end) struct query *q = db_query(ca->db,
		"SELECT number FROM pending WHERE state = 0 ORDER BY number");
	json_t *list = invocation->json ? json_array() : NULL;

	while (query_next(q))
		list_pending(invocation, ca, &approvers, query_int(q, 0), list);
	if (list)
		print_json(invocation, list);
	return query_check(q);
}

static FALLIBLE number_from_word(const struct invocation *invocation, int64_t *out_number)
{
	const char *word = invocation->words[0];
	char *end = NULL;

	*out_number = strtoll(word, &end, 10);
	if (end == word || *end || *out_number < 1)
		return FAIL(ST_USAGE, 0, "\"%s\" is no number of an act: \"pending\" lists them", word);
	return OK;
}

/* --- approve --- */

static FALLIBLE load_key(const struct invocation *invocation, struct private_key **out_key)
{
	const struct key_opening opening = {
		.passphrase_file = options_value(&invocation->options, "key-passphrase-file"),
		.ask = true, .unencrypted = true,
	};
	const char *path = NULL;

	TRY(option_needed(invocation, "key", &path));
	return private_key_load(path, &opening, out_key);
}

static FALLIBLE show_and_confirm(const struct invocation *invocation, int64_t number,
				 const struct replay *replay)
{
	json_t *shown = json_object();
	struct status *st = describe(replay, shown);

	if (!st && !invocation->json)
		print_act(number, shown);
	json_decref(shown);
	TRY(st);
	return command_confirm(invocation, "Approve act %lld?", (long long)number);
}

static FALLIBLE tell_approved(const struct invocation *invocation, const struct signature *signature)
{
	if (invocation->json)
		print_json(invocation, json_pack("{s:I, s:s, s:b}", "pending",
						 (json_int_t)signature->number, "approver",
						 signature->approver->name, "carried_out", 0));
	else
		printf("%s has approved act %lld; it waits for another.\n", signature->approver->name,
		       (long long)signature->number);
	return cmd_done(invocation);
}

static FALLIBLE carry_out(const struct invocation *invocation, const struct approvers *approvers,
			  const struct signature *signature, const struct replay *replay)
{
	struct approval approval = { .approvers = approvers, .last = signature };

	TRY_DOING(run_act(&replay->invocation, &approval), "act %lld", (long long)signature->number);
	if (!approval.spent && !command_is_dry(invocation))
		return FAIL(ST_USAGE, 0, "act %lld needs no approval: \"reject\" it",
			    (long long)signature->number);
	return OK;
}

FALLIBLE cmd_approve(const struct invocation *invocation)
{
	AUTO(approvers_cleanup) struct approvers approvers = { 0 };
	AUTO(authority_free) struct authority *ca = NULL;
	AUTO(private_key_free) struct private_key *key = NULL;
	AUTO(signature_cleanup) struct signature signature = { 0 };
	AUTO(replay_cleanup) struct replay replay = { 0 };
	AUTO(buf_free) struct buf act = { 0 };
	time_t now = clock_now(&clock_real);
	size_t count = 0;
	int64_t number;

	TRY(number_from_word(invocation, &number));
	TRY(read_approvers(invocation, &approvers));
	if (!approvers.count)
		return FAIL(ST_REFUSED, 0, "the settings do not ask for approval: what waits is rejected, or "
			    "\"approval = two-person\" set again");
	TRY(load_key(invocation, &key));
	TRY(cmd_authority(invocation, &ca));
	TRY(approval_load(ca, number, &act));
	TRY(replay_begin(buf_view(&act), invocation, &replay));
	TRY(approval_sign(ca, &approvers, number, key, now, &signature));
	TRY(approval_count(ca, &approvers, number, &count));
	TRY(show_and_confirm(invocation, number, &replay));
	if (count + 1 < APPROVALS_NEEDED) {
		TRY(approval_add(ca, &signature, now));
		return tell_approved(invocation, &signature);
	}
	authority_free(&ca);
	return carry_out(invocation, &approvers, &signature, &replay);
}

/* --- reject --- */

FALLIBLE cmd_reject(const struct invocation *invocation)
{
	AUTO(authority_free) struct authority *ca = NULL;
	int64_t number;

	TRY(number_from_word(invocation, &number));
	TRY(cmd_authority(invocation, &ca));
	TRY(approval_reject(ca, number, clock_now(&clock_real)));
	if (invocation->json)
		print_json(invocation, json_pack("{s:I}", "rejected", (json_int_t)number));
	else
		printf("Act %lld is rejected.\n", (long long)number);
	return cmd_done(invocation);
}
