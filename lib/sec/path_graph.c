/* SPDX-License-Identifier: Apache-2.0 */
/* Who certifies whom: asked of the source, measured from both ends. */
#include "lib/sec/path_graph.h"

#include "lib/base/memory.h"

enum { LINKS_MAX = 8192 };	/* a source that gives more is not read any further */

static unsigned or_else(unsigned wanted, unsigned fallback)
{
	return wanted ? wanted : fallback;
}

static bool is_forged(const struct path_graph *graph, size_t signer, size_t signed_one)
{
	for (size_t i = 0; i < graph->forged_count; i++)
		if (graph->forged[2 * i] == signer && graph->forged[2 * i + 1] == signed_one)
			return true;
	return false;
}

bool path_graph_issued(const struct path_graph *graph, size_t signer, size_t signed_one)
{
	const struct path_link *upper = &graph->links[signer], *lower = &graph->links[signed_one];

	return signer != signed_one && !upper->fallen && !lower->fallen && upper->found->authority &&
	       cert_found_issued(upper->found, lower->found) && !is_forged(graph, signer, signed_one);
}

bool path_graph_anchored(const struct path_graph *graph, size_t anchor, size_t signed_one)
{
	const struct path_link *lower = &graph->links[signed_one];

	return !lower->fallen && cert_found_issued(graph->anchors.items[anchor], lower->found) &&
	       !is_forged(graph, PATH_ANCHOR(anchor), signed_one);
}

/* --- measuring: what becomes nearer to an end makes its neighbours nearer --- */

static void spread_above(struct path_graph *graph, size_t from)
{
	unsigned next = graph->links[from].above + 1;

	for (size_t i = 0; next < graph->limits.certs && i < graph->count; i++) {
		struct path_link *link = &graph->links[i];

		if ((link->above && link->above <= next) || !path_graph_issued(graph, from, i))
			continue;
		link->above = next;
		spread_above(graph, i);
	}
}

static void spread_below(struct path_graph *graph, size_t from)
{
	unsigned next = graph->links[from].below + 1;

	for (size_t i = 0; next < graph->limits.certs && i < graph->count; i++) {
		struct path_link *link = &graph->links[i];

		if ((link->below && link->below <= next) || !path_graph_issued(graph, i, from))
			continue;
		link->below = next;
		spread_below(graph, i);
	}
}

/* Where a link stands by what its neighbours know. */
static void measure(struct path_graph *graph, size_t at)
{
	struct path_link *link = &graph->links[at];

	for (size_t a = 0; a < graph->anchors.count; a++)
		if (path_graph_anchored(graph, a, at))
			link->above = 1;
	for (size_t i = 0; i < graph->count; i++) {
		const struct path_link *other = &graph->links[i];

		if (other->above && (!link->above || other->above + 1 < link->above) &&
		    other->above + 1 < graph->limits.certs && path_graph_issued(graph, i, at))
			link->above = other->above + 1;
		if (other->below && (!link->below || other->below + 1 < link->below) &&
		    other->below + 1 < graph->limits.certs && path_graph_issued(graph, at, i))
			link->below = other->below + 1;
	}
	if (link->above)
		spread_above(graph, at);
	if (link->below)
		spread_below(graph, at);
}

static void measure_anew(struct path_graph *graph)
{
	for (size_t i = 0; i < graph->count; i++)
		graph->links[i].above = graph->links[i].below = 0;
	graph->links[0].below = 1;
	for (size_t i = 0; i < graph->count; i++)
		if (!graph->links[i].fallen)
			measure(graph, i);
	graph->stale = false;
}

void path_graph_fell(struct path_graph *graph, size_t link)
{
	graph->links[link].fallen = true;
	graph->stale = true;
}

void path_graph_forged(struct path_graph *graph, size_t signer, size_t signed_one)
{
	graph->forged = mem_grow(graph->forged, 2 * (graph->forged_count + 1), sizeof *graph->forged);
	graph->forged[2 * graph->forged_count] = signer;
	graph->forged[2 * graph->forged_count + 1] = signed_one;
	graph->forged_count++;
	graph->stale = true;
}

/* --- growing --- */

static bool is_known(const struct path_graph *graph, const struct cert_found *found)
{
	for (size_t i = 0; i < graph->count; i++)
		if (bytes_equal(graph->links[i].found->der, found->der))
			return true;
	/* A way up that comes by an anchor could have ended there. */
	for (size_t i = 0; i < graph->anchors.count; i++)
		if (cert_found_same_subject(graph->anchors.items[i], found))
			return true;
	return false;
}

static void add_link(struct path_graph *graph, const struct cert_found *found)
{
	graph->links = mem_grow(graph->links, graph->count + 1, sizeof *graph->links);
	graph->links[graph->count++] = (struct path_link){ .found = found };
}

static FALLIBLE add_cert(struct found_list *list, const struct cert *cert)
{
	AUTO(cert_found_free) const struct cert_found *found = NULL;

	TRY_DOING(cert_found_of(cert, &found), "cannot follow the certificate of %s",
		  cert->subject_text);
	found_list_add(list, found);
	return OK;
}

FALLIBLE path_graph_init(struct path_graph *graph, const struct path_query *query,
			 const struct cert *cert)
{
	*graph = (struct path_graph){
		.query = query,
		.limits = {
			.certs = or_else(query->limits.certs, PATH_MAX_CERTS),
			.lookups = or_else(query->limits.lookups, PATH_MAX_LOOKUPS),
			.tried = or_else(query->limits.tried, PATH_MAX_TRIED),
		},
	};
	for (size_t i = 0; i < query->anchor_count; i++)
		TRY(add_cert(&graph->anchors, query->anchors[i]));
	TRY(add_cert(&graph->pool, cert));
	add_link(graph, graph->pool.items[0]);
	measure_anew(graph);
	return OK;
}

