/* SPDX-License-Identifier: Apache-2.0 */
/* A capture file of one TCP connection to port 102, made up from what two stacks say. */
#ifndef TESTS_SUPPORT_CAPTURE_H
#define TESTS_SUPPORT_CAPTURE_H

#include "lib/base/bytes.h"

struct capture;

/* Null if the file cannot be made. */
struct capture *capture_new(const char *path);
void capture_free(struct capture **capture);

/* Octets from the client, or from the server. */
void capture_segment(struct capture *c, bool from_client, struct bytes octets);

#endif
