/* SPDX-License-Identifier: Apache-2.0 */
/* An entry for people and for programs.  What it holds is described, not believed. */
#include "directory/cmd.h"

#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/sec/cert.h"

/* --- for people --- */

static void show_line(FILE *to, const char *label, const char *text)
{
	AUTO(mem_free) char *shown = text_shown(bytes_text(text));

	fprintf(to, "    %-12s%s\n", label, shown);
}

/* What is wrong with a value, in its place. */
static void show_unreadable(FILE *to, struct status *why)
{
	AUTO(mem_free) char *story = status_text(why);

	show_line(to, "unreadable", story);
	status_drop(why);
}

static void show_or_address(const struct cert *cert, FILE *to)
{
	AUTO(mem_free) char *octets = bytes_hex(cert->or_address);

	if (cert->or_address.len)
		show_line(to, "O/R address", octets);
}

static void show_certificate(struct bytes der, FILE *to)
{
	AUTO(cert_free) const struct cert *cert = NULL;
	struct status *st = cert_decode(der, &cert);

	if (st) {
		show_unreadable(to, st);
		return;
	}

	AUTO(mem_free) char *key = bytes_hex(public_key_id(cert->key));

	show_line(to, "subject", cert->subject_text);
	show_line(to, "issuer", cert->issuer_text);
	show_line(to, "serial", cert->serial_text);
	fprintf(to, "    %-12s%s to %s\n", "valid", time_text(cert->not_before).s,
		time_text(cert->not_after).s);
	show_line(to, "for use as", scope_name(cert->scope));
	fprintf(to, "    %-12s%s, %s\n", "key", key_type_name(public_key_type(cert->key)), key);
	show_or_address(cert, to);
}

static void show_crl(struct bytes der, FILE *to)
{
	AUTO(crl_free) const struct crl *crl = NULL;
	struct status *st = crl_decode(der, &crl);

	if (st) {
		show_unreadable(to, st);
		return;
	}
	show_line(to, "issuer", crl->issuer_text);
	show_line(to, "made", time_text(crl->this_update).s);
	show_line(to, "next", crl->next_update ? time_text(crl->next_update).s : "not said");
	fprintf(to, "    %-12s%zu certificates\n", "revoked", crl->revoked_count);
}

static void show_texts(const struct directory_entry *entry, enum directory_attr attr,
		       const char *label, FILE *to)
{
	for (size_t i = 0; i < entry->values[attr].count; i++) {
		AUTO(mem_free) char *shown = text_shown(entry->values[attr].list[i]);

		fprintf(to, "  %-14s%s\n", label, shown);
	}
}

static void show_octets(const struct directory_entry *entry, enum directory_attr attr,
			const char *title, void (*show)(struct bytes der, FILE *to), FILE *to)
{
	for (size_t i = 0; i < entry->values[attr].count; i++) {
		fprintf(to, "  %s\n", title);
		show(entry->values[attr].list[i], to);
	}
}

static void show_pairs(const struct directory_pairs *pairs, FILE *to)
{
	for (size_t i = 0; i < pairs->count; i++) {
		const struct cert_pair *pair = &pairs->list[i];

		if (pair->forward.len) {
			fputs("  cross-certificate, issued to this authority\n", to);
			show_certificate(pair->forward, to);
		}
		if (pair->reverse.len) {
			fputs("  cross-certificate, issued by this authority\n", to);
			show_certificate(pair->reverse, to);
		}
	}
	if (pairs->junk)
		fprintf(to, "  %zu values of crossCertificatePair are no certificate pairs\n",
			pairs->junk);
}

void show_entry(const struct directory_entry *entry, FILE *to)
{
	AUTO(mem_free) char *name = text_shown(bytes_text(entry->name));

	fprintf(to, "%s\n", name);
	show_texts(entry, DIRECTORY_CN, "name", to);
	show_texts(entry, DIRECTORY_OR_ADDRESS, "O/R address", to);
	show_texts(entry, DIRECTORY_MAIL, "mail", to);
	show_octets(entry, DIRECTORY_USER_CERTIFICATE, "certificate", show_certificate, to);
	show_octets(entry, DIRECTORY_CA_CERTIFICATE, "authority's own certificate",
		    show_certificate, to);
	show_pairs(&entry->pairs, to);
	show_octets(entry, DIRECTORY_CRL, "revocation list", show_crl, to);
	show_octets(entry, DIRECTORY_ARL, "revocation list of authorities", show_crl, to);
}

