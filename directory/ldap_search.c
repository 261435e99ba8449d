/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searches over LDAP: any number of them are under way at once over one connection, and their
 * answers are taken as they come.  What is found is counted against its limits before it is
 * kept, for each search by itself.
 */
#include "directory/ldap_link.h"

#include "lib/base/memory.h"

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

static FALLIBLE search_status(struct ldap_link *link, LDAPMessage *message)
{
	struct status *st = ldap_link_final(link, message);

	if (st && st->diag == LDAP_SIZELIMIT_EXCEEDED)
		return status_new(st, ST_PEER, 0, "there are more than %u entries",
				  link->config->max_entries);
	return st;
}

static FALLIBLE send_search(struct ldap_link *link, struct asked *asked)
{
	const struct ldap_search *search = asked->search;
	struct timeval limit = { .tv_sec = link->config->timeout };

	return ldap_link_status(link,
				ldap_search_ext(link->ld, search->base,
						search->subtree ? LDAP_SCOPE_SUBTREE : LDAP_SCOPE_BASE,
						search->filter, (char **)search->attrs, 0, NULL, NULL,
						&limit, (int)link->config->max_entries, &asked->id));
}

/* What one message means to the search that it answers; frees it. */
static void take_message(struct ldap_link *link, struct asked *asked, LDAPMessage *message)
{
	if (ldap_msgtype(message) == LDAP_RES_SEARCH_RESULT) {
		*asked->failed = search_status(link, message);
		asked->id = 0;
		return;
	}
	if (ldap_msgtype(message) == LDAP_RES_SEARCH_ENTRY)
		*asked->failed = read_entry(link, asked, message);
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
			      size_t count, struct status **out_failures)
{
	struct asked *asked = mem_new_array(struct asked, count);
	struct status *st = OK;

	for (size_t i = 0; i < count; i++) {
		out_failures[i] = OK;
		asked[i] = (struct asked){ .search = &searches[i], .failed = &out_failures[i] };
		if (!st)
			st = send_search(link, &asked[i]);
	}
	if (!st)
		st = take_answers(link, asked, count);
	for (size_t i = 0; st && i < count; i++) {
		if (ldap_link_is_open(link) && asked[i].id)
			ldap_abandon_ext(link->ld, asked[i].id, NULL, NULL);
		status_free(&out_failures[i]);
	}
	mem_free(&asked);
	return st;
}
