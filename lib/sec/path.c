/* SPDX-License-Identifier: Apache-2.0 */
/* Certification paths: what the certificate has to be, and a path to it [lib/sec/path_search.c]. */
#include "lib/sec/path.h"

#include "asn1/dn.h"
#include "lib/base/memory.h"
#include "lib/sec/path_1989.h"
#include "lib/sec/path_search.h"
#include "lib/sec/path_source.h"

#include <stdlib.h>

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
	if (!query->any_use && query->scope != SCOPE_CA)
		TRY(cert_check_use(cert, query->use));
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
	struct path_expected expected = { 0 };

	path_expected_add(&expected, query->name);
	for (size_t i = 0; i < query->anchor_count; i++)
		path_expected_add(&expected, query->anchors[i]->subject);
	path_expect(query, &expected, NULL);
}

/* The certificates of an entry. */
struct decoding {
	struct found_list found;
	struct cert_list certs;		/* those that could be decoded */
	struct status *failed;		/* the first that could not */
};

static void decoding_cleanup(struct decoding *decoding)
{
	found_list_free(&decoding->found);
	cert_list_free(&decoding->certs);
	status_free(&decoding->failed);
}

static void decode_found(void *arg)
{
	struct decoding *decoding = arg;

	decoding->failed = found_list_decode(&decoding->found, &decoding->certs);
}

/* Those who issued them have to be asked as well: they are, meanwhile. */
static void decode(const struct path_query *query, struct decoding *decoding)
{
	struct meanwhile work = { .run = decode_found, .arg = decoding };
	struct path_expected expected = { 0 };

	for (size_t i = 0; i < decoding->found.count; i++)
		path_expected_add(&expected, decoding->found.items[i]->issuer);
	path_expect(query, &expected, &work);
}

/* --- one of several --- */

enum { REFUSALS_TOLD = 8 };	/* of the certificates of one entry */

void path_trial_cleanup(struct path_trial *trial)
{
	buf_free(&trial->tried);
	status_free(&trial->failed);
}

static bool was_tried(const struct path_trial *trial, const struct cert *cert)
{
	struct bytes tried = buf_view(&trial->tried);

	for (size_t at = 0; at < tried.len; at += HASH_OCTETS)
		if (bytes_equal(bytes_slice(tried, at, HASH_OCTETS), cert->fingerprint))
			return true;
	return false;
}

FALLIBLE path_try(struct path_trial *trial, const struct cert_path *path)
{
	const struct cert *cert = cert_path_leaf(path);

	if (!trial->attempt)
		return OK;
	if (was_tried(trial, cert))
		return status_copy(trial->failed);

	struct status *failed = trial->attempt(trial->arg, path);

	if (!failed)
		return OK;
	buf_put(&trial->tried, cert->fingerprint);
	if (!trial->failed)
		trial->failed = status_copy(failed);
	return failed;
}

/* The one that begins last comes first; of two that began together, the one that ends last. */
static int by_age(const void *left, const void *right)
{
	const struct cert *a = *(const struct cert *const *)left, *b = *(const struct cert *const *)right;

	if (a->not_before != b->not_before)
		return a->not_before < b->not_before ? 1 : -1;
	if (a->not_after != b->not_after)
		return a->not_after < b->not_after ? 1 : -1;
	return memcmp(a->fingerprint.data, b->fingerprint.data, HASH_OCTETS);
}

/* What is wrong with a certificate of the right kind says more than that another is of a wrong one. */
static bool is_of_kind(const struct path_query *query, const struct cert *cert)
{
	return cert->scope == query->scope && (query->use == CERT_SEALS ? cert->seals : cert->signs);
}

/* Why none of the entry's certificates will do. */
struct refusals {
	struct status *first;		/* the one that says most; the others are its last causes */
	bool of_kind;
	size_t count;
};

/* Puts a story behind another. */
static void append(struct status *story, struct status *more)
{
	while (story->cause)
		story = story->cause;
	story->cause = more;
}

