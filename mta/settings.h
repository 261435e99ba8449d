/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of postern-mta; mta.conf(5) says what they mean. */
#ifndef MTA_SETTINGS_H
#define MTA_SETTINGS_H

#include "lib/base/daemon.h"
#include "lib/mhs/labels.h"
#include "lib/mhs/recoveries.h"
#include "lib/mhs/site.h"

/* What becomes of a message whose origin cannot be believed. */
enum origin_policy {
	ORIGIN_UNCHECKED,
	ORIGIN_LOGGED,			/* it passes, and the audit log says so */
	ORIGIN_REFUSED,			/* one without a check passes */
	ORIGIN_REQUIRED,
};

struct mta_settings {
	struct daemon_settings daemon;
	struct site_settings site;
	struct label_settings labels;
	struct resume_settings resume;
	struct text_list listen;
	char *name, *domain;
	char *queue;
	struct text_list mtas, stores, routes, users, collectors;
	int check_origin;		/* enum origin_policy */
	int64_t content_max;
	int64_t connections_max, associations_max, window;
	int64_t retry_first, retry_max;
	int64_t expire_urgent, expire_normal, expire_non_urgent;
	int64_t keep_finished, keep_seen;
	int64_t bind_timeout, idle_timeout, linger;
	int64_t visits_max;
};

extern const struct setting mta_settings_table[];

#endif
