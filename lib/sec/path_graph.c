/* SPDX-License-Identifier: Apache-2.0 */
/* Who certifies whom: asked of the source, measured from both ends. */
#include "lib/sec/path_graph.h"

#include "asn1/dn.h"
#include "lib/base/memory.h"
#include "lib/sec/crypto_openssl.h"

enum { LINKS_MAX = 16384 };	/* a source that gives more is not read any further */

static unsigned or_else(unsigned wanted, unsigned fallback)
{
	return wanted ? wanted : fallback;
}

bool path_same_authority(const struct cert *a, const struct cert *b)
{
	return X509_NAME_cmp(X509_get_subject_name(cert_x509(a)),
			     X509_get_subject_name(cert_x509(b))) == 0 &&
	       ASN1_STRING_cmp(X509_get0_pubkey_bitstr(cert_x509(a)),
			       X509_get0_pubkey_bitstr(cert_x509(b))) == 0;
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

	return upper->subject == lower->issuer && signer != signed_one && !upper->fallen &&
	       !lower->fallen && upper->cert->scope == SCOPE_CA &&
	       X509_check_issued(cert_x509(upper->cert), cert_x509(lower->cert)) == X509_V_OK &&
	       !is_forged(graph, signer, signed_one);
}

bool path_graph_anchored(const struct path_graph *graph, size_t anchor, size_t signed_one)
{
	const struct path_link *lower = &graph->links[signed_one];

	return !lower->fallen &&
	       X509_check_issued(cert_x509(graph->query->anchors[anchor]),
				 cert_x509(lower->cert)) == X509_V_OK &&
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

	for (size_t a = 0; a < graph->query->anchor_count; a++)
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
}

void path_graph_fell(struct path_graph *graph, size_t link)
{
	graph->links[link].fallen = true;
	measure_anew(graph);
}

void path_graph_forged(struct path_graph *graph, size_t signer, size_t signed_one)
{
	graph->forged = mem_grow(graph->forged, 2 * (graph->forged_count + 1), sizeof *graph->forged);
	graph->forged[2 * graph->forged_count] = signer;
	graph->forged[2 * graph->forged_count + 1] = signed_one;
	graph->forged_count++;
	measure_anew(graph);
}

/* --- growing --- */

static bool is_known(const struct path_graph *graph, const struct cert *cert)
{
	for (size_t i = 0; i < graph->count; i++)
		if (bytes_equal(graph->links[i].cert->fingerprint, cert->fingerprint))
			return true;
	/* A way up that comes by an anchor could have ended there. */
	for (size_t i = 0; i < graph->query->anchor_count; i++)
		if (path_same_authority(graph->query->anchors[i], cert))
			return true;
	return false;
}

static void add_link(struct path_graph *graph, const struct cert *cert)
{
	X509 *x509 = cert_x509(cert);

	graph->links = mem_grow(graph->links, graph->count + 1, sizeof *graph->links);
	graph->links[graph->count++] = (struct path_link){
		.cert = cert,
		.subject = X509_subject_name_hash(x509),
		.issuer = X509_issuer_name_hash(x509),
	};
}

void path_graph_init(struct path_graph *graph, const struct path_query *query,
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
	cert_list_add(&graph->pool, cert);
	add_link(graph, cert);
	measure_anew(graph);
}

void path_graph_cleanup(struct path_graph *graph)
{
	mem_free(&graph->links);
	mem_free(&graph->forged);
	mem_free(&graph->asked);
	cert_list_free(&graph->pool);
	status_free(&graph->unasked);
}

static bool was_asked(const struct path_graph *graph, const struct path_asked *name)
{
	for (unsigned i = 0; i < graph->lookups; i++)
		if (graph->asked[i].hash == name->hash && dn_equal(graph->asked[i].name, name->name))
			return true;
	return false;
}

/* Takes over what the source has found since the pool had so many. */
static void take_found(struct path_graph *graph, size_t from)
{
	for (size_t i = from; i < graph->pool.count; i++) {
		const struct cert *cert = graph->pool.items[i];

		if (cert->scope != SCOPE_CA || (!cert->key && !graph->query->any_use) ||
		    is_known(graph, cert))
			continue;
		if (graph->count == LINKS_MAX) {
			graph->cut_short = true;
			return;
		}
		add_link(graph, cert);
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

/* The name nearest to the first certificate or to an anchor that was not asked for: both ends
 * of a cross-certificate hold it, so that from both a path may be followed. */
static bool nearest(const struct path_graph *graph, struct path_asked *out_name)
{
	unsigned best = graph->limits.certs - 1;	/* further away no path would fit */

	for (size_t i = 0; i < graph->count; i++) {
		const struct path_link *link = &graph->links[i];
		struct path_asked upwards = { link->cert->issuer, link->issuer };
		struct path_asked downwards = { link->cert->subject, link->subject };

		if (link->below && link->below < best && !was_asked(graph, &upwards)) {
			best = link->below;
			*out_name = upwards;
		}
		if (i && link->above && link->above + 1 < best && !was_asked(graph, &downwards)) {
			best = link->above + 1;
			*out_name = downwards;
		}
	}
	for (size_t i = 0; best > 1 && i < graph->query->anchor_count; i++) {
		const struct cert *anchor = graph->query->anchors[i];
		struct path_asked downwards = { anchor->subject,
						X509_subject_name_hash(cert_x509(anchor)) };

		if (!was_asked(graph, &downwards)) {
			best = 1;
			*out_name = downwards;
		}
	}
	return best + 1 < graph->limits.certs;
}

bool path_graph_grow(struct path_graph *graph)
{
	const struct cert_source *source = graph->query->source;
	struct path_asked name;

	if (!source || !source->cross_certs || !nearest(graph, &name))
		return false;
	if (graph->lookups == graph->limits.lookups) {
		graph->cut_short = true;
		return false;
	}
	ask(graph, &name);
	return true;
}
