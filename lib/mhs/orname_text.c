/* SPDX-License-Identifier: Apache-2.0 */
/*
 * O/R names as text [X.402 Annex F; F.401 Annex B].
 */
#include "lib/mhs/orname.h"

#include "asn1/dn.h"
#include "lib/base/memory.h"
#include "lib/mhs/orname_table.h"
#include "lib/mhs/text.h"

#include <strings.h>

/* One "key=value" at the front of *text, without escapes, into the arena; *text moves behind it
 * and its separator. */
static FALLIBLE next_pair(struct arena *arena, const char **text, char separator,
			  const char **out_key, const char **out_value)
{
	AUTO(buf_free) struct buf part = { 0 };
	const char *at = *text;
	size_t equals = 0;
	bool has_equals = false;

	while (*at && *at != separator) {
		bool escaped = *at == '\\' && at[1];

		if (escaped)
			at++;
		if (*at == '=' && !escaped && !has_equals) {
			has_equals = true;
			equals = part.len;
		}
		buf_put_u8(&part, (uint8_t)*at++);
	}
	*text = *at ? at + 1 : at;
	if (!has_equals)
		return FAIL(ST_USAGE, 0, "\"%.*s\" has no \"=\"", (int)part.len,
			    part.data ? (const char *)part.data : "");

	struct bytes key = bytes_slice(buf_view(&part), 0, equals);

	while (key.len && key.data[0] == ' ')
		key = bytes_slice(key, 1, key.len);
	while (key.len && key.data[key.len - 1] == ' ')
		key.len--;
	*out_key = arena_text(arena, key);
	*out_value = arena_text(arena, bytes_slice(buf_view(&part), equals + 1, part.len));
	return OK;
}

/* Which attribute a key names; OR_ATTRIBUTE_COUNT for none. */
static enum or_attribute attribute_of(const char *key)
{
	enum or_attribute a = 0;

	while (a < OR_ATTRIBUTE_COUNT && strcasecmp(key, or_info[a].key) != 0 &&
	       !(or_info[a].other_key && strcasecmp(key, or_info[a].other_key) == 0))
		a++;
	return a;
}

static FALLIBLE put_pair(struct arena *arena, struct orname *name, const char *key,
			 const char *value)
{
	enum or_attribute a = attribute_of(key);

	if (!text_is_utf8(bytes_text(value)))
		return FAIL(ST_USAGE, 0, "the value of %s is not UTF-8", key);
	if (a < OR_ATTRIBUTE_COUNT) {
		if (name->value[a])
			return FAIL(ST_USAGE, 0, "%s stands there twice", key);
		if (!*value)
			return FAIL(ST_USAGE, 0, "%s has no value", key);
		name->value[a] = value;
		return OK;
	}
	if (!strncasecmp(key, "DDA:", 4)) {
		if (name->dda_count == OR_DDA_MAX)
			return FAIL(ST_USAGE, 0, "there are more than %d domain-defined attributes",
				    OR_DDA_MAX);
		name->dda[name->dda_count++] = (struct or_dda){ key + 4, value };
		return OK;
	}
	if (!strcasecmp(key, "DN")) {
		AUTO(buf_free) struct buf der = { 0 };

		TRY(dn_from_text(value, &der));
		name->directory_name = arena_dup(arena, buf_view(&der));
		return OK;
	}
	return FAIL(ST_USAGE, 0, "\"%s\" is no attribute of an O/R address", key);
}

FALLIBLE orname_from_text(struct arena *arena, const char *text, struct orname **out_name)
{
	struct orname *name = arena_new_of(arena, struct orname);
	char separator = *text == '/' ? '/' : ';';
	const char *left = text + (*text == '/');

	while (*left) {
		const char *key, *value;

		TRY_DOING(next_pair(arena, &left, separator, &key, &value),
			  "\"%s\" is not an O/R name", text);
		TRY_DOING(put_pair(arena, name, key, value), "\"%s\" is not an O/R name", text);
		left += strspn(left, separator == ';' ? " " : "");
	}
	if (!orname_has_address(name) && !name->directory_name.len)
		return FAIL(ST_USAGE, 0, "\"%s\" is not an O/R name: it names nothing", text);
	*out_name = name;
	return OK;
}

static void put_escaped(struct buf *out, const char *value)
{
	for (; *value; value++) {
		if (strchr("/;=\\", *value))
			buf_put_u8(out, '\\');
		buf_put_u8(out, (uint8_t)*value);
	}
}

static void put_key_value(struct buf *out, const char *prefix, const char *key, const char *value)
{
	buf_put_u8(out, '/');
	buf_put_text(out, prefix);
	put_escaped(out, key);
	buf_put_u8(out, '=');
	put_escaped(out, value);
}

/* Both the text for people and the key of an index: the latter has the canonical form. */
static const char *as_text(struct arena *arena, const struct orname *name, bool canonical)
{
	AUTO(buf_free) struct buf out = { 0 };

	for (size_t i = 0; i < name->dda_count; i++) {
		const struct or_dda *dda = &name->dda[i];

		put_key_value(&out, "DDA:", canonical ? text_canonical(arena, dda->type) : dda->type,
			      canonical ? text_canonical(arena, dda->value) : dda->value);
	}
	for (enum or_attribute a = 0; a < OR_ATTRIBUTE_COUNT; a++)
		if (name->value[a])
			put_key_value(&out, "", or_info[a].key,
				      canonical ? text_canonical(arena, name->value[a])
						: name->value[a]);
	if (name->directory_name.len && !(canonical && out.len)) {
		char *dn = NULL;
		struct status *st = dn_to_text(name->directory_name, &dn);

		put_key_value(&out, "", "DN", st ? "?" : canonical ? text_canonical(arena, dn) : dn);
		status_drop(st);
		mem_free(&dn);
	}
	buf_put_u8(&out, '/');
	return arena_text(arena, buf_view(&out));
}

const char *orname_text(struct arena *arena, const struct orname *name)
{
	return as_text(arena, name, false);
}

const char *orname_key(struct arena *arena, const struct orname *name)
{
	return as_text(arena, name, true);
}

const char *orname_tlv_text(struct arena *arena, struct bytes tlv)
{
	struct orname *name;
	struct status *st = orname_decode(arena, tlv, &name);

	if (st) {
		status_drop(st);
		return "(malformed O/R name)";
	}
	return orname_text(arena, name);
}
