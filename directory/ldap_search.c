/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searches over LDAP: any number of them are under way at once over one connection, and their
 * answers are taken as they come.  What is found is counted against its limits before it is
 * kept, for each search by itself.
 */
#include "directory/ldap_link.h"

#include "lib/base/memory.h"

#include <strings.h>

enum { COOKIE_MAX = 4096 };

/* One search that was sent. */
struct asked {
	const struct ldap_search *search;
	struct status **failed;		/* where its own failure goes */
	int id;				/* of its message; 0: it is over, or was never sent */
	size_t entries, octets;		/* that came so far */
};

static FALLIBLE read_values(const struct directory_config *config, struct asked *asked,
			    const char *attr, struct berval **values)
{
	const struct ldap_reader *reader = &asked->search->reader;

	for (size_t i = 0; values && values[i]; i++) {
		asked->octets += values[i]->bv_len;
		if (asked->octets > config->max_total)
			return FAIL(ST_PEER, 0, "the answer has more than %zu octets",
				    config->max_total);
		TRY(reader->value(reader->data, attr,
				  bytes_of(values[i]->bv_val, values[i]->bv_len)));
	}
	return OK;
}

static FALLIBLE read_entry(struct ldap_link *link, struct asked *asked, LDAPMessage *message)
{
	const struct ldap_reader *reader = &asked->search->reader;
	char *name = ldap_get_dn(link->ld, message);
	BerElement *ber = NULL;

	if (!name)
		return FAIL(ST_PEER, 0, "the answer has an entry without a name");

	struct status *st = reader->entry(reader->data, name);

	ldap_memfree(name);
	if (!st && ++asked->entries > link->config->max_entries)
		st = FAIL(ST_PEER, 0, "the answer has more than %u entries",
			  link->config->max_entries);
	for (char *attr = st ? NULL : ldap_first_attribute(link->ld, message, &ber); attr;
	     attr = st ? NULL : ldap_next_attribute(link->ld, message, ber)) {
		struct berval **values = ldap_get_values_len(link->ld, message, attr);

		st = read_values(link->config, asked, attr, values);
		ldap_value_free_len(values);
		ldap_memfree(attr);
	}
	ber_free(ber, 0);
	return st;
}

/* The cookie of the next page [RFC 2696 3]; none where it was the last. */
static FALLIBLE read_cookie(struct ldap_link *link, const struct ldap_search *search,
			    LDAPControl **controls)
{
	LDAPControl *control = ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, controls, NULL);
	struct berval cookie = { 0 };
	ber_int_t estimate = 0;

	buf_clear(search->cookie);
	if (!control)
		return OK;	/* the server has no pages, and this was all */
	if (ldap_parse_pageresponse_control(link->ld, control, &estimate, &cookie) != LDAP_SUCCESS)
		return FAIL(ST_PEER, 0, "the answer ends with a page that cannot be read");

	bool fits = cookie.bv_len <= COOKIE_MAX;

	if (fits)
		buf_put(search->cookie, bytes_of(cookie.bv_val, cookie.bv_len));
	ber_memfree(cookie.bv_val);
	return fits ? OK : FAIL(ST_PEER, 0, "the cookie of a page has more than %d octets", COOKIE_MAX);
}

/* What the message at the end of the entries says; frees it. */
static FALLIBLE search_status(struct ldap_link *link, struct asked *asked, LDAPMessage *message)
{
	const struct ldap_search *search = asked->search;
	char *said = NULL, **refs = NULL;
	LDAPControl **controls = NULL;
	int result = LDAP_OTHER;
	int parsed = ldap_parse_result(link->ld, message, &result, NULL, &said, &refs, &controls, 1);
	struct status *st = OK;

	if (parsed != LDAP_SUCCESS)
		result = parsed;
	if (result == LDAP_REFERRAL && refs)
		st = search->reader.reference(search->reader.data, refs);
	else
		st = ldap_result_status(result, said);
	if (st && result == LDAP_SIZELIMIT_EXCEEDED)
		st = status_new(st, ST_PEER, 0, "there are more than %u entries",
				link->config->max_entries);
	if (!st && search->page)
		st = read_cookie(link, search, controls);
	ldap_controls_free(controls);
	ber_memvfree((void **)refs);
	ldap_memfree(said);
	return st;
}

/* A continuation [RFC 4511 4.5.3]: part of the answer is elsewhere. */
static FALLIBLE read_reference(struct ldap_link *link, const struct asked *asked, LDAPMessage *message)
{
	const struct ldap_reader *reader = &asked->search->reader;
	char **refs = NULL;
	int result = ldap_parse_reference(link->ld, message, &refs, NULL, 0);
	struct status *st = result != LDAP_SUCCESS ? ldap_result_status(result, NULL)
		: refs ? reader->reference(reader->data, refs) : OK;

	ber_memvfree((void **)refs);
	return st;
}

