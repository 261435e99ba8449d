/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who wrote a received message, and is it unchanged, new, and for us
 * [X.411 8.3.1.1.1; DESIGN 5].  What is signed: the octets of the content; the
 * token names the recipient as the envelope does; the originator's O/R name in
 * the envelope and the O/R address in his certificate have to be the same.
 */
#ifndef UA_VERIFY_H
#define UA_VERIFY_H

#include "ua/inbox.h"

struct verify_counts {
	size_t good, unsigned_, refused, unchecked;
	size_t broken;			/* of the good: made with a suite that proves nothing any more */
};

/*
 * Checks what was stored and not yet checked (refused messages, too, where again is set), reports
 * and notifications included.  What was found is stored message by message: the record of the
 * sequence number, the opened content and the verdict in one transaction.  home is unlocked.
 * Failures are the store's own.
 */
FALLIBLE verify_pending(struct home *home, bool again, struct verify_counts *out_counts);

/* Checks one message with the certificate that was found for its originator.  *content is then in
 * the clear, or as it was where the message is refused.  Changes nothing in the store. */
FALLIBLE verify_with(const struct home *home, const struct delivery *delivery,
		     const struct cert *signer, struct buf *content, struct finding *out);

/* In a transaction: the message is new, by its number or by what was signed, and recorded; or the
 * finding becomes a refusal. */
FALLIBLE verify_new(struct home *home, const struct delivery *delivery, const struct cert *signer,
		    struct finding *io);

#endif
