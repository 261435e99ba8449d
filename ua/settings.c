/* SPDX-License-Identifier: Apache-2.0 */
#include "ua/settings.h"

#include "lib/sec/sequence.h"

#define AT(field) offsetof(struct ua_settings, field)

const struct setting ua_settings_table[] = {
	{ "name", SET_STR, AT(name), "", 0, 0,
	  "The directory name of the user, as in his certificate: CN=Alice Martin,O=Ministry,C=FR." },
	{ "or-address", SET_STR, AT(address), "", 0, 0,
	  "The O/R address of the user: /G=Alice/S=Martin/O=Ministry/PRMD=Gov/ADMD=400net/C=FR/." },
	{ "ms", SET_STR, AT(ms), "", 0, 0,
	  "The user's message store, as host:port." },
	{ "ms-name", SET_STR, AT(ms_name), "", 0, 0,
	  "The directory name in the store's certificate; empty: any store certified for the "
	  "user's domain." },
	{ "mta", SET_STR, AT(mta), "", 0, 0,
	  "In place of a message store, the MTA that the user submits to and takes his messages from: "
	  "NAME HOST:PORT domain=DOMAIN [dn=NAME] [password-file=FILE] [own-password-file=FILE] "
	  "[context=LABEL,...]." },
	{ "password-file", SET_STR, AT(password_file), "", 0, 0,
	  "File whose first line is the password that the store gets in place of strong credentials." },
	{ "ms-password-file", SET_STR, AT(ms_password_file), "", 0, 0,
	  "The same of the password that the store then answers with; empty: it proves nothing." },
	{ "device", SET_INT, AT(device), "1", 1, SEQUENCE_DEVICE_MAX,
	  "Which of the user's devices this is: each counts his messages by itself, so each needs a "
	  "number of its own." },
	SITE_SETTINGS(struct ua_settings, site,
		      "Whether the suite locator-1989 may be used, and certificates signed with its hash are "
		      "believed: both are broken."),
	LABEL_SETTINGS(struct ua_settings, labels),
	{ "suite", SET_STR, AT(suite), "modern", 0, 0,
	  "The suite that messages are made with." },
	{ "accept-suites", SET_STR, AT(accept_suites), "modern", 0, 0,
	  "The suites of received messages that are accepted, separated by commas." },
	SUITE_SETTINGS(struct ua_settings, suites),
	{ "unsigned", SET_ENUM, AT(unsigned_mail), "mark", 0, 0,
	  "What is done with messages that nobody signed.", unsigned_names },
	{ "reliable", SET_BOOL, AT(reliable), "no", 0, 0,
	  "Whether the association with the store, or the MTA, runs over RTSE: a large message then "
	  "goes on where a link that broke had stopped." },
	{ "reconnect", SET_INT, AT(reconnect), "5", 0, 1000,
	  "Where it is reliable: how often to bind again, in a row without progress, after the "
	  "link broke." },
	{ "checkpoint", SET_SIZE, AT(checkpoint), "16K", 1024, 16 << 20,
	  "Where it is reliable: after how many octets there is a checkpoint to go on from." },
	{ "content-max", SET_SIZE, AT(content_max), "64M", 1024, 1 << 30,
	  "How large the content of a message may be." },
	{ "window", SET_INT, AT(window), "4", 1, 64,
	  "How many operations wait for their answers at once." },
	{ "connect-timeout", SET_SECS, AT(connect_timeout), "30s", 1, 3600,
	  "How long to wait for a connection with the store, or the MTA." },
	{ "answer-timeout", SET_SECS, AT(answer_timeout), "60s", 1, 3600,
	  "How long to wait for the answer to the bind and to the release." },
	{ "idle-timeout", SET_SECS, AT(idle_timeout), "2m", 1, 86400,
	  "How long the store, or the MTA, may be silent while an answer is due." },
	{ 0 }
};
