/* SPDX-License-Identifier: Apache-2.0 */
/* Certification paths from our own authority, and those verified not long ago. */
#include "lib/mhs/trust.h"

#include "asn1/dn.h"
#include "asn1/oid.h"
#include "lib/base/cache.h"
#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/mhs/orname.h"
#include "lib/mhs/trust_source.h"
#include "lib/store/dircache.h"

enum {
	CACHE_SECONDS = 300,
	ABSENT_SECONDS = 30,
	PATHS_KEPT = 16384,
};

struct trust {
	struct trust_options options;
	struct path_policies policies;
	const struct cert *anchor;
	struct trust_source *source;
	struct dircache *kept;		/* null: nothing outlives the process */
	struct cache *paths;		/* struct cert_path, by path_key */
};

static void path_release(void *value)
{
	struct cert_path *path = value;

	cert_path_free(&path);
}

FALLIBLE trust_policies(const struct text_list *required, struct path_policies *out)
{
	*out = (struct path_policies){ 0 };
	for (size_t i = 0; required && i < required->count; i++) {
		AUTO(buf_free) struct buf octets = { 0 };

		TRY_DOING(oid_from_text(required->items[i], &octets), "require-policy = %s",
			  required->items[i]);
		out->acceptable = (const char *const *)required->items;
		out->count = required->count;
		out->explicit_policy = true;
	}
	return OK;
}

FALLIBLE trust_open(const struct trust_options *options, struct trust **out_trust)
{
	AUTO(trust_free) struct trust *trust = mem_new(struct trust);

	trust->options = *options;
	if (!trust->options.clock)
		trust->options.clock = &clock_real;
	if (!trust->options.cache_seconds)
		trust->options.cache_seconds = CACHE_SECONDS;
	if (!trust->options.absent_seconds)
		trust->options.absent_seconds = ABSENT_SECONDS;
	TRY(trust_policies(options->policies, &trust->policies));
	trust->paths = cache_new(&(struct cache_options){ PATHS_KEPT, 0, path_release });
	if (options->kept)
		TRY_DOING(dircache_open(options->kept, clock_now(trust->options.clock) -
					options->offline_seconds, &trust->kept),
			  "cannot keep what the directory says in %s", options->kept);
	trust->source = trust_source_new(&trust->options, trust->kept);
	TRY_DOING(cert_load(options->anchor, &trust->anchor), "cannot trust the authority in %s",
		  options->anchor);
	TRY_DOING(cert_check_scope(trust->anchor, SCOPE_CA), "cannot trust the authority in %s",
		  options->anchor);
	*out_trust = TAKE(trust);
	return OK;
}

void trust_free(struct trust **trust)
{
	if (!*trust)
		return;
	cache_free(&(*trust)->paths);
	trust_source_free(&(*trust)->source);
	dircache_free(&(*trust)->kept);
	cert_free(&(*trust)->anchor);
	mem_free(trust);
}

/* [X.402 18.4] for the addresses of certificates. */
static bool same_or_address(struct bytes a, struct bytes b)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct orname *x = NULL, *y = NULL;
	struct status *st = oraddress_decode(arena, a, &x);

	if (!st)
		st = oraddress_decode(arena, b, &y);
	if (!st)
		return orname_equal(x, y);
	status_drop(st);
	return false;
}

/* For authorities that are held to a domain. */
static bool or_address_within(struct bytes domain, struct bytes address)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct orname *pattern = NULL, *name = NULL;
	struct status *st = oraddress_decode(arena, domain, &pattern);

	if (!st)
		st = oraddress_decode(arena, address, &name);
	if (!st)
		return orname_matches(pattern, name);
	status_drop(st);
	return false;
}

void trust_compare_names(struct path_query *io_query)
{
	io_query->same_or_address = same_or_address;
	io_query->or_address_within = or_address_within;
}

/* Where that cannot be read, every list might be an old one. */
static struct path_newest newest_list(void *data, struct bytes issuer)
{
	struct trust *trust = data;
	struct dircache_list list = { 0 };
	struct status *st = dircache_newest_list(trust->kept, issuer, &list);

	if (st) {
		log_event(LOG_LV_ERROR, "directory cache", log_why(st));
		list = (struct dircache_list){ UINT64_MAX, INT64_MAX };
	}
	status_drop(st);
	return (struct path_newest){ list.number, list.made };
}

/* A question on its way. */
struct question {
	const struct trust_wanted *wanted;
	const struct cert *presented;	/* null: the certificate is to be found, */
	struct path_trial *trial;	/* and to be tried so */
	struct buf key;			/* under which its answer is kept */
	struct trust_asking asking;
	struct cert_source callbacks;
	struct path_query query;
};

