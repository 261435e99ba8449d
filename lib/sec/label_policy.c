/* SPDX-License-Identifier: Apache-2.0 */
/* Security policies of a site: what its labels are called [X.411 8.5.9]. */
#include "lib/sec/label_policy.h"

#include "asn1/ber.h"
#include "asn1/oid.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/base/words.h"
#include "lib/sec/label.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct named_level {
	const char *name;
	int number;
};

struct named_category {
	const char *name;
	struct bytes value;		/* the SecurityCategory */
};

struct policy {
	struct bytes oid;		/* contents; empty: the labels without a policy */
	const char *name;
	struct named_level *levels;
	size_t level_count;
	struct named_category *categories;
	size_t category_count;
};

struct label_policies {
	struct policy none;
	struct policy *list;
	size_t count;
};

/* --- lists with commas --- */

/* The next item before a separator, in the arena; null at the end. */
static char *next_item(struct arena *arena, const char **text, const char *separators)
{
	if (!*text)
		return NULL;
	size_t len = strcspn(*text, separators);
	char *item = arena_text(arena, bytes_of(*text, len));

	*text = (*text)[len] ? *text + len + 1 : NULL;
	return item;
}

static size_t count_items(const char *text)
{
	size_t count = 1;

	for (; *text; text++)
		count += *text == ',';
	return count;
}

static FALLIBLE check_name(const char *what, const char *name)
{
	if (!*name || strpbrk(name, ":+/, =") || (*name >= '0' && *name <= '9'))
		return FAIL(ST_USAGE, 0, "\"%s\" is no name for a %s: it begins with a letter and has "
			    "none of : + / , = and space in it", name, what);
	return OK;
}

static FALLIBLE read_number(const char *text, int *out)
{
	char *end;

	errno = 0;
	long number = strtol(text, &end, 10);
	if (errno || end == text || *end || number < 0 || number > LABEL_CLASSIFICATION_MAX)
		return FAIL(ST_USAGE, 0, "\"%s\" is no classification: 0 to %d are", text,
			    LABEL_CLASSIFICATION_MAX);
	*out = (int)number;
	return OK;
}

static bool begins_with_digit(const char *text)
{
	return *text >= '0' && *text <= '9';
}

/* --- policies --- */

static FALLIBLE read_levels(struct arena *arena, const char *text, struct policy *policy)
{
	int number = 0;
	char *item;

	policy->levels = arena_new_array(arena, struct named_level, count_items(text));
	while ((item = next_item(arena, &text, ",")) != NULL) {
		char *sign = strchr(item, ':');

		if (sign) {
			*sign = 0;
			TRY(read_number(sign + 1, &number));
		}
		TRY(check_name("level", item));
		if (number > LABEL_CLASSIFICATION_MAX)
			return FAIL(ST_USAGE, 0, "%s is above the highest classification, %d", item,
				    LABEL_CLASSIFICATION_MAX);
		policy->levels[policy->level_count++] = (struct named_level){ item, number++ };
	}
	return OK;
}

static FALLIBLE make_category(struct arena *arena, const char *dotted, struct bytes *out)
{
	AUTO(buf_free) struct buf type = { 0 };
	AUTO(buf_free) struct buf category = { 0 };

	TRY(oid_from_text(dotted, &type));
	label_put_category(buf_view(&type), &category);
	*out = arena_dup(arena, buf_view(&category));
	return OK;
}

static FALLIBLE read_category_names(struct arena *arena, const char *text, struct policy *policy)
{
	char *item;

	policy->categories = arena_new_array(arena, struct named_category, count_items(text));
	while ((item = next_item(arena, &text, ",")) != NULL) {
		struct named_category *category = &policy->categories[policy->category_count++];
		char *sign = strchr(item, ':');

		if (!sign)
			return FAIL(ST_USAGE, 0, "category \"%s\" has no object identifier: "
				    "NAME:OID is wanted", item);
		*sign = 0;
		TRY(check_name("category", item));
		category->name = item;
		TRY_DOING(make_category(arena, sign + 1, &category->value), "category %s", item);
	}
	return OK;
}

static FALLIBLE read_word(struct arena *arena, const struct word *word, struct policy *policy)
{
	if (word->key && !strcmp(word->key, "name")) {
		policy->name = word->value;
		return check_name("policy", word->value);
	}
	if (word->key && !strcmp(word->key, "levels"))
		return read_levels(arena, word->value, policy);
	if (word->key && !strcmp(word->key, "categories"))
		return read_category_names(arena, word->value, policy);
	return FAIL(ST_USAGE, 0, "\"%s\" is not known; name=, levels= and categories= are",
		    word->whole);
}

/* [X.411 8.5.9] */
static const char standard_levels[] = "unmarked,unclassified,restricted,confidential,secret,top-secret";

