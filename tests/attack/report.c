/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report QUEUE NEXT-HOP delivered|failed KEY CERTIFICATE: puts a report on the newest message that
 * waits in a queue into the queue, for its originator, signed with that key; with "-" for both it is
 * not signed.  The message itself is never sent.
 */
#include "lib/base/clock.h"
#include "lib/mhs/orname.h"
#include "lib/mhs/report_origin.h"
#include "lib/store/queue.h"
#include "tests/support/stolen.h"

static FALLIBLE make_report(const struct stolen *stolen, bool delivered, struct report **out)
{
	struct envelope *env = stolen->env;
	struct outcome *outcomes =
		arena_new_array(stolen->arena, struct outcome, env->recipient_count);
	const struct mta_identity self = { .country = "FR", .admd = "Atlas", .prmd = "Ministry",
					   .mta_name = "mta-ministry" };
	struct bytes subject = env->id;

	for (size_t i = 0; i < env->recipient_count; i++)
		outcomes[i] = (struct outcome){
			.recipient = i, .delivered = delivered, .when = clock_now(&clock_real),
			.user_type = USER_MS, .reason = REASON_UNABLE_TO_TRANSFER,
			.diagnostic = DIAG_UNRECOGNISED_OR_NAME,
		};
	TRY(envelope_renumber(env));
	struct bytes own = env->id;
	env->id = subject;
	TRY(report_make(env, outcomes, env->recipient_count, REPORT_FOR_ORIGINATOR, &self, own,
			clock_now(&clock_real), stolen->arena, out));
	return *out ? OK : FAIL(ST_USAGE, 0, "nobody asked for this report");
}

static FALLIBLE sign(struct report *report, const char *key_file, const char *certificate)
{
	AUTO(private_key_free) struct private_key *key = NULL;
	AUTO(cert_free) const struct cert *cert = NULL;

	TRY(private_key_load(key_file, &key_is_plain, &key));
	TRY(cert_load(certificate, &cert));
	return report_sign(report, key, cert);
}

static FALLIBLE plant(const struct stolen *stolen, const struct report *report,
		      const char *next_hop)
{
	AUTO(buf_free) struct buf apdu = { 0 };
	time_t now = clock_now(&clock_real);
	const struct queue_recipient to = {
		.number = 1, .address = orname_tlv_text(stolen->arena, report->destination),
		.next_hop = next_hop, .due = now, .reason = -1, .diagnostic = -1,
	};
	bool duplicate;
	int64_t id;

	TRY(report_p1_encode(report, &apdu));
	return queue_add(stolen->db, &(struct queue_message){
		.kind = QUEUE_REPORT, .mts_id = mts_id_text(stolen->arena, report->id),
		.copy = "", .originator = mts_id_text(stolen->arena, report->subject_id),
		.source = "an attacker", .priority = QUEUE_NORMAL, .arrived = now,
		.envelope = buf_view(&apdu), .recipients = &to, .recipient_count = 1,
	}, &id, &duplicate);
}

static FALLIBLE run(char **words)
{
	AUTO(stolen_close) struct stolen message;
	struct report *report = NULL;

	TRY(stolen_open(words[0], &message));
	TRY(make_report(&message, !strcmp(words[2], "delivered"), &report));
	if (strcmp(words[3], "-") != 0)
		TRY(sign(report, words[3], words[4]));
	TRY(plant(&message, report, words[1]));
	printf("a report waits that says: %s\n",
	       report_recipient_text(message.arena, &report->recipients[0]));
	return stolen_drop(&message);
}

int main(int argc, char **argv)
{
	return attack_main(argc, argv, 5, "report QUEUE NEXT-HOP delivered|failed KEY CERTIFICATE", run);
}
