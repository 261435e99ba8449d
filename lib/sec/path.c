/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certification paths are looked for from the certificate upwards, the nearest
 * first: who issued it, and by which cross-certificates do we know that
 * authority?  Each path that reaches an anchor is judged by OpenSSL in
 * lib/sec/path_judge.c; the first that it accepts is the answer.
 */
#include "lib/sec/path.h"

#include "asn1/dn.h"
#include "lib/base/memory.h"
#include "lib/sec/crypto_openssl.h"
#include "lib/sec/path_judge.h"

enum { MAX_STEPS = 64, NO_STEP = -1 };

/* One certificate that may stand in a path, and the one below it. */
struct step {
	const struct cert *cert;
	int below;
	int depth;
};

struct search {
	const struct path_query *query;
	struct step steps[MAX_STEPS];
	int count;
	int lookups;
	struct cert_list pool;		/* the certificate, and all that was found: what steps point at */
	struct status *judged;		/* why the first path that was found is none */
	struct status *unasked;		/* why the source could not be asked */
};

static void search_cleanup(struct search *search)
{
	cert_list_free(&search->pool);
	status_free(&search->judged);
	status_free(&search->unasked);
}

static void keep_first(struct status **kept, struct status *fresh)
{
	if (*kept)
		status_free(&fresh);
	else
		*kept = fresh;
}

static bool is_in_path(const struct search *search, int from, const struct cert *cert)
{
	for (int i = from; i != NO_STEP; i = search->steps[i].below)
		if (dn_equal(search->steps[i].cert->subject, cert->subject))
			return true;
	return false;
}

/* Goes on from a step, if the certificate is one of the authority that issued the step's. */
static void add_step(struct search *search, int below, const struct cert *cert)
{
	const struct step *under = &search->steps[below];

	if (search->count == MAX_STEPS || under->depth + 1 >= PATH_MAX_CERTS ||
	    cert->scope != SCOPE_CA || !dn_equal(cert->subject, under->cert->issuer) ||
	    is_in_path(search, below, cert) ||
	    X509_check_issued(cert_x509(cert), cert_x509(under->cert)) != X509_V_OK)
		return;
	search->steps[search->count++] = (struct step){ cert, below, under->depth + 1 };
}

/* Adds the cross-certificates in an authority's entry to the pool. */
static void ask(struct search *search, struct bytes authority)
{
	const struct cert_source *source = search->query->source;

	if (!source || !source->cross_certs || search->lookups++ >= PATH_MAX_LOOKUPS)
		return;
	struct status *failed = source->cross_certs(source->data, authority, &search->pool);
	if (failed)
		keep_first(&search->unasked, failed);
}

static const struct cert *issuing_anchor(const struct path_query *query, const struct cert *cert,
					 size_t *at)
{
	for (; *at < query->anchor_count; ++*at) {
		const struct cert *anchor = query->anchors[*at];

		if (dn_equal(anchor->subject, cert->issuer) &&
		    X509_check_issued(cert_x509(anchor), cert_x509(cert)) == X509_V_OK)
			return anchor;
	}
	return NULL;
}

/* The path from the leaf up to a step and its anchor. */
static struct cert_list chain_to(const struct search *search, int step, const struct cert *anchor)
{
	int order[PATH_MAX_CERTS + 1], count = 0;
	struct cert_list chain = { 0 };

	for (int i = step; i != NO_STEP; i = search->steps[i].below)
		order[count++] = i;
	while (count > 0)
		cert_list_add(&chain, search->steps[order[--count]].cert);
	cert_list_add(&chain, anchor);
	return chain;
}

/* Tries each anchor that issued the certificate of a step. */
static bool reach_anchor(struct search *search, int step, struct cert_path **out_path)
{
	const struct path_query *query = search->query;
	const struct cert *cert = search->steps[step].cert, *anchor;

	for (size_t at = 0; (anchor = issuing_anchor(query, cert, &at)); at++) {
		AUTO(cert_list_free) struct cert_list chain = chain_to(search, step, anchor);
		struct status *failed = path_judge(query, &chain, out_path);

		if (!failed)
			return true;
		keep_first(&search->judged, failed);
	}
	return false;
}

/* Why there is no path: what was wrong with the best one, or that nobody could be asked, or
 * that there is none. */
static FALLIBLE explain(struct search *search, const struct cert *cert)
{
	const struct path_query *query = search->query;

	if (search->judged)
		return TAKE(search->judged);
	if (search->unasked)
		return status_doing(TAKE(search->unasked),
				    "cannot look for a certification path to %s", cert->subject_text);
	return FAIL(ST_REFUSED, 0, "no path from %s to %s: nothing certifies %s to us",
		    query->anchor_count ? query->anchors[0]->subject_text : "a trusted authority",
		    cert->subject_text, cert->issuer_text);
}

static FALLIBLE find_path(const struct path_query *query, const struct cert *cert,
			  struct cert_path **out_path)
{
	AUTO(search_cleanup) struct search search = { .query = query };

	cert_list_add(&search.pool, cert);
	search.steps[search.count++] = (struct step){ cert, NO_STEP, 1 };
	for (int i = 0; i < search.count; i++) {
		if (reach_anchor(&search, i, out_path))
			return OK;
		/* Both ends of a cross-certificate hold it: the entry of the certified authority,
		 * and the entry of the one we trust. */
		ask(&search, search.steps[i].cert->issuer);
		for (size_t a = 0; i == 0 && a < query->anchor_count; a++)
			ask(&search, query->anchors[a]->subject);
		for (size_t p = 0; p < search.pool.count; p++)
			add_step(&search, i, search.pool.items[p]);
	}
	return explain(&search, cert);
}

static FALLIBLE check_identity(const struct path_query *query, const struct cert *cert)
{
	bool same_address = query->same_or_address
		? query->same_or_address(query->or_address, cert->or_address)
		: bytes_equal(query->or_address, cert->or_address);

	TRY(cert_check_scope(cert, query->scope));
	if (query->name.len && !dn_equal(query->name, cert->subject)) {
		AUTO(mem_free) char *wanted = NULL;

		TRY(dn_to_text(query->name, &wanted));
		return FAIL(ST_REFUSED, 0, "the certificate is for %s, not for %s",
			    cert->subject_text, wanted);
	}
	if (query->or_address.len && !same_address)
		return FAIL(ST_REFUSED, 0, "the certificate of %s is not for this O/R address",
			    cert->subject_text);
	return cert_check_dates(cert, query->now);
}

FALLIBLE path_verify(const struct path_query *query, const struct cert *cert,
		     struct cert_path **out_path)
{
	TRY(check_identity(query, cert));
	return find_path(query, cert, out_path);
}

FALLIBLE path_find(const struct path_query *query, struct cert_path **out_path)
{
	AUTO(cert_list_free) struct cert_list found = { 0 };
	AUTO(status_free) struct status *refused = OK;
	AUTO(mem_free) char *name = NULL;
	bool refused_in_scope = false;

	TRY(dn_to_text(query->name, &name));
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

void cert_path_free(struct cert_path **path)
{
	if (*path) {
		cert_list_free(&(*path)->chain);
		mem_free(&(*path)->explanation);
	}
	mem_free(path);
}

const struct cert *cert_path_leaf(const struct cert_path *path)
{
	return path->chain.items[0];
}
