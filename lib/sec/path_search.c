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
#include "lib/sec/path_explain.h"
#include "lib/sec/path_judge.h"
#include "lib/sec/signed_by.h"

enum { STEPS_MAX = 50000000 };	/* links looked at: odd graphs have more ways than time allows */

struct search {
	struct path_graph graph;
	size_t *way;			/* the links being tried */
	size_t length;
	struct path_fallen *fallen;
	size_t fallen_count;
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

/* --- one path --- */

static bool was_tried(const struct search *search, size_t anchor)
{
	for (size_t i = 0; i < search->fallen_count; i++) {
		const struct path_fallen *fallen = &search->fallen[i];

		if (fallen->count == search->length && fallen->anchor == anchor &&
		    memcmp(fallen->links, search->way, search->length * sizeof *search->way) == 0)
			return true;
	}
	return false;
}

/* The way that is tried, in certificates. */
struct decoding {
	struct search *search;
	struct cert_list *chain;
	struct status *failed;
};

static FALLIBLE decode_links(struct search *search, struct cert_list *out_chain)
{
	for (size_t i = 0; i < search->length; i++) {
		const struct cert *cert = NULL;

		TRY(path_graph_cert(&search->graph, search->way[i], &cert));
		cert_list_add(out_chain, cert);
	}
	return OK;
}

static void decode_way(void *arg)
{
	struct decoding *decoding = arg;

	decoding->failed = decode_links(decoding->search, decoding->chain);
}

/* A revocation list of each authority on the way is needed: they are asked for meanwhile. */
static FALLIBLE chain_of(struct search *search, const struct cert *anchor, struct cert_list *out_chain)
{
	struct decoding decoding = { search, out_chain, OK };
	struct meanwhile work = { .run = decode_way, .arg = &decoding };
	struct path_expected expected = { 0 };

	for (size_t i = 0; i < search->length; i++)
		path_expected_add(&expected, search->graph.links[search->way[i]].found->issuer);
	path_expect(search->graph.query, &expected, &work);
	TRY(decoding.failed);
	cert_list_add(out_chain, anchor);
	return OK;
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
	return signed_one->form_1989 ? signature_holds_1989(query, signer, signed_one)
				     : cert_signed_by(signed_one, signer);
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

static void note_fallen(struct search *search, size_t anchor, struct status *why)
{
	search->fallen = mem_grow(search->fallen, search->fallen_count + 1, sizeof *search->fallen);
	search->fallen[search->fallen_count++] = (struct path_fallen){
		.links = mem_dup(search->way, search->length * sizeof *search->way),
		.count = search->length,
		.anchor = anchor,
		.why = why,
	};
}

static void try_path(struct search *search, size_t anchor)
{
	const struct path_query *query = search->graph.query;
	AUTO(cert_list_free) struct cert_list chain = { 0 };
	struct path_verdict verdict = { 0 };

	if (was_tried(search, anchor))
		return;
	if (search->fallen_count == search->graph.limits.tried) {
		search->graph.cut_short = search->over = true;
		return;
	}
	verdict.why = chain_of(search, query->anchors[anchor], &chain);
	if (verdict.why) {
		note_fallen(search, anchor, verdict.why);
		return;
	}
	path_judge(query, &chain, &verdict);
	if (!verdict.why) {
		search->found = verdict.path;
		search->over = true;
		return;
	}
	blame(search, anchor, &chain, &verdict);
	note_fallen(search, anchor, verdict.why);
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
		return path_explain(&search.graph, search.fallen, search.fallen_count, cert);
	*out_path = TAKE(search.found);
	(*out_path)->lookups = search.graph.lookups;
	if (query->source && query->source->as_of)
		(*out_path)->as_of = *query->source->as_of;
	return OK;
}
