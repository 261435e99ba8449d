/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ua evidence verify: the judge, who has no home, no directory and no network. */
#include "ua/evidence.h"

#include "lib/base/file.h"
#include "lib/base/memory.h"
#include "lib/mhs/evidence_judge.h"
#include "lib/mhs/trust.h"
#include "ua/finding.h"
#include "ua/print.h"
#include "ua/settings.h"

/* What the judge was given. */
struct bench {
	const struct invocation *invocation;
	struct evidence *evidence;
	struct cert_list anchors;
	struct crl_list later;
	struct evidence_trust trust;
	struct claims claims;
};

static void bench_cleanup(struct bench *b)
{
	evidence_free(&b->evidence);
	cert_list_free(&b->anchors);
	crl_list_free(&b->later);
	claims_free(&b->claims);
}

static const char *nth(const struct bench *b, const char *option, size_t n)
{
	return options_nth(&b->invocation->options, option, n);
}

static FALLIBLE read_trust(struct bench *b)
{
	const char *at = options_value(&b->invocation->options, "at");
	const char *file;

	for (size_t i = 0; (file = nth(b, "trust", i)); i++) {
		AUTO(cert_free) const struct cert *cert = NULL;

		TRY_DOING(cert_load(file, &cert), "--trust");
		TRY_DOING(cert_check_scope(cert, SCOPE_CA), "--trust");
		cert_list_add(&b->anchors, cert);
	}
	for (size_t i = 0; (file = nth(b, "crl", i)); i++) {
		AUTO(crl_free) const struct crl *crl = NULL;

		TRY_DOING(crl_load(file, &crl), "--crl");
		crl_list_add(&b->later, crl);
	}
	if (!b->anchors.count)
		return FAIL(ST_USAGE, 0, "whom to trust? Give --trust FILE");
	if (at)
		TRY_DOING(time_from_rfc3339(at, &b->trust.at), "--at");
	b->trust.anchors = b->anchors.items;
	b->trust.anchor_count = b->anchors.count;
	b->trust.later = &b->later;
	return OK;
}

static FALLIBLE read_file(struct bench *b, const char *file)
{
	const char *content = options_value(&b->invocation->options, "content");
	AUTO(buf_free) struct buf text = { 0 };
	AUTO(buf_free) struct buf given = { 0 };

	TRY(file_read(file, EVIDENCE_MAX_OCTETS, &text, NULL));
	TRY_DOING(evidence_read(buf_view(&text), &b->evidence), "cannot read the evidence in %s", file);
	if (!content)
		return OK;
	TRY_DOING(file_read(content, EVIDENCE_MAX_OCTETS, &given, NULL), "--content");
	return evidence_give_content(b->evidence, buf_view(&given));
}

/* --- what came out --- */

static json_t *claim_json(const struct bench *b, const struct claim *c)
{
	json_t *json = json_pack("{s:s, s:b, s:o}", "claim", claim_names[c->kind], "proved", c->proved,
				 "sentence", json_shown(claim_sentence(b->evidence->arena, c)));
	const struct { const char *name, *value; } texts[] = {
		{ "why", c->why }, { "by", c->by }, { "about", c->about }, { "later", c->later },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].value)
			json_object_set_new(json, texts[i].name, json_shown(texts[i].value));
	if (c->path)
		json_object_set_new(json, "path", json_text(c->path));
	if (c->proved)
		json_object_set_new(json, "when", json_time(c->when));
	if (c->proved && c->suite) {
		json_object_set_new(json, "suite", json_string(c->suite->name));
		if (c->suite->broken)
			json_object_set_new(json, "broken", json_string(c->suite->broken));
	}
	return json;
}

static time_t judged_at(const struct bench *b)
{
	return b->trust.at ? b->trust.at : b->evidence->checked;
}

static void tell_json(const struct bench *b)
{
	json_t *claims = json_array();

	for (size_t i = 0; i < b->claims.count; i++)
		json_array_append_new(claims, claim_json(b, &b->claims.list[i]));
	print_json(json_pack("{s:o, s:o}", "as_of", json_time(judged_at(b)), "claims", claims));
}

/* In front of what it is about. */
static void warn_of_suite(const struct bench *b, const struct claim *c)
{
	if (c->proved && c->suite && c->suite->broken)
		puts(suite_warning(b->evidence->arena, c->suite->name, c->suite->broken));
}

static void tell(const struct bench *b)
{
	printf("Certificates and revocation lists are judged as of %s%s.\n", time_text(judged_at(b)).s,
	       b->trust.at ? "" : ", when it was checked, as the file says");
	for (size_t i = 0; i < b->claims.count; i++) {
		const struct claim *c = &b->claims.list[i];

		warn_of_suite(b, c);
		print_line(stdout, claim_sentence(b->evidence->arena, c));
		putchar('\n');
		if (c->path && options_has(&b->invocation->options, "verbose"))
			print_text(stdout, c->path);
	}
}

FALLIBLE evidence_verify(const struct invocation *invocation, const char *file)
{
	const struct ua_settings *settings = invocation->settings;
	AUTO(bench_cleanup) struct bench b = {
		.invocation = invocation,
		.trust.allow_broken_1989 = settings->site.allow_broken_1989,
	};

	TRY(trust_policies(&settings->site.policies, &b.trust.policies));
	TRY(read_trust(&b));
	TRY(read_file(&b, file));
	TRY_DOING(evidence_judge(b.evidence, &b.trust, &b.claims), "cannot judge the evidence in %s",
		  file);
	if (invocation->json)
		tell_json(&b);
	else
		tell(&b);
	for (size_t i = 0; i < b.claims.count; i++)
		if (!b.claims.list[i].proved)
			return FAIL(ST_REFUSED, 0, "%s does not prove what it claims", file);
	return OK;
}
