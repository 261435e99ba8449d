/* SPDX-License-Identifier: Apache-2.0 */
/* The handle, and what is read with it. */
#include "directory/handle.h"

#include "asn1/dn.h"
#include "lib/base/memory.h"

#include <signal.h>
#include <strings.h>

enum {
	DEFAULT_TIMEOUT = 10,
	DEFAULT_MAX_ENTRIES = 100,
	DEFAULT_MAX_VALUES = 2048,
	DEFAULT_MAX_VALUE = 1024 * 1024,
	DEFAULT_MAX_TOTAL = 8 * 1024 * 1024,
	MAX_TOTAL_LIMIT = 256 * 1024 * 1024,
	FIND_VALUE_MAX = 4096,
};

const struct attr_info attr_infos[DIRECTORY_ATTR_COUNT] = {
	[DIRECTORY_USER_CERTIFICATE] = { "userCertificate;binary", "pkiUser", false },
	[DIRECTORY_CA_CERTIFICATE] = { "cACertificate;binary", "pkiCA", false },
	[DIRECTORY_CROSS_PAIR] = { "crossCertificatePair;binary", "pkiCA", true },
	[DIRECTORY_CRL] = { "certificateRevocationList;binary", "pkiCA", true },
	[DIRECTORY_ARL] = { "authorityRevocationList;binary", "pkiCA", true },
	[DIRECTORY_OR_ADDRESS] = { "mhsORAddresses", "mhsUser", false },
	[DIRECTORY_CN] = { "cn", NULL, false },
	[DIRECTORY_MAIL] = { "mail", NULL, false },
};

/* --- the handle --- */

static bool begins_with(const char *text, const char *start)
{
	return !strncasecmp(text, start, strlen(start));
}

static FALLIBLE config_check_tls(const struct directory_config *config)
{
	bool ldaps = begins_with(config->uri, "ldaps:");

	if (config->start_tls && !begins_with(config->uri, "ldap:"))
		return FAIL(ST_USAGE, 0, "StartTLS is for ldap:// only, not for %s", config->uri);
	if ((config->start_tls || ldaps) && !config->ca_file)
		return FAIL(ST_USAGE, 0, "TLS to %s needs a CA file to check the server with",
			    config->uri);
	if (!config->cert_file != !config->key_file)
		return FAIL(ST_USAGE, 0, "a TLS certificate needs its key file, and the other way round");
	return OK;
}

static FALLIBLE config_check_bind(const struct directory_config *config)
{
	bool secret = config->start_tls || !begins_with(config->uri, "ldap:");

	switch (config->bind) {
	case DIRECTORY_ANONYMOUS:
		return OK;
	case DIRECTORY_SIMPLE:
		if (!config->bind_dn || !config->password_file)
			return FAIL(ST_USAGE, 0, "a simple bind needs a name and a password file");
		if (!secret)
			return FAIL(ST_USAGE, 0, "a password is not sent in the clear to %s: "
				    "use StartTLS, ldaps:// or ldapi://", config->uri);
		return OK;
	case DIRECTORY_EXTERNAL:
		if (!begins_with(config->uri, "ldapi:") && !config->cert_file)
			return FAIL(ST_USAGE, 0, "SASL EXTERNAL to %s needs a TLS certificate of ours",
				    config->uri);
		return OK;
	}
	return FAIL(ST_USAGE, 0, "there is no such way to bind");
}

static FALLIBLE config_check(const struct directory_config *config)
{
	if (!config->uri || !*config->uri)
		return FAIL(ST_USAGE, 0, "no directory is configured");
	if (!begins_with(config->uri, "ldap://") && !begins_with(config->uri, "ldaps://") &&
	    !begins_with(config->uri, "ldapi://"))
		return FAIL(ST_USAGE, 0, "%s is not the address of a directory: "
			    "ldap://HOST:PORT, ldaps://HOST:PORT or ldapi://PATH", config->uri);
	if (config->max_total > MAX_TOTAL_LIMIT)
		return FAIL(ST_USAGE, 0, "answers of more than %d octets are not possible",
			    MAX_TOTAL_LIMIT);
	TRY(config_check_tls(config));
	return config_check_bind(config);
}

#define OR_DEFAULT(member, value) ((member) = (member) ? (member) : (value))

