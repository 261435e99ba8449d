/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What makes a valid O/R address [X.402 18.5], and when two are the same
 * [X.402 18.4].
 */
#include "lib/mhs/orname.h"

#include "asn1/bounds.h"
#include "asn1/dn.h"
#include "lib/mhs/diagnostics.h"
#include "lib/mhs/orname_table.h"
#include "lib/mhs/text.h"

#include <unistr.h>

#define INFO(symbol, key_, other_, name_, bound_)	\
	[symbol] = { .key = key_, .other_key = other_, .name = name_, .bound = bound_,	\
		.numeric = symbol == OR_X121 || symbol == OR_NUMERIC_USER_ID,		\
		.printable = symbol >= OR_PRMD || symbol == OR_TERMINAL_ID ||		\
			     symbol == OR_PDS_NAME || symbol == OR_PD_CODE ||		\
			     symbol == OR_PD_COUNTRY },

const struct or_info or_info[OR_ATTRIBUTE_COUNT] = { OR_ATTRIBUTES(INFO) };

bool orname_has_address(const struct orname *name)
{
	return orname_attribute_count(name) > 0;
}

unsigned orname_attribute_count(const struct orname *pattern)
{
	unsigned count = (unsigned)pattern->dda_count;

	for (enum or_attribute a = 0; a < OR_ATTRIBUTE_COUNT; a++)
		count += pattern->value[a] != NULL;
	return count;
}

/* The bound where the value travels as PrintableString: shorter for parts of a personal name. */
static unsigned bound_of(enum or_attribute a, const char *value)
{
	if (!text_is_printable(value))
		return or_info[a].bound;
	switch (a) {
	case OR_SURNAME:
		return UB_SURNAME_LENGTH;
	case OR_GIVEN_NAME:
		return UB_GIVEN_NAME_LENGTH;
	case OR_INITIALS:
		return UB_INITIALS_LENGTH;
	case OR_GENERATION:
		return UB_GENERATION_QUALIFIER_LENGTH;
	default:
		return or_info[a].bound;
	}
}

static size_t characters(const char *utf8)
{
	return u8_mbsnlen((const uint8_t *)utf8, strlen(utf8));
}

static FALLIBLE check_attribute(enum or_attribute a, const char *value)
{
	const struct or_info *info = &or_info[a];

	if (characters(value) > bound_of(a, value))
		return FAIL(ST_NEVER, DIAG_INVALID_ARGUMENTS, "%s \"%s\" has more than %u characters",
			    info->name, value, bound_of(a, value));
	if (info->numeric && !text_is_numeric(value))
		return FAIL(ST_NEVER, DIAG_INVALID_ARGUMENTS, "%s \"%s\" is not a number",
			    info->name, value);
	if (info->printable && !text_is_printable(value))
		return FAIL(ST_NEVER, DIAG_INVALID_ARGUMENTS,
			    "%s \"%s\" has a character outside PrintableString", info->name, value);
	return OK;
}

/* Two letters, or three digits [X.402 18.3.3]. */
static bool is_country(const char *value)
{
	size_t len = strlen(value);

	return (len == UB_COUNTRY_NAME_NUMERIC_LENGTH && strspn(value, "0123456789") == len) ||
	       (len == UB_COUNTRY_NAME_ALPHA_LENGTH && !strpbrk(value, "0123456789 "));
}

/* The forms of X.402 18.5: mnemonic, numeric and postal need a domain, terminal a network address. */
static FALLIBLE check_form(const struct orname *name)
{
	const char *const *value = name->value;

	if (value[OR_X121])
		return OK;
	if (!value[OR_COUNTRY] || !value[OR_ADMD])
		return FAIL(ST_NEVER, DIAG_INVALID_ARGUMENTS, "the address has no %s",
			    or_info[value[OR_COUNTRY] ? OR_ADMD : OR_COUNTRY].name);
	if ((value[OR_GIVEN_NAME] || value[OR_INITIALS] || value[OR_GENERATION]) &&
	    !value[OR_SURNAME])
		return FAIL(ST_NEVER, DIAG_INVALID_ARGUMENTS, "a personal name has no surname");
	for (enum or_attribute a = OR_UNIT4; a < OR_UNIT1; a++)
		if (value[a] && !value[a + 1])
			return FAIL(ST_NEVER, DIAG_INVALID_ARGUMENTS,
				    "the address has %s without %s", or_info[a].key,
				    or_info[a + 1].key);
	return OK;
}

