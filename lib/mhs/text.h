/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Character sets: T.61 and general strings on the wire, UTF-8 inside.
 */
#ifndef LIB_MHS_TEXT_H
#define LIB_MHS_TEXT_H

#include "lib/base/arena.h"
#include "lib/base/bytes.h"

/* UTF-8 of teletex characters; what cannot be read becomes U+FFFD. */
const char *text_from_teletex(struct arena *arena, struct bytes t61);
/* Appends T.61; false (and nothing appended) where a character has none. */
bool text_to_teletex(const char *utf8, struct buf *out);

/* UTF-8 of BMPString (16 bits) or UniversalString (32 bits) characters. */
const char *text_from_ucs(struct arena *arena, struct bytes ucs, unsigned octets);
void text_to_bmp(const char *utf8, struct buf *out);

/* UTF-8 of a GeneralString whose character sets are registered as said (0 ends the list):
 * 6 and 2 ASCII, 100 ISO 8859-1, 196 UTF-8, ...; escape sequences are passed over. */
const char *text_from_general(struct arena *arena, struct bytes general, const int *registrations);

bool text_is_printable(const char *utf8);	/* all of PrintableString */
bool text_is_numeric(const char *utf8);
bool text_is_ia5(const char *utf8);
bool text_is_utf8(struct bytes octets);

/* A PrintableString that looks like the text, no longer than a bound; in the arena. */
const char *text_printable_like(struct arena *arena, const char *utf8, size_t bound);

/* Whether two texts are the same without regard to case and redundant spaces. */
bool text_equal(const char *a, const char *b);
/* The form that is the same for texts that are text_equal. */
const char *text_canonical(struct arena *arena, const char *utf8);

#endif
