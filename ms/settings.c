/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of postern-ms. */
#include "ms/settings.h"

#define AT(field) offsetof(struct ms_settings, field)

const struct setting ms_settings_table[] = {
	DAEMON_SETTINGS,
	SITE_SETTINGS(struct ms_settings, site, SITE_BROKEN),
	LABEL_SETTINGS(struct ms_settings, labels),
	{ "listen", SET_LIST, AT(listen), "localhost:102", 1, 16,
	  "Where to accept associations of users and MTAs, as host:port." },
	{ "address", SET_STR, AT(address), NULL, 0, 0,
	  "The O/R address that stands for this store, as MTAs know it." },
	{ "store", SET_STR, AT(store), "/var/lib/postern/ms/store.db", 0, 0,
	  "The database of the users' messages." },
	{ "mailbox", SET_LIST, AT(mailboxes), NULL, 0, 100000,
	  "A user whose messages are kept: ORADDRESS [dn=NAME] [password-file=FILE] "
	  "[own-password-file=FILE] [context=LABEL,...]." },
	{ "policy", SET_LIST, AT(policies), NULL, 0, 100000,
	  "What is refused of messages for a user or a domain, the first that fits: ORADDRESS "
	  "verify=SUITES [unsigned=pass|mark|refuse]." },
	SUITE_SETTINGS(struct ms_settings, suites),
	{ "mta", SET_LIST, AT(mtas), NULL, 0, 100,
	  "An MTA that delivers here, the first of which takes what users submit: NAME HOST:PORT "
	  "domain=DOMAIN [dn=NAME] [password-file=FILE] [own-password-file=FILE] "
	  "[context=LABEL,...]." },
	{ "content-max", SET_SIZE, AT(content_max), "64M", 1, 1 << 30,
	  "The largest content that is accepted, in octets." },
	{ "connections-max", SET_INT, AT(connections_max), "1000", 1, 100000,
	  "Connections that are accepted at the same time." },
	{ "invocations-max", SET_INT, AT(invocations_max), "64", 1, 10000,
	  "Operations that may be outstanding on one association." },
	{ "bind-timeout", SET_SECS, AT(bind_timeout), "30s", 1, 600,
	  "How long a peer may take to bind or to release." },
	{ "idle-timeout", SET_SECS, AT(idle_timeout), "30m", 1, 86400,
	  "After how long without an octet an association is ended." },
	{ "linger", SET_SECS, AT(linger), "20s", 1, 3600,
	  "How long the association to the MTA is kept when nothing is submitted." },
	RESUME_SETTINGS(struct ms_settings, resume, "16K"),
	{ "keep-seen", SET_SECS, AT(keep_seen), "30d", 3600, 31536000,
	  "How long a message is recognised when it is delivered again." },
	{ 0 }
};