FALLIBLE directory_new(const struct directory_config *config, struct directory **out_dir)
{
	TRY(config_check(config));

	struct directory *dir = mem_new(struct directory);

	dir->config = *config;
	OR_DEFAULT(dir->config.base, "");
	OR_DEFAULT(dir->config.timeout, DEFAULT_TIMEOUT);
	OR_DEFAULT(dir->config.max_entries, DEFAULT_MAX_ENTRIES);
	OR_DEFAULT(dir->config.max_values, DEFAULT_MAX_VALUES);
	OR_DEFAULT(dir->config.max_value, DEFAULT_MAX_VALUE);
	OR_DEFAULT(dir->config.max_total, DEFAULT_MAX_TOTAL);
	dir->link = ldap_link_new(&dir->config);
	*out_dir = dir;
	return OK;
}

/* libldap writes to connections that the server has closed: no SIGPIPE may come of it.  Gives
 * the thread's mask as it was. */
static sigset_t pipe_signal_hold(void)
{
	sigset_t pipe_signal, before;

	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
	return before;
}

static void pipe_signal_release(sigset_t before)
{
	struct timespec at_once = { 0 };
	sigset_t pipe_signal;

	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE);
	if (!sigismember(&before, SIGPIPE))
		sigtimedwait(&pipe_signal, NULL, &at_once);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void directory_free(struct directory **dir)
{
	if (!*dir)
		return;

	sigset_t before = pipe_signal_hold();

	ldap_link_free(&(*dir)->link);
	pipe_signal_release(before);
	mem_free(dir);
}

FALLIBLE directory_connect(struct directory *dir)
{
	sigset_t before = pipe_signal_hold();
	struct status *st = ldap_link_open(dir->link);

	pipe_signal_release(before);
	return st;
}

static FALLIBLE run_held(struct directory *dir, directory_request *request, void *arg)
{
	bool waiting = ldap_link_is_open(dir->link);

	TRY(ldap_link_open(dir->link));

	struct status *st = request(dir, arg);

	/* A connection that was idle may have been dead long before we used it. */
	if (st && st->kind == ST_LATER && waiting && !ldap_link_is_open(dir->link)) {
		status_drop(st);
		TRY(ldap_link_open(dir->link));
		st = request(dir, arg);
	}
	return st;
}

FALLIBLE directory_run(struct directory *dir, directory_request *request, void *arg)
{
	sigset_t before = pipe_signal_hold();
	struct status *st = run_held(dir, request, arg);

	pipe_signal_release(before);
	return st;
}

const char *directory_attr_name(enum directory_attr attr)
{
	return attr_infos[attr].name;
}

/* --- reading --- */

/* A search, and the entries that came so far. */
struct reading {
	const struct ldap_search *search;
	const struct directory_config *config;
	struct arena *arena;
	struct directory_entries *entries;
	size_t room;			/* in entries->list */
};

/* The attribute an answer means, by its name without options; ATTR_COUNT for others. */
static enum directory_attr attr_of(const char *name)
{
	size_t len = strcspn(name, ";");
	enum directory_attr attr = 0;

	while (attr < DIRECTORY_ATTR_COUNT &&
	       (strcspn(attr_infos[attr].name, ";") != len ||
		strncasecmp(attr_infos[attr].name, name, len) != 0))
		attr++;
	return attr;
}

static FALLIBLE reading_entry(void *data, const char *name)
{
	struct reading *r = data;

	if (r->entries->count == r->room) {
		struct directory_entry *old = r->entries->list;

		r->room = r->room ? 2 * r->room : 4;
		r->entries->list = arena_new_array(r->arena, struct directory_entry, r->room);
		if (old)
			memcpy(r->entries->list, old, r->entries->count * sizeof *old);
	}
	r->entries->list[r->entries->count++].name = arena_strdup(r->arena, name);
	return OK;
}

static FALLIBLE reading_value(void *data, const char *name, struct bytes value)
{
	struct reading *r = data;
	struct directory_entry *entry = &r->entries->list[r->entries->count - 1];
	enum directory_attr attr = attr_of(name);

	if (attr == DIRECTORY_ATTR_COUNT)
		return OK;

	struct directory_values *values = &entry->values[attr];

	if (values->count == r->config->max_values)
		return FAIL(ST_PEER, 0, "%s of %s has more than %u values", name, entry->name,
			    r->config->max_values);
	if (value.len > r->config->max_value)
		return FAIL(ST_PEER, 0, "a value of %s of %s has %zu octets, more than %zu", name,
			    entry->name, value.len, r->config->max_value);
	if (!values->list)
		values->list = arena_new_array(r->arena, struct bytes, r->config->max_values);
	values->list[values->count++] = bytes_of(arena_text(r->arena, value), value.len);
	return OK;
}

