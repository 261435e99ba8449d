/* SPDX-License-Identifier: Apache-2.0 */
/* The dictionary of RFC 1751, for lib/sec/spoken.c. */
#ifndef LIB_SEC_SPOKEN_WORDS_H
#define LIB_SEC_SPOKEN_WORDS_H

enum {
	SPOKEN_DICTIONARY = 2048,
	SPOKEN_SHORT = 571,	/* how many have one to three letters; the others have four */
	SPOKEN_WORD_MAX = 4,
};

extern const char spoken_words[SPOKEN_DICTIONARY][SPOKEN_WORD_MAX + 1];

#endif
