/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Identities of domains, MTAs and messages.
 */
#include "lib/mhs/mts_id.h"

#include "asn1/asn.h"
#include "asn1/bounds.h"
#include "lib/mhs/orname.h"
#include "lib/mhs/text.h"

#include <MTSIdentifier.h>

ASN_CLEANUP(MTSIdentifier)
ASN_CLEANUP(GlobalDomainIdentifier)

FALLIBLE mta_identity_from_text(struct arena *arena, const char *domain, const char *mta_name,
				struct mta_identity **out_identity)
{
	struct mta_identity *identity = arena_new_of(arena, struct mta_identity);
	size_t len = strlen(mta_name);
	struct orname *name;

	TRY(orname_from_text(arena, domain, &name));
	TRY_DOING(orname_check(name), "\"%s\" is not a management domain", domain);
	if (!name->value[OR_COUNTRY] || orname_attribute_count(name) != 2u + !!name->value[OR_PRMD])
		return FAIL(ST_USAGE, 0, "\"%s\" is not a management domain, which has C, ADMD and "
			    "perhaps PRMD", domain);
	if (!len || len > UB_MTA_NAME_LENGTH || !text_is_ia5(mta_name))
		return FAIL(ST_USAGE, 0, "\"%s\" is not an MTA name: 1 to %d characters of IA5",
			    mta_name, UB_MTA_NAME_LENGTH);
	identity->country = name->value[OR_COUNTRY];
	identity->admd = name->value[OR_ADMD];
	identity->prmd = name->value[OR_PRMD];
	identity->mta_name = arena_strdup(arena, mta_name);
	*out_identity = identity;
	return OK;
}

/* A string in a CHOICE of NumericString and PrintableString, under an explicit tag or none. */
static void put_choice(struct buf *out, uint32_t tag, const char *value, bool numeric)
{
	size_t from = out->len;

	ber_put(out, numeric ? BER_UNIVERSAL(18) : BER_UNIVERSAL(19), bytes_text(value));
	if (tag)
		ber_wrap(out, from, tag);
}

void domain_encode(const struct mta_identity *identity, struct buf *out)
{
	size_t from = out->len;

	put_choice(out, BER_APPLICATION(1), identity->country, text_is_numeric(identity->country));
	put_choice(out, BER_APPLICATION(2), identity->admd, false);
	if (identity->prmd)
		put_choice(out, 0, identity->prmd, false);
	ber_wrap(out, from, BER_APPLICATION(3));
}

/* A decoded domain as texts in the arena. */
static struct mta_identity domain_texts(struct arena *arena, const GlobalDomainIdentifier_t *domain)
{
	struct mta_identity identity = { 0 };

	identity.country = text_from_teletex(
		arena, asn_bytes(&domain->country_name.choice.iso_3166_alpha2_code));
	identity.admd = text_from_teletex(
		arena, asn_bytes(&domain->administration_domain_name.choice.printable));
	if (domain->private_domain_identifier)
		identity.prmd = text_from_teletex(
			arena, asn_bytes(&domain->private_domain_identifier->choice.printable));
	return identity;
}

static bool same_domain(const struct mta_identity *a, const struct mta_identity *b)
{
	return text_equal(a->country, b->country) && text_equal(a->admd, b->admd) &&
	       !a->prmd == !b->prmd && (!a->prmd || text_equal(a->prmd, b->prmd));
}

static FALLIBLE domain_decode(struct arena *arena, struct bytes tlv, struct mta_identity *out)
{
	AUTO(GlobalDomainIdentifier_cleanup) GlobalDomainIdentifier_t *domain = NULL;

	TRY(asn_decode(&asn_DEF_GlobalDomainIdentifier, tlv, (void **)&domain));
	*out = domain_texts(arena, domain);
	return OK;
}

bool domain_equal(struct bytes a, struct bytes b)
{
	if (bytes_equal(a, b))
		return true;
	struct arena *arena = arena_new();
	struct mta_identity left, right;
	struct status *st = domain_decode(arena, a, &left);
	bool equal = false;

	if (!st)
		st = domain_decode(arena, b, &right);
	if (!st)
		equal = same_domain(&left, &right);
	status_drop(st);
	arena_free(&arena);
	return equal;
}