static FALLIBLE read_policy(struct arena *arena, const char *line, struct policy *policy)
{
	AUTO(buf_free) struct buf oid = { 0 };
	struct word *words = NULL;
	size_t count = 0;

	TRY(words_split(arena, line, &words, &count));
	if (!count || words[0].key)
		return FAIL(ST_USAGE, 0, "the policy's object identifier comes first");
	TRY(oid_from_text(words[0].whole, &oid));
	policy->oid = arena_dup(arena, buf_view(&oid));
	for (size_t i = 1; i < count; i++)
		TRY(read_word(arena, &words[i], policy));
	if (!policy->name)
		return FAIL(ST_USAGE, 0, "name=... is missing");
	return policy->levels ? OK : read_levels(arena, standard_levels, policy);
}

static const struct policy *policy_named(const struct label_policies *p, const char *name)
{
	for (size_t i = 0; i < p->count; i++)
		if (!strcmp(p->list[i].name, name))
			return &p->list[i];
	return NULL;
}

static const struct policy *policy_of(const struct label_policies *p, struct bytes oid)
{
	if (!oid.len)
		return &p->none;
	for (size_t i = 0; i < p->count; i++)
		if (bytes_equal(p->list[i].oid, oid))
			return &p->list[i];
	return NULL;
}

FALLIBLE label_policies_read(struct arena *arena, const struct text_list *lines,
			     const struct label_policies **out)
{
	struct label_policies *p = arena_new_of(arena, struct label_policies);

	TRY(read_levels(arena, standard_levels, &p->none));
	p->list = arena_new_array(arena, struct policy, lines->count);
	for (size_t i = 0; i < lines->count; i++) {
		struct policy *policy = &p->list[i];

		TRY_DOING(read_policy(arena, lines->items[i], policy), "security-policy = %s",
			  lines->items[i]);
		if (policy_named(p, policy->name) || policy_of(p, policy->oid))
			return FAIL(ST_USAGE, 0, "security-policy = %s: it stands there twice",
				    lines->items[i]);
		p->count++;
	}
	*out = p;
	return OK;
}

/* --- a label from text --- */

/* What else could have been written. */
static const char *level_names(struct arena *arena, const struct policy *policy)
{
	const char *all = policy->levels[0].name;

	for (size_t i = 1; i < policy->level_count; i++)
		all = arena_printf(arena, "%s, %s", all, policy->levels[i].name);
	return all;
}

static FALLIBLE find_level(struct arena *arena, const struct policy *policy, const char *text,
			   int *out)
{
	if (begins_with_digit(text))
		return read_number(text, out);
	for (size_t i = 0; i < policy->level_count; i++)
		if (!strcmp(policy->levels[i].name, text)) {
			*out = policy->levels[i].number;
			return OK;
		}
	return FAIL(ST_USAGE, 0, "\"%s\" is no level; %s are", text, level_names(arena, policy));
}

static FALLIBLE find_category(struct arena *arena, const struct policy *policy, const char *text,
			      struct bytes *out)
{
	if (begins_with_digit(text))
		return make_category(arena, text, out);
	for (size_t i = 0; i < policy->category_count; i++)
		if (!strcmp(policy->categories[i].name, text)) {
			*out = policy->categories[i].value;
			return OK;
		}
	return FAIL(ST_USAGE, 0, "\"%s\" is no category of the policy; the setting security-policy "
		    "names them", text);
}

/* The policy that stands before the first colon. */
static FALLIBLE take_policy(const struct label_policies *p, struct arena *arena, const char **text,
			    struct policy *out)
{
	const char *sign = strpbrk(*text, ":/");
	AUTO(buf_free) struct buf oid = { 0 };
	const struct policy *known;

	if (!sign || *sign == '/') {
		if (p->count > 1)
			return FAIL(ST_USAGE, 0, "of which policy is \"%s\"? POLICY:%s is wanted", *text,
				    *text);
		*out = p->count ? p->list[0] : p->none;
		return OK;
	}
	const char *name = arena_text(arena, bytes_of(*text, (size_t)(sign - *text)));
	*text = sign + 1;
	*out = p->none;
	if (!*name)
		return OK;
	if (begins_with_digit(name)) {
		TRY(oid_from_text(name, &oid));
		known = policy_of(p, buf_view(&oid));
		out->oid = arena_dup(arena, buf_view(&oid));
	} else {
		known = policy_named(p, name);
		if (!known)
			return FAIL(ST_USAGE, 0, "no security policy is called %s; the setting "
				    "security-policy names them", name);
	}
	if (known)
		*out = *known;
	return OK;
}

static FALLIBLE check_mark(const char *mark)
{
	static const char also[] = " '()+,-./:=?";

	if (strlen(mark) > UB_PRIVACY_MARK_LENGTH)
		return FAIL(ST_USAGE, 0, "the privacy mark has more than %d characters",
			    UB_PRIVACY_MARK_LENGTH);
	for (const char *c = mark; *c; c++)
		if (!(*c >= 'a' && *c <= 'z') && !(*c >= 'A' && *c <= 'Z') &&
		    !begins_with_digit(c) && !strchr(also, *c))
			return FAIL(ST_USAGE, 0, "the privacy mark may have letters, digits, space and "
				    "'()+,-./:=? in it, and not %c", *c);
	return OK;
}

