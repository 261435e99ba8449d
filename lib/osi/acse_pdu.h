/* SPDX-License-Identifier: Apache-2.0 */
/* The APDUs of association control [X.227 9]: within ACSE. */
#ifndef LIB_OSI_ACSE_PDU_H
#define LIB_OSI_ACSE_PDU_H

#include "lib/osi/acse.h"

/* AARQ and AARE: the members of associate but presentation. */
void aarq_encode(const struct acse_associate *associate, struct buf *out);
void aare_encode(const struct acse_associate *answer, struct buf *out);
/* RLRQ and RLRE, reason normal. */
void rlrq_encode(const struct pres_value *information, struct buf *out);
void rlre_encode(const struct pres_value *information, struct buf *out);
/* source: of enum abrt_source. */
void abrt_encode(int source, const struct pres_value *information, struct buf *out);

enum abrt_source {
	ABRT_USER = 0,
	ABRT_PROVIDER = 1,
};

enum acse_apdu_kind { APDU_AARQ, APDU_AARE, APDU_RLRQ, APDU_RLRE, APDU_ABRT };

/* An APDU as it arrived; its views are borrowed from decoded and from the octets. */
struct acse_apdu {
	enum acse_apdu_kind kind;
	struct acse_associate associate;	/* AARQ, AARE: without presentation */
	bool version_1;				/* AARQ: known to the peer */
	long reason;				/* RLRQ, RLRE; ABRT: its source */
	struct pres_value information;		/* context 0: absent */
	struct buf joined;			/* information that came in segments */
	void *decoded;
};
FALLIBLE acse_apdu_decode(struct bytes in, struct acse_apdu *out_apdu);
void acse_apdu_cleanup(struct acse_apdu *apdu);

/* [X.227 9] in words. */
const char *acse_diagnostic_text(int diagnostic);
const char *acse_result_text(int result);

#endif
