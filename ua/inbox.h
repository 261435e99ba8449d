/* SPDX-License-Identifier: Apache-2.0 */
/* A message of the store, opened for a reader. */
#ifndef UA_INBOX_H
#define UA_INBOX_H

#include "lib/mhs/delivery.h"
#include "lib/mhs/ipm.h"
#include "lib/mhs/report.h"
#include "ua/finding.h"
#include "ua/home.h"

/* All of it lives until opened_free. */
struct opened {
	struct arena *arena;
	struct ua_message message;
	struct finding finding;		/* of a received one */
	struct buf envelope, content;
	struct delivery *delivery;	/* a received message; null where it cannot be read */
	struct report *report;		/* a received report */
	struct ipm *ipm;		/* null where the content cannot be read: */
	struct ipn *ipn;		/* or is a notification */
	const char *label;		/* its security label, in words; or null */
	const char *unreadable;		/* why neither is there */
};

/* Any message of the store.  ST_NOT_FOUND "there is no message 7". */
FALLIBLE inbox_open(struct home *home, int64_t id, struct opened **out_opened);
void opened_free(struct opened **opened);

/* A message's number on the command line.  ST_USAGE. */
FALLIBLE message_number(const char *word, int64_t *out_id);

#endif