static FALLIBLE send_search(struct ldap_link *link, struct asked *asked)
{
	const struct ldap_search *search = asked->search;
	struct timeval limit = { .tv_sec = link->config->timeout };
	LDAPControl *controls[] = { NULL, NULL };
	int most = search->page ? 0 : (int)link->config->max_entries;

	if (search->page) {
		struct berval cookie = { search->cookie->len, (char *)search->cookie->data };

		TRY(ldap_link_status(link, ldap_create_page_control(
				link->ld, (ber_int_t)search->page,
				cookie.bv_len ? &cookie : NULL, 1, &controls[0])));
	}

	int result = ldap_search_ext(link->ld, search->base,
				     search->subtree ? LDAP_SCOPE_SUBTREE : LDAP_SCOPE_BASE,
				     search->filter, (char **)search->attrs, 0, controls, NULL, &limit,
				     most, &asked->id);

	if (controls[0])
		ldap_control_free(controls[0]);
	return ldap_link_status(link, result);
}

/* What one message means to the search that it answers; frees it. */
static void take_message(struct ldap_link *link, struct asked *asked, LDAPMessage *message)
{
	if (ldap_msgtype(message) == LDAP_RES_SEARCH_RESULT) {
		*asked->failed = search_status(link, asked, message);
		asked->id = 0;
		return;
	}
	if (ldap_msgtype(message) == LDAP_RES_SEARCH_ENTRY)
		*asked->failed = read_entry(link, asked, message);
	if (ldap_msgtype(message) == LDAP_RES_SEARCH_REFERENCE)
		*asked->failed = read_reference(link, asked, message);
	ldap_msgfree(message);
	if (*asked->failed) {
		ldap_abandon_ext(link->ld, asked->id, NULL, NULL);
		asked->id = 0;
	}
}

static struct asked *asked_as(struct asked *asked, size_t count, int id)
{
	for (size_t i = 0; i < count; i++)
		if (asked[i].id == id)
			return &asked[i];
	return NULL;
}

static size_t under_way(const struct asked *asked, size_t count)
{
	size_t open = 0;

	for (size_t i = 0; i < count; i++)
		open += asked[i].id != 0;
	return open;
}

static FALLIBLE take_answers(struct ldap_link *link, struct asked *asked, size_t count)
{
	struct timespec deadline = ldap_link_deadline(link);

	while (under_way(asked, count)) {
		LDAPMessage *message = NULL;

		TRY(ldap_link_next(link, LDAP_RES_ANY, &deadline, &message));

		struct asked *answered = asked_as(asked, count, ldap_msgid(message));

		if (answered)
			take_message(link, answered, message);
		else	/* unsolicited, or of a search that was abandoned */
			ldap_msgfree(message);
	}
	return OK;
}

FALLIBLE ldap_link_search_all(struct ldap_link *link, const struct ldap_search *searches,
			      size_t count, struct meanwhile *work, struct status **out_failures)
{
	struct asked *asked = mem_new_array(struct asked, count);
	struct status *st = OK;

	for (size_t i = 0; i < count; i++) {
		out_failures[i] = OK;
		asked[i] = (struct asked){ .search = &searches[i], .failed = &out_failures[i] };
		if (!st)
			st = send_search(link, &asked[i]);
	}
	if (!st) {
		meanwhile_run(work);
		st = take_answers(link, asked, count);
	}
	for (size_t i = 0; st && i < count; i++) {
		if (ldap_link_is_open(link) && asked[i].id)
			ldap_abandon_ext(link->ld, asked[i].id, NULL, NULL);
		status_free(&out_failures[i]);
	}
	mem_free(&asked);
	return st;
}

/* --- where a referral leads --- */

FALLIBLE ldap_place_read(const char *url, struct arena *arena, struct ldap_place *out_place)
{
	LDAPURLDesc *parts = NULL;

	if (ldap_url_parse(url, &parts) != LDAP_URL_SUCCESS)
		return FAIL(ST_PEER, 0, "a referral to what is no address of a server");

	bool network = !strcasecmp(parts->lud_scheme, "ldap") || !strcasecmp(parts->lud_scheme, "ldaps");
	bool named = parts->lud_host && *parts->lud_host;
	bool v6 = named && strchr(parts->lud_host, ':');

	if (network && named)
		*out_place = (struct ldap_place){
			.uri = arena_printf(arena, v6 ? "%s://[%s]:%d" : "%s://%s:%d",
					    parts->lud_scheme, parts->lud_host, parts->lud_port),
			.base = parts->lud_dn && *parts->lud_dn ? arena_strdup(arena, parts->lud_dn)
								: NULL,
			.base_only = parts->lud_scope == LDAP_SCOPE_BASE,
		};
	ldap_free_urldesc(parts);
	if (!network || !named)
		return FAIL(ST_PEER, 0, "a referral that does not lead to a server of a network");
	return OK;
}
