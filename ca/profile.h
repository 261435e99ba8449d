/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What certificates for a use are like.  The settings may change it, a line for each use:
 *
 *	profile = ua days=365 keys=p256,rsa address=required usage=sign,seal policies=1.3.6.1.4.1.99.1
 */
#ifndef CA_PROFILE_H
#define CA_PROFILE_H

#include "lib/base/settings.h"
#include "lib/sec/issue.h"

struct profile {
	int days;		/* how long they are valid unless something else is said */
	int days_max;		/* and at most */
	bool keys[KEY_X25519 + 1];	/* by type: which may be certified */
	bool needs_address;	/* an O/R address */
	bool seals;		/* what is sealed may be sealed for the key, where its type allows it */
	struct cert_policies policies;	/* under which they are issued; none for authorities */
};

struct profiles {
	struct profile of[SCOPE_CA + 1];
};

/* The usual ones, changed as the lines say.  ST_USAGE with the line that makes no sense. */
FALLIBLE profiles_read(const struct text_list *lines, struct profiles *out_profiles);

/* ST_REFUSED where the profile does not allow a key of this type. */
FALLIBLE profile_check_key(const struct profiles *profiles, enum scope scope, enum key_type type);
/* When a certificate that begins now ends; days 0: as the profile says. */
FALLIBLE profile_end(const struct profiles *profiles, enum scope scope, int days, time_t now,
		     time_t *out_end);

#endif