static void question_init(struct trust *trust, const struct trust_wanted *wanted,
			  struct question *out)
{
	out->wanted = wanted;
	out->asking = (struct trust_asking){ .source = trust->source };
	out->callbacks = trust_source_callbacks(&out->asking);
	out->query = (struct path_query){
		.anchors = &trust->anchor,
		.anchor_count = 1,
		.source = &out->callbacks,
		.now = clock_now(trust->options.clock),
		.scope = wanted->scope,
		.use = wanted->use,
		.name = wanted->directory_name,
		.or_address = wanted->or_address,
		.freshness = {
			.max_age = trust->options.list_seconds,
			.newest = trust->kept ? newest_list : NULL,
			.data = trust,
		},
		.policies = trust->policies,
		.limits = trust->options.limits,
		.allow_broken_1989 = trust->options.allow_broken_1989,
	};

	trust_compare_names(&out->query);
}

static void question_cleanup(struct question *question)
{
	trust_asking_cleanup(&question->asking);
	buf_free(&question->key);
}

FALLIBLE store_serves(const struct cert *store, const struct orname *name)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct orname *domain = NULL;

	if (!store->or_address.len)
		return FAIL(ST_REFUSED, 0, "the certificate of %s does not say for which O/R addresses "
			    "it may speak", store->subject_text);
	TRY(oraddress_decode(arena, store->or_address, &domain));
	if (!orname_matches(domain, name))
		return FAIL(ST_REFUSED, 0, "%s may speak for %s, not for %s", store->subject_text,
			    orname_text(arena, domain), orname_text(arena, name));
	return OK;
}

/* --- paths verified before --- */

/* The question: the certificate's fingerprint (empty: to be found), and what is wanted of it. */
static struct buf path_key(struct bytes fingerprint, const struct trust_wanted *wanted)
{
	struct buf key = { 0 };

	buf_put_u8(&key, (uint8_t)wanted->scope);
	buf_put_u8(&key, (uint8_t)wanted->use);
	buf_put_u32(&key, (uint32_t)fingerprint.len);
	buf_put(&key, fingerprint);
	buf_put_u32(&key, (uint32_t)wanted->directory_name.len);
	buf_put(&key, wanted->directory_name);
	buf_put(&key, wanted->or_address);
	return key;
}

static void take_path(const void *value, void *arg)
{
	*(struct cert_path **)arg = cert_path_copy(value);
}

static bool path_known(struct trust *trust, struct bytes key, struct cert_path **out_path)
{
	return cache_find(trust->paths, key, clock_now(trust->options.clock), take_path, out_path);
}

/* The lists of a path were signed by authorities that are trusted: none goes back behind them. */
static FALLIBLE note_lists(struct trust *trust, const struct cert_path *path)
{
	for (size_t i = 0; trust->kept && i < path->lists.count; i++) {
		const struct crl *list = path->lists.items[i];
		const struct dircache_list noted = { list->number, list->this_update };

		if (list->complete)
			TRY_DOING(dircache_note_list(trust->kept, list->issuer, &noted),
				  "cannot remember the revocation list of %s", list->issuer_text);
	}
	return OK;
}

static FALLIBLE path_keep(struct trust *trust, struct bytes key, struct cert_path *path)
{
	time_t until = clock_now(trust->options.clock) + trust->options.cache_seconds;

	if (path->valid_until < until)
		until = path->valid_until;
	TRY(note_lists(trust, path));
	cache_put(trust->paths, key, cert_path_copy(path), 0, until);
	return OK;
}

/* A path that cannot be kept to is not given. */
static FALLIBLE path_give(struct status *st, struct cert_path **io_path)
{
	if (st)
		cert_path_free(io_path);
	return st;
}

/* Each use of what is broken is there to be found afterwards. */
static void audit_broken(const struct cert_path *path)
{
	const struct cert *cert = cert_path_leaf(path);

	if (!cert->form_1989)
		return;
	AUTO(status_free) struct status *why = FAIL(ST_REFUSED, 0, "allow-broken-1989 is set: the "
		"certificates are signed with the square-mod-n hash of 1988, which is broken");
	const struct audit_event event = {
		.user = cert->subject_text,
		.what = "broken-certificate",
		.allowed = true,
		.why = why,
	};

	log_audit(&event);
}

/* --- asking --- */

