/* SPDX-License-Identifier: Apache-2.0 */
/* Writing: one modification for all changes, and the entries that have to be made first. */
#include "directory/handle.h"

#include "asn1/dn.h"
#include "lib/base/memory.h"

#include <strings.h>

enum {
	CHANGES_MAX = 16,
	CLASSES_MAX = 8,
	NAMING_MAX = 8,		/* attributes in the last RDN */
	MODS_MAX = CHANGES_MAX + NAMING_MAX + 2,
};

struct publication {
	const char *name;
	enum directory_kind kind;
	const struct directory_change *changes;
	size_t count;
	struct arena *arena;
};

struct mods {
	struct ldap_mod list[MODS_MAX];
	size_t count;
};

static void mods_add(struct mods *mods, enum directory_op op, const char *attr,
		     const struct bytes *values, size_t count)
{
	mods->list[mods->count++] = (struct ldap_mod){ op, attr, values, count };
}

/* The attribute the list gives values to already, or null. */
static struct ldap_mod *mods_find(struct mods *mods, const char *attr)
{
	for (size_t i = 0; i < mods->count; i++)
		if (!strcasecmp(mods->list[i].attr, attr))
			return &mods->list[i];
	return NULL;
}

/* --- object classes --- */

struct classes {
	struct bytes list[CLASSES_MAX];
	size_t count;
};

static void classes_add(struct classes *classes, const char *name)
{
	struct bytes class = bytes_text(name);

	for (size_t i = 0; i < classes->count; i++)
		if (bytes_equal(classes->list[i], class))
			return;
	classes->list[classes->count++] = class;
}

/* A list has its address from its own class; a store or MTA is a user only with one. */
static const char *class_auxiliary(enum directory_attr attr, enum directory_kind kind)
{
	const char *class = attr_infos[attr].class;
	bool user = kind == DIRECTORY_USER || kind == DIRECTORY_AGENT;

	if (!class || strcmp(class, "mhsUser") != 0 || user)
		return class;
	return kind != DIRECTORY_LIST && attr == DIRECTORY_OR_ADDRESS ? class : NULL;
}

/* The auxiliary classes that allow what the changes put in. */
static void classes_auxiliary(struct classes *classes, const struct publication *p)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct directory_change *change = &p->changes[i];
		const char *class = class_auxiliary(change->attr, p->kind);

		if (class && change->count && change->op != DIRECTORY_REMOVE)
			classes_add(classes, class);
	}
}

/* The structural class of an entry that has nothing but its name [RFC 4519 3, RFC 4524 3.4]. */
static FALLIBLE class_of_type(const char *type, const char **out_class)
{
	static const struct { const char *type, *class; } by_type[] = {
		{ "C", "country" }, { "O", "organization" }, { "OU", "organizationalUnit" },
		{ "L", "locality" }, { "ST", "locality" }, { "CN", "applicationProcess" },
		{ "DC", "domain" },
	};

	for (size_t i = 0; i < sizeof by_type / sizeof *by_type; i++) {
		if (!strcasecmp(by_type[i].type, type)) {
			*out_class = by_type[i].class;
			return OK;
		}
	}
	return FAIL(ST_USAGE, 0, "an entry named by %s cannot be made: make it first", type);
}

static FALLIBLE class_structural(enum directory_kind kind, const char *type, const char **out_class)
{
	static const char *const classes[] = {
		[DIRECTORY_USER] = "inetOrgPerson",
		[DIRECTORY_AGENT] = "applicationProcess",
		[DIRECTORY_STORE] = "mhsMessageStore",
		[DIRECTORY_MTA] = "mhsMessageTransferAgent",
		[DIRECTORY_LIST] = "mhsDistributionList",
	};

	if (kind == DIRECTORY_AUTHORITY)
		return class_of_type(type, out_class);
	if (strcasecmp(type, "CN") != 0)
		return FAIL(ST_USAGE, 0, "the entry of all but an authority is named by CN, not by %s",
			    type);
	*out_class = classes[kind];
	return OK;
}

/* --- an entry that is not there --- */