static FALLIBLE read_label(const struct label_policies *p, struct arena *arena, const char *text,
			   struct label *out)
{
	struct policy policy;
	const char *mark;
	char *item;

	TRY(take_policy(p, arena, &text, &policy));
	out->policy = policy.oid;
	mark = strchr(text, '/');
	if (mark) {
		TRY(check_mark(mark + 1));
		out->privacy_mark = bytes_text(mark + 1);
		text = arena_text(arena, bytes_of(text, (size_t)(mark - text)));
	}
	TRY(find_level(arena, &policy, next_item(arena, &text, "+"), &out->classification));
	while ((item = next_item(arena, &text, "+")) != NULL) {
		if (out->category_count == UB_SECURITY_CATEGORIES)
			return FAIL(ST_USAGE, 0, "a label has at most %d categories",
				    UB_SECURITY_CATEGORIES);
		TRY(find_category(arena, &policy, item, &out->categories[out->category_count++]));
	}
	return OK;
}

FALLIBLE label_from_text(const struct label_policies *policies, struct arena *arena,
			 const char *text, struct bytes *out)
{
	AUTO(buf_free) struct buf tlv = { 0 };
	struct label label = { 0 };

	TRY_DOING(read_label(policies, arena, text, &label), "label \"%s\"", text);
	label_encode(&label, &tlv);
	*out = arena_dup(arena, buf_view(&tlv));
	return OK;
}

FALLIBLE labels_from_text(const struct label_policies *policies, struct arena *arena,
			  const char *text, struct buf *out)
{
	char *item;

	while ((item = next_item(arena, &text, ",")) != NULL) {
		struct bytes tlv;

		TRY(label_from_text(policies, arena, item, &tlv));
		buf_put(out, tlv);
	}
	return OK;
}

/* --- text from a label --- */

static void put_level(const struct policy *policy, int number, struct buf *out)
{
	for (size_t i = 0; policy && i < policy->level_count; i++)
		if (policy->levels[i].number == number) {
			buf_put_text(out, policy->levels[i].name);
			return;
		}
	buf_printf(out, "%d", number);
}

/* A value that is not NULL is told in hexadecimal, with what encloses it. */
static void put_category(const struct policy *policy, struct bytes category, struct buf *out)
{
	struct ber_tlv whole, type, value;

	buf_put_u8(out, '+');
	for (size_t i = 0; policy && i < policy->category_count; i++)
		if (bytes_equal(policy->categories[i].value, category)) {
			buf_put_text(out, policy->categories[i].name);
			return;
		}
	if (!ber_nth(category, 0, &whole) || !ber_nth(whole.contents, 0, &type)) {
		buf_put_u8(out, '?');
		return;
	}
	buf_put_text(out, oid_text(type.contents).s);
	if (ber_nth(whole.contents, 1, &value) &&
	    !bytes_equal(value.contents, BYTES("\x05\x00"))) {
		AUTO(mem_free) char *hex = bytes_hex(value.contents);

		buf_printf(out, "=%s", hex);
	}
}

const char *label_text(const struct label_policies *p, struct arena *arena, struct bytes tlv)
{
	AUTO(buf_free) struct buf out = { 0 };
	struct label label;
	struct status *failed = label_decode(tlv, &label);

	if (failed) {
		status_free(&failed);
		return "an unreadable label";
	}
	bool tells_policy = label.policy.len || p->count;
	const struct policy *policy = policy_of(p, label.policy);
	if (policy && policy->name)
		buf_put_text(&out, policy->name);
	else if (label.policy.len)
		buf_put_text(&out, oid_text(label.policy).s);
	if (tells_policy)
		buf_put_u8(&out, ':');
	put_level(policy, label.classification, &out);
	for (size_t i = 0; i < label.category_count; i++)
		put_category(policy, label.categories[i], &out);
	if (label.privacy_mark.len) {
		AUTO(mem_free) char *mark = text_shown(label.privacy_mark);

		buf_printf(&out, "/%s", mark);
	}
	return arena_text(arena, buf_view(&out));
}

const char *context_text(const struct label_policies *p, struct arena *arena, struct bytes context)
{
	const char *all = NULL;
	struct ber_tlv set, one;

	if (!ber_nth(context, 0, &set))
		return "nothing";
	for (size_t i = 0; ber_nth(set.contents, i, &one); i++) {
		const char *text = label_text(p, arena, one.whole);

		all = all ? arena_printf(arena, "%s,%s", all, text) : text;
	}
	return all ? all : "nothing that has a label";
}
