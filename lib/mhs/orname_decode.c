/* SPDX-License-Identifier: Apache-2.0 */
/*
 * O/R names from their ASN.1 [X.411 8.5.5].  An attribute may stand there in
 * several variants: the printable one, which is taken first, has precedence.
 */
#include "lib/mhs/orname.h"

#include "asn1/asn.h"
#include "lib/mhs/orname_table.h"
#include "lib/mhs/text.h"

#include <CommonName.h>
#include <ORAddress.h>
#include <ORName.h>
#include <PDSParameter.h>
#include <PostalCode.h>
#include <PhysicalDeliveryCountryName.h>
#include <TeletexDomainDefinedAttributes.h>
#include <TeletexOrganizationalUnitNames.h>
#include <TeletexPersonalName.h>
#include <TeletexString.h>
#include <UniversalOrBMPString.h>

ASN_CLEANUP(ORName)
ASN_CLEANUP(ORAddress)

static void take(struct orname *name, enum or_attribute a, const char *value)
{
	if (value && *value && !name->value[a])
		name->value[a] = value;
}

#define TAKE_STRING(a, string)								\
	do {										\
		if (string)								\
			take(name, (a), text_from_teletex(arena, asn_bytes(string)));	\
	} while (0)

static void take_standard(struct arena *arena, const BuiltInStandardAttributes_t *std,
			  struct orname *name)
{
	/* The alternatives of each CHOICE are strings and lie at one place. */
	if (std->country_name)
		TAKE_STRING(OR_COUNTRY, &std->country_name->choice.x121_dcc_code);
	if (std->administration_domain_name) {
		const char *admd = text_from_teletex(
			arena, asn_bytes(&std->administration_domain_name->choice.numeric));

		/* A single space, or nothing, is the ADMD that any can stand for [X.402 18.3.1]. */
		name->value[OR_ADMD] = *admd ? admd : " ";
	}
	if (std->private_domain_name)
		TAKE_STRING(OR_PRMD, &std->private_domain_name->choice.numeric);
	TAKE_STRING(OR_X121, std->network_address);
	TAKE_STRING(OR_TERMINAL_ID, std->terminal_identifier);
	TAKE_STRING(OR_ORGANIZATION, std->organization_name);
	TAKE_STRING(OR_NUMERIC_USER_ID, std->numeric_user_identifier);
	if (std->personal_name) {
		take(name, OR_SURNAME,
		     text_from_teletex(arena, asn_bytes(&std->personal_name->surname)));
		TAKE_STRING(OR_GIVEN_NAME, std->personal_name->given_name);
		TAKE_STRING(OR_INITIALS, std->personal_name->initials);
		TAKE_STRING(OR_GENERATION, std->personal_name->generation_qualifier);
	}
	if (std->organizational_unit_names)
		for (int i = 0; i < std->organizational_unit_names->list.count && i < 4; i++)
			TAKE_STRING(OR_UNIT1 - i, std->organizational_unit_names->list.array[i]);
}

static void take_personal(struct arena *arena, const TeletexPersonalName_t *personal,
			  struct orname *name)
{
	take(name, OR_SURNAME, text_from_teletex(arena, asn_bytes(&personal->surname)));
	TAKE_STRING(OR_GIVEN_NAME, personal->given_name);
	TAKE_STRING(OR_INITIALS, personal->initials);
	TAKE_STRING(OR_GENERATION, personal->generation_qualifier);
}

static void add_dda(struct orname *name, const char *type, const char *value)
{
	if (name->dda_count < OR_DDA_MAX)
		name->dda[name->dda_count++] = (struct or_dda){ type, value };
}

static void take_universal(struct arena *arena, const UniversalOrBMPString_t *string,
			   struct orname *name, enum or_attribute a)
{
	bool two = string->character_encoding.present == CharacterEncoding_PR_two_octets;
	struct bytes ucs = two ? asn_bytes(&string->character_encoding.choice.two_octets)
			       : asn_bytes(&string->character_encoding.choice.four_octets);

	take(name, a, text_from_ucs(arena, ucs, two ? 2 : 4));
}

/* How each extension attribute is taken: the type of its value, and what to do with it. */
static void take_string(struct arena *arena, const void *value, struct orname *name, int a)
{
	const OCTET_STRING_t *string = value;

	TAKE_STRING((enum or_attribute)a, string);
}

static void take_pds(struct arena *arena, const void *value, struct orname *name, int a)
{
	const PDSParameter_t *pds = value;

	TAKE_STRING((enum or_attribute)a, pds->printable_string);
	TAKE_STRING((enum or_attribute)a, pds->teletex_string);
}

static void take_code(struct arena *arena, const void *value, struct orname *name, int a)
{
	const PostalCode_t *code = value;

	TAKE_STRING((enum or_attribute)a, &code->choice.numeric_code);
}

static void take_units(struct arena *arena, const void *value, struct orname *name, int a)
{
	const TeletexOrganizationalUnitNames_t *units = value;

	for (int i = 0; i < units->list.count && i < 4; i++)
		TAKE_STRING((enum or_attribute)(a - i), units->list.array[i]);
}

static void take_person(struct arena *arena, const void *value, struct orname *name, int a)
{
	(void)a;
	take_personal(arena, value, name);
}

static void take_ddas(struct arena *arena, const void *value, struct orname *name, int a)
{
	const TeletexDomainDefinedAttributes_t *ddas = value;

	(void)a;
	for (int i = 0; i < ddas->list.count && !name->dda_count; i++)
		add_dda(name, text_from_teletex(arena, asn_bytes(&ddas->list.array[i]->type)),
			text_from_teletex(arena, asn_bytes(&ddas->list.array[i]->value)));
}

