/* SPDX-License-Identifier: Apache-2.0 */
/*
 * With ldap_connect.c and ldap_search.c the only door to libldap.  A request is sent
 * asynchronously and its answers are taken one by one before a deadline, so that neither a slow
 * nor an abundant server can hold us.
 */
#include "directory/ldap_link.h"

#include "lib/base/memory.h"

enum { MODS_MAX = 32 };

struct ldap_link *ldap_link_new(const struct directory_config *config, const char *uri)
{
	struct ldap_link *link = mem_new(struct ldap_link);

	link->config = config;
	link->uri = uri;
	return link;
}

void ldap_link_close(struct ldap_link *link)
{
	if (link->ld)
		ldap_unbind_ext_s(link->ld, NULL, NULL);
	link->ld = NULL;
}

void ldap_link_free(struct ldap_link **link)
{
	if (!*link)
		return;
	ldap_link_close(*link);
	mem_free(link);
}

bool ldap_link_is_open(const struct ldap_link *link)
{
	return link->ld;
}

static enum status_kind kind_of_result(int result)
{
	switch (result) {
	case LDAP_NO_SUCH_OBJECT:
		return ST_NOT_FOUND;
	case LDAP_SERVER_DOWN: case LDAP_TIMEOUT: case LDAP_BUSY: case LDAP_UNAVAILABLE:
	case LDAP_TIMELIMIT_EXCEEDED: case LDAP_UNWILLING_TO_PERFORM: case LDAP_OTHER:
		return ST_LATER;
	case LDAP_CONNECT_ERROR: case LDAP_INVALID_CREDENTIALS: case LDAP_INSUFFICIENT_ACCESS:
	case LDAP_STRONG_AUTH_REQUIRED: case LDAP_CONFIDENTIALITY_REQUIRED:
	case LDAP_INAPPROPRIATE_AUTH: case LDAP_AUTH_METHOD_NOT_SUPPORTED:
		return ST_REFUSED;
	case LDAP_SIZELIMIT_EXCEEDED: case LDAP_ADMINLIMIT_EXCEEDED: case LDAP_DECODING_ERROR:
	case LDAP_PROTOCOL_ERROR:
		return ST_PEER;
	case LDAP_REFERRAL:
		return ST_NEVER;
	default:
		return ST_USAGE;
	}
}

static bool is_lost(int result)
{
	return result == LDAP_SERVER_DOWN || result == LDAP_TIMEOUT ||
	       result == LDAP_DECODING_ERROR || result == LDAP_CONNECT_ERROR;
}

FALLIBLE ldap_result_status(int result, const char *said)
{
	if (result == LDAP_SUCCESS)
		return OK;
	if (said && *said)
		return FAIL(kind_of_result(result), result, "%s (%s)", ldap_err2string(result), said);
	return FAIL(kind_of_result(result), result, "%s", ldap_err2string(result));
}

FALLIBLE ldap_link_late(const struct ldap_link *link)
{
	return FAIL(ST_LATER, LDAP_TIMEOUT, "no answer within %u seconds", link->config->timeout);
}

FALLIBLE ldap_link_status(struct ldap_link *link, int result)
{
	char *said = NULL;

	if (result == LDAP_SUCCESS)
		return OK;
	if (link->patience.over || result == LDAP_TIMEOUT) {
		ldap_link_close(link);
		return ldap_link_late(link);
	}
	ldap_get_option(link->ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &said);

	struct status *st = ldap_result_status(result, said);

	ldap_memfree(said);
	if (is_lost(result))
		ldap_link_close(link);
	return st;
}

/* --- requests --- */

struct timespec ldap_link_deadline(const struct ldap_link *link)
{
	return ldap_patience_from_now(link->config->timeout);
}

FALLIBLE ldap_link_next(struct ldap_link *link, int id, const struct timespec *deadline,
			LDAPMessage **out_message)
{
	struct timeval left = ldap_patience_left(deadline);
	int result = LDAP_SERVER_DOWN;

	link->patience.until = *deadline;

	int type = ldap_result(link->ld, id, LDAP_MSG_ONE, &left, out_message);

	if (type > 0)
		return OK;
	if (type == 0) {
		ldap_link_close(link);
		return ldap_link_late(link);
	}
	ldap_get_option(link->ld, LDAP_OPT_RESULT_CODE, &result);
	return ldap_link_status(link, result);
}

