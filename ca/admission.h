/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a request to a certificate: what the request says, what the administrator says of it, what
 * the profile allows, and who has the name and the address already.
 */
#ifndef CA_ADMISSION_H
#define CA_ADMISSION_H

#include "ca/holder.h"
#include "ca/profile.h"
#include "lib/base/arena.h"

/* What the administrator says; the request has to say the same, or nothing.  Null: nothing. */
struct wishes {
	const char *name, *scope, *or_address;
	const char *words;	/* that the holder read to him */
	bool needs_words;	/* ST_REFUSED where he did not */
	struct bytes proof;	/* by the key he has, with rekey; none: his words say who he is */
	bool rekey;		/* whoever has the name already is the one who asks */
	int days;		/* 0: as the profile says */
};

struct admission {
	struct cert_plan plan;
	const char *address;		/* text, or null */
	struct applicant applicant;
	struct holding holding;
	struct buf address_der;
	/* For the caller to say: */
	bool once;		/* who has a valid one for this key and use keeps that */
	bool supersede;		/* the one that the holder has for another key is revoked */
};

void admission_cleanup(struct admission *admission);

/* Decides; request and profiles outlive the admission, texts live in the arena.  ST_REFUSED and ST_USAGE
 * say why not. */
FALLIBLE admission_decide(struct authority *ca, const struct profiles *profiles,
			  const struct cert_request *request, const struct wishes *wishes,
			  time_t now, struct arena *arena, struct admission *out_admission);

/* Issues, in one transaction with a last look at who has what: *out_issued is false where he keeps
 * what he has. */
FALLIBLE admission_issue(struct authority *ca, struct admission *admission, time_t now,
			 const struct cert **out_cert, bool *out_issued);

#endif
