/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a program comes by its certificate: it makes a key, which stays where it is made, and a
 * request, which goes to the authority.  What both sides read to each other, so that nobody puts
 * another request in its place, are the words of the request (lib/sec/spoken.h).
 */
#ifndef LIB_MHS_ENROL_H
#define LIB_MHS_ENROL_H

#include "lib/base/command.h"
#include "lib/mhs/own_keys.h"
#include "lib/sec/issue.h"
#include "lib/sec/spoken.h"

/* Who asks, and for what. */
struct enrolment {
	const char *name;		/* RFC 4514 */
	const char *or_address;		/* null: none */
	enum scope scope;
	struct key_place place;		/* where the key is, or is to be; "" where none is set */
	const char *request;		/* and the request */
	const char *keys;		/* folder of further keys; null, empty: none is set */
	/* His certified key, where this is another; it signs a request for one that cannot, and
	 * otherwise a proof, in a file beside it that ends in .proof.  Null: he has none. */
	const struct own_key *holder;
};

/* ST_USAGE for a use that nobody enrols for, and for a UA without an O/R address. */
FALLIBLE enrol_check_use(enum scope scope, bool has_address);
/* The same, and that the names are names. */
FALLIBLE enrol_check(const struct enrolment *enrolment);

/* Writes the request for a key, as PEM. */
FALLIBLE enrol_request(const struct enrolment *enrolment, const struct private_key *key,
		       struct spoken *out_words);

/* Says where the request lies, and its words, for people or as JSON. */
void enrol_tell(const struct invocation *invocation, const struct enrolment *enrolment,
		const struct spoken *words);

/* --- "enrol", as programs have it --- */

extern const struct option_spec enrol_options[];

/*
 * Asks for a certificate for a key, which is made where it is not there, and is opened, or will
 * be, as opening says.  The options come before what enrolment says, and have to say what it
 * leaves open (null).  Beside the key that there is another is made in the folder of further keys,
 * and waits there for its certificate; what was made and not certified is not made again.
 */
FALLIBLE enrol_run(const struct invocation *invocation, const struct key_opening *opening,
		   const struct enrolment *enrolment);

#endif
