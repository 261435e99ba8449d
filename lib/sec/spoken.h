/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fingerprint in words that two people read to each other [RFC 1751]: twelve short English
 * words for the first 128 bits of a hash.  Two parity bits for every six words tell what was
 * misheard from what is another fingerprint.
 */
#ifndef LIB_SEC_SPOKEN_H
#define LIB_SEC_SPOKEN_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

enum { SPOKEN_OCTETS = 16, SPOKEN_WORDS = 12 };

/* By value: printf("%s", spoken_of(hash).s). */
struct spoken {
	char s[64];
};

/* The words of a hash, which has at least SPOKEN_OCTETS. */
struct spoken spoken_of(struct bytes hash);

/* The octets of twelve words: any case, white space, hyphens and commas between them; 1, 0 and 5
 * are read as L, O and S [RFC 1751].  ST_USAGE where there are not twelve, one is not in the
 * dictionary, or they do not fit together. */
FALLIBLE spoken_read(const char *text, uint8_t out_octets[static SPOKEN_OCTETS]);

/* ST_REFUSED unless the words are those of the hash. */
FALLIBLE spoken_check(struct bytes hash, const char *said);

#endif
