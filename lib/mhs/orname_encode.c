/* SPDX-License-Identifier: Apache-2.0 */
/*
 * O/R names to their ASN.1 [X.411 8.5.5].  A value that PrintableString cannot
 * say goes into the teletex extension attribute, or into the universal one where
 * T.61 cannot say it either.
 */
#include "lib/mhs/orname.h"

#include "asn1/asn.h"
#include "lib/mhs/diagnostics.h"
#include "lib/mhs/orname_table.h"
#include "lib/mhs/text.h"

#include <CommonName.h>
#include <ORAddress.h>
#include <ORName.h>
#include <PDSParameter.h>
#include <PhysicalDeliveryCountryName.h>
#include <PostalCode.h>
#include <TeletexDomainDefinedAttributes.h>
#include <TeletexOrganizationalUnitNames.h>
#include <TeletexPersonalName.h>
#include <TeletexString.h>
#include <UniversalOrBMPString.h>

ASN_CLEANUP(ORName)

/* The extension attributes that are one PDSParameter. */
static const struct { long number; enum or_attribute attribute; } pds_parameters[] = {
	{ XA_PD_OFFICE, OR_PD_OFFICE },
	{ XA_PD_PERSON, OR_PD_PERSON },
	{ XA_PD_ORGANIZATION, OR_PD_ORGANIZATION },
	{ XA_STREET, OR_PD_STREET },
};


static FALLIBLE add_extension(ORName_t *asn, long number, const asn_TYPE_descriptor_t *type,
			      const void *value)
{
	ExtensionAttribute_t *ext = asn_new(ExtensionAttribute_t);

	if (!asn->extension_attributes)
		asn->extension_attributes = asn_new(ExtensionAttributes_t);
	asn_add(asn->extension_attributes, ext);
	ext->extension_attribute_type = number;
	return asn_encode_any(type, value, &ext->extension_attribute_value);
}

/* A value as teletex, or as universal where it has to be and can. */
static FALLIBLE add_wide(ORName_t *asn, long teletex, long universal, const char *value)
{
	AUTO(buf_free) struct buf octets = { 0 };

	if (text_to_teletex(value, &octets)) {
		TeletexString_t string = { .buf = octets.data, .size = (int)octets.len };

		return add_extension(asn, teletex, &asn_DEF_TeletexString, &string);
	}
	text_to_bmp(value, &octets);

	UniversalOrBMPString_t string = {
		.character_encoding = {
			.present = CharacterEncoding_PR_two_octets,
			.choice.two_octets = { .buf = octets.data, .size = (int)octets.len },
		},
	};

	return add_extension(asn, universal, &asn_DEF_UniversalOrBMPString, &string);
}

static PrintableString_t *printable(const char *value)
{
	return value ? asn_string(PrintableString_t, bytes_text(value)) : NULL;
}

static FALLIBLE teletex(const char *value, TeletexString_t **out)
{
	AUTO(buf_free) struct buf octets = { 0 };

	*out = NULL;
	if (!value)
		return OK;
	if (!text_to_teletex(value, &octets))
		return FAIL(ST_NEVER, DIAG_INVALID_ARGUMENTS,
			    "\"%s\" has a character that teletex has not", value);
	*out = asn_string(TeletexString_t, buf_view(&octets));
	return OK;
}

static void put_domains(const struct orname *name, BuiltInStandardAttributes_t *std)
{
	const char *country = name->value[OR_COUNTRY];
	const char *admd = name->value[OR_ADMD];
	const char *prmd = name->value[OR_PRMD];

	if (country) {
		std->country_name = asn_new(CountryName_t);
		std->country_name->present = text_is_numeric(country)
			? CountryName_PR_x121_dcc_code : CountryName_PR_iso_3166_alpha2_code;
		asn_set(&std->country_name->choice.x121_dcc_code, bytes_text(country));
	}
	if (admd) {
		std->administration_domain_name = asn_new(AdministrationDomainName_t);
		std->administration_domain_name->present = AdministrationDomainName_PR_printable;
		asn_set(&std->administration_domain_name->choice.printable, bytes_text(admd));
	}
	if (prmd) {
		std->private_domain_name = asn_new(PrivateDomainName_t);
		std->private_domain_name->present = PrivateDomainName_PR_printable;
		asn_set(&std->private_domain_name->choice.printable, bytes_text(prmd));
	}
}

static bool all_printable(const struct orname *name, enum or_attribute from, enum or_attribute to)
{
	for (enum or_attribute a = from; a <= to; a++)
		if (name->value[a] && !text_is_printable(name->value[a]))
			return false;
	return true;
}

