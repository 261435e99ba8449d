/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scope of use: what a certified key is for, so that the key of a message
 * store cannot sign as its user.  In a certificate it is a critical extended
 * key usage with one identifier of our own; a CA is known by basicConstraints.
 */
#ifndef LIB_SEC_SCOPE_H
#define LIB_SEC_SCOPE_H

#include "lib/base/status.h"

enum scope {
	SCOPE_NONE,	/* the certificate does not say, or says something else */
	SCOPE_UA,
	SCOPE_MS,
	SCOPE_MTA,
	SCOPE_CA,
};

/* "UA", "MS", "MTA", "CA", "no scope of use". */
const char *scope_name(enum scope scope);
/* Dotted, from the arc of UUIDs [X.667]; null for SCOPE_NONE and SCOPE_CA. */
const char *scope_oid(enum scope scope);
/* SCOPE_NONE where it is none of ours. */
enum scope scope_from_oid(const char *oid);
/* Any case; ST_USAGE, naming what is known, otherwise. */
FALLIBLE scope_from_text(const char *text, enum scope *out_scope);

#endif
