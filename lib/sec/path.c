/* SPDX-License-Identifier: Apache-2.0 */
/* Certification paths: what the certificate has to be, and a path to it [lib/sec/path_search.c]. */
#include "lib/sec/path.h"

#include "asn1/dn.h"
#include "lib/base/memory.h"
#include "lib/sec/path_1989.h"
#include "lib/sec/path_search.h"

static void keep_first(struct status **kept, struct status *fresh)
{
	if (*kept)
		status_free(&fresh);
	else
		*kept = fresh;
}

/* A certificate of 1988 says no address: the directory's entry of its name does. */
static FALLIBLE has_address(const struct path_query *query, const struct cert *cert, bool *out_has)
{
	const struct cert_source *source = query->source;

	if (cert->form_1989) {
		*out_has = false;
		if (!source || !source->has_address)
			return OK;
		return source->has_address(source->data, cert->subject, query->or_address, out_has);
	}
	*out_has = query->same_or_address ? query->same_or_address(query->or_address, cert->or_address)
					  : bytes_equal(query->or_address, cert->or_address);
	return OK;
}

static FALLIBLE check_identity(const struct path_query *query, const struct cert *cert)
{
	bool same_address = true;

	TRY(path_1989_allowed(query, cert));
	if (!query->any_use)
		TRY(cert_check_scope(cert, query->scope));
	if (!query->any_use && !cert->key)
		return FAIL(ST_REFUSED, 0, "the key of %s is of no type known here", cert->subject_text);
	if (query->name.len && !dn_equal(query->name, cert->subject)) {
		AUTO(mem_free) char *wanted = NULL;

		TRY(dn_to_text(query->name, &wanted));
		return FAIL(ST_REFUSED, 0, "the certificate is for %s, not for %s",
			    cert->subject_text, wanted);
	}
	if (query->or_address.len)
		TRY_DOING(has_address(query, cert, &same_address), "cannot tell the O/R address of %s",
			  cert->subject_text);
	if (!same_address && cert->form_1989)
		return FAIL(ST_REFUSED, 0, "the certificate of %s is of 1988 and says no O/R address, and "
			    "the directory does not say this one", cert->subject_text);
	if (!same_address)
		return FAIL(ST_REFUSED, 0, "the certificate of %s is not for this O/R address",
			    cert->subject_text);
	return cert_check_dates(cert, query->now);
}

FALLIBLE path_verify(const struct path_query *query, const struct cert *cert,
		     struct cert_path **out_path)
{
	TRY(check_identity(query, cert));
	return path_search(query, cert, out_path);
}

/* Every path ends at an anchor, whose revocation list it needs. */
static void expect(const struct path_query *query)
{
	enum { NAMES = 8 };
	struct bytes names[NAMES] = { query->name };
	size_t count = 1;

	if (!query->source->expect)
		return;
	for (size_t i = 0; i < query->anchor_count && count < NAMES; i++)
		names[count++] = query->anchors[i]->subject;
	query->source->expect(query->source->data, names, count);
}

FALLIBLE path_find(const struct path_query *query, struct cert_path **out_path)
{
	AUTO(cert_list_free) struct cert_list found = { 0 };
	AUTO(status_free) struct status *refused = OK;
	AUTO(mem_free) char *name = NULL;
	bool refused_in_scope = false;

	TRY(dn_to_text(query->name, &name));
	expect(query);
	TRY_DOING(query->source->user_certs(query->source->data, query->name, &found),
		  "cannot look for the certificate of %s", name);
	for (size_t i = 0; i < found.count; i++) {
		bool in_scope = found.items[i]->scope == query->scope;
		struct status *failed = path_verify(query, found.items[i], out_path);

		if (!failed)
			return OK;
		/* What is wrong with a certificate of the right scope says more. */
		if (in_scope && !refused_in_scope)
			status_free(&refused);
		refused_in_scope |= in_scope;
		keep_first(&refused, failed);
	}
	if (refused)
		return TAKE(refused);
	return FAIL(ST_NOT_FOUND, 0, "the directory has no certificate of %s", name);
}

struct cert_path *cert_path_copy(const struct cert_path *path)
{
	struct cert_path *copy = mem_new(struct cert_path);

	for (size_t i = 0; i < path->chain.count; i++)
		cert_list_add(&copy->chain, path->chain.items[i]);
	for (size_t i = 0; i < path->crls.count; i++)
		crl_list_add(&copy->crls, path->crls.items[i]);
	for (size_t i = 0; i < path->crl_signers.count; i++)
		cert_list_add(&copy->crl_signers, path->crl_signers.items[i]);
	copy->valid_until = path->valid_until;
	copy->explanation = mem_strdup(path->explanation);
	copy->policies = mem_new_array(char *, path->policy_count);
	for (; copy->policy_count < path->policy_count; copy->policy_count++)
		copy->policies[copy->policy_count] = mem_strdup(path->policies[copy->policy_count]);
	for (size_t i = 0; i < path->lists.count; i++)
		crl_list_add(&copy->lists, path->lists.items[i]);
	copy->lookups = path->lookups;
	copy->as_of = path->as_of;
	return copy;
}

void cert_path_free(struct cert_path **path)
{
	if (*path) {
		cert_list_free(&(*path)->chain);
		crl_list_free(&(*path)->crls);
		cert_list_free(&(*path)->crl_signers);
		mem_free(&(*path)->explanation);
		for (size_t i = 0; i < (*path)->policy_count; i++)
			mem_free(&(*path)->policies[i]);
		mem_free(&(*path)->policies);
		crl_list_free(&(*path)->lists);
	}
	mem_free(path);
}

const struct cert *cert_path_leaf(const struct cert_path *path)
{
	return path->chain.items[0];
}
