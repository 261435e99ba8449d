/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Security labels and security contexts [X.411 8.5.9; 8.2.1.1.1.30]: how
 * sensitive a message is, and what an association may carry.
 *
 * Labels are compared by dominance: within one security policy, one label
 * dominates another where its classification is not lower and it has all of the
 * other's categories.  Labels of different policies never dominate one another,
 * and one without a policy is compared only with others without.  What a label
 * leaves out counts as unmarked, and as no category.
 */
#ifndef LIB_SEC_LABEL_H
#define LIB_SEC_LABEL_H

#include "asn1/bounds.h"
#include "lib/base/bytes.h"
#include "lib/base/status.h"

enum {
	/* [X.411 8.5.9] unmarked; 1 to 5 have names there, the others belong to the policies. */
	LABEL_UNMARKED = 0,
	LABEL_CLASSIFICATION_MAX = UB_INTEGER_OPTIONS,
};

struct label {
	struct bytes policy;		/* contents of the policy's OBJECT IDENTIFIER; empty: none */
	int classification;
	struct bytes privacy_mark;	/* a PrintableString for people; empty: none */
	struct bytes categories[UB_SECURITY_CATEGORIES];	/* each one SecurityCategory */
	size_t category_count;
};

/* A SecurityLabel under any tag, as it stands in an envelope or in a token; views point into it.
 * ST_PEER where it is none, or outside of the bounds. */
FALLIBLE label_decode(struct bytes tlv, struct label *out_label);
/* Appends the DER of a SET. */
void label_encode(const struct label *label, struct buf *out);

/* A SecurityCategory as the policies of this site have it: its type alone, with a value that is
 * NULL. */
void label_put_category(struct bytes type, struct buf *out);

bool label_dominates(const struct label *high, const struct label *low);
/* Whether both say the same, privacy mark included, in whatever order and encoding. */
bool label_equal(const struct label *a, const struct label *b);

/*
 * That a message's envelope has the label that its originator signed: neither was it taken off,
 * changed, nor put on.  Either may be empty.  ST_REFUSED in words, with the diagnostic
 * secure-messaging-error.
 */
FALLIBLE label_check_signed(struct bytes label_signed, struct bytes of_envelope);

/* --- contexts: SETs of labels; an empty context says nothing, and allows all --- */

/* That it is a context of at most ub-security-labels labels.  ST_PEER. */
FALLIBLE context_check(struct bytes context);
/* Appends the SET of labels that lie one behind the other. */
void context_encode(struct bytes labels, struct buf *out);

/* Whether one of the labels of a context dominates the label.  An unreadable label is dominated by
 * none; both are one TLV, the context is not empty. */
bool context_covers(struct bytes context, struct bytes label);
/* Whether each label of a context is covered by another context. */
bool context_is_within(struct bytes context, struct bytes allowed);

#endif
