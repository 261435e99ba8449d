/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certification paths are tried the shortest first, as soon as what is known of
 * who certifies whom (lib/sec/path_graph.c) joins the certificate to an anchor;
 * OpenSSL judges each (lib/sec/path_judge.c), and the first that it accepts is
 * the answer.  A certificate that fell for a reason of its own takes all paths
 * through it with it.
 */
#include "lib/sec/path_search.h"

#include "lib/base/memory.h"
#include "lib/sec/cert_1989.h"
#include "lib/sec/crypto_openssl.h"
#include "lib/sec/path_graph.h"
#include "lib/sec/path_judge.h"

enum {
	STEPS_MAX = 50000000,	/* links looked at: odd graphs have more ways than time allows */
	STORIES_MAX = 16,	/* paths of which the failure tells */
};

/* A path that fell: its links, from the certificate up, the anchor, and why. */
struct fallen {
	size_t *links;
	size_t count, anchor;
	struct status *why;
};

struct search {
	struct path_graph graph;
	size_t *way;			/* the links being tried */
	size_t length;
	struct fallen *fallen;
	size_t fallen_count;
	unsigned tried;			/* fallen ones, and those that could not be read */
	uint64_t steps;
	bool over;			/* found, or nothing more is to be tried */
	struct cert_path *found;
};

static void search_cleanup(struct search *search)
{
	for (size_t i = 0; i < search->fallen_count; i++) {
		mem_free(&search->fallen[i].links);
		status_free(&search->fallen[i].why);
	}
	mem_free(&search->fallen);
	mem_free(&search->way);
	path_graph_cleanup(&search->graph);
	cert_path_free(&search->found);
}

/* The subject of a link that was read already. */
static const char *subject_at(const struct search *search, size_t link)
{
	const struct cert *cert = NULL;
	struct status *odd = cert_found_decode(search->graph.links[link].found, &cert);

	status_drop(odd);
	return cert ? cert->subject_text : "somebody";
}

/* --- one path --- */

static bool was_tried(const struct search *search, size_t anchor)
{
	for (size_t i = 0; i < search->fallen_count; i++) {
		const struct fallen *fallen = &search->fallen[i];

		if (fallen->count == search->length && fallen->anchor == anchor &&
		    memcmp(fallen->links, search->way, search->length * sizeof *search->way) == 0)
			return true;
	}
	return false;
}

/* False, and what cannot be used has fallen, where a certificate on the way is none. */
static bool chain_of(struct search *search, const struct cert *anchor, struct cert_list *out_chain)
{
	for (size_t i = 0; i < search->length; i++) {
		const struct cert *cert = path_graph_cert(&search->graph, search->way[i]);

		if (!cert)
			return false;
		cert_list_add(out_chain, cert);
	}
	cert_list_add(out_chain, anchor);
	return true;
}

static bool signature_holds_1989(const struct path_query *query, const struct cert *signer,
				 const struct cert *signed_one)
{
	struct status *wrong = signer->key
		? cert_1989_check_signed(signed_one, signer->key, query->sqmodn)
		: FAIL(ST_REFUSED, 0, "no key");

	status_drop(wrong);
	return !wrong;
}

static bool signature_holds(const struct path_query *query, const struct cert *signer,
			    const struct cert *signed_one)
{
	if (signed_one->form_1989)
		return signature_holds_1989(query, signer, signed_one);
	EVP_PKEY *key = X509_get0_pubkey(cert_x509(signer));
	bool holds = key && X509_verify(cert_x509(signed_one), key) == 1;

	ERR_clear_error();
	return holds;
}

/*
 * Puts a failure where it belongs, so that no other path runs into it.  Signatures come first,
 * from the anchor down: what a false authority says of others does not count against them.
 */
static void blame(struct search *search, size_t anchor, const struct cert_list *chain,
		  struct path_verdict *verdict)
{
	size_t signer = PATH_ANCHOR(anchor);

	for (size_t i = search->length; i-- > 0; signer = search->way[i]) {
		if (signature_holds(search->graph.query, chain->items[i + 1], chain->items[i]))
			continue;
		path_graph_forged(&search->graph, signer, search->way[i]);
		status_free(&verdict->why);
		verdict->why = FAIL(ST_REFUSED, 0, "the certificate of %s was not signed by %s",
				    chain->items[i]->subject_text, chain->items[i]->issuer_text);
		return;
	}
	if (verdict->in_itself && verdict->at < search->length) {
		path_graph_fell(&search->graph, search->way[verdict->at]);
		search->over |= verdict->at == 0;	/* no path helps the certificate itself */
	}
}

static void try_path(struct search *search, size_t anchor)
{
	const struct path_query *query = search->graph.query;
	AUTO(cert_list_free) struct cert_list chain = { 0 };
	struct path_verdict verdict = { 0 };

	if (was_tried(search, anchor))
		return;
	if (search->tried == search->graph.limits.tried) {
		search->graph.cut_short = search->over = true;
		return;
	}
	search->tried++;
	if (!chain_of(search, query->anchors[anchor], &chain))
		return;
	path_judge(query, &chain, &verdict);
	if (!verdict.why) {
		search->found = verdict.path;
		search->over = true;
		return;
	}
	blame(search, anchor, &chain, &verdict);
	search->fallen = mem_grow(search->fallen, search->fallen_count + 1, sizeof *search->fallen);
	search->fallen[search->fallen_count++] = (struct fallen){
		.links = mem_dup(search->way, search->length * sizeof *search->way),
		.count = search->length,
		.anchor = anchor,
		.why = verdict.why,
	};
}

