/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Association control [X.217, X.227], kernel: who talks to whom in which
 * application context, an orderly end, and an abrupt one.
 *
 * It asks what it needs of presentation through struct acse_service, is told what
 * happens there through the acse_p_* functions, and tells its user through struct
 * acse_user.  Requests fail with ST_USAGE where the state does not allow them; a
 * failure of an acse_p_* function is the peer's (ST_PEER), and the association has
 * been aborted: nothing more is told.
 */
#ifndef LIB_OSI_ACSE_H
#define LIB_OSI_ACSE_H

#include "lib/osi/presentation.h"

struct acse;

/* The abstract syntax of ACSE's APDUs [X.227 9]. */
#define ACSE_ABSTRACT_SYNTAX "2.2.1.0.1"

enum acse_result {		/* [X.227 9] Associate-result */
	ACSE_ACCEPTED = 0,
	ACSE_REJECTED_PERMANENT = 1,
	ACSE_REJECTED_TRANSIENT = 2,
};

enum acse_diagnostic {		/* [X.227 9] Associate-source-diagnostic: acse-service-user */
	ACSE_NULL = 0,
	ACSE_NO_REASON_GIVEN = 1,
	ACSE_CONTEXT_NAME_NOT_SUPPORTED = 2,
	ACSE_CALLING_AP_TITLE_NOT_RECOGNIZED = 3,
	ACSE_CALLING_AE_QUALIFIER_NOT_RECOGNIZED = 5,
	ACSE_CALLED_AP_TITLE_NOT_RECOGNIZED = 7,
	ACSE_CALLED_AE_QUALIFIER_NOT_RECOGNIZED = 9,
	ACSE_AUTHENTICATION_FAILURE = 13,
	ACSE_AUTHENTICATION_REQUIRED = 14,
	/* acse-service-provider: 256 and its number */
	ACSE_PROVIDER_NULL = 256,
	ACSE_PROVIDER_NO_REASON_GIVEN = 257,
	ACSE_PROVIDER_NO_COMMON_VERSION = 258,
};

/* A-ASSOCIATE: request and indication, response and confirm.  All borrowed. */
struct acse_associate {
	struct bytes context_name;	/* contents octets of the application context's identifier */
	/* One TLV each, or empty.  Response and confirm: called is the responding one. */
	struct bytes calling_ap_title, called_ap_title;
	struct bytes calling_ae_qualifier, called_ae_qualifier;
	/* Response: acceptance, or the result and diagnostic of a rejection. */
	enum acse_result result;
	int diagnostic;			/* enum acse_diagnostic */
	struct pres_value information;	/* user information; context 0: absent */
	struct pres_connect presentation;	/* its values are not looked at */
};

/* Views are borrowed until the callback returns.  It may call anything here but acse_free. */
struct acse_user {
	/* Answer with acse_associate_rsp, now or later. */
	void (*associate_ind)(void *user, const struct acse_associate *associate);
	void (*associate_cnf)(void *user, const struct acse_associate *accept);
	/* information is the peer's, and absent where a layer beneath refused; why says who, and
	 * which diagnostic.  It is over. */
	void (*associate_refused)(void *user, const struct pres_value *information,
				  const struct status *why);
	void (*release_ind)(void *user, const struct pres_value *information);
	/* The association is over. */
	void (*release_cnf)(void *user, const struct pres_value *information);
	/* By the peer's user, ACSE or a layer beneath: why says which.  It is over. */
	void (*abort_ind)(void *user, const struct pres_value *information,
			  const struct status *why);
};

/* The functions of presentation.h by their names. */
struct acse_service {
	FALLIBLE (*connect_req)(struct presentation *p, const struct pres_connect *connect);
	FALLIBLE (*connect_rsp)(struct presentation *p, const struct pres_connect *accept);
	FALLIBLE (*refuse_rsp)(struct presentation *p, int reason,
			       const struct pres_connect *refuse);
	FALLIBLE (*release_req)(struct presentation *p, const struct pres_value *values,
				size_t count);
	FALLIBLE (*release_rsp)(struct presentation *p, const struct pres_value *values,
				size_t count);
	void (*u_abort_req)(struct presentation *p, const struct pres_value *values,
			    size_t count);
};
extern const struct acse_service acse_over_presentation;

/* All outlive it. */
struct acse *acse_new(const struct acse_service *service, struct presentation *presentation,
		      const struct acse_user *user, void *user_data);
void acse_free(struct acse **acse);

const char *acse_state_name(const struct acse *a);

/* associate->presentation.contexts has one with ACSE_ABSTRACT_SYNTAX; information is in another. */
FALLIBLE acse_associate_req(struct acse *a, const struct acse_associate *associate);
FALLIBLE acse_associate_rsp(struct acse *a, const struct acse_associate *answer);
/* information: null or context 0 where there is none.  Reason: normal. */
FALLIBLE acse_release_req(struct acse *a, const struct pres_value *information);
FALLIBLE acse_release_rsp(struct acse *a, const struct pres_value *information);
/* Allowed in every state.  Nothing is told afterwards. */
void acse_abort_req(struct acse *a, const struct pres_value *information);

FALLIBLE acse_p_connect_ind(struct acse *a, const struct pres_connect *connect);
FALLIBLE acse_p_connect_cnf(struct acse *a, const struct pres_connect *accept);
void acse_p_refuse_ind(struct acse *a, int reason, const struct pres_value *values, size_t count,
		       const struct status *why);
FALLIBLE acse_p_release_ind(struct acse *a, const struct pres_value *values, size_t count);
FALLIBLE acse_p_release_cnf(struct acse *a, const struct pres_value *values, size_t count);
void acse_p_u_abort_ind(struct acse *a, const struct pres_value *values, size_t count);
void acse_p_p_abort_ind(struct acse *a, const struct status *why);

#endif
