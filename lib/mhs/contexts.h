/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The application contexts of X.419, with the abstract syntaxes of 1988: what
 * an association carries, and in which syntax each operation travels.
 */
#ifndef LIB_MHS_CONTEXTS_H
#define LIB_MHS_CONTEXTS_H

#include "lib/osi/assoc.h"

/* P1 between MTAs: MTS-APDUs over RTSE [X.419]. */
extern const struct app_context context_mts_transfer;

/* P3, opened by the MTS-user, or forced by the MTA; reliable ones are over RTSE [X.419]. */
extern const struct app_context context_mts_access;
extern const struct app_context context_mts_forced_access;
extern const struct app_context context_mts_reliable_access;
extern const struct app_context context_mts_forced_reliable_access;

/* P7, opened by the UA [X.419]. */
extern const struct app_context context_ms_access;
extern const struct app_context context_ms_reliable_access;

/* All of them; ends with null. */
extern const struct app_context *const contexts_all[];

/* Null where the name, dotted, is none of X.419's. */
const struct app_context *context_find(const char *oid);

#endif
