/* SPDX-License-Identifier: Apache-2.0 */
/* postern-dir check: certificates of an entry, and whether they are the entry's. */
#include "directory/cmd_check.h"

#include "asn1/dn.h"
#include "lib/base/clock.h"
#include "lib/mhs/orname.h"

/* A certificate where it lies. */
struct found {
	const struct directory_entry *entry;
	const struct cert *cert;
	const char *fingerprint;
	struct arena *arena;
};

static const char *drop(const struct checking *c, const struct found *f)
{
	return check_command(c, f->arena, "repair", f->entry, "--drop %s", f->fingerprint);
}

/* An authority lets one that it has revoked stay until it ends: whoever meets it learns that it was
 * revoked, not that it is unknown. */
static void check_in_date(struct checking *c, const struct found *f)
{
	const struct cert *cert = f->cert;
	time_t when;

	if (check_revoked(c, cert, &when))
		check_tell(c, f->entry, "revoked",
			   arena_printf(f->arena, "the certificate %s was revoked by %s on %s: nothing is to be "
					"done until it ends", f->fingerprint, cert->issuer_text,
					time_text(when).s), NULL);
	else if (cert->not_after < c->soon)
		check_tell(c, f->entry, "expires-soon",
			   arena_printf(f->arena, "the certificate %s ends soon, on %s",
					f->fingerprint, time_text(cert->not_after).s),
			   arena_printf(f->arena, "have a new one issued, then %s",
					check_command(c, f->arena, "publish", f->entry,
						      "--add --certificate FILE")));
}

static void check_dates(struct checking *c, const struct found *f)
{
	if (f->cert->not_after >= c->now)
		check_in_date(c, f);
	else
		check_tell(c, f->entry, "expired",
			   arena_printf(f->arena, "the certificate %s ended on %s", f->fingerprint,
					time_text(f->cert->not_after).s), drop(c, f));
}

static void check_subject(struct checking *c, const struct found *f)
{
	if (!dn_text_equal(f->cert->subject_text, f->entry->name))
		check_tell(c, f->entry, "other-subject",
			   arena_printf(f->arena, "the certificate %s is that of %s", f->fingerprint,
					f->cert->subject_text), drop(c, f));
}

/* --- O/R addresses --- */

static bool entry_has_address(const struct found *f, const struct orname *wanted)
{
	const struct directory_values *values = &f->entry->values[DIRECTORY_OR_ADDRESS];

	for (size_t i = 0; i < values->count; i++) {
		struct orname *name = NULL;
		struct status *st = orname_from_text(f->arena, (const char *)values->list[i].data, &name);

		if (!st && orname_equal(name, wanted))
			return true;
		status_drop(st);
	}
	return false;
}

static void check_address(struct checking *c, const struct found *f)
{
	struct orname *own = NULL;
	struct status *st;

	if (!f->cert->or_address.len)
		return;
	st = oraddress_decode(f->arena, f->cert->or_address, &own);
	if (!st && entry_has_address(f, own))
		return;
	if (st) {
		check_tell(c, f->entry, "bad-address",
			   arena_printf(f->arena, "the certificate %s has an O/R address that cannot be "
					"read: %s", f->fingerprint, st->words), drop(c, f));
		status_drop(st);
		return;
	}
	const char *text = orname_text(f->arena, own);

	check_tell(c, f->entry, "other-address",
		   arena_printf(f->arena, "the certificate %s is for the O/R address %s, which the "
				"entry does not have", f->fingerprint, text),
		   check_command(c, f->arena, "publish", f->entry, "--add --or-address %s",
				 check_quoted(f->arena, text)));
}

/* --- where they lie --- */

static void check_value(struct checking *c, const struct directory_entry *entry,
			enum directory_attr attr, struct bytes value, struct arena *arena)
{
	AUTO(cert_free) const struct cert *cert = NULL;
	struct found f = { entry, NULL, check_fingerprint(arena, value), arena };
	struct status *st = cert_decode_foreign(value, &cert);

	f.cert = cert;
	if (st) {
		check_tell(c, entry, "no-certificate",
			   arena_printf(arena, "the value %s of %s is no certificate: %s", f.fingerprint,
					directory_attr_name(attr), st->words), drop(c, &f));
		status_drop(st);
		return;
	}
	if (attr == DIRECTORY_SMIME_CERTIFICATE || attr == DIRECTORY_BARE_CERTIFICATE)
		check_tell(c, entry, "wrong-attribute",
			   arena_printf(arena, "the certificate %s is in %s, where nobody looks for it",
					f.fingerprint, directory_attr_name(attr)),
			   check_command(c, arena, "repair", entry, "--adopt"));
	check_dates(c, &f);
	check_subject(c, &f);
	check_address(c, &f);
}

void check_certificates(struct checking *c, const struct directory_entry *entry)
{
	static const enum directory_attr attrs[] = {
		DIRECTORY_USER_CERTIFICATE, DIRECTORY_SMIME_CERTIFICATE, DIRECTORY_BARE_CERTIFICATE,
		DIRECTORY_CA_CERTIFICATE,
	};
	AUTO(arena_free) struct arena *arena = arena_new();

	for (size_t i = 0; i < sizeof attrs / sizeof *attrs; i++)
		for (size_t k = 0; k < entry->values[attrs[i]].count; k++)
			check_value(c, entry, attrs[i], entry->values[attrs[i]].list[k], arena);
}
