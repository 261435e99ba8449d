/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of postern-ms; ms.conf(5) says what they mean. */
#ifndef MS_SETTINGS_H
#define MS_SETTINGS_H

#include "lib/base/daemon.h"
#include "lib/mhs/labels.h"
#include "lib/mhs/recoveries.h"
#include "lib/mhs/site.h"
#include "lib/mhs/suites.h"

struct ms_settings {
	struct daemon_settings daemon;
	struct site_settings site;
	struct label_settings labels;
	struct resume_settings resume;
	struct text_list listen;
	char *address;
	char *store;
	struct text_list mailboxes, mtas, policies;
	struct suite_settings suites;
	int64_t content_max;
	int64_t connections_max, invocations_max;
	int64_t bind_timeout, idle_timeout, linger;
	int64_t keep_seen;
};

extern const struct setting ms_settings_table[];

#endif
