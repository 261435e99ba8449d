/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL judges a certification path [RFC 5280 6]; its verdict becomes a sentence. */
#include "lib/sec/path_judge.h"

#include "asn1/dn.h"
#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/sec/cert_1989.h"
#include "lib/sec/crypto_openssl.h"
#include "lib/sec/path_1989.h"
#include "lib/sec/path_lists.h"
#include "lib/sec/path_names.h"

static void auto_policies(STACK_OF(ASN1_OBJECT) **stack)
{
	sk_ASN1_OBJECT_pop_free(*stack, ASN1_OBJECT_free);
}

static FALLIBLE say_revoked(const struct cert *cert, const struct path_lists *lists)
{
	time_t when = 0;

	for (size_t i = 0; i < lists->crls.count; i++)
		if (dn_equal(lists->crls.items[i]->issuer, cert->issuer) &&
		    crl_find(lists->crls.items[i], cert->serial, &when))
			break;
	/* An indirect list has another issuer, and its entries say whose they are. */
	if (!when)
		return FAIL(ST_REFUSED, 0, "the certificate of %s was revoked", cert->subject_text);
	return FAIL(ST_REFUSED, 0, "the certificate of %s was revoked on %s", cert->subject_text,
		    time_text(when).s);
}

/* OpenSSL's verdict in our words. */
static FALLIBLE say(int error, const struct cert *cert, const struct path_lists *lists, time_t now)
{
	const struct crl *list = path_list_of(lists, cert->issuer);
	const struct status *stale = path_list_stale(lists, cert->issuer);

	switch (error) {
	case X509_V_ERR_CERT_REVOKED:
		return say_revoked(cert, lists);
	case X509_V_ERR_UNABLE_TO_GET_CRL:
		if (stale)
			return status_copy(stale);
		return FAIL(ST_REFUSED, 0, "%s has no revocation list: nobody can tell whether the "
			    "certificate of %s was revoked", cert->issuer_text, cert->subject_text);
	case X509_V_ERR_CRL_HAS_EXPIRED:
		return FAIL(ST_REFUSED, 0, "the revocation list of %s is out of date since %s",
			    cert->issuer_text, list ? time_text(list->next_update).s : "long ago");
	case X509_V_ERR_CRL_SIGNATURE_FAILURE:
		return FAIL(ST_REFUSED, 0, "the revocation list of %s was not signed by it",
			    cert->issuer_text);
	case X509_V_ERR_CERT_SIGNATURE_FAILURE:
		return FAIL(ST_REFUSED, 0, "the certificate of %s was not signed by %s",
			    cert->subject_text, cert->issuer_text);
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CERT_NOT_YET_VALID:
		TRY(cert_check_dates(cert, now));
		break;
	case X509_V_ERR_NO_EXPLICIT_POLICY:
		return FAIL(ST_REFUSED, 0, "no policy that is required runs through the whole path to %s",
			    cert->subject_text);
	default:
		break;
	}
	return FAIL(ST_REFUSED, 0, "the certificate of %s is not to be trusted: %s", cert->subject_text,
		    X509_verify_cert_error_string(error));
}

/* Whether a certificate that fails so would fail below the same issuer in any other path. */
static bool is_in_itself(int error)
{
	switch (error) {
	case X509_V_ERR_CERT_REVOKED:
	case X509_V_ERR_UNABLE_TO_GET_CRL:
	case X509_V_ERR_CRL_HAS_EXPIRED:
	case X509_V_ERR_CRL_NOT_YET_VALID:
	case X509_V_ERR_CRL_SIGNATURE_FAILURE:
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CERT_NOT_YET_VALID:
	case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION:
		return true;
	default:
		return false;
	}
}

/* Constraints that OpenSSL cannot compare are left to path_names_check, except on the way to
 * the signer of a revocation list, where they stay a failure. */
static int on_error(int accepted, X509_STORE_CTX *ctx)
{
	if (!accepted &&
	    X509_STORE_CTX_get_error(ctx) == X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE &&
	    !X509_STORE_CTX_get0_parent_ctx(ctx)) {
		X509_STORE_CTX_set_error(ctx, X509_V_OK);
		return 1;
	}
	return accepted;
}

