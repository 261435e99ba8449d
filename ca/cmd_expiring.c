/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ca expiring: what has to be done before something ends. */
#include "ca/cmd.h"

#include "ca/records.h"
#include "lib/base/memory.h"

const struct option_spec expiring_options[] = {
	{ "within", "TIME", "How soon: 30d (default), 12h." },
	{ 0 }
};

static void show(const struct cert *cert, json_t *list)
{
	if (list)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s}", "serial", cert->serial_text,
						      "subject", cert->subject_text, "scope",
						      scope_name(cert->scope), "not_after",
						      time_rfc3339(cert->not_after).s));
	else
		printf("%-4s %.10s  %s  %s\n", scope_name(cert->scope), time_text(cert->not_after).s,
		       cert->serial_text, cert->subject_text);
}

static FALLIBLE list_issued(struct authority *ca, time_t from, time_t to, json_t *list, size_t *io_count)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(record_list_cleanup) struct record_list expiring = { 0 };

	TRY(records_expiring(ca, from, to, arena, &expiring));
	for (size_t i = 0; i < expiring.count; i++)
		show(expiring.items[i].cert, list);
	*io_count += expiring.count;
	return OK;
}

/* What others have issued to this authority, and have to issue anew. */
static FALLIBLE list_pairs(struct authority *ca, time_t from, time_t to, json_t *list, size_t *io_count)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(pairs_cleanup) struct pairs pairs = { 0 };

	TRY(pairs_load(ca, from, arena, &pairs));
	for (size_t i = 0; i < pairs.count; i++) {
		const struct cert *received = pairs.list[i].received;
		const char *renew = received ? pair_to_renew(&pairs.list[i], from, to) : NULL;

		if (!renew)
			continue;
		++*io_count;
		if (list)
			json_array_append_new(list, json_pack(
				"{s:s, s:s, s:s, s:s, s:s, s:s}", "serial", received->serial_text, "subject",
				received->subject_text, "scope", scope_name(received->scope), "not_after",
				time_rfc3339(received->not_after).s, "issuer", received->issuer_text,
				"renew", renew));
		else
			printf("%-4s %.10s  %s  from %s: %s\n", scope_name(received->scope),
			       time_text(received->not_after).s, received->serial_text,
			       received->issuer_text, renew);
	}
	return OK;
}

FALLIBLE cmd_expiring(const struct invocation *invocation)
{
	AUTO(authority_free) struct authority *ca = NULL;
	json_t *list = invocation->json ? json_array() : NULL;
	time_t now = clock_now(&clock_real);
	int64_t within = 0;
	size_t count = 0;
	struct status *st = option_soon(invocation, "within", &within);

	if (!st)
		st = cmd_authority(invocation, &ca);
	if (!st)
		st = list_issued(ca, now, now + within, list, &count);
	if (!st)
		st = list_pairs(ca, now, now + within, list, &count);
	if (list && !st)
		json_dumpf(list, stdout, JSON_INDENT(2));
	if (list && !st)
		putchar('\n');
	json_decref(list);
	TRY(st);
	if (count)
		return FAIL(ST_LATER, 0, "%zu %s before %s: \"renew\" or a new request for users and servers, a "
			    "new offer for other authorities, \"rollover\" for this one", count,
			    count == 1 ? "certificate ends" : "certificates end",
			    time_text(now + within).s);
	return OK;
}
