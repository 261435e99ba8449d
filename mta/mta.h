/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of postern-mta share: one of these per process, in the loop's thread. */
#ifndef MTA_MTA_H
#define MTA_MTA_H

#include "lib/mhs/labels.h"
#include "lib/mhs/link.h"
#include "lib/mhs/mts_id.h"
#include "lib/mhs/seen.h"
#include "lib/store/queue.h"
#include "lib/store/writer.h"
#include "mta/peers.h"
#include "mta/settings.h"

struct hops;

struct mta {
	struct daemon *daemon;
	const struct mta_settings *settings;
	struct loop *loop;
	const struct clock *clock;
	struct arena *arena;		/* what lasts as long as the process */
	struct mta_identity *identity;
	struct buf domain;		/* DER GlobalDomainIdentifier */
	struct site *site;
	struct seen *seen;
	struct labels labels;		/* what it may carry */
	struct peers *peers;
	struct assoc_limits limits;
	struct recoveries *recoveries;
	struct link_env env;
	struct link_servers servers;
	struct writer *writer;		/* the queue's */
	struct db *reader;		/* the queue, for the loop's thread */
	struct queue_taken *taken;
	struct hops *hops;
	struct timer *housekeeper, *rest_timer;
};

/* A new MTS-identifier of ours (TLV, in the arena). */
FALLIBLE mta_new_id(const struct mta *mta, struct arena *arena, struct bytes *out_id);

#endif