/* The values of the name itself have to be in the entry. */
static FALLIBLE mods_add_naming(struct mods *mods, const struct dn_attribute *attributes,
				size_t count, struct arena *arena)
{
	if (count > NAMING_MAX)
		return FAIL(ST_USAGE, 0, "a name with more than %d attributes in one part", NAMING_MAX);
	for (size_t i = 0; i < count; i++) {
		struct bytes *value = arena_new_of(arena, struct bytes);
		const struct ldap_mod *given = mods_find(mods, attributes[i].type);

		if (given)
			continue;
		if (!attributes[i].value)
			return FAIL(ST_USAGE, 0, "an entry named by a value that is no text");
		*value = bytes_text(attributes[i].value);
		mods_add(mods, DIRECTORY_ADD, attributes[i].type, value, 1);
	}
	return OK;
}

/* A person has to have a surname [RFC 4519 3.12]: the last word of the name, unless it says. */
static void mods_add_surname(struct mods *mods, const char *cn, struct arena *arena)
{
	struct bytes *value = arena_new_of(arena, struct bytes);
	const char *space = strrchr(cn, ' ');

	if (mods_find(mods, "SN"))
		return;
	*value = bytes_text(space && space[1] ? space + 1 : cn);
	mods_add(mods, DIRECTORY_ADD, "SN", value, 1);
}

/* An entry above the one that is wanted: its name is all there is to it. */
static FALLIBLE add_bare(struct directory *dir, const char *name, struct arena *arena)
{
	struct dn_attribute *attributes = NULL;
	size_t count = 0;
	const char *class = NULL;
	struct mods mods = { 0 };
	bool existed = false;

	TRY(dn_first(name, arena, &attributes, &count));
	TRY(class_of_type(attributes[0].type, &class));

	struct bytes value = bytes_text(class);

	mods_add(&mods, DIRECTORY_ADD, "objectClass", &value, 1);
	TRY(mods_add_naming(&mods, attributes, count, arena));
	return ldap_link_add(dir->link, name, mods.list, mods.count, &existed);
}

/* Makes the entries above a name that are missing, from the top. */
static FALLIBLE add_ancestors(struct directory *dir, const char *name, struct arena *arena)
{
	const char *above[DN_MAX_RDNS];
	size_t count = 0, missing = 0;

	for (const char *at = name; count < DN_MAX_RDNS; count++) {
		AUTO(mem_free) char *parent = NULL;

		TRY(dn_parent(at, &parent));
		if (!*parent)
			break;
		at = above[count] = arena_strdup(arena, parent);
	}
	/* The lowest that can be made stands under one that is there. */
	while (missing < count) {
		struct status *st = add_bare(dir, above[missing], arena);

		if (!st)
			break;
		if (st->kind != ST_NOT_FOUND || missing + 1 == count)
			return status_doing(st, "cannot make the entry %s", above[missing]);
		status_drop(st);
		missing++;
	}
	while (missing-- > 0)
		TRY_DOING(add_bare(dir, above[missing], arena), "cannot make the entry %s",
			  above[missing]);
	return OK;
}

static FALLIBLE add_entry(struct directory *dir, const struct publication *p, bool *out_existed)
{
	struct dn_attribute *attributes = NULL;
	size_t count = 0;
	struct classes classes = { 0 };
	const char *structural = NULL;
	struct mods mods = { 0 };

	TRY(dn_first(p->name, p->arena, &attributes, &count));
	TRY(class_structural(p->kind, attributes[0].type, &structural));
	classes_add(&classes, structural);
	classes_auxiliary(&classes, p);
	mods_add(&mods, DIRECTORY_ADD, "objectClass", classes.list, classes.count);
	for (size_t i = 0; i < p->count; i++)
		if (p->changes[i].count && p->changes[i].op != DIRECTORY_REMOVE)
			mods_add(&mods, DIRECTORY_ADD, attr_infos[p->changes[i].attr].name,
				 p->changes[i].values, p->changes[i].count);
	TRY(mods_add_naming(&mods, attributes, count, p->arena));
	if (p->kind == DIRECTORY_LIST && (!mods_find(&mods, attr_infos[DIRECTORY_OR_ADDRESS].name) ||
					  !mods_find(&mods, attr_infos[DIRECTORY_DL_SUBMIT].name)))
		return FAIL(ST_USAGE, 0, "a distribution list has to have an O/R address, and to say who may "
			    "send to it");
	if (p->kind == DIRECTORY_USER)
		mods_add_surname(&mods, attributes[0].value, p->arena);
	return ldap_link_add(dir->link, p->name, mods.list, mods.count, out_existed);
}

