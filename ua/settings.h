/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of postern-ua; ua.conf(5) says what they mean. */
#ifndef UA_SETTINGS_H
#define UA_SETTINGS_H

#include "lib/mhs/labels.h"
#include "lib/mhs/site.h"
#include "lib/mhs/suites.h"

struct ua_settings {
	struct site_settings site;
	struct label_settings labels;
	char *name, *address;		/* who the user is: directory name, O/R address */
	char *ms, *ms_name;		/* his message store: host:port, directory name */
	char *mta;			/* in place of it: his MTA, as lib/mhs/peer.h reads it */
	char *password_file, *ms_password_file;	/* of simple credentials, his and the store's */
	int64_t device;			/* which of his devices this is, from 1 */
	char *suite, *accept_suites;	/* names: of what is made, and what is accepted */
	struct suite_settings suites;
	int unsigned_mail;		/* enum unsigned_mail */
	bool reliable;
	int64_t reconnect, checkpoint;
	int64_t content_max, window;
	int64_t connect_timeout, answer_timeout, idle_timeout;
};

extern const struct setting ua_settings_table[];

#endif