static FALLIBLE put_personal(const struct orname *name, ORName_t *asn)
{
	if (!name->value[OR_SURNAME])
		return OK;
	if (all_printable(name, OR_GIVEN_NAME, OR_GENERATION)) {
		PersonalName_t *personal = asn_new(PersonalName_t);

		asn->built_in_standard_attributes.personal_name = personal;
		asn_set(&personal->surname, bytes_text(name->value[OR_SURNAME]));
		personal->given_name = printable(name->value[OR_GIVEN_NAME]);
		personal->initials = printable(name->value[OR_INITIALS]);
		personal->generation_qualifier = printable(name->value[OR_GENERATION]);
		return OK;
	}

	TeletexPersonalName_t *personal = asn_new(TeletexPersonalName_t);
	TeletexString_t *surname = NULL;
	struct status *st = teletex(name->value[OR_SURNAME], &surname);

	struct bytes octets = asn_bytes(surname);

	asn_set(&personal->surname, octets);
	asn_free(&asn_DEF_TeletexString, &surname);
	if (!st)
		st = teletex(name->value[OR_GIVEN_NAME], &personal->given_name);
	if (!st)
		st = teletex(name->value[OR_INITIALS], &personal->initials);
	if (!st)
		st = teletex(name->value[OR_GENERATION], &personal->generation_qualifier);
	if (!st)
		st = add_extension(asn, XA_TELETEX_PERSONAL_NAME, &asn_DEF_TeletexPersonalName,
				   personal);
	asn_free(&asn_DEF_TeletexPersonalName, &personal);
	return st;
}

static FALLIBLE put_units(const struct orname *name, ORName_t *asn)
{
	TeletexOrganizationalUnitNames_t *wide;
	struct status *st = OK;

	if (!name->value[OR_UNIT1])
		return OK;
	if (all_printable(name, OR_UNIT4, OR_UNIT1)) {
		OrganizationalUnitNames_t *units = asn_new(OrganizationalUnitNames_t);

		asn->built_in_standard_attributes.organizational_unit_names = units;
		for (int i = 0; i < 4 && name->value[OR_UNIT1 - i]; i++)
			asn_add(units, printable(name->value[OR_UNIT1 - i]));
		return OK;
	}
	wide = asn_new(TeletexOrganizationalUnitNames_t);
	for (int i = 0; i < 4 && !st && name->value[OR_UNIT1 - i]; i++) {
		TeletexString_t *unit;

		st = teletex(name->value[OR_UNIT1 - i], &unit);
		if (!st)
			asn_add(wide, unit);
	}
	if (!st)
		st = add_extension(asn, XA_TELETEX_UNITS, &asn_DEF_TeletexOrganizationalUnitNames,
				   wide);
	asn_free(&asn_DEF_TeletexOrganizationalUnitNames, &wide);
	return st;
}

static FALLIBLE put_postal(const struct orname *name, ORName_t *asn)
{
	const char *pds = name->value[OR_PDS_NAME];
	const char *country = name->value[OR_PD_COUNTRY];
	const char *code = name->value[OR_PD_CODE];

	if (pds) {
		PrintableString_t string = { .buf = (uint8_t *)pds, .size = (int)strlen(pds) };

		TRY(add_extension(asn, XA_PDS_NAME, &asn_DEF_CommonName, &string));
	}
	if (country) {
		PhysicalDeliveryCountryName_t choice = {
			.present = text_is_numeric(country)
				? PhysicalDeliveryCountryName_PR_x121_dcc_code
				: PhysicalDeliveryCountryName_PR_iso_3166_alpha2_code,
			.choice.x121_dcc_code = { .buf = (uint8_t *)country,
						  .size = (int)strlen(country) },
		};

		TRY(add_extension(asn, XA_PD_COUNTRY, &asn_DEF_PhysicalDeliveryCountryName, &choice));
	}
	if (code) {
		PostalCode_t choice = {
			.present = PostalCode_PR_printable_code,
			.choice.printable_code = { .buf = (uint8_t *)code, .size = (int)strlen(code) },
		};

		TRY(add_extension(asn, XA_POSTAL_CODE, &asn_DEF_PostalCode, &choice));
	}
	for (size_t i = 0; i < sizeof(pds_parameters) / sizeof(pds_parameters[0]); i++) {
		const char *value = name->value[pds_parameters[i].attribute];
		PDSParameter_t *parameter;
		struct status *st = OK;

		if (!value)
			continue;
		parameter = asn_new(PDSParameter_t);
		if (text_is_printable(value))
			parameter->printable_string = printable(value);
		else
			st = teletex(value, &parameter->teletex_string);
		if (!st)
			st = add_extension(asn, pds_parameters[i].number, &asn_DEF_PDSParameter,
					   parameter);
		asn_free(&asn_DEF_PDSParameter, &parameter);
		TRY(st);
	}
	return OK;
}