/* --- publishing --- */

/* slapd's permissive modify lets an addition pass that changes nothing, but not a removal: each
 * removal is a request of its own. */
static FALLIBLE remove_values(struct directory *dir, const struct publication *p)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct directory_change *change = &p->changes[i];

		for (size_t k = 0; change->op == DIRECTORY_REMOVE && k < change->count; k++)
			TRY(ldap_link_remove(dir->link, p->name, attr_infos[change->attr].name,
					     change->values[k]));
	}
	return OK;
}

static FALLIBLE modify_entry(struct directory *dir, const struct publication *p)
{
	struct classes classes = { 0 };
	struct mods mods = { 0 };

	classes_auxiliary(&classes, p);
	if (classes.count)
		mods_add(&mods, DIRECTORY_ADD, "objectClass", classes.list, classes.count);
	for (size_t i = 0; i < p->count; i++)
		if (p->changes[i].op != DIRECTORY_REMOVE)
			mods_add(&mods, p->changes[i].op, attr_infos[p->changes[i].attr].name,
				 p->changes[i].values, p->changes[i].count);
	if (mods.count)
		TRY(ldap_link_modify(dir->link, p->name, mods.list, mods.count));
	return remove_values(dir, p);
}

static FALLIBLE publish_request(struct directory *dir, void *arg)
{
	const struct publication *p = arg;
	struct status *st = modify_entry(dir, p);
	bool existed = false;

	if (!st || st->kind != ST_NOT_FOUND)
		return st;
	status_free(&st);
	st = add_entry(dir, p, &existed);
	if (st && st->kind == ST_NOT_FOUND) {
		status_free(&st);
		TRY(add_ancestors(dir, p->name, p->arena));
		st = add_entry(dir, p, &existed);
	}
	if (!st && existed)	/* someone made it between our two requests */
		st = modify_entry(dir, p);
	return st;
}

static FALLIBLE change_check(const struct directory_change *change)
{
	const struct attr_info *attr = &attr_infos[change->attr];

	if (!change->count && change->op != DIRECTORY_REPLACE)
		return FAIL(ST_USAGE, 0, "no values of %s to add or remove", attr->name);
	if (attr->whole && change->op != DIRECTORY_REPLACE)
		return FAIL(ST_USAGE, 0, "values of %s can only be replaced, all together: "
			    "servers do not compare them", attr->name);
	return OK;
}

FALLIBLE directory_publish(struct directory *dir, const char *name, enum directory_kind kind,
			   const struct directory_change *changes, size_t count)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct publication p = { name, kind, changes, count, arena };

	if (!count || count > CHANGES_MAX)
		return FAIL(ST_USAGE, 0, "1 to %d changes can be published at once, not %zu",
			    CHANGES_MAX, count);
	for (size_t i = 0; i < count; i++)
		TRY(change_check(&changes[i]));
	TRY(name_check(name));
	TRY_DOING(directory_run(dir, publish_request, &p), "cannot publish %s in the directory", name);
	return OK;
}

static FALLIBLE unpublish_request(struct directory *dir, void *arg)
{
	return ldap_link_delete(dir->link, arg);
}

FALLIBLE directory_unpublish(struct directory *dir, const char *name)
{
	AUTO(mem_free) char *own = mem_printf("%s", name);

	TRY(name_check(name));
	TRY_DOING(directory_run(dir, unpublish_request, own), "cannot take %s out of the directory", name);
	return OK;
}
