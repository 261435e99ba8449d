/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of postern-mta. */
#include "mta/settings.h"

#define AT(field) offsetof(struct mta_settings, field)

static const char *const origin_policies[] = {
	[ORIGIN_UNCHECKED] = "no",
	[ORIGIN_LOGGED] = "log",
	[ORIGIN_REFUSED] = "refuse",
	[ORIGIN_REQUIRED] = "require",
	NULL,
};

const struct setting mta_settings_table[] = {
	DAEMON_SETTINGS,
	SITE_SETTINGS(struct mta_settings, site, SITE_BROKEN),
	LABEL_SETTINGS(struct mta_settings, labels),
	{ "listen", SET_LIST, AT(listen), "localhost:102", 1, 16,
	  "Where to accept associations, as host:port." },
	{ "name", SET_STR, AT(name), NULL, 0, 32,
	  "The MTA-name under which others know this MTA." },
	{ "domain", SET_STR, AT(domain), NULL, 0, 0,
	  "The management domain that this MTA belongs to, as /PRMD=.../ADMD=.../C=.../." },
	{ "queue", SET_STR, AT(queue), "/var/lib/postern/mta/queue.db", 0, 0,
	  "The database of messages that this MTA is responsible for." },
	{ "mta", SET_LIST, AT(mtas), NULL, 0, 10000,
	  "Another MTA: NAME HOST:PORT domain=DOMAIN [dn=NAME] [password-file=FILE] "
	  "[own-password-file=FILE] "
	  "[context=LABEL,...]." },
	{ "store", SET_LIST, AT(stores), NULL, 0, 10000,
	  "A message store: NAME HOST:PORT address=ORADDRESS [dn=NAME] [password-file=FILE] "
	  "[own-password-file=FILE] "
	  "[context=LABEL,...]." },
	{ "route", SET_LIST, AT(routes), NULL, 0, 100000,
	  "Where recipients go: ORADDRESS NAME; the address with the most attributes that match "
	  "wins." },
	{ "collector", SET_LIST, AT(collectors), NULL, 0, 100000,
	  "A user without a store, who binds here and takes what waits for him: ORADDRESS [dn=NAME] "
	  "[password-file=FILE] [own-password-file=FILE] [context=LABEL,...]." },
	{ "user", SET_LIST, AT(users), NULL, 0, 100000,
	  "A user of a store who may bind here himself with a password, or is held to labels of his "
	  "own: ORADDRESS [dn=NAME] [password-file=FILE] [own-password-file=FILE] "
	  "[context=LABEL,...]." },
	{ "check-origin", SET_ENUM, AT(check_origin), "no", 0, 0,
	  "What is done with a message or probe whose originator cannot be believed.",
	  origin_policies },
	{ "content-max", SET_SIZE, AT(content_max), "64M", 1, 1 << 30,
	  "The largest content that is accepted, in octets." },
	{ "connections-max", SET_INT, AT(connections_max), "200", 1, 100000,
	  "Connections that are accepted at the same time." },
	{ "associations-max", SET_INT, AT(associations_max), "4", 1, 100,
	  "Associations that are opened to the same MTA or store at the same time." },
	{ "window", SET_INT, AT(window), "16", 1, 1000,
	  "Operations that may be under way on one association, in each direction." },
	{ "retry-first", SET_SECS, AT(retry_first), "30s", 1, 86400,
	  "How long to wait after the first failure; each further one doubles it." },
	{ "retry-max", SET_SECS, AT(retry_max), "30m", 1, 86400,
	  "The longest wait between two attempts." },
	{ "expire-urgent", SET_SECS, AT(expire_urgent), "4h", 1, 2592000,
	  "After how long an urgent message is given up." },
	{ "expire-normal", SET_SECS, AT(expire_normal), "24h", 1, 2592000,
	  "After how long a normal message is given up." },
	{ "expire-non-urgent", SET_SECS, AT(expire_non_urgent), "36h", 1, 2592000,
	  "After how long a non-urgent message is given up." },
	{ "keep-finished", SET_SECS, AT(keep_finished), "7d", 0, 31536000,
	  "How long it can be asked what became of a finished message." },
	{ "keep-seen", SET_SECS, AT(keep_seen), "30d", 3600, 31536000,
	  "How long a message is recognised when it arrives again." },
	{ "bind-timeout", SET_SECS, AT(bind_timeout), "30s", 1, 600,
	  "How long a peer may take to bind or to release." },
	{ "idle-timeout", SET_SECS, AT(idle_timeout), "10m", 1, 86400,
	  "After how long without an octet an association is ended." },
	{ "linger", SET_SECS, AT(linger), "20s", 0, 3600,
	  "How long an association that has nothing more to carry is kept." },
	RESUME_SETTINGS(struct mta_settings, resume, "64K"),
	{ "visits-max", SET_INT, AT(visits_max), "3", 1, 100,
	  "How often a message may come by here before that is a loop." },
	{ 0 }
};
