/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The presentation service [X.216] by the presentation protocol [X.226], normal
 * mode, kernel: contexts are defined when connecting, and everything is BER.
 *
 *	pres = pres_new(&pres_over_session, &user, user_data);
 *	session = session_new(&limits, &cotp_transport, cotp, &pres_session_user, pres);
 *	pres_attach(pres, session);
 *
 * Requests fail with ST_USAGE where the state does not allow them.  What the peer
 * does wrong is handled inside: it gets an ARP PPDU, the user p_abort_ind.
 */
#ifndef LIB_OSI_PRESENTATION_H
#define LIB_OSI_PRESENTATION_H

#include "lib/osi/session.h"

struct presentation;

enum {
	PRES_CONTEXTS_MAX = 32,		/* more in one definition list are refused */
	PRES_VALUES_MAX = 32,		/* values in the user data of one PPDU */
	PRES_SELECTOR_MAX = 64,		/* octets */
};

/* [X.226 8.2] what became of a proposed context. */
enum pres_result {
	PRES_ACCEPTANCE = 0,
	PRES_USER_REJECTION = 1,
	PRES_PROVIDER_REJECTION = 2,
};
enum pres_context_reason {		/* why, where the provider rejects it */
	PRES_CONTEXT_NOT_SPECIFIED = 0,
	PRES_CONTEXT_ABSTRACT_SYNTAX = 1,
	PRES_CONTEXT_TRANSFER_SYNTAXES = 2,
	PRES_CONTEXT_LOCAL_LIMIT = 3,
};

/* One presentation context.  Proposals are for BER, and only that can be accepted. */
struct pres_context {
	int id;				/* odd where the initiator defines it */
	struct bytes abstract_syntax;	/* contents octets of its identifier; borrowed */
	enum pres_result result;	/* not looked at in a request */
	enum pres_context_reason reason;
};

/* One presentation data value: of single-ASN1-type one TLV, otherwise octets.  Borrowed. */
struct pres_value {
	int context;
	struct bytes value;
};

/*
 * P-CONNECT: the parameters of request and indication, and, with called_p as the
 * responding selector, of response and confirm.  All borrowed.
 */
struct pres_connect {
	struct bytes calling_p, called_p;	/* an empty selector is absent */
	/* Request and indication: what is proposed.  Response and confirm: the same, in the
	 * same order, with the results. */
	const struct pres_context *contexts;
	size_t context_count;
	struct session_connect session;		/* its user_data is not looked at */
	const struct pres_value *values;	/* user data */
	size_t value_count;
};

/* [X.226 8.2] why the provider refuses a connection; the names are in the words of the status. */
enum pres_refusal {
	PRES_REFUSED_BY_USER = -1,		/* user data say why */
	PRES_REFUSED_NOT_SPECIFIED = 0,
	PRES_REFUSED_CONGESTION = 1,
	PRES_REFUSED_LOCAL_LIMIT = 2,
	PRES_REFUSED_ADDRESS_UNKNOWN = 3,
	PRES_REFUSED_VERSION = 4,
	PRES_REFUSED_DEFAULT_CONTEXT = 5,
	PRES_REFUSED_USER_DATA = 6,
	PRES_REFUSED_NO_PSAP = 7,
};

/*
 * What presentation tells its user.  Views are borrowed until the callback returns.
 * A callback may call any function here but pres_free.
 */
struct pres_user {
	/* Answer with pres_connect_rsp or pres_refuse_rsp, now or later. */
	void (*connect_ind)(void *user, const struct pres_connect *connect);
	void (*connect_cnf)(void *user, const struct pres_connect *accept);
	/* reason is PRES_REFUSED_BY_USER, then with the peer's user data; or the provider's, or
	 * that of a layer beneath: why says which in words.  It is over. */
	void (*refuse_ind)(void *user, int reason, const struct pres_value *values, size_t count,
			   const struct status *why);

	/* The value lies in *ssdu; take *ssdu (buf_take) to keep it without a copy. */
	void (*data_ind)(void *user, const struct pres_value *value, struct buf *ssdu);

	void (*release_ind)(void *user, const struct pres_value *values, size_t count);
	/* The connection is over. */
	void (*release_cnf)(void *user, const struct pres_value *values, size_t count);
	/* By the peer's user.  The connection is over. */
	void (*u_abort_ind)(void *user, const struct pres_value *values, size_t count);
	/* By presentation on either side, or by a layer beneath.  The connection is over. */
	void (*p_abort_ind)(void *user, const struct status *why);

	/* The services of session, passed on; null where the functional units are never asked for. */
	void (*token_give_ind)(void *user, uint8_t tokens);
	void (*token_please_ind)(void *user, uint8_t tokens, const struct pres_value *values,
				 size_t count);
	void (*control_give_ind)(void *user);
	void (*sync_minor_ind)(void *user, uint32_t serial, bool confirm);
	void (*sync_minor_cnf)(void *user, uint32_t serial);
	void (*activity_start_ind)(void *user, struct bytes activity);
	void (*activity_resume_ind)(void *user, const struct session_resume *resume);
	void (*activity_end_ind)(void *user, uint32_t serial);
	void (*activity_end_cnf)(void *user);
	void (*activity_interrupt_ind)(void *user, int reason);
	void (*activity_interrupt_cnf)(void *user);
	void (*activity_discard_ind)(void *user, int reason);
	void (*activity_discard_cnf)(void *user);
	void (*u_exception_ind)(void *user, int reason);
	void (*p_exception_ind)(void *user);
};

