/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forge QUEUE NEXT-HOP KEY FROM TO SEQUENCE SUITE: puts a signed message into a queue.
 * Whose key signs, and whom it says it is from, is the forger's choice; with the
 * key of the one it says, it is an honest message.  Its text is standard input's.
 */
#include "lib/base/clock.h"
#include "lib/mhs/ipm.h"
#include "lib/mhs/orname.h"
#include "lib/sec/message.h"
#include "lib/store/queue.h"
#include "tests/support/stolen.h"

#include <stdlib.h>

enum { TEXT_MAX = 10000 };

static FALLIBLE write_content(struct envelope *env, struct buf *out)
{
	char text[TEXT_MAX + 1] = "";
	struct ipm_name from = { .name = env->originator };
	struct ipm_name to = { .name = env->recipients[0].name };
	struct ipm_body body = { .kind = IPM_TEXT, .text = text };
	const struct ipm ipm = {
		.id = { env->originator, arena_printf(env->arena, "%lld",
						      (long long)clock_now(&clock_real)) },
		.originator = &from,
		.to = { &to, 1 },
		.subject = "Forged",
		.body = &body,
		.body_count = 1,
	};

	text[fread(text, 1, TEXT_MAX, stdin)] = '\0';
	return ipm_encode(&ipm, out);
}

/* Signs the content, for the only recipient. */
static FALLIBLE sign(struct envelope *env, char **words, struct buf *content)
{
	AUTO(private_key_free) struct private_key *key = NULL;
	AUTO(protected_message_free) struct protected_message *made = NULL;
	const struct protect_recipient to = { .name = env->recipients[0].name,
					      .sequence = strtoull(words[5], NULL, 10) };
	const struct suite *suite = NULL;

	TRY(suite_from_text(words[6], &suite));
	TRY(private_key_load(words[2], &key_is_plain, &key));
	const struct protect_plan plan = {
		.suite = suite,
		.options.allow_broken_1989 = true,
		.signer = key,
		.now = clock_now(&clock_real),
		.recipients = &to,
		.count = 1,
	};
	TRY(message_protect(&plan, content, &made));
	ext_put(env->arena, &env->recipients[0].extensions, EXT_MESSAGE_TOKEN,
		buf_view(&made->tokens[0]));
	return OK;
}

/* As the MTA of the originator's domain would have accepted it. */
static FALLIBLE accept_it(struct envelope *env)
{
	struct orname *from = NULL;

	TRY(orname_decode(env->arena, env->originator, &from));
	const struct mta_identity domain = {
		.country = from->value[OR_COUNTRY],
		.admd = from->value[OR_ADMD],
		.prmd = from->value[OR_PRMD],
		.mta_name = "evil",
	};
	return envelope_accept(env, &domain, env->id, clock_now(&clock_real));
}

static FALLIBLE make_envelope(struct arena *arena, char **words, struct envelope **out)
{
	struct envelope *env = envelope_new(arena);

	env->recipients = arena_new_of(arena, struct recipient);
	env->recipient_count = 1;
	env->recipients[0] = (struct recipient){ .number = 1, .explicit_conversion = -1,
						 .flags = RCPT_ORIGINATOR_NON_DELIVERY_REPORT };
	env->content_type = content_type_tlv(arena, CONTENT_TYPE_P22);
	TRY(orname_tlv_from_text(arena, words[3], &env->originator));
	TRY(orname_tlv_from_text(arena, words[4], &env->recipients[0].name));
	TRY(envelope_renumber(env));
	*out = env;
	return OK;
}

static FALLIBLE run(char **words)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(buf_free) struct buf content = { 0 };
	AUTO(db_close) struct db *db = NULL;
	struct envelope *env = NULL;

	TRY(db_open(words[0], &queue_schema, DB_OWNER, &db));
	TRY(make_envelope(arena, words, &env));
	TRY(write_content(env, &content));
	TRY(sign(env, words, &content));
	env->content = buf_view(&content);
	TRY(accept_it(env));
	TRY(queue_plant(db, env, words[1]));
	printf("a message from %s waits, signed with %s\n", words[3], words[2]);
	return OK;
}

int main(int argc, char **argv)
{
	return attack_main(argc, argv, 7, "forge QUEUE NEXT-HOP KEY FROM TO SEQUENCE SUITE", run);
}
