/* SPDX-License-Identifier: Apache-2.0 */
/* Octets as words and back [RFC 1751]: 64 bits and two of parity are six words of 11 bits. */
#include "lib/sec/spoken.h"

#include "lib/sec/spoken_words.h"

#include <ctype.h>
#include <stdlib.h>

enum {
	WORD_BITS = 11,
	HALF_OCTETS = 8,
	HALF_WORDS = 6,
	SAID_MAX = 16,		/* characters of one word that is read; more are no word */
};

/* The pairs of bits, added up. */
static unsigned parity_of(uint64_t half)
{
	unsigned sum = 0;

	for (; half; half >>= 2)
		sum += half & 3;
	return sum & 3;
}

/* --- to words --- */

static void put_half(struct bytes octets, struct buf *out)
{
	uint64_t half = 0;

	for (size_t i = 0; i < HALF_OCTETS; i++)
		half = half << 8 | octets.data[i];
	for (unsigned i = 0; i < HALF_WORDS; i++) {
		unsigned parity = parity_of(half);
		int shift = 64 - WORD_BITS * (int)(i + 1);
		unsigned index = (shift >= 0 ? half >> shift : half << -shift | parity) &
				 (SPOKEN_DICTIONARY - 1);

		buf_printf(out, "%s%s", out->len ? " " : "", spoken_words[index]);
	}
}

struct spoken spoken_of(struct bytes hash)
{
	struct spoken words = { 0 };
	struct buf text = { 0 };

	put_half(hash, &text);
	put_half(bytes_slice(hash, HALF_OCTETS, HALF_OCTETS), &text);
	memcpy(words.s, text.data, text.len);
	buf_free(&text);
	return words;
}

/* --- from words --- */

static int compare(const void *said, const void *word)
{
	return strcmp(said, word);
}

/* The dictionary is in order in each of its two parts. */
static int index_of(const char *said)
{
	bool is_short = strlen(said) < SPOKEN_WORD_MAX;
	size_t from = is_short ? 0 : SPOKEN_SHORT;
	size_t count = is_short ? SPOKEN_SHORT : SPOKEN_DICTIONARY - SPOKEN_SHORT;
	const char (*found)[SPOKEN_WORD_MAX + 1] =
		bsearch(said, spoken_words[from], count, sizeof spoken_words[0], compare);

	return found ? (int)(found - spoken_words) : -1;
}

static bool is_between(char c)
{
	return isspace((unsigned char)c) || c == '-' || c == ',';
}

static char as_letter(char c)
{
	return c == '1' ? 'L' : c == '0' ? 'O' : c == '5' ? 'S' : (char)toupper((unsigned char)c);
}

/* The next word, in capitals; false where there is none. */
static bool take_word(const char **text, char out_word[static SAID_MAX])
{
	size_t len = 0;

	while (is_between(**text))
		++*text;
	for (; **text && !is_between(**text); ++*text)
		if (len < SAID_MAX - 1)
			out_word[len++] = as_letter(**text);
	out_word[len] = '\0';
	return len;
}

static FALLIBLE read_half(const unsigned *indexes, uint8_t *out_octets)
{
	uint64_t half = 0;
	unsigned last = indexes[HALF_WORDS - 1];

	for (int i = 0; i < HALF_WORDS - 1; i++)
		half = half << WORD_BITS | indexes[i];
	half = half << (WORD_BITS - 2) | last >> 2;
	if (parity_of(half) != (last & 3))
		return FAIL(ST_USAGE, 0, "the words do not fit together: one was misheard or left out");
	for (int i = HALF_OCTETS - 1; i >= 0; i--, half >>= 8)
		out_octets[i] = half & 0xff;
	return OK;
}

FALLIBLE spoken_read(const char *text, uint8_t out_octets[static SPOKEN_OCTETS])
{
	unsigned indexes[SPOKEN_WORDS];
	char word[SAID_MAX];
	size_t count = 0;

	for (; take_word(&text, word); count++) {
		int index = index_of(word);

		if (count == SPOKEN_WORDS)
			return FAIL(ST_USAGE, 0, "a fingerprint has %d words, not more", SPOKEN_WORDS);
		if (index < 0)
			return FAIL(ST_USAGE, 0, "word %zu is not in the dictionary of fingerprints",
				    count + 1);
		indexes[count] = (unsigned)index;
	}
	if (count < SPOKEN_WORDS)
		return FAIL(ST_USAGE, 0, "a fingerprint has %d words, not %zu", SPOKEN_WORDS, count);
	TRY(read_half(indexes, out_octets));
	return read_half(indexes + HALF_WORDS, out_octets + HALF_OCTETS);
}

FALLIBLE spoken_check(struct bytes hash, const char *said)
{
	uint8_t octets[SPOKEN_OCTETS];

	TRY(spoken_read(said, octets));
	if (!bytes_equal(bytes_of(octets, sizeof octets), bytes_slice(hash, 0, SPOKEN_OCTETS)))
		return FAIL(ST_REFUSED, 0, "the words said belong to another: these are \"%s\"",
			    spoken_of(hash).s);
	return OK;
}
