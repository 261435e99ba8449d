/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the presentation layer share; nobody else includes it. */
#ifndef LIB_OSI_PRESENTATION_MACHINE_H
#define LIB_OSI_PRESENTATION_MACHINE_H

#include "asn1/oid.h"
#include "lib/osi/presentation.h"
#include "lib/osi/presentation_pdu.h"

/* [X.226 Annex A] those of the kernel; contexts are not altered, so no STAac0 to STAac2. */
#define PRES_STATES(X)                                   \
	X(STAI0, "STAI0 idle, no connection")            \
	X(STAI1, "STAI1 await CPA PPDU")                 \
	X(STAI2, "STAI2 await P-CONNECT response")       \
	X(STAt0, "STAt0 connected, data transfer")

#define PRES_EVENTS(X)                                   \
	X(PCONreq, "P-CONNECT request")                  \
	X(PCONrsp, "P-CONNECT (accept) response")        \
	X(PCONrsp_reject, "P-CONNECT (reject) response") \
	X(PDTreq, "P-DATA request")                      \
	X(PRELreq, "P-RELEASE request")                  \
	X(PRELrsp, "P-RELEASE response")                 \
	X(PASSreq, "a request to session")               \
	X(EV_CP, "CP PPDU")                              \
	X(EV_CPA, "CPA PPDU")                            \
	X(EV_CPR, "CPR PPDU")                            \
	X(EV_TD, "TD PPDU")                              \
	X(SRELind, "S-RELEASE indication")               \
	X(SRELcnf, "S-RELEASE confirm")                  \
	X(PASSind, "an indication by session")

#define PRES_ENUM(id, text) id,
enum pres_state { PRES_STATES(PRES_ENUM) PRES_STATE_COUNT };
enum pres_event { PRES_EVENTS(PRES_ENUM) PRES_EVENT_COUNT };

/* One context of the connection, with its own copy of the name. */
struct pres_definition {
	struct pres_context context;
	uint8_t oid[OID_MAX_OCTETS];
};

struct presentation {
	const struct pres_session_service *service;
	struct session *session;
	const struct pres_user *user;
	void *user_data;
	enum pres_state state;
	struct pres_definition definitions[PRES_CONTEXTS_MAX];
	size_t definition_count;
};

/* What comes with an event. */
struct pres_input {
	const struct pres_connect *connect;
	const struct session_connect *session;
	struct bytes octets;			/* user data of session */
	struct buf *ssdu;			/* that hold them */
	int reason;
	const struct status *why;
	const struct pres_value *values;	/* count of them, or of parts */
	const struct bytes *parts;
	size_t count;
	int context;
	const char *primitive;			/* PASSreq: its name */
};

/* A request of the user: ST_USAGE where the state does not allow it. */
FALLIBLE pres_request(struct presentation *p, enum pres_event event, const struct pres_input *in);
/* Something from session.  False where it was wrong: then all is aborted and told. */
bool pres_indicate(struct presentation *p, enum pres_event event, enum ppm_event ppm,
		   const struct pres_input *in);
/* Takes why. */
void pres_provider_abort(struct presentation *p, enum ppm_event ppm, struct status *why);

/* User data in agreed contexts. */
FALLIBLE pres_read_values(struct presentation *p, struct bytes user_data,
			  struct ppdu_values *out_values);

#endif