static void take_ucs(struct arena *arena, const void *value, struct orname *name, int a)
{
	take_universal(arena, value, name, (enum or_attribute)a);
}

static const struct {
	long number;
	asn_TYPE_descriptor_t *type;
	void (*take)(struct arena *arena, const void *value, struct orname *name, int attribute);
	enum or_attribute attribute;
} extension_attributes[] = {
	{ XA_COMMON_NAME, &asn_DEF_CommonName, take_string, OR_COMMON_NAME },
	{ XA_TELETEX_COMMON_NAME, &asn_DEF_TeletexString, take_string, OR_COMMON_NAME },
	{ XA_TELETEX_ORGANIZATION, &asn_DEF_TeletexString, take_string, OR_ORGANIZATION },
	{ XA_TELETEX_PERSONAL_NAME, &asn_DEF_TeletexPersonalName, take_person, OR_SURNAME },
	{ XA_TELETEX_UNITS, &asn_DEF_TeletexOrganizationalUnitNames, take_units, OR_UNIT1 },
	{ XA_TELETEX_DDA, &asn_DEF_TeletexDomainDefinedAttributes, take_ddas, OR_UNIT1 },
	{ XA_PDS_NAME, &asn_DEF_CommonName, take_string, OR_PDS_NAME },
	{ XA_PD_COUNTRY, &asn_DEF_PhysicalDeliveryCountryName, take_code, OR_PD_COUNTRY },
	{ XA_POSTAL_CODE, &asn_DEF_PostalCode, take_code, OR_PD_CODE },
	{ XA_PD_OFFICE, &asn_DEF_PDSParameter, take_pds, OR_PD_OFFICE },
	{ XA_PD_PERSON, &asn_DEF_PDSParameter, take_pds, OR_PD_PERSON },
	{ XA_PD_ORGANIZATION, &asn_DEF_PDSParameter, take_pds, OR_PD_ORGANIZATION },
	{ XA_STREET, &asn_DEF_PDSParameter, take_pds, OR_PD_STREET },
	{ XA_UNIVERSAL_COMMON_NAME, &asn_DEF_UniversalOrBMPString, take_ucs, OR_COMMON_NAME },
	{ XA_UNIVERSAL_ORGANIZATION, &asn_DEF_UniversalOrBMPString, take_ucs, OR_ORGANIZATION },
};

enum { EXTENSION_ATTRIBUTE_KINDS = sizeof(extension_attributes) / sizeof(extension_attributes[0]) };

static FALLIBLE take_extension(struct arena *arena, const ExtensionAttribute_t *ext, size_t kind,
			       struct orname *name)
{
	asn_TYPE_descriptor_t *type = extension_attributes[kind].type;
	void *value = NULL;

	TRY_DOING(asn_decode(type, asn_bytes(&ext->extension_attribute_value), &value),
		  "extension attribute %ld of an O/R address", ext->extension_attribute_type);
	extension_attributes[kind].take(arena, value, name, extension_attributes[kind].attribute);
	asn_free(type, &value);
	return OK;
}

/* In the table's order, not in that of arrival: printable before teletex before universal. */
static FALLIBLE take_extensions(struct arena *arena, const ExtensionAttributes_t *set,
				struct orname *name)
{
	for (size_t kind = 0; kind < EXTENSION_ATTRIBUTE_KINDS; kind++)
		for (int i = 0; set && i < set->list.count; i++)
			if (set->list.array[i]->extension_attribute_type ==
			    extension_attributes[kind].number)
				TRY(take_extension(arena, set->list.array[i], kind, name));
	return OK;
}

static FALLIBLE take_address(struct arena *arena, const BuiltInStandardAttributes_t *std,
			     const BuiltInDomainDefinedAttributes_t *ddas,
			     const ExtensionAttributes_t *extensions, struct orname *name)
{
	take_standard(arena, std, name);
	for (int i = 0; ddas && i < ddas->list.count; i++)
		add_dda(name, text_from_teletex(arena, asn_bytes(&ddas->list.array[i]->type)),
			text_from_teletex(arena, asn_bytes(&ddas->list.array[i]->value)));
	return take_extensions(arena, extensions, name);
}

FALLIBLE orname_decode(struct arena *arena, struct bytes tlv, struct orname **out_name)
{
	AUTO(ORName_cleanup) ORName_t *asn = NULL;
	struct orname *name = arena_new_of(arena, struct orname);

	TRY_DOING(asn_decode(&asn_DEF_ORName, tlv, (void **)&asn), "cannot read an O/R name");
	TRY(take_address(arena, &asn->built_in_standard_attributes,
			 asn->built_in_domain_defined_attributes, asn->extension_attributes, name));
	if (asn->directory_name) {
		AUTO(buf_free) struct buf der = { 0 };

		TRY(asn_encode(&asn_DEF_Name, asn->directory_name, &der));
		name->directory_name = arena_dup(arena, buf_view(&der));
	}
	*out_name = name;
	return OK;
}

FALLIBLE oraddress_decode(struct arena *arena, struct bytes tlv, struct orname **out_name)
{
	AUTO(ORAddress_cleanup) ORAddress_t *asn = NULL;
	struct orname *name = arena_new_of(arena, struct orname);

	TRY_DOING(asn_decode(&asn_DEF_ORAddress, tlv, (void **)&asn), "cannot read an O/R address");
	TRY(take_address(arena, &asn->built_in_standard_attributes,
			 asn->built_in_domain_defined_attributes, asn->extension_attributes, name));
	*out_name = name;
	return OK;
}