FALLIBLE mts_id_encode(const struct mta_identity *identity, const char *local, struct buf *out)
{
	size_t len = strlen(local);
	size_t from = out->len;

	if (!len || len > UB_LOCAL_ID_LENGTH || !text_is_ia5(local))
		return FAIL(ST_USAGE, 0, "\"%s\" is not a local identifier: 1 to %d characters of IA5",
			    local, UB_LOCAL_ID_LENGTH);
	domain_encode(identity, out);
	ber_put(out, BER_UNIVERSAL(22), bytes_text(local));
	ber_wrap(out, from, BER_APPLICATION(4));
	return OK;
}

/* Two domains may have MTAs of one name; the domain stands beside it in the identifier. */
const char *mts_id_local(struct arena *arena, const struct mta_identity *identity,
			 time_t now, uint64_t unique)
{
	return arena_printf(arena, "%.6s.%08llx%016llx", identity->mta_name,
			    (unsigned long long)now & 0xffffffff, (unsigned long long)unique);
}

static FALLIBLE decode(struct arena *arena, struct bytes tlv, struct mta_identity *out_domain,
		       struct bytes *out_local)
{
	AUTO(MTSIdentifier_cleanup) MTSIdentifier_t *id = NULL;

	TRY_DOING(asn_decode(&asn_DEF_MTSIdentifier, tlv, (void **)&id),
		  "cannot read an MTS-identifier");
	*out_domain = domain_texts(arena, &id->global_domain_identifier);
	*out_local = arena_dup(arena, asn_bytes(&id->local_identifier));
	return OK;
}

const char *mts_id_text(struct arena *arena, struct bytes tlv)
{
	struct mta_identity domain;
	struct orname name = { 0 };
	struct bytes local;
	struct status *st = decode(arena, tlv, &domain, &local);

	if (st) {
		status_drop(st);
		return "[malformed identifier]";
	}
	name.value[OR_COUNTRY] = domain.country;
	name.value[OR_ADMD] = *domain.admd ? domain.admd : " ";
	name.value[OR_PRMD] = domain.prmd;
	return arena_printf(arena, "[%s;%s]", orname_text(arena, &name), arena_text(arena, local));
}

FALLIBLE mts_id_from_text(const char *text, struct buf *out_tlv)
{
	const char *semicolon = strchr(text, ';');
	size_t len = strlen(text);
	struct arena *arena;
	struct mta_identity *identity;
	struct status *st;

	if (!semicolon || text[0] != '[' || text[len - 1] != ']')
		return FAIL(ST_USAGE, 0, "\"%s\" is not an identifier \"[/C=.../;local]\"", text);
	arena = arena_new();
	st = mta_identity_from_text(
		arena, arena_text(arena, bytes_of(text + 1, (size_t)(semicolon - text - 1))), "mta",
		&identity);
	if (!st)
		st = mts_id_encode(identity,
				   arena_text(arena, bytes_of(semicolon + 1,
							      len - (size_t)(semicolon - text) - 2)),
				   out_tlv);
	arena_free(&arena);
	return st;
}

bool mts_id_equal(struct bytes a, struct bytes b)
{
	struct arena *arena = arena_new();
	struct mta_identity left, right;
	struct bytes left_local, right_local;
	struct status *st = decode(arena, a, &left, &left_local);
	bool equal = false;

	if (!st)
		st = decode(arena, b, &right, &right_local);
	if (!st)
		equal = bytes_equal(left_local, right_local) && same_domain(&left, &right);
	status_drop(st);
	arena_free(&arena);
	return equal;
}

FALLIBLE mts_id_check(struct bytes tlv)
{
	struct arena *arena = arena_new();
	struct mta_identity domain;
	struct bytes local;
	struct status *st = decode(arena, tlv, &domain, &local);

	if (!st && (!local.len || local.len > UB_LOCAL_ID_LENGTH))
		st = FAIL(ST_PEER, 0, "an MTS-identifier has a local part of %zu characters, not 1 to %d",
			  local.len, UB_LOCAL_ID_LENGTH);
	arena_free(&arena);
	return st;
}
