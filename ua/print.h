/* SPDX-License-Identifier: Apache-2.0 */
/* What goes to the user's terminal, or to a program. */
#ifndef UA_PRINT_H
#define UA_PRINT_H

#include "lib/base/bytes.h"
#include "lib/base/clock.h"

#include <jansson.h>
#include <stdio.h>

/* Prints JSON on stdout, and gives it back. */
void print_json(json_t *json);

/* A string that came from elsewhere, fit for JSON; null for null. */
json_t *json_shown(const char *text);
/* A time as RFC 3339 has it; null for 0. */
json_t *json_time(time_t t);

/* Several lines that came from elsewhere, each fit for JSON and ended. */
json_t *json_text(const char *text);

/* One line of text from elsewhere, fit for a terminal; "-" for null. */
void print_line(FILE *to, const char *text);
/* Several lines, each fit for a terminal and ended. */
void print_text(FILE *to, const char *text);

/* "1 message", "2 messages", "no messages", in the arena. */
struct arena;
const char *count_words(struct arena *arena, size_t count, const char *what);

/* The first letter made a capital: of a sentence, in the arena. */
const char *sentence(struct arena *arena, const char *words);

#endif