/*
 * What presentation asks of session: the functions of session.h by their names, so
 * that a scripted peer fits beneath as well.
 */
struct pres_session_service {
	FALLIBLE (*connect_req)(struct session *s, const struct session_connect *connect);
	FALLIBLE (*connect_rsp)(struct session *s, const struct session_connect *accept);
	FALLIBLE (*refuse_rsp)(struct session *s, int reason, struct bytes user_data);
	FALLIBLE (*data_req)(struct session *s, const struct bytes *parts, size_t count);
	FALLIBLE (*token_give_req)(struct session *s, uint8_t tokens);
	FALLIBLE (*token_please_req)(struct session *s, uint8_t tokens, struct bytes user_data);
	FALLIBLE (*control_give_req)(struct session *s);
	FALLIBLE (*minor_sync_req)(struct session *s, bool confirm, struct bytes user_data,
				   uint32_t *out_serial);
	FALLIBLE (*minor_sync_rsp)(struct session *s, uint32_t serial, struct bytes user_data);
	FALLIBLE (*activity_start_req)(struct session *s, struct bytes activity,
				       struct bytes user_data);
	FALLIBLE (*activity_resume_req)(struct session *s, const struct session_resume *resume);
	FALLIBLE (*activity_end_req)(struct session *s, struct bytes user_data,
				     uint32_t *out_serial);
	FALLIBLE (*activity_end_rsp)(struct session *s, struct bytes user_data);
	FALLIBLE (*activity_interrupt_req)(struct session *s, int reason);
	FALLIBLE (*activity_interrupt_rsp)(struct session *s);
	FALLIBLE (*activity_discard_req)(struct session *s, int reason);
	FALLIBLE (*activity_discard_rsp)(struct session *s);
	FALLIBLE (*u_exception_req)(struct session *s, int reason, struct bytes user_data);
	FALLIBLE (*release_req)(struct session *s, struct bytes user_data);
	FALLIBLE (*release_rsp)(struct session *s, struct bytes user_data);
	void (*u_abort_req)(struct session *s, struct bytes user_data);
};
extern const struct pres_session_service pres_over_session;

/* What session tells presentation: for session_new, with the presentation as its user. */
extern const struct session_user pres_session_user;

/* All outlive it. */
struct presentation *pres_new(const struct pres_session_service *service,
			      const struct pres_user *user, void *user_data);
void pres_attach(struct presentation *p, struct session *session);
void pres_free(struct presentation **p);

/* The accepted context of an abstract syntax (contents octets of its identifier), or 0. */
int pres_context_of(const struct presentation *p, struct bytes abstract_syntax);
/* The abstract syntax of an accepted context; none where it is not accepted. */
struct bytes pres_syntax_of(const struct presentation *p, int context);

FALLIBLE pres_connect_req(struct presentation *p, const struct pres_connect *connect);
/* accept->contexts are those of the indication with the user's results; what the provider
 * rejected stays rejected. */
FALLIBLE pres_connect_rsp(struct presentation *p, const struct pres_connect *accept);
/* reason is one of enum pres_refusal; contexts may be null: then all are accepted in the list. */
FALLIBLE pres_refuse_rsp(struct presentation *p, int reason, const struct pres_connect *refuse);

/* One value in parts, which together are one TLV; borrowed until it returns, not copied. */
FALLIBLE pres_data_req(struct presentation *p, int context, const struct bytes *parts,
		       size_t count);

FALLIBLE pres_release_req(struct presentation *p, const struct pres_value *values, size_t count);
FALLIBLE pres_release_rsp(struct presentation *p, const struct pres_value *values, size_t count);
/* Allowed in every state.  Nothing is told afterwards. */
void pres_u_abort_req(struct presentation *p, const struct pres_value *values, size_t count);

FALLIBLE pres_token_give_req(struct presentation *p, uint8_t tokens);
FALLIBLE pres_token_please_req(struct presentation *p, uint8_t tokens,
			       const struct pres_value *values, size_t count);
FALLIBLE pres_control_give_req(struct presentation *p);
FALLIBLE pres_sync_minor_req(struct presentation *p, bool confirm, uint32_t *out_serial);
FALLIBLE pres_sync_minor_rsp(struct presentation *p, uint32_t serial);
FALLIBLE pres_activity_start_req(struct presentation *p, struct bytes activity);
FALLIBLE pres_activity_resume_req(struct presentation *p, const struct session_resume *resume);
FALLIBLE pres_activity_end_req(struct presentation *p, uint32_t *out_serial);
FALLIBLE pres_activity_end_rsp(struct presentation *p);
FALLIBLE pres_activity_interrupt_req(struct presentation *p, int reason);
FALLIBLE pres_activity_interrupt_rsp(struct presentation *p);
FALLIBLE pres_activity_discard_req(struct presentation *p, int reason);
FALLIBLE pres_activity_discard_rsp(struct presentation *p);
FALLIBLE pres_u_exception_req(struct presentation *p, int reason);

#endif