static void entry_read_pairs(struct directory_entry *entry, struct arena *arena)
{
	const struct directory_values *values = &entry->values[DIRECTORY_CROSS_PAIR];

	entry->pairs.list = arena_new_array(arena, struct cert_pair, values->count);
	for (size_t i = 0; i < values->count; i++) {
		struct status *st = pair_decode(values->list[i],
						&entry->pairs.list[entry->pairs.count]);

		if (st)
			entry->pairs.junk++;
		else
			entry->pairs.count++;
		status_drop(st);
	}
}

static FALLIBLE search_request(struct directory *dir, void *arg)
{
	struct reading *r = arg;
	struct ldap_reader reader = { r, reading_entry, reading_value };

	*r->entries = (struct directory_entries){ 0 };
	r->room = 0;
	TRY(ldap_link_search(dir->link, r->search, &reader));
	for (size_t i = 0; i < r->entries->count; i++)
		entry_read_pairs(&r->entries->list[i], r->arena);
	return OK;
}

static FALLIBLE search_run(struct directory *dir, struct ldap_search *search, struct arena *arena,
			   struct directory_entries *out_entries)
{
	const char *attrs[DIRECTORY_ATTR_COUNT + 1] = { 0 };
	struct reading r = { search, &dir->config, arena, out_entries, 0 };

	for (enum directory_attr attr = 0; attr < DIRECTORY_ATTR_COUNT; attr++)
		attrs[attr] = attr_infos[attr].name;
	search->attrs = attrs;
	return directory_run(dir, search_request, &r);
}

FALLIBLE name_check(const char *name)
{
	AUTO(buf_free) struct buf der = { 0 };

	return dn_from_text(name, &der);
}

FALLIBLE directory_get(struct directory *dir, const char *name, struct arena *arena,
		       struct directory_entry *out_entry)
{
	struct ldap_search search = { .base = name, .filter = "(objectClass=*)" };
	struct directory_entries entries = { 0 };

	TRY(name_check(name));
	TRY_DOING(search_run(dir, &search, arena, &entries), "cannot read %s in the directory", name);
	if (entries.count != 1)
		return FAIL(ST_NOT_FOUND, 0, "the directory has no entry %s that may be read", name);
	*out_entry = entries.list[0];
	return OK;
}

FALLIBLE directory_get_der(struct directory *dir, struct bytes name, struct arena *arena,
			   struct directory_entry *out_entry)
{
	AUTO(mem_free) char *text = NULL;

	TRY(dn_to_text(name, &text));
	return directory_get(dir, text, arena, out_entry);
}

/* A value as it stands in a filter [RFC 4515 3].  The caller frees it. */
static char *filter_value(const char *value)
{
	struct buf text = { 0 };

	for (const char *c = value; *c; c++) {
		if ((uint8_t)*c < ' ' || (uint8_t)*c >= 0x7f || strchr("*()\\", *c))
			buf_printf(&text, "\\%02x", (uint8_t)*c);
		else
			buf_put_u8(&text, (uint8_t)*c);
	}
	buf_put_u8(&text, 0);
	return (char *)text.data;
}

FALLIBLE directory_find(struct directory *dir, enum directory_attr attr, const char *value,
			struct arena *arena, struct directory_entries *out_entries)
{
	AUTO(mem_free) char *escaped = NULL;
	AUTO(mem_free) char *filter = NULL;
	struct ldap_search search = { .base = dir->config.base, .subtree = true };

	if (attr != DIRECTORY_OR_ADDRESS && attr != DIRECTORY_CN && attr != DIRECTORY_MAIL)
		return FAIL(ST_USAGE, 0, "entries cannot be found by their %s",
			    attr_infos[attr].name);
	if (!*value || strlen(value) > FIND_VALUE_MAX)
		return FAIL(ST_USAGE, 0, "the value to look for has to have 1 to %d octets",
			    FIND_VALUE_MAX);
	escaped = filter_value(value);
	filter = mem_printf("(%s=%s)", attr_infos[attr].name, escaped);
	search.filter = filter;
	TRY_DOING(search_run(dir, &search, arena, out_entries),
		  "cannot look for %s in the directory", value);
	if (!out_entries->count)
		return FAIL(ST_NOT_FOUND, 0, "the directory has no entry with %s %s",
			    attr_infos[attr].name, value);
	return OK;
}