/* --- all paths --- */

static bool is_on_way(const struct search *search, size_t link)
{
	for (size_t i = 0; i < search->length; i++)
		if (search->way[i] == link ||
		    cert_found_same_subject(search->graph.links[search->way[i]].found,
					    search->graph.links[link].found))
			return true;
	return false;
}

/* Follows all ways of a length that go on from the last link of search->way. */
static void follow(struct search *search, size_t wanted)
{
	struct path_graph *graph = &search->graph;
	size_t last = search->way[search->length - 1];

	search->steps += graph->count;
	if (search->steps > STEPS_MAX) {
		graph->cut_short = search->over = true;
		return;
	}
	if (search->length == wanted) {
		for (size_t a = 0; !search->over && a < graph->query->anchor_count; a++)
			if (path_graph_anchored(graph, a, last))
				try_path(search, a);
		return;
	}
	for (size_t i = 1; !search->over && i < graph->count; i++) {
		const struct path_link *link = &graph->links[i];

		if (!link->above || link->above > wanted - search->length ||
		    !path_graph_issued(graph, i, last) || is_on_way(search, i))
			continue;
		search->way[search->length++] = i;
		follow(search, wanted);
		search->length--;
	}
}

static void try_all(struct search *search)
{
	const struct path_link *first = &search->graph.links[0];

	for (size_t wanted = 1; !search->over && wanted < search->graph.limits.certs; wanted++) {
		if (!first->above || first->above > wanted)
			continue;
		search->way[0] = 0;
		search->length = 1;
		follow(search, wanted);
		first = &search->graph.links[0];
	}
}

/* --- why there is none --- */

static struct buf way_text(const struct search *search, const struct fallen *fallen)
{
	struct buf text = { 0 };

	for (size_t i = 1; i < fallen->count; i++)
		buf_printf(&text, "%s, ", subject_at(search, fallen->links[i]));
	buf_printf(&text, "%s", search->graph.query->anchors[fallen->anchor]->subject_text);
	return text;
}

/* The paths that fell, each the cause of the one before it, the first on top. */
static FALLIBLE tell_all(const struct search *search, const struct cert *cert)
{
	size_t told = search->fallen_count < STORIES_MAX ? search->fallen_count : STORIES_MAX;
	enum status_kind kind = search->fallen[0].why->kind;
	struct status *story = OK;

	if (told < search->fallen_count)
		story = FAIL(kind, 0, "%zu more paths fell", search->fallen_count - told);
	while (told-- > 0) {
		const struct fallen *fallen = &search->fallen[told];
		AUTO(buf_free) struct buf way = way_text(search, fallen);
		AUTO(mem_free) char *why = status_text(fallen->why);

		story = status_new(story, kind, fallen->why->diag, "by way of %.*s: %s", (int)way.len,
				   (const char *)way.data, why);
	}
	return status_new(story, kind, search->fallen[0].why->diag,
			  "none of %zu paths to %s is acceptable%s", search->fallen_count,
			  cert->subject_text,
			  search->graph.cut_short ? ", and the search was ended by its limits" : "");
}

static FALLIBLE explain(struct search *search, const struct cert *cert)
{
	const struct path_graph *graph = &search->graph;
	const struct path_query *query = graph->query;
	size_t fallen = search->fallen_count;

	/* What is wrong with the certificate itself came last, and says all. */
	if (fallen && (fallen == 1 || graph->links[0].fallen))
		return TAKE(search->fallen[fallen - 1].why);
	if (fallen)
		return tell_all(search, cert);
	if (graph->unasked)
		return status_doing(TAKE(search->graph.unasked),
				    "cannot look for a certification path to %s", cert->subject_text);
	if (graph->cut_short)
		return FAIL(ST_REFUSED, 0, "no path from %s to %s was found in %u entries of authorities, "
			    "which is the limit", query->anchor_count ?
			    query->anchors[0]->subject_text : "a trusted authority",
			    cert->subject_text, graph->lookups);
	return FAIL(ST_REFUSED, 0, "no path from %s to %s: nothing certifies %s to us",
		    query->anchor_count ? query->anchors[0]->subject_text : "a trusted authority",
		    cert->subject_text, cert->issuer_text);
}

FALLIBLE path_search(const struct path_query *query, const struct cert *cert,
		     struct cert_path **out_path)
{
	AUTO(search_cleanup) struct search search = { 0 };

	TRY(path_graph_init(&search.graph, query, cert));
	search.way = mem_new_array(size_t, search.graph.limits.certs);
	do {
		try_all(&search);
	} while (!search.over && path_graph_grow(&search.graph));
	if (!search.found)
		return explain(&search, cert);
	*out_path = TAKE(search.found);
	(*out_path)->lookups = search.graph.lookups;
	if (query->source && query->source->as_of)
		(*out_path)->as_of = *query->source->as_of;
	return OK;
}
