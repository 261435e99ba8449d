/* SPDX-License-Identifier: Apache-2.0 */
/* A session with the token that a URI names.  For crypto_pkcs11.c; p11-kit is included here. */
#ifndef LIB_SEC_PKCS11_SESSION_H
#define LIB_SEC_PKCS11_SESSION_H

#include "lib/sec/crypto.h"

#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>
#include <pthread.h>

enum { PKCS11_VALUE_MAX_OCTETS = 2048 };

struct pkcs11_session {
	P11KitUri *uri;
	CK_FUNCTION_LIST **modules;	/* all that p11-kit knows, ends with null; null where ... */
	CK_FUNCTION_LIST *own;		/* ... the URI names this one */
	CK_FUNCTION_LIST *module;	/* the one that has the token */
	CK_SESSION_HANDLE handle;	/* 0: none yet */
	CK_OBJECT_HANDLE key;
	enum key_type type;
	pthread_mutex_t lock;
};

/* Opens a session, and logs in; to make keys where it is writable. */
FALLIBLE pkcs11_session_open(const char *uri, struct bytes pin, bool writable, struct pkcs11_session **out_session);
void pkcs11_session_free(struct pkcs11_session **session);

/* The one object of this class that the URI names; ST_NOT_FOUND, ST_USAGE for more than one. */
FALLIBLE pkcs11_session_find(const struct pkcs11_session *session, CK_OBJECT_CLASS class,
		      CK_OBJECT_HANDLE *out_object);

/* What the URI says of the object; of length 0 where it says nothing.  The identifier then is the
 * label. */
CK_ATTRIBUTE pkcs11_session_label(const struct pkcs11_session *session);
CK_ATTRIBUTE pkcs11_session_id(const struct pkcs11_session *session);

/* A failure with p11-kit's words for what the token returned. */
__attribute__((returns_nonnull, warn_unused_result))
struct status *pkcs11_session_failure(enum status_kind kind, CK_RV rv, const char *words);

#endif
