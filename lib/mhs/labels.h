/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a program of a site does about security labels: its policies, what it
 * carries at all, and whether a message may go over a link [X.411 8.1.2.1.1.1.3,
 * 8.2.1.1.1.30].
 */
#ifndef LIB_MHS_LABELS_H
#define LIB_MHS_LABELS_H

#include "lib/sec/label.h"
#include "lib/sec/label_policy.h"

struct label_settings {
	struct text_list policies, context;
	bool unlabelled;
};

/* Lines of a program's table, for the member of its struct that is a struct label_settings. */
#define LABEL_SETTINGS(type, member)                                                             \
	{ "security-policy", SET_LIST, offsetof(type, member.policies), NULL, 0, 64,              \
	  "What a policy calls its labels: OID name=NAME [levels=NAME[:NUMBER],...] "             \
	  "[categories=NAME:OID,...]." },                                                         \
	{ "security-context", SET_LIST, offsetof(type, member.context), NULL, 0,                  \
	  UB_SECURITY_LABELS,                                                                     \
	  "A label that dominates what may be carried; none: all may." },                         \
	{ "unlabelled", SET_BOOL, offsetof(type, member.unlabelled), "yes", 0, 0,                 \
	  "Whether a link with a security context also carries messages without a label." }

struct labels {
	const struct label_policies *policies;
	struct bytes context;		/* SecurityContext TLV; empty: all */
	bool unlabelled;
};

/* All of it lives in the arena.  ST_USAGE names the setting that makes no sense. */
FALLIBLE labels_open(struct arena *arena, const struct label_settings *settings,
		     struct labels *out_labels);

/* What a link to a peer may carry: his own context, where he has one. */
struct bytes labels_allowed(const struct labels *labels, struct bytes own);

/* A peer's own context=LABEL,LABEL as a TLV in the arena. */
FALLIBLE labels_context(const struct labels *labels, struct arena *arena, const char *text,
			struct bytes *out_context);

/*
 * Whether a message with a label (TLV; empty: none) may go where a context (empty: all) is in
 * force.  ST_NEVER with the diagnostic secure-messaging-error, and both in words.
 */
FALLIBLE labels_check(const struct labels *labels, struct bytes context, struct bytes label);
/* The same for what tells nothing of a content unless it is labelled: reports. */
FALLIBLE labels_check_report(const struct labels *labels, struct bytes context,
			     struct bytes label);

/* Whether a peer may propose a context where another is allowed (either may be empty). */
FALLIBLE labels_check_context(const struct labels *labels, struct bytes proposed,
			      struct bytes allowed);

#endif
