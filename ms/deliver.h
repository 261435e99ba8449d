/* SPDX-License-Identifier: Apache-2.0 */
/*
 * P3 with the MTA: it delivers messages and reports [X.411 8.3].  What was
 * delivered is committed, and then confirmed, with a proof of delivery signed
 * by the store's own key where the originator asked for one.
 */
#ifndef MS_DELIVER_H
#define MS_DELIVER_H

#include "ms/ms.h"

/* The user of a link that an MTA opened; user data is deliver_new's. */
extern const struct link_user deliver_user;

struct deliverer;
/* Ends with the link. */
struct deliverer *deliver_new(struct ms *ms, struct link *link, const struct peer *mta);

#endif
