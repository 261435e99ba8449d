/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ca show. */
#include "ca/cmd.h"

#include "ca/records.h"
#include "lib/base/memory.h"

#include <jansson.h>

static void show_row(struct query *q, time_t now, json_t *list)
{
	AUTO(mem_free) char *serial = bytes_hex(query_octets(q, 0));
	const char *subject = query_text(q, 1), *address = query_text(q, 2);
	const char *scope = scope_name((enum scope)query_int(q, 3));
	time_t not_after = query_int(q, 4), revoked_at = query_int(q, 5);
	const char *state = record_state(now, not_after, revoked_at,
					 (enum revocation_reason)query_int(q, 6));
	const char *reason = revoked_at ?
		revocation_reason_name((enum revocation_reason)query_int(q, 6)) : NULL;

	if (list) {
		json_array_append_new(list, json_pack(
			"{s:s, s:s, s:s?, s:s, s:s, s:s, s:s?, s:s?}", "serial", serial, "subject", subject,
			"or_address", address, "scope", scope, "state", state,
			"not_after", time_rfc3339(not_after).s,
			"revoked_at", revoked_at ? time_rfc3339(revoked_at).s : NULL,
			"reason", reason));
		return;
	}
	printf("%-8s %-4s %.10s  %s  %s\n", state, scope, time_text(not_after).s, serial, subject);
	if (address)
		printf("%27s%s\n", "", address);
	if (revoked_at)
		printf("%27s%s on %s: %s\n", "", state, time_text(revoked_at).s, reason);
}

FALLIBLE cmd_show(const struct invocation *invocation)
{
	AUTO(authority_free) struct authority *ca = NULL;
	AUTO(query_end) struct query *q = NULL;
	time_t now = clock_now(&clock_real);
	json_t *list = NULL;

	TRY(cmd_authority(invocation, &ca));
	q = db_query(ca->db, "SELECT serial, subject, or_address, scope, not_after, revoked_at, reason "
		     "FROM certificate ORDER BY id");
	if (invocation->json)
		list = json_array();
	else
		printf("%-8s %-4s %-10s  %-32s  %s\n", "STATE", "FOR", "UNTIL", "SERIAL NUMBER", "NAME");
	while (query_next(q))
		show_row(q, now, list);
	if (list) {
		json_dumpf(list, stdout, JSON_INDENT(2));
		putchar('\n');
		json_decref(list);
	}
	return query_check(q);
}
