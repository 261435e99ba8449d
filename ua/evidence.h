/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ua evidence: for a judge, and the judge himself. */
#ifndef UA_EVIDENCE_H
#define UA_EVIDENCE_H

#include "lib/base/command.h"

extern const struct option_spec evidence_options[];

/* evidence export NUMBER, evidence verify FILE. */
FALLIBLE cmd_evidence(const struct invocation *invocation);

FALLIBLE evidence_export(const struct invocation *invocation, const char *number);
/* Needs no home. */
FALLIBLE evidence_verify(const struct invocation *invocation, const char *file);

#endif
