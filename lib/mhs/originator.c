/* SPDX-License-Identifier: Apache-2.0 */
/* Whose signature a message or probe has. */
#include "lib/mhs/originator.h"

#include "asn1/ber.h"
#include "lib/mhs/orname.h"

enum { BROUGHT_MAX = 8 };	/* certificates that one message may have us verify */

struct looking {
	struct trust *trust;
	struct trust_wanted wanted;
	const char *who;
	struct path_trial trial;
	bool done;
};

/* --- what the message brings along: a hint, and no more --- */

static void try_brought(struct looking *l, struct bytes certificates)
{
	AUTO(cert_free) const struct cert *cert = NULL;
	AUTO(cert_path_free) struct cert_path *path = NULL;
	struct status *failed = certificates_first(certificates, "originator", &cert);

	if (!failed)
		failed = trust_verify(l->trust, &l->wanted, cert, &path);
	if (!failed)
		failed = path_try(&l->trial, path);
	l->done = !failed;
	status_drop(failed);	/* the directory has the last word */
}

/* ExtendedCertificates: a SET OF certificates [1], and of entries [0] where others are. */
static void try_several(struct looking *l, struct bytes value)
{
	struct ber_tlv set, one;

	if (!value.len || !ber_nth(value, 0, &set))
		return;
	for (size_t i = 0; i < BROUGHT_MAX && !l->done && ber_nth(set.contents, i, &one); i++) {
		AUTO(buf_free) struct buf certificates = { 0 };

		if (one.tag != BER_CONTEXT(1))
			continue;
		buf_put(&certificates, one.contents);
		ber_wrap(&certificates, 0, BER_SEQUENCE);
		try_brought(l, buf_view(&certificates));
	}
}

/* --- the directory --- */

/* With the failure of an attempt there is more to say than that a certificate is missing. */
static FALLIBLE try_directory(struct looking *l)
{
	AUTO(cert_path_free) struct cert_path *path = NULL;
	struct status *failed = trust_find_for(l->trust, &l->wanted, &l->trial, &path);

	if (failed && !l->trial.failed)
		return status_doing(failed, "cannot verify the certificate of %s", l->who);
	if (failed && failed->kind != l->trial.failed->kind) {	/* nobody could look any further */
		status_free(&failed);
		failed = status_copy(l->trial.failed);
	}
	return failed;
}

static FALLIBLE look(struct looking *l, const struct ext_set *extensions)
{
	struct bytes brought = ext_value(extensions, EXT_ORIGINATOR_CERTIFICATE);

	if (brought.len)
		try_brought(l, brought);
	if (!l->done)
		try_several(l, ext_value(extensions, EXT_MULTIPLE_ORIGINATOR_CERTIFICATES));
	return l->done ? OK : try_directory(l);
}

FALLIBLE originator_check(struct trust *trust, struct arena *arena, struct bytes originator,
			  const struct ext_set *extensions, originator_attempt *attempt, void *arg)
{
	struct looking l = { .trust = trust, .trial = { .attempt = attempt, .arg = arg } };
	AUTO(buf_free) struct buf address = { 0 };
	struct orname *name = NULL;

	TRY(orname_decode(arena, originator, &name));
	l.who = orname_text(arena, name);
	if (!orname_has_address(name))
		return FAIL(ST_REFUSED, 0, "the originator %s has no O/R address", l.who);
	TRY(oraddress_encode(name, &address));
	l.wanted = (struct trust_wanted){
		.scope = SCOPE_UA,
		.directory_name = name->directory_name,
		.or_address = buf_view(&address),
	};

	struct status *failed = look(&l, extensions);

	path_trial_cleanup(&l.trial);
	return failed;
}
