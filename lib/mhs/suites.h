/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings about suites [docs/SUITES.md]: which are accepted, and what is agreed on with peers.
 * Whether broken ones may be used is a setting of the site.
 */
#ifndef LIB_MHS_SUITES_H
#define LIB_MHS_SUITES_H

#include "lib/base/arena.h"
#include "lib/base/settings.h"
#include "lib/mhs/site.h"
#include "lib/sec/suite.h"

struct suite_settings {
	int amhs_hash, amhs_cic;	/* enum ecdsa_hash, enum cic_form */
};

/* The choices of amhs-hash and amhs-cic, in the order of their enums. */
extern const char *const suite_hash_names[], *const suite_cic_names[];

/* Lines of a program's table, for the member of its struct that is a struct suite_settings. */
#define SUITE_SETTINGS(type, member)                                                              \
	{ "amhs-hash", SET_ENUM, offsetof(type, member.amhs_hash), "sha1", 0, 0,                  \
	  "The hash of ECDSA in the suite amhs, as agreed on with its users.",                    \
	  suite_hash_names },                                                                     \
	{ "amhs-cic", SET_ENUM, offsetof(type, member.amhs_cic), "sequence", 0, 0,                \
	  "What the integrity check of the suite amhs signs: the SEQUENCE of X.411, or the "      \
	  "algorithm and the content joined.",                                                    \
	  suite_cic_names }

struct suite_options suite_options_of(const struct site_settings *site,
				      const struct suite_settings *settings);

/* "modern, amhs" as the suites of those names, in the arena, ended by null.  ST_USAGE where one
 * is none, or there are none. */
FALLIBLE suites_from_text(struct arena *arena, const char *names,
			  const struct suite *const **out_suites);

/* What is done with mail that nobody signed. */
enum unsigned_mail { UNSIGNED_PASS, UNSIGNED_MARK, UNSIGNED_REFUSE };
extern const char *const unsigned_names[];	/* "pass" ...; ends with null */

#endif
