/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log of the process, and its audit log: one event, one line, the same
 * field names everywhere.
 *
 *	1994-03-02T09:00:00.123Z mta info  assoc=7 msg=1994-17 rtse transferred peer=north octets=18220
 *	1994-03-02T09:00:00.123Z ms  audit msg=1994-17 user=bob verify refused diag=secure-messaging-error why="..."
 *
 * The association and the message come first wherever they are given, so that
 * one grep tells a story.  A value that is not a plain word is quoted and
 * escaped, so that nothing a peer sends can forge a field or a line.  Content,
 * keys and passwords go nowhere.
 *
 * Until log_open the log goes to stderr at LOG_LV_WARN.  Any thread may write.
 */
#ifndef LIB_BASE_LOG_H
#define LIB_BASE_LOG_H

#include "lib/base/bytes.h"
#include "lib/base/clock.h"
#include "lib/base/status.h"

enum log_level { LOG_LV_ERROR, LOG_LV_WARN, LOG_LV_INFO, LOG_LV_DEBUG, LOG_LV_OCTETS };

/* "error", "warn", "info", "debug", "octets", and a null: the choices of a SET_ENUM. */
extern const char *const log_level_names[];

struct log_options {
	const char *program;		/* the first word of each line: "mta" */
	const char *path;		/* null or empty: stderr */
	const char *audit_path;		/* null or empty: beside the other events */
	enum log_level level;
	const struct clock *clock;	/* null: the machine's */
};

/* Opens both logs; what was open is closed. The options are copied, the clock must last. */
FALLIBLE log_open(const struct log_options *options);
/* Opens the same files again (SIGHUP after rotation); on failure the old ones stay. */
FALLIBLE log_reopen(void);
void log_close(void);

/* Worth preparing fields for?  The events ask by themselves. */
bool log_wants(enum log_level level);

struct log_field {
	const char *name;
	enum { LOG_TEXT = 1, LOG_NUMBER, LOG_OCTETS, LOG_WHY } kind;
	union {
		const char *text;
		int64_t number;
		struct bytes octets;
		const struct status *why;
	};
};

/* A field with a text; null leaves the field out. */
static inline struct log_field log_text(const char *name, const char *text)
{
	return (struct log_field){ .name = name, .kind = LOG_TEXT, .text = text };
}

static inline struct log_field log_num(const char *name, int64_t number)
{
	return (struct log_field){ .name = name, .kind = LOG_NUMBER, .number = number };
}

/* The first 64 octets in hexadecimal: for headers and at LOG_LV_OCTETS, never for content. */
static inline struct log_field log_octets(const char *name, struct bytes octets)
{
	return (struct log_field){ .name = name, .kind = LOG_OCTETS, .octets = octets };
}

/* why="...": the whole story; OK leaves the field out. */
static inline struct log_field log_why(const struct status *why)
{
	return (struct log_field){ .name = "why", .kind = LOG_WHY, .why = why };
}

static inline struct log_field log_assoc(int64_t assoc)
{
	return log_num("assoc", assoc);
}

static inline struct log_field log_msg(const char *msg)
{
	return log_text("msg", msg);
}

/*
 * Writes one event: what happened in a few fixed words, then its fields.
 *	log_event(LOG_LV_INFO, "rtse transferred", log_assoc(7), log_msg(id), log_num("octets", n));
 */
#define log_event(level, what, ...)                                                          \
	do {                                                                                 \
		if (log_wants(level))                                                        \
			log_write((level), (what),                                           \
				  (const struct log_field[]){ __VA_ARGS__ __VA_OPT__(, ){ 0 } }); \
	} while (0)

/* What log_event calls; fields ends with a null name. */
void log_write(enum log_level level, const char *what, const struct log_field *fields);

/* One security decision.  What is null or 0 is left out; what and user are expected. */
struct audit_event {
	int64_t assoc;
	const char *msg;
	const char *user;		/* who asked, or whose signature was judged */
	const char *what;		/* "bind", "verify", "submit" */
	bool allowed;
	const char *label;		/* the message's security label, for people */
	const char *diag;		/* the standard's name: "secure-messaging-error" */
	const struct status *why;
};

/* Writes one line to the audit log whatever the level is. */
void log_audit(const struct audit_event *event);

#endif