static FALLIBLE set_policies(X509_VERIFY_PARAM *param, const struct path_policies *wanted)
{
	AUTO(auto_policies) STACK_OF(ASN1_OBJECT) *acceptable = sk_ASN1_OBJECT_new_null();
	unsigned long flags = X509_V_FLAG_POLICY_CHECK;

	crypto_must(acceptable != NULL, "policies");
	for (size_t i = 0; i < wanted->count; i++) {
		ASN1_OBJECT *policy = OBJ_txt2obj(wanted->acceptable[i], 1);

		if (!policy)
			return crypto_failure(ST_USAGE, "\"%s\" is no object identifier of a policy",
					      wanted->acceptable[i]);
		crypto_must(sk_ASN1_OBJECT_push(acceptable, policy) > 0, "policies");
	}
	if (!wanted->count)
		crypto_must(sk_ASN1_OBJECT_push(acceptable, OBJ_nid2obj(NID_any_policy)) > 0, "policies");
	crypto_must(X509_VERIFY_PARAM_set1_policies(param, acceptable) == 1, "policies");
	flags |= wanted->explicit_policy ? X509_V_FLAG_EXPLICIT_POLICY : 0;
	flags |= wanted->inhibit_mapping ? X509_V_FLAG_INHIBIT_MAP : 0;
	flags |= wanted->inhibit_any ? X509_V_FLAG_INHIBIT_ANY : 0;
	X509_VERIFY_PARAM_set_flags(param, flags);
	return OK;
}

/* [RFC 5280 6.1.6] what is left of the policies, for the path's user. */
static void take_policies(X509_STORE_CTX *ctx, struct cert_path *path)
{
	X509_POLICY_TREE *tree = X509_STORE_CTX_get0_policy_tree(ctx);
	STACK_OF(X509_POLICY_NODE) *nodes = tree ? X509_policy_tree_get0_user_policies(tree) : NULL;
	int count = sk_X509_POLICY_NODE_num(nodes);

	for (int i = 0; i < count; i++) {
		const X509_POLICY_NODE *node = sk_X509_POLICY_NODE_value(nodes, i);
		char oid[128];

		OBJ_obj2txt(oid, sizeof(oid), X509_policy_node_get0_policy(node), 1);
		path->policies = mem_grow(path->policies, path->policy_count + 1,
					  sizeof(path->policies[0]));
		path->policies[path->policy_count++] = mem_strdup(oid);
	}
}

/* What OpenSSL is given, as it wants it. */
struct given {
	X509_STORE *store;	/* the anchor alone; also where signers of lists are judged */
	STACK_OF(X509) *between;
	STACK_OF(X509_CRL) *crls;
};

static void given_free(struct given *given)
{
	X509_STORE_free(given->store);
	sk_X509_free(given->between);
	sk_X509_CRL_free(given->crls);
}

static struct given give(const struct cert_list *chain, const struct path_lists *lists)
{
	struct given given = { X509_STORE_new(), sk_X509_new_null(), sk_X509_CRL_new_null() };

	crypto_must(given.store && given.between && given.crls &&
		    X509_STORE_add_cert(given.store, cert_x509(chain->items[chain->count - 1])) == 1,
		    "verification");
	/* The chain comes first: OpenSSL takes the first that fits and is in date. */
	for (size_t i = 1; i + 1 < chain->count; i++)
		crypto_must(sk_X509_push(given.between, cert_x509(chain->items[i])) > 0, "verification");
	for (size_t i = 0; i < lists->signers.count; i++)
		crypto_must(sk_X509_push(given.between, cert_x509(lists->signers.items[i])) > 0,
			    "verification");
	for (size_t i = 0; i < lists->crls.count; i++)
		crypto_must(sk_X509_CRL_push(given.crls, crl_x509(lists->crls.items[i])) > 0,
			    "verification");
	return given;
}

/* *out_error: X509_V_OK where OpenSSL accepts the chain; otherwise its error, and at which
 * certificate. */
static FALLIBLE ask_openssl(const struct path_query *query, const struct cert_list *chain,
			    const struct path_lists *lists, struct cert_path *path,
			    int *out_error, size_t *out_at)
{
	AUTO(given_free) struct given given = give(chain, lists);
	AUTO(auto_X509_STORE_CTX) X509_STORE_CTX *ctx = X509_STORE_CTX_new();

	crypto_must(ctx && X509_STORE_CTX_init(ctx, given.store, cert_x509(chain->items[0]),
					       given.between) == 1, "verification");
	X509_STORE_CTX_set0_crls(ctx, given.crls);
	X509_STORE_CTX_set_verify_cb(ctx, on_error);
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_time(param, query->now);
	X509_VERIFY_PARAM_set_depth(param, (int)chain->count);
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL |
				    X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_USE_DELTAS |
				    X509_V_FLAG_EXTENDED_CRL_SUPPORT);
	TRY(set_policies(param, &query->policies));
	int accepted = X509_verify_cert(ctx);
	int depth = X509_STORE_CTX_get_error_depth(ctx);
	ERR_clear_error();
	*out_error = X509_STORE_CTX_get_error(ctx);
	*out_at = depth < 0 ? 0 : (size_t)depth < chain->count ? (size_t)depth : chain->count - 1;
	if (accepted == 1)
		take_policies(ctx, path);
	if (accepted == 1 || *out_error == X509_V_OK)
		*out_error = accepted == 1 ? X509_V_OK : X509_V_ERR_UNSPECIFIED;
	return OK;
}