FALLIBLE orname_check(const struct orname *name)
{
	if (!orname_has_address(name)) {
		if (name->directory_name.len)
			return OK;
		return FAIL(ST_NEVER, DIAG_INVALID_ARGUMENTS, "the O/R name is empty");
	}
	TRY(check_form(name));
	for (enum or_attribute a = 0; a < OR_ATTRIBUTE_COUNT; a++)
		if (name->value[a])
			TRY(check_attribute(a, name->value[a]));
	if (name->value[OR_COUNTRY] && !is_country(name->value[OR_COUNTRY]))
		return FAIL(ST_NEVER, DIAG_INVALID_ARGUMENTS,
			    "country-name \"%s\" is neither two letters nor three digits",
			    name->value[OR_COUNTRY]);
	for (size_t i = 0; i < name->dda_count; i++)
		if (characters(name->dda[i].type) > UB_DOMAIN_DEFINED_ATTRIBUTE_TYPE_LENGTH ||
		    characters(name->dda[i].value) > UB_DOMAIN_DEFINED_ATTRIBUTE_VALUE_LENGTH)
			return FAIL(ST_NEVER, DIAG_INVALID_ARGUMENTS,
				    "the domain-defined attribute \"%s\" is too long",
				    name->dda[i].type);
	return OK;
}

static bool same_value(const char *a, const char *b)
{
	return a == b || (a && b && text_equal(a, b));
}

/* Whether each domain-defined attribute of a is one of b's; a type may stand there twice. */
static bool has_ddas(const struct orname *a, const struct orname *b)
{
	for (size_t i = 0; i < a->dda_count; i++) {
		size_t j = 0;

		while (j < b->dda_count && !(text_equal(a->dda[i].type, b->dda[j].type) &&
					     text_equal(a->dda[i].value, b->dda[j].value)))
			j++;
		if (j == b->dda_count)
			return false;
	}
	return true;
}

bool orname_equal(const struct orname *a, const struct orname *b)
{
	if (!orname_has_address(a) && !orname_has_address(b))
		return a->directory_name.len && dn_equal(a->directory_name, b->directory_name);
	for (enum or_attribute i = 0; i < OR_ATTRIBUTE_COUNT; i++)
		if (!same_value(a->value[i], b->value[i]))
			return false;
	return has_ddas(a, b) && has_ddas(b, a);
}

FALLIBLE orname_tlv_from_text(struct arena *arena, const char *text, struct bytes *out_tlv)
{
	struct orname *name = NULL;
	AUTO(buf_free) struct buf tlv = { 0 };

	TRY(orname_from_text(arena, text, &name));
	TRY(orname_encode(name, &tlv));
	*out_tlv = arena_dup(arena, buf_view(&tlv));
	return OK;
}

bool orname_tlv_equal(struct bytes a, struct bytes b)
{
	struct arena *arena = arena_new();
	struct orname *left, *right;
	struct status *st = orname_decode(arena, a, &left);
	bool equal = false;

	if (!st)
		st = orname_decode(arena, b, &right);
	if (!st)
		equal = orname_equal(left, right);
	status_drop(st);
	arena_free(&arena);
	return equal;
}

bool orname_matches(const struct orname *pattern, const struct orname *name)
{
	for (enum or_attribute a = 0; a < OR_ATTRIBUTE_COUNT; a++) {
		const char *wanted = pattern->value[a];
		bool any = a == OR_ADMD && wanted && !strcmp(wanted, " ");

		if (wanted && !any && !(name->value[a] && text_equal(wanted, name->value[a])))
			return false;
	}
	return has_ddas(pattern, name);
}
