/* SPDX-License-Identifier: Apache-2.0 */
/* The message store as a whole: what its parts need of each other. */
#ifndef MS_MS_H
#define MS_MS_H

#include "lib/base/daemon.h"
#include "lib/mhs/labels.h"
#include "lib/mhs/link.h"
#include "lib/mhs/seen.h"
#include "lib/mhs/site.h"
#include "lib/mhs/suites.h"
#include "lib/store/writer.h"
#include "ms/settings.h"
#include "ms/users.h"

struct submitter;

struct ms {
	struct daemon *daemon;
	const struct ms_settings *settings;
	struct loop *loop;
	const struct clock *clock;
	struct arena *arena;		/* our own names */
	struct site *site;
	struct seen *seen;
	struct labels labels;		/* what it may carry */
	struct suite_terms terms;	/* what is agreed on with those who write */
	struct users *users;
	struct db *reader;		/* the loop's own connection */
	struct writer *writer;
	struct assoc_limits limits;
	struct recoveries *recoveries;
	struct link_env env;
	struct link_servers servers;
	struct submitter *submitter;
	struct timer *clean_timer, *rest_timer;
};

extern const struct link_server_user ms_server;

#endif
