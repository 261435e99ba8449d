/* SPDX-License-Identifier: Apache-2.0 */
/* postern-dir check: the pairs and revocation lists of an authority's entry [X.509 11.2]. */
#include "directory/cmd_check.h"

#include "asn1/dn.h"
#include "lib/base/clock.h"
#include "lib/sec/signed_by.h"

/* --- pairs --- */

struct halves {
	const struct cert *forward, *reverse;	/* null where there is none */
};

/* What does not match, or null.  The key that forward certifies is this authority's: it signed
 * reverse, and the key that reverse certifies signed forward. */
static const char *mismatch(const struct directory_entry *entry, const struct halves *h)
{
	if (h->forward && !dn_text_equal(h->forward->subject_text, entry->name))
		return "its forward half was issued to another authority";
	if (h->reverse && !dn_text_equal(h->reverse->issuer_text, entry->name))
		return "its reverse half was issued by another authority";
	if (!h->forward || !h->reverse)
		return NULL;
	if (!dn_equal(h->forward->issuer, h->reverse->subject))
		return "its halves are between different authorities";
	if (!cert_signed_by(h->reverse, h->forward) || !cert_signed_by(h->forward, h->reverse))
		return "its halves are of different keys";
	return NULL;
}

static const char *half_wrong(struct checking *c, const struct cert *half, struct arena *arena)
{
	time_t when;

	if (!half)
		return NULL;
	if (half->not_after < c->now)
		return arena_printf(arena, "its certificate for %s ended on %s", half->subject_text,
				    time_text(half->not_after).s);
	if (check_revoked(c, half, &when))
		return arena_printf(arena, "its certificate for %s was revoked by %s on %s",
				    half->subject_text, half->issuer_text, time_text(when).s);
	return NULL;
}

static FALLIBLE decode_half(struct bytes der, const struct cert **out_cert)
{
	return der.len ? cert_decode_foreign(der, out_cert) : OK;
}

static void check_pair(struct checking *c, const struct directory_entry *entry, struct bytes value,
		       struct arena *arena)
{
	AUTO(cert_free) const struct cert *forward = NULL;
	AUTO(cert_free) const struct cert *reverse = NULL;
	struct cert_pair pair = { 0 };
	struct status *st = pair_decode(value, &pair);
	const char *fingerprint = check_fingerprint(arena, value);
	const char *drop = check_command(c, arena, "repair", entry, "--drop %s", fingerprint);
	const char *what = "pair-mismatch", *why;

	if (!st)
		st = decode_half(pair.forward, &forward);
	if (!st)
		st = decode_half(pair.reverse, &reverse);
	if (st) {
		check_tell(c, entry, "junk-pair",
			   arena_printf(arena, "the value %s of crossCertificatePair is no pair of "
					"certificates: %s", fingerprint, st->words), drop);
		status_drop(st);
		return;
	}
	why = mismatch(entry, &(struct halves){ forward, reverse });
	if (!why) {
		what = "pair-ended";
		why = half_wrong(c, forward, arena);
		if (!why)
			why = half_wrong(c, reverse, arena);
	}
	if (why)
		check_tell(c, entry, what, arena_printf(arena, "the pair %s does not serve: %s",
							fingerprint, why), drop);
}

/* --- lists --- */

static void check_list(struct checking *c, const struct directory_entry *entry, struct bytes value,
		       struct arena *arena)
{
	AUTO(crl_free) const struct crl *crl = NULL;
	struct status *st = crl_decode(value, &crl);
	const char *fingerprint = check_fingerprint(arena, value);

	if (st) {
		check_tell(c, entry, "junk-list",
			   arena_printf(arena, "the value %s is no revocation list: %s", fingerprint,
					st->words),
			   check_command(c, arena, "repair", entry, "--drop %s", fingerprint));
		status_drop(st);
		return;
	}
	if (crl->next_update && crl->next_update < c->now)
		check_tell(c, entry, "stale-list",
			   arena_printf(arena, "the revocation list %s should have been replaced on %s: "
					"all certificates of %s are refused", fingerprint,
					time_text(crl->next_update).s, crl->issuer_text),
			   "postern-ca crl, then postern-ca publish, where the authority is");
}

void check_authority(struct checking *c, const struct directory_entry *entry)
{
	static const enum directory_attr lists[] = { DIRECTORY_CRL, DIRECTORY_ARL };
	AUTO(arena_free) struct arena *arena = arena_new();

	for (size_t i = 0; i < entry->values[DIRECTORY_CROSS_PAIR].count; i++)
		check_pair(c, entry, entry->values[DIRECTORY_CROSS_PAIR].list[i], arena);
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		for (size_t k = 0; k < entry->values[lists[i]].count; k++)
			check_list(c, entry, entry->values[lists[i]].list[k], arena);
}