void path_graph_cleanup(struct path_graph *graph)
{
	mem_free(&graph->links);
	mem_free(&graph->forged);
	mem_free(&graph->asked);
	found_list_free(&graph->anchors);
	found_list_free(&graph->pool);
	status_free(&graph->unasked);
}

static FALLIBLE decode(const struct path_graph *graph, size_t link, const struct cert **out_cert)
{
	const struct cert_found *found = graph->links[link].found;
	struct status *odd = cert_found_decode(found, out_cert);

	if (odd) {
		AUTO(mem_free) char *why = status_text(odd);

		status_drop(odd);
		return FAIL(ST_REFUSED, 0, "one of its certificates cannot be read: %s", why);
	}
	if (link > 0)
		TRY(cert_check_scope(*out_cert, SCOPE_CA));
	if (!(*out_cert)->key && !graph->query->any_use)
		return FAIL(ST_REFUSED, 0, "the key of %s is of no type known here", (*out_cert)->subject_text);
	return OK;
}

FALLIBLE path_graph_cert(struct path_graph *graph, size_t link, const struct cert **out_cert)
{
	struct status *why = decode(graph, link, out_cert);

	if (why)
		path_graph_fell(graph, link);
	return why;
}

static bool is_among(const struct path_asked *names, size_t count, const struct path_asked *name)
{
	for (size_t i = 0; i < count; i++)
		if (cert_found_same_name(names[i].name, names[i].hash, name->name, name->hash))
			return true;
	return false;
}

/* Takes over what the source has found since the pool had so many. */
static void take_found(struct path_graph *graph, size_t from)
{
	for (size_t i = from; i < graph->pool.count; i++) {
		const struct cert_found *found = graph->pool.items[i];

		if (!found->authority || is_known(graph, found))
			continue;
		if (graph->count == LINKS_MAX) {
			graph->cut_short = true;
			return;
		}
		add_link(graph, found);
		measure(graph, graph->count - 1);
	}
}

static void ask(struct path_graph *graph, const struct path_asked *name)
{
	const struct cert_source *source = graph->query->source;
	size_t had = graph->pool.count;

	graph->asked = mem_grow(graph->asked, graph->lookups + 1, sizeof *graph->asked);
	graph->asked[graph->lookups++] = *name;

	struct status *failed = source->cross_certs(source->data, name->name, &graph->pool);

	if (!graph->unasked)
		graph->unasked = failed;
	else
		status_drop(failed);
	take_found(graph, had);
}

/* The nearest names that were not asked for, all as far from an end. */
struct nearest {
	const struct path_graph *graph;
	unsigned distance;
	struct path_asked names[PATH_EXPECTED];
	size_t count;
};

static void consider(struct nearest *nearest, unsigned distance, struct bytes name,
		     uint64_t hash)
{
	const struct path_asked asked = { name, hash };

	if (distance > nearest->distance ||
	    is_among(nearest->graph->asked, nearest->graph->lookups, &asked))
		return;
	if (distance < nearest->distance)
		nearest->count = 0;
	nearest->distance = distance;
	if (nearest->count < PATH_EXPECTED && !is_among(nearest->names, nearest->count, &asked))
		nearest->names[nearest->count++] = asked;
}

/* Both ends of a cross-certificate hold it, so that from both a path may be followed: from the
 * first certificate upwards, from the anchors downwards. */
static void find_nearest(const struct path_graph *graph, struct nearest *out)
{
	/* Further away no path would fit. */
	*out = (struct nearest){ .graph = graph, .distance = graph->limits.certs - 2 };
	for (size_t i = 0; i < graph->count; i++)
		if (graph->links[i].below)
			consider(out, graph->links[i].below, graph->links[i].found->issuer,
				 graph->links[i].found->issuer_hash);
	for (size_t i = 0; i < graph->anchors.count; i++)
		consider(out, 1, graph->anchors.items[i]->subject, graph->anchors.items[i]->subject_hash);
	for (size_t i = 1; i < graph->count; i++)
		if (graph->links[i].above)
			consider(out, graph->links[i].above + 1, graph->links[i].found->subject,
				 graph->links[i].found->subject_hash);
}

/* Says what is wanted next, unless that was said. */
static void expect(struct path_graph *graph, const struct nearest *nearest)
{
	size_t allowed = graph->limits.lookups - graph->lookups;
	size_t count = nearest->count < allowed ? nearest->count : allowed;
	struct path_expected expected = { 0 };

	if (is_among(graph->expected, graph->expected_count, &nearest->names[0]))
		return;
	for (size_t i = 0; i < count; i++)
		path_expected_add(&expected, nearest->names[i].name);
	memcpy(graph->expected, nearest->names, sizeof graph->expected);
	graph->expected_count = count;
	path_expect(graph->query, &expected, NULL);
}

bool path_graph_grow(struct path_graph *graph)
{
	const struct cert_source *source = graph->query->source;
	struct nearest nearest;

	if (!source || !source->cross_certs || graph->limits.certs < 3)
		return false;
	if (graph->stale)
		measure_anew(graph);
	find_nearest(graph, &nearest);
	if (!nearest.count)
		return false;
	if (graph->lookups == graph->limits.lookups) {
		graph->cut_short = true;
		return false;
	}
	expect(graph, &nearest);
	ask(graph, &nearest.names[0]);
	return true;
}