/* What an authority is held to by the certificate that another gave it [X.509 8.4.2]. */
static void describe_limits(const struct cert *cert, struct buf *story)
{
	long length = X509_get_pathlen(cert_x509(cert));

	if (length >= 0)
		buf_printf(story, ", with at most %ld authorities below it", length);
	if (X509_get_ext_by_NID(cert_x509(cert), NID_name_constraints, -1) >= 0)
		buf_printf(story, ", held to the domains that its certificate names");
}

static void describe_step(const struct cert *cert, const struct crl *list, struct buf *story)
{
	buf_printf(story, "%s is certified as %s by %s until %s", cert->subject_text,
		   scope_name(cert->scope), cert->issuer_text, time_text(cert->not_after).s);
	if (cert->scope == SCOPE_CA)
		describe_limits(cert, story);
	buf_printf(story, ", and not revoked as of %s", list ? time_text(list->this_update).s : "now");
	if (list && list->number)
		buf_printf(story, " (list %llu", (unsigned long long)list->number);
	if (list && list->number && list->next_update)
		buf_printf(story, ", the next is due %s", time_text(list->next_update).s);
	if (list && list->number)
		buf_printf(story, ")");
	if (cert->form_1989)
		buf_printf(story, "; BROKEN: " CERT_1989_BROKEN);
	buf_printf(story, "\n");
}

static void describe_policies(const struct cert_path *path, struct buf *story)
{
	for (size_t i = 0; i < path->policy_count; i++)
		buf_printf(story, "%s%s", i ? ", " : "all of it is under the policy ", path->policies[i]);
	if (path->policy_count)
		buf_put_text(story, "\n");
}

/* The path as its user gets it, with the story of each step. */
static void describe(const struct cert_list *chain, const struct path_lists *lists,
		     struct cert_path *path)
{
	AUTO(buf_free) struct buf story = { 0 };

	path->valid_until = chain->items[0]->not_after;
	for (size_t i = 0; i < chain->count; i++) {
		const struct cert *cert = chain->items[i];
		const struct crl *list = path_list_of(lists, cert->issuer);

		cert_list_add(&path->chain, cert);
		if (cert->not_after < path->valid_until)
			path->valid_until = cert->not_after;
		if (list && list->next_update && list->next_update < path->valid_until)
			path->valid_until = list->next_update;
		if (i + 1 < chain->count)
			describe_step(cert, list, &story);
		else
			buf_printf(&story, "%s is trusted from the beginning, until %s\n",
				   cert->subject_text, time_text(cert->not_after).s);
	}
	describe_policies(path, &story);
	for (size_t i = 0; i < lists->crls.count; i++)
		crl_list_add(&path->crls, lists->crls.items[i]);
	for (size_t i = 0; i < lists->signers.count; i++)
		cert_list_add(&path->crl_signers, lists->signers.items[i]);
	path->explanation = bytes_to_text(buf_view(&story));
}

static FALLIBLE judge_by_openssl(const struct path_query *query, const struct cert_list *chain,
				 const struct path_lists *lists, struct cert_path *path,
				 struct path_verdict *out_verdict)
{
	int error;

	TRY(ask_openssl(query, chain, lists, path, &error, &out_verdict->at));
	if (error == X509_V_ERR_NO_EXPLICIT_POLICY)	/* nobody alone is to blame */
		out_verdict->at = 0;
	if (error != X509_V_OK) {
		out_verdict->in_itself = is_in_itself(error);
		return say(error, chain->items[out_verdict->at], lists, query->now);
	}
	return path_names_check(query, chain, &out_verdict->at);
}

static FALLIBLE judge(const struct path_query *query, const struct cert_list *chain,
		      struct path_lists *lists, struct path_verdict *out_verdict)
{
	AUTO(cert_path_free) struct cert_path *path = mem_new(struct cert_path);

	/* Here, since OpenSSL would look for another way around what is out of date. */
	for (size_t i = chain->count; i-- > 0;) {
		out_verdict->at = i;
		out_verdict->in_itself = true;
		TRY(cert_check_dates(chain->items[i], query->now));
	}
	out_verdict->in_itself = false;
	TRY(path_lists_gather(query, chain, lists));
	if (path_1989_concerns(chain))
		TRY(path_1989_check(query, chain, lists, out_verdict));
	else
		TRY(judge_by_openssl(query, chain, lists, path, out_verdict));
	path_lists_used(lists, chain, &path->lists);
	describe(chain, lists, path);
	out_verdict->path = TAKE(path);
	return OK;
}

void path_judge(const struct path_query *query, const struct cert_list *chain,
		struct path_verdict *out_verdict)
{
	AUTO(path_lists_free) struct path_lists lists = { 0 };

	out_verdict->why = judge(query, chain, &lists, out_verdict);
}
