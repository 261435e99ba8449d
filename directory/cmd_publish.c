/* SPDX-License-Identifier: Apache-2.0 */
/* postern-dir publish: options become values, values become changes. */
#include "directory/cmd.h"

#include "asn1/dn.h"
#include "asn1/pair.h"
#include "lib/mhs/orname.h"
#include "lib/sec/cert.h"

#include <strings.h>

enum { VALUES_MAX = 64 };	/* of one attribute, on one command line */

const struct option_spec publish_options[] = {
	{ "kind", "KIND", "What to make where there is no entry: user (default), agent, authority, "
	  "store, mta, list." },
	{ "or-address", "ADDRESS", "An O/R address; may be repeated, as all of these." },
	{ "mail", "ADDRESS", "An Internet mail address." },
	{ "certificate", "FILE", "PEM file of a certificate." },
	{ "ca-certificate", "FILE", "PEM file of an authority's own certificate." },
	{ "issued-to", "FILE", "PEM file of a cross-certificate issued to the authority." },
	{ "issued-by", "FILE", "PEM file of a cross-certificate issued by the authority; "
	  "the first of each make the first pair, and so on." },
	{ "crl", "FILE", "PEM file of a revocation list." },
	{ "organization", "NAME", "The organization that it is of." },
	{ "message-store", "NAME", "The directory name of a user's message store." },
	{ "content-length", "OCTETS", "The longest content that is accepted." },
	{ "content-type", "OID", "A type of content that is accepted." },
	{ "member", "ADDRESS", "An O/R address, a member of a distribution list." },
	{ "may-send", "WHO", "Who may send to a distribution list: individual:, dl_member: or "
	  "pattern: and an O/R address, group_member: and a directory name." },
	{ "add", NULL, "Keep the values that are there." },
	{ "remove", NULL, "Take these values away." },
	{ "dry-run", NULL, "Say what would be done, and do not do it." },
	{ 0 }
};

/* Makes the value that an option's text stands for, in the arena. */
typedef FALLIBLE value_maker(const char *text, struct arena *arena, struct bytes *out_value);

static FALLIBLE make_or_address(const char *text, struct arena *arena, struct bytes *out_value)
{
	struct orname *name = NULL;

	TRY(orname_from_text(arena, text, &name));
	*out_value = bytes_text(orname_text(arena, name));
	return OK;
}

static FALLIBLE make_text(const char *text, struct arena *arena, struct bytes *out_value)
{
	(void)arena;
	*out_value = bytes_text(text);
	return OK;
}

static FALLIBLE make_certificate(const char *path, struct arena *arena, struct bytes *out_value)
{
	AUTO(cert_free) const struct cert *cert = NULL;

	TRY(cert_load(path, &cert));
	*out_value = arena_dup(arena, cert->der);
	return OK;
}

static FALLIBLE make_crl(const char *path, struct arena *arena, struct bytes *out_value)
{
	AUTO(crl_free) const struct crl *crl = NULL;

	TRY(crl_load(path, &crl));
	*out_value = arena_dup(arena, crl->der);
	return OK;
}

static FALLIBLE make_pair(const char *issued_to, const char *issued_by, struct arena *arena,
			  struct bytes *out_value)
{
	AUTO(buf_free) struct buf der = { 0 };
	struct cert_pair pair = { 0 };

	if (issued_to)
		TRY(make_certificate(issued_to, arena, &pair.forward));
	if (issued_by)
		TRY(make_certificate(issued_by, arena, &pair.reverse));
	TRY(pair_encode(&pair, &der));
	*out_value = arena_dup(arena, buf_view(&der));
	return OK;
}

/* --- as RFC 1778 writes what slapd has no syntax for --- */

static FALLIBLE make_or_name(const char *text, struct arena *arena, struct bytes *out_value)
{
	struct bytes address;

	TRY(make_or_address(text, arena, &address));
	*out_value = bytes_text(arena_printf(arena, "X400:%s", (const char *)address.data));
	return OK;
}

static FALLIBLE make_permission(const char *text, struct arena *arena, struct bytes *out_value)
{
	static const char *const labels[] = { "individual:", "dl_member:", "pattern:" };
	static const char group[] = "group_member:";
	AUTO(buf_free) struct buf der = { 0 };

	for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
		struct bytes name;

		if (strncasecmp(text, labels[i], strlen(labels[i])) != 0)
			continue;
		TRY(make_or_name(text + strlen(labels[i]), arena, &name));
		*out_value = bytes_text(arena_printf(arena, "%s%s", labels[i], (const char *)name.data));
		return OK;
	}
	if (strncasecmp(text, group, strlen(group)) != 0)
		return FAIL(ST_USAGE, 0, "who may send begins with individual:, dl_member:, pattern: "
			    "or group_member:");
	TRY(dn_from_text(text + strlen(group), &der));
	*out_value = bytes_text(arena_printf(arena, "%s%s", group, text + strlen(group)));
	return OK;
}

static FALLIBLE make_name(const char *text, struct arena *arena, struct bytes *out_value)
{
	AUTO(buf_free) struct buf der = { 0 };

	TRY(dn_from_text(text, &der));
	return make_text(text, arena, out_value);
}

struct changes {
	struct directory_change list[DIRECTORY_ATTR_COUNT];
	size_t count;
	enum directory_op op;
	struct arena *arena;
};

static void changes_add(struct changes *changes, enum directory_attr attr, struct bytes *values,
			size_t count)
{
	if (count)
		changes->list[changes->count++] =
			(struct directory_change){ attr, changes->op, values, count };
}

