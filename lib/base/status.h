/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failure: one type, and it carries the reason.
 *
 * A function that can fail returns a struct status *; OK is null.  The kind
 * steers the program, the diag is the standard's own number for the wire, the
 * words travel outward to the user and never to a remote peer.  Each layer
 * turns the failure beneath it into its own reason and keeps the cause.
 */
#ifndef LIB_BASE_STATUS_H
#define LIB_BASE_STATUS_H

#include <stdio.h>

enum status_kind {
	ST_USAGE,	/* asked for something that makes no sense: tell the user */
	ST_NOT_FOUND,	/* nothing there: the caller usually knows what to do */
	ST_REFUSED,	/* security said no: tell the user, audit it, do not retry */
	ST_LATER,	/* may work another time: keep it queued */
	ST_NEVER,	/* will not work: report non-delivery */
	ST_PEER,	/* the peer broke the protocol: abort the association */
};

struct status {
	enum status_kind kind;
	int diag;		/* the Recommendation's number, 0 where it has none */
	char *words;		/* one sentence, without a full stop or a newline */
	struct status *cause;	/* what lay beneath, or null */
};

#define FALLIBLE __attribute__((warn_unused_result)) struct status *
#define OK ((struct status *)0)

/* A new failure.  Takes ownership of cause, which may be null. */
__attribute__((format(printf, 4, 5), returns_nonnull, warn_unused_result))
struct status *status_new(struct status *cause, enum status_kind kind, int diag,
			  const char *format, ...);

/* A failure that keeps the kind and diag of its cause and says what was being done. */
__attribute__((format(printf, 2, 3), returns_nonnull, warn_unused_result))
struct status *status_doing(struct status *cause, const char *format, ...);

/* The failure errno stands for: ENOENT is ST_NOT_FOUND, the passing ones ST_LATER. */
__attribute__((format(printf, 2, 3), returns_nonnull, warn_unused_result))
struct status *status_errno(int error, const char *format, ...);

/* A copy that can outlive the original; null for null. */
struct status *status_copy(const struct status *st);

/* Frees *st with its causes, and nulls it.  Null is allowed. */
void status_free(struct status **st);

/* For a failure that must not stop the caller and that he has just dealt with or logged. */
static inline void status_drop(struct status *st)
{
	status_free(&st);
}

/* The whole story in one line, causes behind "; because: ".  The caller frees it. */
char *status_text(const struct status *st);

/* The whole story on several lines: "ua: words", then "  because: words"; what others have put into
 * it cannot do anything to a terminal. */
void status_print(FILE *to, const char *program, const struct status *st);

/* An exit code that scripts can use: 0 for OK, then per kind as in sysexits(3). */
int status_exit_code(const struct status *st);

const char *status_kind_name(enum status_kind kind);

#define FAIL(kind, diag, ...) status_new(OK, (kind), (diag), __VA_ARGS__)

#define TRY(call)                                  \
	do {                                       \
		struct status *try_ = (call);      \
		if (try_)                          \
			return try_;               \
	} while (0)

#define TRY_DOING(call, ...)                                    \
	do {                                                    \
		struct status *try_ = (call);                   \
		if (try_)                                       \
			return status_doing(try_, __VA_ARGS__); \
	} while (0)

/* Ownership that the compiler keeps: freed at the end of the scope, unless taken. */
#define AUTO(free_function) __attribute__((cleanup(free_function)))
#define TAKE(pointer)                                 \
	({                                            \
		__typeof__(pointer) take_ = (pointer); \
		(pointer) = NULL;                     \
		take_;                                \
	})

#ifdef __clang_analyzer__
/* The analyser does not heed returns_nonnull: it would follow paths on which a failure is OK. */
static inline struct status *status_sure(struct status *st)
{
	if (!st)
		__builtin_unreachable();
	return st;
}
#define status_new(...) status_sure(status_new(__VA_ARGS__))
#define status_doing(...) status_sure(status_doing(__VA_ARGS__))
#define status_errno(...) status_sure(status_errno(__VA_ARGS__))
#endif

#endif