/* cert may be null: it could not be read. */
static void refuse(struct refusals *refusals, const struct cert *cert, bool of_kind, struct status *why)
{
	AUTO(mem_free) char *words = NULL;

	if (of_kind && !refusals->of_kind)
		status_free(&refusals->first);
	if (!refusals->first) {
		*refusals = (struct refusals){ why, of_kind, 1 };
		return;
	}
	if (of_kind == refusals->of_kind && refusals->count++ < REFUSALS_TOLD) {
		words = status_text(why);
		append(refusals->first, FAIL(why->kind, why->diag, "nor will another certificate do%s%s: %s",
					     cert ? ", number " : "", cert ? cert->serial_text : "", words));
	}
	status_drop(why);
}

/* Nobody makes us try for ever by putting much into an entry. */
static void refuse_rest(struct refusals *refusals, size_t count, size_t limit)
{
	struct status *why = FAIL(ST_REFUSED, 0, "there are %zu certificates, of which the newest %zu were tried",
				  count, limit);

	if (refusals->first)
		append(refusals->first, why);
	else
		refusals->first = why;
}

/* The best of those found that verifies and with which the trial succeeds. */
static bool find_among(const struct path_query *query, struct path_trial *trial,
		       const struct cert_list *found, struct refusals *refusals,
		       struct cert_path **out_path)
{
	const size_t limit = query->limits.tried ? query->limits.tried : PATH_MAX_TRIED;

	for (size_t i = 0; i < found->count && i < limit; i++) {
		const struct cert *cert = found->items[i];
		struct cert_path *path = NULL;

		if (was_tried(trial, cert))
			continue;

		struct status *failed = path_verify(query, cert, &path);

		if (failed) {
			refuse(refusals, cert, is_of_kind(query, cert), failed);
			continue;
		}
		failed = path_try(trial, path);
		if (!failed) {
			*out_path = path;
			return true;
		}
		status_drop(failed);	/* the trial has it */
		cert_path_free(&path);
	}
	if (found->count > limit)
		refuse_rest(refusals, found->count, limit);
	return false;
}

/* Of an authority what others have issued to it, which is in its pairs. */
static FALLIBLE find_authoritys(const struct path_query *query, struct found_list *out_found)
{
	AUTO(found_list_free) struct found_list found = { 0 };

	TRY(query->source->cross_certs(query->source->data, query->name, &found));
	for (size_t i = 0; i < found.count; i++)
		if (dn_equal(found.items[i]->subject, query->name) &&
		    !dn_equal(found.items[i]->issuer, query->name))
			found_list_add(out_found, found.items[i]);
	return OK;
}

static FALLIBLE find_certs(const struct path_query *query, struct found_list *out_found)
{
	if (query->scope == SCOPE_CA && query->source->cross_certs)
		return find_authoritys(query, out_found);
	return query->source->user_certs(query->source->data, query->name, out_found);
}

static FALLIBLE tell_trial(const struct path_trial *trial, struct status *refused)
{
	AUTO(mem_free) char *words = status_text(trial->failed);

	if (!refused)
		return status_copy(trial->failed);
	return status_new(refused, trial->failed->kind, trial->failed->diag, "%s", words);
}

FALLIBLE path_find_for(const struct path_query *query, struct path_trial *trial,
		       struct cert_path **out_path)
{
	AUTO(decoding_cleanup) struct decoding decoding = { 0 };
	AUTO(mem_free) char *name = NULL;
	struct refusals refusals = { 0 };

	TRY(dn_to_text(query->name, &name));
	expect(query);
	TRY_DOING(find_certs(query, &decoding.found), "cannot look for the certificate of %s", name);
	decode(query, &decoding);
	if (decoding.certs.count)
		qsort(decoding.certs.items, decoding.certs.count, sizeof decoding.certs.items[0], by_age);
	if (find_among(query, trial, &decoding.certs, &refusals, out_path)) {
		status_free(&refusals.first);
		return OK;
	}
	if (decoding.failed)
		refuse(&refusals, NULL, false, status_doing(TAKE(decoding.failed),
							    "cannot read a certificate of %s", name));
	trial->refused = refusals.first;
	if (trial->failed)
		return tell_trial(trial, refusals.first);
	if (refusals.first)
		return refusals.first;
	return FAIL(ST_NOT_FOUND, 0, "the directory has no certificate of %s%s", name,
		    query->scope == SCOPE_CA ? " from another authority" : "");
}

FALLIBLE path_find(const struct path_query *query, struct cert_path **out_path)
{
	struct path_trial any = { 0 };

	return path_find_for(query, &any, out_path);
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
