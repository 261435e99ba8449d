/* SPDX-License-Identifier: Apache-2.0 */
/* What is done now and then: giving up what has waited too long, forgetting what is finished. */
#ifndef MTA_HOUSEKEEPING_H
#define MTA_HOUSEKEEPING_H

#include "mta/mta.h"

enum { HOUSEKEEPING_SECONDS = 10 };

/* For a timer, with a struct mta *. */
void housekeeping(void *mta);

#endif