FALLIBLE ldap_link_final(struct ldap_link *link, LDAPMessage *message)
{
	char *said = NULL, **refs = NULL;
	int result = LDAP_OTHER;
	int parsed = ldap_parse_result(link->ld, message, &result, NULL, &said, &refs, NULL, 1);
	struct status *st = ldap_result_status(parsed == LDAP_SUCCESS ? result : parsed, said);

	/* What is written goes to the server that was named, and to no other. */
	if (st && refs && refs[0])
		st = status_new(st, ST_NEVER, LDAP_REFERRAL, "another server holds it: %s", refs[0]);
	ber_memvfree((void **)refs);
	ldap_memfree(said);
	return st;
}

/* The result of a request that has one message for an answer. */
static FALLIBLE only_answer(struct ldap_link *link, int id)
{
	struct timespec deadline = ldap_link_deadline(link);
	LDAPMessage *message = NULL;

	TRY(ldap_link_next(link, id, &deadline, &message));
	return ldap_link_final(link, message);
}

/* Changes in libldap's form; the values stay borrowed. */
struct mod_list {
	LDAPMod mods[MODS_MAX];
	LDAPMod *list[MODS_MAX + 1];
};

static int mod_op(enum directory_op op)
{
	static const int ops[] = {
		[DIRECTORY_ADD] = LDAP_MOD_ADD,
		[DIRECTORY_REPLACE] = LDAP_MOD_REPLACE,
		[DIRECTORY_REMOVE] = LDAP_MOD_DELETE,
	};

	return ops[op] | LDAP_MOD_BVALUES;
}

static FALLIBLE mod_list_fill(struct mod_list *list, const struct ldap_mod *mods, size_t count,
			      struct arena *arena)
{
	if (count > MODS_MAX)
		return FAIL(ST_USAGE, 0, "more than %d attributes at once", MODS_MAX);
	for (size_t i = 0; i < count; i++) {
		struct berval **values = arena_new_array(arena, struct berval *, mods[i].count + 1);

		for (size_t k = 0; k < mods[i].count; k++) {
			values[k] = arena_new_of(arena, struct berval);
			values[k]->bv_val = (char *)mods[i].values[k].data;
			values[k]->bv_len = mods[i].values[k].len;
		}
		list->mods[i].mod_op = mod_op(mods[i].op);
		list->mods[i].mod_type = (char *)mods[i].attr;
		list->mods[i].mod_bvalues = values;
		list->list[i] = &list->mods[i];
	}
	return OK;
}

FALLIBLE ldap_link_add(struct ldap_link *link, const char *name, const struct ldap_mod *attrs,
		       size_t count, bool *out_existed)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct mod_list list = { 0 };
	int id = 0;

	*out_existed = false;
	TRY(mod_list_fill(&list, attrs, count, arena));
	TRY(ldap_link_status(link, ldap_add_ext(link->ld, name, list.list, NULL, NULL, &id)));

	struct status *st = only_answer(link, id);

	if (st && st->diag == LDAP_ALREADY_EXISTS) {
		*out_existed = true;
		status_free(&st);
	}
	return st;
}

FALLIBLE ldap_link_modify(struct ldap_link *link, const char *name, const struct ldap_mod *mods,
			  size_t count)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	LDAPControl permissive = { .ldctl_oid = (char *)LDAP_CONTROL_X_PERMISSIVE_MODIFY,
				   .ldctl_iscritical = 1 };
	LDAPControl *controls[] = { &permissive, NULL };
	struct mod_list list = { 0 };
	int id = 0;

	TRY(mod_list_fill(&list, mods, count, arena));
	TRY(ldap_link_status(link, ldap_modify_ext(link->ld, name, list.list, controls, NULL, &id)));
	return only_answer(link, id);
}

FALLIBLE ldap_link_remove(struct ldap_link *link, const char *name, const char *attr,
			  struct bytes value)
{
	struct ldap_mod mod = { DIRECTORY_REMOVE, attr, &value, 1 };
	struct status *st = ldap_link_modify(link, name, &mod, 1);

	if (st && st->diag == LDAP_NO_SUCH_ATTRIBUTE)
		status_free(&st);
	return st;
}

FALLIBLE ldap_link_delete(struct ldap_link *link, const char *name)
{
	int id = 0;

	TRY(ldap_link_status(link, ldap_delete_ext(link->ld, name, NULL, NULL, &id)));
	return only_answer(link, id);
}
