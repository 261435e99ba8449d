/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings about suites [docs/SUITES.md]: which are accepted, and what is agreed on with peers.
 * Whether broken ones may be used is a setting of the site.
 *
 *	amhs-peer = ORADDRESS [hash=sha1|sha256] [cic=sequence|joined]
 *
 * The O/R address is a user's or a domain's; the first line that a user lies in counts, and what it
 * does not say is as with everybody.
 */
#ifndef LIB_MHS_SUITES_H
#define LIB_MHS_SUITES_H

#include "lib/base/arena.h"
#include "lib/base/settings.h"
#include "lib/mhs/orname.h"
#include "lib/mhs/site.h"
#include "lib/sec/suite.h"

struct suite_settings {
	int amhs_hash, amhs_cic;	/* enum ecdsa_hash, enum cic_form */
	struct text_list amhs_peers;
};

/* The choices of amhs-hash and amhs-cic, in the order of their enums. */
extern const char *const suite_hash_names[], *const suite_cic_names[];

/* Lines of a program's table, for the member of its struct that is a struct suite_settings. */
#define SUITE_SETTINGS(type, member)                                                              \
	{ "amhs-hash", SET_ENUM, offsetof(type, member.amhs_hash), "sha1", 0, 0,                  \
	  "The hash of ECDSA in the suite amhs, as agreed on with those whom no amhs-peer names.", \
	  suite_hash_names },                                                                     \
	{ "amhs-cic", SET_ENUM, offsetof(type, member.amhs_cic), "sequence", 0, 0,                \
	  "What the integrity check of the suite amhs signs: the SEQUENCE of X.411, or the "      \
	  "algorithm and the content joined.",                                                    \
	  suite_cic_names },                                                                      \
	{ "amhs-peer", SET_LIST, offsetof(type, member.amhs_peers), NULL, 0, 100000,              \
	  "What is agreed on with one user or one domain instead, the first that fits: "          \
	  "ORADDRESS [hash=sha1|sha256] [cic=sequence|joined]." }

/* What is agreed on, and with whom. */
struct suite_terms {
	struct suite_options others;	/* with everybody who is not in the list */
	struct suite_term {
		const struct orname *area;
		struct suite_options options;
	} *list;
	size_t count;
};

/* In the arena.  ST_USAGE names the line that makes no sense. */
FALLIBLE suite_terms_read(struct arena *arena, const struct site_settings *site,
			  const struct suite_settings *settings, struct suite_terms *out_terms);
/* Lives as long as the terms: the same pointer for all that a line speaks of. */
const struct suite_options *suite_terms_with(const struct suite_terms *terms,
					     const struct orname *peer);
/* The same for an ORName as it travelled; what cannot be read is nobody's, and has those of others. */
const struct suite_options *suite_terms_with_tlv(const struct suite_terms *terms, struct bytes peer);

/* "modern, amhs" as the suites of those names, in the arena, ended by null.  ST_USAGE where one
 * is none, or there are none. */
FALLIBLE suites_from_text(struct arena *arena, const char *names,
			  const struct suite *const **out_suites);

/* What is done with mail that nobody signed. */
enum unsigned_mail { UNSIGNED_PASS, UNSIGNED_MARK, UNSIGNED_REFUSE };
extern const char *const unsigned_names[];	/* "pass" ...; ends with null */

#endif