static FALLIBLE put_ddas(const struct orname *name, ORName_t *asn)
{
	bool wide = false;

	for (size_t i = 0; i < name->dda_count; i++)
		wide = wide || !text_is_printable(name->dda[i].type) ||
		       !text_is_printable(name->dda[i].value);
	if (!name->dda_count)
		return OK;
	if (!wide) {
		asn->built_in_domain_defined_attributes = asn_new(BuiltInDomainDefinedAttributes_t);
		for (size_t i = 0; i < name->dda_count; i++) {
			BuiltInDomainDefinedAttribute_t *dda = asn_new(BuiltInDomainDefinedAttribute_t);

			asn_set(&dda->type, bytes_text(name->dda[i].type));
			asn_set(&dda->value, bytes_text(name->dda[i].value));
			asn_add(asn->built_in_domain_defined_attributes, dda);
		}
		return OK;
	}

	TeletexDomainDefinedAttributes_t *ddas = asn_new(TeletexDomainDefinedAttributes_t);
	struct status *st = OK;

	for (size_t i = 0; i < name->dda_count && !st; i++) {
		TeletexDomainDefinedAttribute_t *dda = asn_new(TeletexDomainDefinedAttribute_t);
		AUTO(buf_free) struct buf type = { 0 };
		AUTO(buf_free) struct buf value = { 0 };

		asn_add(ddas, dda);
		if (!text_to_teletex(name->dda[i].type, &type) ||
		    !text_to_teletex(name->dda[i].value, &value))
			st = FAIL(ST_NEVER, DIAG_INVALID_ARGUMENTS,
				  "\"%s\" has a character that teletex has not",
				  name->dda[i].value);
		asn_set(&dda->type, buf_view(&type));
		asn_set(&dda->value, buf_view(&value));
	}
	if (!st)
		st = add_extension(asn, XA_TELETEX_DDA, &asn_DEF_TeletexDomainDefinedAttributes, ddas);
	asn_free(&asn_DEF_TeletexDomainDefinedAttributes, &ddas);
	return st;
}

/* Fills *asn, which is zeroed and which the caller frees whatever happens. */
static FALLIBLE build(const struct orname *name, ORName_t *asn)
{
	BuiltInStandardAttributes_t *std = &asn->built_in_standard_attributes;
	const char *organization = name->value[OR_ORGANIZATION];
	const char *common = name->value[OR_COMMON_NAME];

	put_domains(name, std);
	if (name->value[OR_X121])
		std->network_address = asn_string(NumericString_t, bytes_text(name->value[OR_X121]));
	if (name->value[OR_NUMERIC_USER_ID])
		std->numeric_user_identifier =
			asn_string(NumericString_t, bytes_text(name->value[OR_NUMERIC_USER_ID]));
	std->terminal_identifier = printable(name->value[OR_TERMINAL_ID]);
	if (organization && text_is_printable(organization))
		std->organization_name = printable(organization);
	else if (organization)
		TRY(add_wide(asn, XA_TELETEX_ORGANIZATION, XA_UNIVERSAL_ORGANIZATION, organization));
	if (common && text_is_printable(common)) {
		PrintableString_t string = { .buf = (uint8_t *)common, .size = (int)strlen(common) };

		TRY(add_extension(asn, XA_COMMON_NAME, &asn_DEF_CommonName, &string));
	} else if (common) {
		TRY(add_wide(asn, XA_TELETEX_COMMON_NAME, XA_UNIVERSAL_COMMON_NAME, common));
	}
	TRY(put_personal(name, asn));
	TRY(put_units(name, asn));
	TRY(put_postal(name, asn));
	return put_ddas(name, asn);
}

FALLIBLE orname_encode(const struct orname *name, struct buf *out)
{
	AUTO(ORName_cleanup) ORName_t *asn = asn_new(ORName_t);

	TRY(orname_check(name));
	TRY(build(name, asn));
	if (name->directory_name.len)
		TRY(asn_decode(&asn_DEF_Name, name->directory_name, (void **)&asn->directory_name));
	return asn_encode(&asn_DEF_ORName, asn, out);
}

FALLIBLE oraddress_encode(const struct orname *name, struct buf *out)
{
	AUTO(ORName_cleanup) ORName_t *asn = asn_new(ORName_t);

	TRY(orname_check(name));
	TRY(build(name, asn));

	/* Borrows the members, which are freed with the name. */
	ORAddress_t address = {
		.built_in_standard_attributes = asn->built_in_standard_attributes,
		.built_in_domain_defined_attributes = asn->built_in_domain_defined_attributes,
		.extension_attributes = asn->extension_attributes,
	};

	return asn_encode(&asn_DEF_ORAddress, &address, out);
}
