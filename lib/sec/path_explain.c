/* SPDX-License-Identifier: Apache-2.0 */
/* Why there is no path: what was tried and fell, and which ways lead nowhere. */
#include "lib/sec/path_explain.h"

#include "asn1/dn.h"
#include "lib/base/memory.h"

enum {
	STORIES_MAX = 16,	/* paths that fell, of which the failure tells */
	ENDS_MAX = 8,		/* and ways that lead nowhere */
};

static char *name_text(struct bytes name)
{
	char *text = NULL;
	struct status *odd = dn_to_text(name, &text);

	status_drop(odd);
	return text ? text : mem_strdup("somebody");
}

static const char *anchor_text(const struct path_query *query)
{
	return query->anchor_count ? query->anchors[0]->subject_text : "a trusted authority";
}

/* --- ways that lead nowhere --- */

/* An authority that was come to on the way up from the certificate. */
struct stage {
	const struct cert_found *signed_one;	/* by it, as the way up has it */
	size_t below;				/* the stage that this way came from; SIZE_MAX: none */
	unsigned height;
	bool goes_on;				/* to an anchor, or to a higher stage */
};

struct ways {
	const struct path_graph *graph;
	struct stage *stages;
	size_t count;
};

static void ways_free(struct ways *ways)
{
	mem_free(&ways->stages);
}

static bool same_name(const struct cert_found *signed_one, struct bytes name, uint64_t hash)
{
	return signed_one->issuer_hash == hash && dn_equal(signed_one->issuer, name);
}

static bool is_anchored(const struct path_graph *graph, const struct cert_found *found)
{
	for (size_t i = 0; i < graph->anchors.count; i++)
		if (cert_found_issued(graph->anchors.items[i], found))
			return true;
	return false;
}

static void add_stage(struct ways *ways, const struct cert_found *signed_one, size_t below, unsigned height)
{
	ways->stages = mem_grow(ways->stages, ways->count + 1, sizeof *ways->stages);
	ways->stages[ways->count++] = (struct stage){ signed_one, below, height, false };
}

/* Whether a way goes on from a stage by a certificate of its authority.  One that comes back to
 * where another has been does not. */
static bool goes_on(struct ways *ways, size_t from, const struct cert_found *found)
{
	const unsigned height = ways->stages[from].height + 1;

	if (is_anchored(ways->graph, found))
		return true;
	for (size_t i = 0; i < ways->count; i++)
		if (same_name(ways->stages[i].signed_one, found->issuer, found->issuer_hash))
			return ways->stages[i].height == height;
	add_stage(ways, found, from, height);
	return true;
}

/* All ways up from the certificate, the nearest stages first. */
static struct ways ways_up(const struct path_graph *graph)
{
	struct ways ways = { .graph = graph };

	if (!is_anchored(graph, graph->links[0].found))
		add_stage(&ways, graph->links[0].found, SIZE_MAX, 0);
	for (size_t at = 0; at < ways.count; at++)
		for (size_t i = 1; i < graph->count; i++) {
			const struct cert_found *found = graph->links[i].found;

			if (cert_found_issued(found, ways.stages[at].signed_one) && goes_on(&ways, at, found))
				ways.stages[at].goes_on = true;
		}
	return ways;
}

static size_t count_ends(const struct ways *ways)
{
	size_t count = 0;

	for (size_t i = 0; i < ways->count; i++)
		count += !ways->stages[i].goes_on;
	return count;
}

static bool was_asked(const struct path_graph *graph, const struct cert_found *signed_one)
{
	for (size_t i = 0; i < graph->lookups; i++)
		if (same_name(signed_one, graph->asked[i].name, graph->asked[i].hash))
			return true;
	return false;
}

/* Whether there is a certificate of the stage's authority that does not serve, as it is of another
 * key, or not for an authority. */
static bool is_among(const struct found_list *list, const struct cert_found *signed_one, bool authority)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct cert_found *found = list->items[i];

		if (same_name(signed_one, found->subject, found->subject_hash) &&
		    found->authority == authority &&
		    (!authority || !cert_found_issued(found, signed_one)))
			return true;
	}
	return false;
}

static char *end_text(const struct path_graph *graph, const struct cert_found *signed_one)
{
	AUTO(mem_free) char *authority = name_text(signed_one->issuer);
	AUTO(mem_free) char *signed_text = name_text(signed_one->subject);

	if (is_among(&graph->anchors, signed_one, true) || is_among(&graph->pool, signed_one, true))
		return mem_printf("%s is certified with another key than the one that signed the "
				  "certificate of %s: it has a new key, or somebody has taken its name",
				  authority, signed_text);
	if (is_among(&graph->pool, signed_one, false))
		return mem_printf("nothing certifies %s to us as an authority, only for other use", authority);
	if (!was_asked(graph, signed_one))
		return mem_printf("nobody asked who certifies %s, since a path may have %u certificates at most",
				  authority, graph->limits.certs);
	return mem_printf("nothing certifies %s to us", authority);
}

/* From the certificate's own authority up. */
static void put_way(const struct ways *ways, size_t at, struct buf *out)
{
	if (ways->stages[at].below == SIZE_MAX)
		return;
	put_way(ways, ways->stages[at].below, out);

	AUTO(mem_free) char *name = name_text(ways->stages[ways->stages[at].below].signed_one->issuer);

	buf_printf(out, "%s%s", out->len ? ", " : "by way of ", name);
}

