/* SPDX-License-Identifier: Apache-2.0 */
/* An entry for people.  What it holds is described, not believed. */
#include "directory/cmd.h"

#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/mhs/orname.h"
#include "lib/sec/cert.h"

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

char *cert_address(const struct cert *cert)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct orname *address = NULL;

	if (!cert->or_address.len)
		return NULL;
	struct status *odd = oraddress_decode(arena, cert->or_address, &address);

	status_drop(odd);
	return address ? text_shown(bytes_text(orname_text(arena, address))) : NULL;
}

static void show_or_address(const struct cert *cert, FILE *to)
{
	AUTO(mem_free) char *address = cert_address(cert);

	if (cert->or_address.len)
		show_line(to, "O/R address", address ? address : "(unreadable)");
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

		fprintf(to, "  %-16s%s\n", label, shown);
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
	if (directory_kind_of(entry) < DIRECTORY_KIND_COUNT)
		fprintf(to, "  %-16s%s\n", "kind", directory_kind_names[directory_kind_of(entry)]);
	show_texts(entry, DIRECTORY_CN, "name", to);
	show_texts(entry, DIRECTORY_OR_ADDRESS, "O/R address", to);
	show_texts(entry, DIRECTORY_MAIL, "mail", to);
	show_texts(entry, DIRECTORY_ORGANIZATION, "organization", to);
	show_texts(entry, DIRECTORY_MESSAGE_STORE, "message store", to);
	show_texts(entry, DIRECTORY_CONTENT_LENGTH, "longest content", to);
	show_texts(entry, DIRECTORY_CONTENT_TYPES, "content type", to);
	show_texts(entry, DIRECTORY_DL_SUBMIT, "may send", to);
	show_texts(entry, DIRECTORY_DL_MEMBERS, "member", to);
	show_octets(entry, DIRECTORY_USER_CERTIFICATE, "certificate", show_certificate, to);
	show_octets(entry, DIRECTORY_SMIME_CERTIFICATE, "certificate for S/MIME", show_certificate, to);
	show_octets(entry, DIRECTORY_BARE_CERTIFICATE, "certificate without ;binary",
		    show_certificate, to);
	show_octets(entry, DIRECTORY_CA_CERTIFICATE, "authority's own certificate",
		    show_certificate, to);
	show_pairs(&entry->pairs, to);
	show_octets(entry, DIRECTORY_CRL, "revocation list", show_crl, to);
	show_octets(entry, DIRECTORY_ARL, "revocation list of authorities", show_crl, to);
}

/* --- many entries --- */

enum { COLUMNS = 5 };

struct row {
	char *cells[COLUMNS];
};

static void table_row(const struct directory_entry *entry, struct row *out)
{
	static const enum directory_attr shown[] = { DIRECTORY_OR_ADDRESS, DIRECTORY_MAIL };
	size_t certs = entry->values[DIRECTORY_USER_CERTIFICATE].count +
		       entry->values[DIRECTORY_CA_CERTIFICATE].count;

	enum directory_kind kind = directory_kind_of(entry);

	out->cells[0] = text_shown(bytes_text(entry->name));
	out->cells[1] = mem_strdup(kind < DIRECTORY_KIND_COUNT ? directory_kind_names[kind] : "-");
	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
		const struct directory_values *values = &entry->values[shown[i]];

		out->cells[i + 2] = text_shown(values->count ? values->list[0] : bytes_text("-"));
	}
	out->cells[4] = mem_printf("%zu", certs);
}

static void show_row(const char *const cells[COLUMNS], const int width[COLUMNS], FILE *to)
{
	for (size_t k = 0; k + 1 < COLUMNS; k++)
		fprintf(to, "%s%*s", cells[k], width[k] + 2 - text_columns(cells[k]), "");
	fprintf(to, "%s\n", cells[COLUMNS - 1]);
}

void show_table(const struct directory_entries *entries, FILE *to)
{
	static const char *const titles[COLUMNS] = { "NAME", "KIND", "O/R ADDRESS", "MAIL", "CERTIFICATES" };
	struct row *rows = mem_new_array(struct row, entries->count);
	int width[COLUMNS];

	for (size_t k = 0; k < COLUMNS; k++)
		width[k] = text_columns(titles[k]);
	for (size_t i = 0; i < entries->count; i++) {
		table_row(&entries->list[i], &rows[i]);
		for (size_t k = 0; k < COLUMNS; k++)
			if (text_columns(rows[i].cells[k]) > width[k])
				width[k] = text_columns(rows[i].cells[k]);
	}
	show_row(titles, width, to);
	for (size_t i = 0; i < entries->count; i++) {
		show_row((const char *const *)rows[i].cells, width, to);
		for (size_t k = 0; k < COLUMNS; k++)
			mem_free(&rows[i].cells[k]);
	}
	mem_free(&rows);
}
