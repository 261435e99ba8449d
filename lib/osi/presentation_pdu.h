/* SPDX-License-Identifier: Apache-2.0 */
/* The PPDUs of normal mode [X.226 8.2]: within the presentation layer. */
#ifndef LIB_OSI_PRESENTATION_PDU_H
#define LIB_OSI_PRESENTATION_PDU_H

#include "lib/osi/presentation.h"

/* {joint-iso-ccitt asn1(1) basic-encoding(1)}: the one transfer syntax there is here. */
#define BASIC_ENCODING BYTES("\x51\x01")

/* [X.226 8.2] Abort-reason */
#define ABORT_REASONS(X)                                                             \
	X(NOT_SPECIFIED, 0, "reason not specified")                                  \
	X(UNRECOGNIZED_PPDU, 1, "unrecognized PPDU")                                 \
	X(UNEXPECTED_PPDU, 2, "unexpected PPDU")                                     \
	X(UNEXPECTED_PRIMITIVE, 3, "unexpected session service primitive")           \
	X(UNRECOGNIZED_PARAMETER, 4, "unrecognized PPDU parameter")                  \
	X(UNEXPECTED_PARAMETER, 5, "unexpected PPDU parameter")                      \
	X(INVALID_VALUE, 6, "invalid PPDU parameter value")
#define ABORT_REASON_ENUM(name, number, words) ARP_##name = (number),
enum arp_reason { ABORT_REASONS(ABORT_REASON_ENUM) };

/* [X.226 8.2] Event-identifier: what was received when a provider aborts, in the standard's order. */
#define ABORT_EVENTS(X)                                                              \
	X(CP, "CP PPDU") X(CPA, "CPA PPDU") X(CPR, "CPR PPDU") X(ARU, "ARU PPDU")    \
	X(ARP, "ARP PPDU") X(AC, "AC PPDU") X(ACA, "ACA PPDU") X(TD, "TD PPDU")      \
	X(TTD, "TTD PPDU") X(TE, "TE PPDU") X(TC, "TC PPDU") X(TCC, "TCC PPDU")      \
	X(RS, "RS PPDU") X(RSA, "RSA PPDU")                                          \
	X(RELEASE_IND, "S-RELEASE indication") X(RELEASE_CNF, "S-RELEASE confirm")   \
	X(TOKEN_GIVE_IND, "S-TOKEN-GIVE indication")                                 \
	X(TOKEN_PLEASE_IND, "S-TOKEN-PLEASE indication")                             \
	X(CONTROL_GIVE_IND, "S-CONTROL-GIVE indication")                             \
	X(SYNC_MINOR_IND, "S-SYNC-MINOR indication")                                 \
	X(SYNC_MINOR_CNF, "S-SYNC-MINOR confirm")                                    \
	X(SYNC_MAJOR_IND, "S-SYNC-MAJOR indication")                                 \
	X(SYNC_MAJOR_CNF, "S-SYNC-MAJOR confirm")                                    \
	X(P_EXCEPTION_IND, "S-P-EXCEPTION-REPORT indication")                        \
	X(U_EXCEPTION_IND, "S-U-EXCEPTION-REPORT indication")                        \
	X(ACTIVITY_START_IND, "S-ACTIVITY-START indication")                         \
	X(ACTIVITY_RESUME_IND, "S-ACTIVITY-RESUME indication")                       \
	X(ACTIVITY_INTERRUPT_IND, "S-ACTIVITY-INTERRUPT indication")                 \
	X(ACTIVITY_INTERRUPT_CNF, "S-ACTIVITY-INTERRUPT confirm")                    \
	X(ACTIVITY_DISCARD_IND, "S-ACTIVITY-DISCARD indication")                     \
	X(ACTIVITY_DISCARD_CNF, "S-ACTIVITY-DISCARD confirm")                        \
	X(ACTIVITY_END_IND, "S-ACTIVITY-END indication")                             \
	X(ACTIVITY_END_CNF, "S-ACTIVITY-END confirm")
#define ABORT_EVENT_ENUM(name, words) PPM_##name,
enum ppm_event { ABORT_EVENTS(ABORT_EVENT_ENUM) PPM_EVENT_COUNT };

const char *ppm_event_text(long event);
const char *arp_reason_text(long reason);
/* Of enum pres_refusal. */
const char *pres_refusal_text(long reason);

/* The values of user data, where they arrived; segments are joined beside them. */
struct ppdu_values {
	struct pres_value at[PRES_VALUES_MAX];
	size_t count;
	struct buf joined;
	size_t room;		/* that joined may take */
};
void ppdu_values_cleanup(struct ppdu_values *values);

/*
 * User-data [X.226 8.4].  sole_context is the one that simply encoded user data belong
 * to, or 0 where there is more than one.  No octets are no values.
 */
FALLIBLE user_data_decode(struct bytes in, int sole_context, struct ppdu_values *out_values);
/* Fully encoded; nothing where there are no values. */
void user_data_encode(const struct pres_value *values, size_t count, struct buf *out);
/* What stands before one value of single-ASN1-type. */
void user_data_header(int context, size_t value_len, struct buf *out);

/* A CP, CPA or CPR PPDU as it arrived.  The views are borrowed from it and from the octets. */
struct ppdu_connect {
	struct bytes calling_p, called_p;	/* CPA and CPR: called_p is the responding one */
	struct pres_context contexts[PRES_CONTEXTS_MAX];
	size_t context_count;			/* CPA and CPR: of results */
	int reason;				/* CPR: enum pres_refusal */
	struct bytes user_data;			/* a User-data value, or none */
	void *cp, *cpa, *cpr;			/* what asn1c decoded; one is not null */
};
void ppdu_connect_cleanup(struct ppdu_connect *connect);

/* The diag of a failure is the enum pres_refusal to refuse with. */
FALLIBLE cp_decode(struct bytes in, struct ppdu_connect *out_connect);
void cp_encode(const struct pres_connect *connect, struct buf *out);
FALLIBLE cpa_decode(struct bytes in, struct ppdu_connect *out_connect);
void cpa_encode(const struct pres_connect *accept, struct buf *out);
FALLIBLE cpr_decode(struct bytes in, struct ppdu_connect *out_connect);
/* reason is one of enum pres_refusal. */
void cpr_encode(int reason, const struct pres_connect *refuse, struct buf *out);

/* What an S-U-ABORT carries. */
struct ppdu_abort {
	bool by_provider;		/* ARP */
	int reason, event;		/* ARP; -1 where absent */
	struct bytes user_data;		/* ARU */
};
FALLIBLE abort_decode(struct bytes in, struct ppdu_abort *out_abort);
void aru_encode(const struct pres_value *values, size_t count, struct buf *out);
void arp_encode(enum arp_reason reason, enum ppm_event event, struct buf *out);

#endif
