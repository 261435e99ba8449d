/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EXTERNAL [X.208] around one value of a presentation context: how RTSE's
 * users put their APDUs into activities.
 */
#ifndef LIB_OSI_EXTERNAL_H
#define LIB_OSI_EXTERNAL_H

#include "asn1/ber.h"
#include "lib/base/bytes.h"
#include "lib/base/status.h"

/* What stands before a value of this length. */
#define EXTERNAL_HEADER_MAX (3 * BER_HEADER_MAX)
struct bytes external_header(int context_id, size_t value_len, uint8_t header[EXTERNAL_HEADER_MAX]);

/*
 * The value in an EXTERNAL, and the identifier of its presentation context, -1
 * where none is given.  A value that is no EXTERNAL stands for itself: there
 * are makers who transfer it bare, and no APDU of ours has that tag.
 */
FALLIBLE external_open(struct bytes in, int *out_context_id, struct bytes *out_value);

#endif