/* The first of the entries with the address that has a certificate which verifies. */
static FALLIBLE find_by_address(struct trust *trust, struct question *question,
				struct cert_path **out_path)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(name_list_free) struct name_list names = { 0 };
	AUTO(status_free) struct status *failed = OK;
	struct orname *address = NULL;

	TRY(oraddress_decode(arena, question->wanted->or_address, &address));

	const char *text = orname_text(arena, address);

	TRY(trust_source_names(trust->source, text, &names));
	for (size_t i = 0; i < names.count; i++) {
		status_free(&failed);
		question->query.name = buf_view(&names.items[i]);
		failed = path_find_for(&question->query, question->trial, out_path);
		if (!failed)
			return OK;
	}
	if (failed)
		return TAKE(failed);
	return FAIL(ST_NOT_FOUND, 0, "the directory has nobody with the O/R address %s", text);
}

static FALLIBLE look(struct trust *trust, struct question *question, struct cert_path **out_path)
{
	if (question->presented)
		return path_verify(&question->query, question->presented, out_path);
	if (question->wanted->directory_name.len)
		return path_find_for(&question->query, question->trial, out_path);
	return find_by_address(trust, question, out_path);
}

static FALLIBLE ask_once(struct trust *trust, struct question *question, struct cert_path **out_path)
{
	TRY(look(trust, question, out_path));
	return path_give(path_keep(trust, buf_view(&question->key), *out_path), out_path);
}

/* Asks once more where what was remembered of some entries can be had anew. */
static FALLIBLE ask_anew(struct trust *trust, struct question *question, struct status *failed,
			 const struct name_list *which, struct cert_path **out_path)
{
	if (!failed || (failed->kind != ST_REFUSED && failed->kind != ST_NOT_FOUND) ||
	    !trust_source_renew(&question->asking, which))
		return failed;
	status_drop(failed);
	return ask_once(trust, question, out_path);
}

/* He may have a new certificate, and where one was refused, authorities new pairs and lists. */
static FALLIBLE ask(struct trust *trust, struct question *question, struct cert_path **out_path)
{
	const struct path_trial *trial = question->trial;
	struct status *failed = ask_once(trust, question, out_path);

	failed = ask_anew(trust, question, failed, &question->asking.holders, out_path);
	if (trial && trial->failed && !trial->refused)
		return failed;
	return ask_anew(trust, question, failed, &question->asking.authorities, out_path);
}

FALLIBLE trust_verify(struct trust *trust, const struct trust_wanted *wanted,
		      const struct cert *cert, struct cert_path **out_path)
{
	AUTO(question_cleanup) struct question question = {
		.presented = cert, .key = path_key(cert->fingerprint, wanted),
	};

	if (!path_known(trust, buf_view(&question.key), out_path)) {
		question_init(trust, wanted, &question);
		TRY(ask(trust, &question, out_path));
	}
	audit_broken(*out_path);
	return OK;
}

static bool serves(struct trust *trust, struct bytes key, struct path_trial *trial,
		   struct cert_path **out_path)
{
	if (!path_known(trust, key, out_path))
		return false;

	struct status *failed = path_try(trial, *out_path);

	if (failed)
		cert_path_free(out_path);
	status_drop(failed);	/* the trial has it */
	return *out_path;
}

static FALLIBLE find(struct trust *trust, const struct trust_wanted *wanted,
		     struct path_trial *trial, struct cert_path **out_path)
{
	AUTO(question_cleanup) struct question question = {
		.trial = trial, .key = path_key(bytes_none(), wanted),
	};

	if (!wanted->directory_name.len && !wanted->or_address.len)
		return FAIL(ST_USAGE, 0, "a certificate is found by a name or an O/R address");
	if (serves(trust, buf_view(&question.key), trial, out_path))
		return OK;
	question_init(trust, wanted, &question);
	return ask(trust, &question, out_path);
}

void trust_refresh(struct trust *trust)
{
	trust_source_refresh(trust->source);
}

FALLIBLE trust_find_for(struct trust *trust, const struct trust_wanted *wanted,
			struct path_trial *trial, struct cert_path **out_path)
{
	TRY(find(trust, wanted, trial, out_path));
	audit_broken(*out_path);
	return OK;
}

FALLIBLE trust_find(struct trust *trust, const struct trust_wanted *wanted,
		    struct cert_path **out_path)
{
	struct path_trial any = { 0 };

	return trust_find_for(trust, wanted, &any, out_path);
}

/* --- forgetting --- */

static bool path_concerns(const void *value, void *arg)
{
	const struct cert_path *path = value;

	for (size_t i = 0; i < path->chain.count; i++)
		if (dn_equal(path->chain.items[i]->subject, *(struct bytes *)arg) ||
		    dn_equal(path->chain.items[i]->issuer, *(struct bytes *)arg))
			return true;
	return false;
}

void trust_forget(struct trust *trust, struct bytes directory_name)
{
	trust_source_forget(trust->source, directory_name);
	cache_forget(trust->paths, path_concerns, &directory_name);
}