static FALLIBLE too_many(const char *option)
{
	return FAIL(ST_USAGE, 0, "--%s is given more than %d times", option, VALUES_MAX);
}

static FALLIBLE changes_collect(struct changes *changes, const struct options *options,
				const char *option, enum directory_attr attr, value_maker *make)
{
	struct bytes *values = arena_new_array(changes->arena, struct bytes, VALUES_MAX);
	const char *text;
	size_t count = 0;

	for (; (text = options_nth(options, option, count)); count++) {
		if (count == VALUES_MAX)
			return too_many(option);
		TRY_DOING(make(text, changes->arena, &values[count]), "--%s %s", option, text);
	}
	changes_add(changes, attr, values, count);
	return OK;
}

static FALLIBLE changes_collect_pairs(struct changes *changes, const struct options *options)
{
	struct bytes *values = arena_new_array(changes->arena, struct bytes, VALUES_MAX);
	size_t count = 0;

	for (;; count++) {
		const char *issued_to = options_nth(options, "issued-to", count);
		const char *issued_by = options_nth(options, "issued-by", count);

		if (!issued_to && !issued_by)
			break;
		if (count == VALUES_MAX)
			return too_many("issued-to");
		TRY(make_pair(issued_to, issued_by, changes->arena, &values[count]));
	}
	changes_add(changes, DIRECTORY_CROSS_PAIR, values, count);
	return OK;
}

static FALLIBLE changes_from_options(struct changes *changes, const struct options *options)
{
	if (options_has(options, "add") && options_has(options, "remove"))
		return FAIL(ST_USAGE, 0, "--add and --remove exclude each other");
	changes->op = options_has(options, "add") ? DIRECTORY_ADD
		: options_has(options, "remove") ? DIRECTORY_REMOVE : DIRECTORY_REPLACE;
	TRY(changes_collect(changes, options, "or-address", DIRECTORY_OR_ADDRESS, make_or_address));
	TRY(changes_collect(changes, options, "mail", DIRECTORY_MAIL, make_text));
	TRY(changes_collect(changes, options, "certificate", DIRECTORY_USER_CERTIFICATE,
			    make_certificate));
	TRY(changes_collect(changes, options, "ca-certificate", DIRECTORY_CA_CERTIFICATE,
			    make_certificate));
	TRY(changes_collect(changes, options, "crl", DIRECTORY_CRL, make_crl));
	TRY(changes_collect(changes, options, "organization", DIRECTORY_ORGANIZATION, make_text));
	TRY(changes_collect(changes, options, "message-store", DIRECTORY_MESSAGE_STORE, make_name));
	TRY(changes_collect(changes, options, "content-length", DIRECTORY_CONTENT_LENGTH, make_text));
	TRY(changes_collect(changes, options, "content-type", DIRECTORY_CONTENT_TYPES, make_text));
	TRY(changes_collect(changes, options, "member", DIRECTORY_DL_MEMBERS, make_or_name));
	TRY(changes_collect(changes, options, "may-send", DIRECTORY_DL_SUBMIT, make_permission));
	TRY(changes_collect_pairs(changes, options));
	if (!changes->count)
		return FAIL(ST_USAGE, 0, "publish what? --or-address, --certificate, ...: see --help");
	return OK;
}

FALLIBLE cmd_kind(const struct options *options, enum directory_kind *out_kind)
{
	const char *text = options_value(options, "kind");

	for (*out_kind = 0; text && *out_kind < DIRECTORY_KIND_COUNT; (*out_kind)++)
		if (!strcasecmp(directory_kind_names[*out_kind], text))
			return OK;
	*out_kind = DIRECTORY_KIND_COUNT;
	if (!text)
		return OK;
	return FAIL(ST_USAGE, 0, "--kind is user, agent, authority, store, mta or list, not \"%s\"", text);
}

static void show_changes(const struct invocation *invocation, const struct changes *changes)
{
	static const char *const verbs[] = {
		[DIRECTORY_ADD] = "add to", [DIRECTORY_REPLACE] = "replace all of",
		[DIRECTORY_REMOVE] = "take from",
	};

	if (invocation->json) {
		printf("{\"would_publish\": %zu}\n", changes->count);
		return;
	}
	printf("In %s this would\n", invocation->words[0]);
	for (size_t i = 0; i < changes->count; i++)
		printf("  %s %s: %zu values\n", verbs[changes->op],
		       directory_attr_name(changes->list[i].attr), changes->list[i].count);
}

FALLIBLE cmd_publish(const struct invocation *invocation)
{
	AUTO(directory_free) struct directory *dir = NULL;
	AUTO(arena_free) struct arena *arena = arena_new();
	struct changes changes = { .arena = arena };
	enum directory_kind kind;

	TRY(cmd_kind(&invocation->options, &kind));
	if (kind == DIRECTORY_KIND_COUNT)
		kind = DIRECTORY_USER;
	TRY(changes_from_options(&changes, &invocation->options));
	TRY(cmd_open(invocation, &dir));
	if (command_is_dry(invocation)) {
		show_changes(invocation, &changes);
		return OK;
	}
	TRY(directory_publish(dir, invocation->words[0], kind, changes.list, changes.count));
	if (invocation->json)
		printf("{\"published\": %zu}\n", changes.count);
	else
		printf("Published in %s.\n", invocation->words[0]);
	return OK;
}
