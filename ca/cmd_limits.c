/* SPDX-License-Identifier: Apache-2.0 */
/* What another authority is held to: from the options of a command, and for those who read it. */
#include "ca/cmd.h"

#include "asn1/dn.h"
#include "lib/base/memory.h"

#include <ctype.h>
#include <stdlib.h>

static FALLIBLE path_length(const char *text, struct cert_limits *limits)
{
	char *end = NULL;
	unsigned long length = strtoul(text, &end, 10);

	if (!isdigit((unsigned char)*text) || *end || length > 100)
		return FAIL(ST_USAGE, 0, "\"%s\" is no path length: 0 to 100 are", text);
	limits->has_path_length = true;
	limits->path_length = (unsigned)length;
	return OK;
}

static FALLIBLE address_der(const char *text, struct arena *arena, struct buf *out_der)
{
	const char *usual;

	return address_from_text(text, arena, out_der, &usual);
}

static FALLIBLE name_der(const char *text, struct arena *arena, struct buf *out_der)
{
	(void)arena;
	return dn_from_text(text, out_der);
}

/* Every value of a repeated option, as DER. */
static FALLIBLE all_ders(const struct options *options, const char *option,
			 FALLIBLE (*to_der)(const char *, struct arena *, struct buf *),
			 struct arena *arena, const struct bytes **out_list, size_t *out_count)
{
	struct bytes *list = arena_new_array(arena, struct bytes, LIMITS_MAX);
	const char *text;

	for (size_t i = 0; (text = options_nth(options, option, i)); i++) {
		AUTO(buf_free) struct buf der = { 0 };

		if (i == LIMITS_MAX)
			return FAIL(ST_USAGE, 0, "--%s is given at most %d times", option, LIMITS_MAX);
		TRY_DOING(to_der(text, arena, &der), "--%s", option);
		list[(*out_count)++] = arena_dup(arena, buf_view(&der));
	}
	*out_list = list;
	return OK;
}

static FALLIBLE all_policies(const struct options *options, struct arena *arena,
			     struct cert_limits *limits)
{
	const char **policies = arena_new_array(arena, const char *, LIMITS_MAX);
	struct cert_mapping *mappings = arena_new_array(arena, struct cert_mapping, LIMITS_MAX);
	const char *text;

	limits->policies = policies;
	limits->mappings = mappings;
	for (size_t i = 0; i < LIMITS_MAX && (text = options_nth(options, "policy", i)); i++)
		policies[limits->policy_count++] = text;
	for (size_t i = 0; i < LIMITS_MAX && (text = options_nth(options, "map-policy", i)); i++) {
		const char *sign = strchr(text, '=');

		if (!sign)
			return FAIL(ST_USAGE, 0, "--map-policy is OURS=THEIRS, not \"%s\"", text);
		mappings[limits->mapping_count++] = (struct cert_mapping){
			arena_text(arena, bytes_of(text, (size_t)(sign - text))), sign + 1,
		};
	}
	return OK;
}

FALLIBLE limits_from_options(const struct invocation *invocation, struct arena *arena,
			     struct cert_limits *out)
{
	const struct options *options = &invocation->options;
	const char *text = options_value(options, "path-length");

	*out = (struct cert_limits){ 0 };
	if (text)
		TRY(path_length(text, out));
	TRY(all_ders(options, "permit-or-address", address_der, arena, &out->addresses,
		     &out->address_count));
	TRY(all_ders(options, "exclude-or-address", address_der, arena, &out->no_addresses,
		     &out->no_address_count));
	TRY(all_ders(options, "permit-name", name_der, arena, &out->names, &out->name_count));
	TRY(all_ders(options, "exclude-name", name_der, arena, &out->no_names, &out->no_name_count));
	return all_policies(options, arena, out);
}

void limits_or_else(struct cert_limits *limits, const struct cert_limits *asked)
{
	if (asked->has_path_length &&
	    (!limits->has_path_length || asked->path_length < limits->path_length)) {
		limits->has_path_length = true;
		limits->path_length = asked->path_length;
	}
#define OR_ELSE(list, count)                           \
	if (!limits->count) {                          \
		limits->list = asked->list;            \
		limits->count = asked->count;          \
	}
	OR_ELSE(addresses, address_count)
	OR_ELSE(names, name_count)
	OR_ELSE(no_addresses, no_address_count)
	OR_ELSE(no_names, no_name_count)
	OR_ELSE(policies, policy_count)
#undef OR_ELSE
}

/* --- for those who read it --- */

static FALLIBLE add_addresses(json_t *object, const char *option, const struct bytes *list,
			      size_t count)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	json_t *texts = json_array();

	if (count)
		json_object_set(object, option, texts);
	struct status *st = OK;
	for (size_t i = 0; !st && i < count; i++) {
		const char *text = NULL;

		st = or_address_text(list[i], arena, &text);
		json_array_append_new(texts, json_string(text));
	}
	json_decref(texts);
	return st;
}

static FALLIBLE add_names(json_t *object, const char *option, const struct bytes *list, size_t count)
{
	json_t *texts = json_array();

	if (count)
		json_object_set(object, option, texts);
	struct status *st = OK;
	for (size_t i = 0; !st && i < count; i++) {
		AUTO(mem_free) char *text = NULL;

		st = dn_to_text(list[i], &text);
		json_array_append_new(texts, json_string(text));
	}
	json_decref(texts);
	return st;
}

static void add_policies(json_t *object, const struct cert_limits *limits)
{
	json_t *policies = json_array(), *mappings = json_array();

	for (size_t i = 0; i < limits->policy_count; i++)
		json_array_append_new(policies, json_string(limits->policies[i]));
	for (size_t i = 0; i < limits->mapping_count; i++)
		json_array_append_new(mappings, json_sprintf("%s=%s", limits->mappings[i].issuer,
							     limits->mappings[i].subject));
	if (limits->policy_count)
		json_object_set(object, "policy", policies);
	if (limits->mapping_count)
		json_object_set(object, "map-policy", mappings);
	json_decref(policies);
	json_decref(mappings);
}

FALLIBLE limits_json(const struct cert_limits *limits, json_t *into)
{
	if (limits->has_path_length)
		json_object_set_new(into, "path-length", json_integer(limits->path_length));
	TRY(add_addresses(into, "permit-or-address", limits->addresses, limits->address_count));
	TRY(add_addresses(into, "exclude-or-address", limits->no_addresses, limits->no_address_count));
	TRY(add_names(into, "permit-name", limits->names, limits->name_count));
	TRY(add_names(into, "exclude-name", limits->no_names, limits->no_name_count));
	add_policies(into, limits);
	return OK;
}

void limits_print(const json_t *limits)
{
	const char *option;
	json_t *values;

	json_object_foreach((json_t *)(uintptr_t)limits, option, values) {
		size_t i;
		json_t *value;

		if (json_is_integer(values))
			printf("    %-20s %lld\n", option, (long long)json_integer_value(values));
		json_array_foreach(values, i, value)
			printf("    %-20s %s\n", option, json_string_value(value));
	}
	if (!json_object_size(limits))
		puts("    nothing");
}