/* Puts the way that ends at a stage before a story. */
static struct status *tell_end(struct status *story, const struct ways *ways, size_t at)
{
	AUTO(mem_free) char *why = end_text(ways->graph, ways->stages[at].signed_one);
	AUTO(buf_free) struct buf way = { 0 };

	put_way(ways, at, &way);
	return status_new(story, ST_REFUSED, 0, "%.*s%s%s", (int)way.len, (const char *)way.data,
			  way.len ? ": " : "", why);
}

static struct status *tell_ends(const struct ways *ways)
{
	size_t ends = count_ends(ways), left = ends;
	struct status *story = OK;

	if (ends > ENDS_MAX)
		story = FAIL(ST_REFUSED, 0, "%zu more ways lead nowhere", ends - ENDS_MAX);
	for (size_t i = ways->count; i-- > 0;)
		if (!ways->stages[i].goes_on && left-- <= ENDS_MAX)
			story = tell_end(story, ways, i);
	return story;
}

/* --- paths that fell --- */

static struct status *tell_fallen(struct status *story, const struct path_graph *graph,
				  const struct path_fallen *fallen)
{
	AUTO(mem_free) char *why = status_text(fallen->why);
	AUTO(buf_free) struct buf way = { 0 };

	for (size_t i = 1; i < fallen->count; i++) {
		AUTO(mem_free) char *name = name_text(graph->links[fallen->links[i]].found->subject);

		buf_printf(&way, "%s, ", name);
	}
	return status_new(story, fallen->why->kind, fallen->why->diag, "by way of %.*s%s: %s", (int)way.len,
			  (const char *)way.data, graph->query->anchors[fallen->anchor]->subject_text, why);
}

/* Whether a reason may be none another time. */
static enum status_kind kind_of(const struct path_graph *graph, const struct path_fallen *fallen, size_t count)
{
	bool later = graph->unasked && graph->unasked->kind == ST_LATER;

	for (size_t i = 0; i < count; i++)
		later |= fallen[i].why->kind == ST_LATER;
	return later ? ST_LATER : ST_REFUSED;
}

/* Each the cause of the one before it. */
static FALLIBLE tell_all(const struct path_graph *graph, const struct path_fallen *fallen, size_t count,
			 const struct ways *ways, const struct cert *cert)
{
	const char *limited = graph->cut_short ? ", and the search was ended by its limits" : "";
	const enum status_kind kind = kind_of(graph, fallen, count);
	struct status *story = tell_ends(ways);
	size_t told = count < STORIES_MAX ? count : STORIES_MAX;

	if (graph->unasked) {
		AUTO(mem_free) char *why = status_text(graph->unasked);

		story = status_new(story, kind, 0, "not everybody could be asked: %s", why);
	}
	if (told < count)
		story = status_new(story, kind, 0, "%zu more paths fell", count - told);
	while (told-- > 0)
		story = tell_fallen(story, graph, &fallen[told]);
	if (!count)
		return status_new(story, kind, 0, "no path from %s to %s", anchor_text(graph->query),
				  cert->subject_text);
	if (count == 1)
		return status_new(story, kind, fallen[0].why->diag, "the only path to %s is not acceptable%s",
				  cert->subject_text, limited);
	return status_new(story, kind, fallen[0].why->diag, "none of %zu paths to %s is acceptable%s", count,
			  cert->subject_text, limited);
}

/* Nothing fell, as nothing led from an anchor to the certificate. */
static FALLIBLE explain_none(const struct path_graph *graph, const struct ways *ways, const struct cert *cert)
{
	const char *anchor = anchor_text(graph->query);

	if (graph->unasked)
		return status_doing(status_copy(graph->unasked),
				    "cannot look for a certification path to %s", cert->subject_text);
	if (graph->cut_short)
		return FAIL(ST_REFUSED, 0, "no path from %s to %s was found in %u entries of authorities, "
			    "which is the limit", anchor, cert->subject_text, graph->lookups);
	if (!count_ends(ways))
		return FAIL(ST_REFUSED, 0, "no path from %s to %s has %u certificates at most, which is the limit",
			    anchor, cert->subject_text, graph->limits.certs);
	if (ways->count > 1)
		return tell_all(graph, NULL, 0, ways, cert);
	AUTO(mem_free) char *why = end_text(graph, graph->links[0].found);
	return FAIL(ST_REFUSED, 0, "no path from %s to %s: %s", anchor, cert->subject_text, why);
}

FALLIBLE path_explain(const struct path_graph *graph, const struct path_fallen *fallen, size_t count,
		      const struct cert *cert)
{
	/* What is wrong with the certificate itself came last, and says all. */
	if (count && graph->links[0].fallen)
		return status_copy(fallen[count - 1].why);
	AUTO(ways_free) struct ways ways = ways_up(graph);
	if (!count)
		return explain_none(graph, &ways, cert);
	if (count == 1 && !count_ends(&ways) && !graph->unasked)
		return status_copy(fallen[0].why);
	return tell_all(graph, fallen, count, &ways, cert);
}