/* --- for programs --- */

static json_t *json_shown(struct bytes text)
{
	AUTO(mem_free) char *shown = text_shown(text);

	return json_string(shown);
}

static json_t *json_octets(struct bytes octets)
{
	AUTO(mem_free) char *text = bytes_hex(octets);

	return json_string(text);
}

static json_t *json_unreadable(struct bytes der, struct status *why)
{
	AUTO(mem_free) char *story = status_text(why);

	status_drop(why);
	return json_pack("{s:o, s:o}", "unreadable", json_shown(bytes_text(story)),
			 "der", json_octets(der));
}

static json_t *json_certificate(struct bytes der)
{
	AUTO(cert_free) const struct cert *cert = NULL;
	struct status *st = cert_decode(der, &cert);

	if (st)
		return json_unreadable(der, st);
	return json_pack("{s:o, s:o, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o}",
			 "subject", json_shown(bytes_text(cert->subject_text)),
			 "issuer", json_shown(bytes_text(cert->issuer_text)),
			 "serial", cert->serial_text,
			 "not_before", time_rfc3339(cert->not_before).s,
			 "not_after", time_rfc3339(cert->not_after).s,
			 "scope", scope_name(cert->scope),
			 "key_type", key_type_name(public_key_type(cert->key)),
			 "key_id", json_octets(public_key_id(cert->key)),
			 "fingerprint", json_octets(cert->fingerprint),
			 "der", json_octets(der));
}

static json_t *json_crl(struct bytes der)
{
	AUTO(crl_free) const struct crl *crl = NULL;
	struct status *st = crl_decode(der, &crl);

	if (st)
		return json_unreadable(der, st);
	return json_pack("{s:o, s:s, s:s?, s:I, s:o}",
			 "issuer", json_shown(bytes_text(crl->issuer_text)),
			 "this_update", time_rfc3339(crl->this_update).s,
			 "next_update", crl->next_update ? time_rfc3339(crl->next_update).s : NULL,
			 "revoked", (json_int_t)crl->revoked_count,
			 "der", json_octets(der));
}

static json_t *json_values(const struct directory_values *values, json_t *(*make)(struct bytes))
{
	json_t *list = json_array();

	for (size_t i = 0; i < values->count; i++)
		json_array_append_new(list, make(values->list[i]));
	return list;
}

static json_t *json_pairs(const struct directory_pairs *pairs)
{
	json_t *list = json_array();

	for (size_t i = 0; i < pairs->count; i++) {
		json_t *pair = json_object();

		if (pairs->list[i].forward.len)
			json_object_set_new(pair, "forward", json_certificate(pairs->list[i].forward));
		if (pairs->list[i].reverse.len)
			json_object_set_new(pair, "reverse", json_certificate(pairs->list[i].reverse));
		json_array_append_new(list, pair);
	}
	return list;
}

json_t *entry_json(const struct directory_entry *entry)
{
	const struct directory_values *values = entry->values;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:o}",
			 "name", json_shown(bytes_text(entry->name)),
			 "cn", json_values(&values[DIRECTORY_CN], json_shown),
			 "or_addresses", json_values(&values[DIRECTORY_OR_ADDRESS], json_shown),
			 "mail", json_values(&values[DIRECTORY_MAIL], json_shown),
			 "certificates",
			 json_values(&values[DIRECTORY_USER_CERTIFICATE], json_certificate),
			 "ca_certificates",
			 json_values(&values[DIRECTORY_CA_CERTIFICATE], json_certificate),
			 "cross_pairs", json_pairs(&entry->pairs),
			 "junk_pairs", (json_int_t)entry->pairs.junk,
			 "crls", json_values(&values[DIRECTORY_CRL], json_crl),
			 "arls", json_values(&values[DIRECTORY_ARL], json_crl));
}
