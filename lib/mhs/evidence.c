/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence of one message, as a text. */
#include "lib/mhs/evidence.h"

#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/sec/pem.h"

#define FIRST_LINE "Evidence of a message, version 1"
#define LAST_LINE "\nEnd of the evidence\n"

static const char *const side_names[] = { "received", "sent" };

/* Labels of blocks. */
#define CONTENT "MESSAGE CONTENT"
#define RESULT "X411 MESSAGE SUBMISSION RESULT"
#define REPORT "X411 REPORT DELIVERY"
static const char *const envelope_labels[] = { "X411 MESSAGE DELIVERY ENVELOPE",
					       "X411 MESSAGE SUBMISSION" };

struct evidence *evidence_new(enum evidence_side side)
{
	struct evidence *evidence = mem_new(struct evidence);

	evidence->arena = arena_new();
	evidence->side = side;
	return evidence;
}

void evidence_free(struct evidence **evidence)
{
	if (!*evidence)
		return;
	cert_list_free(&(*evidence)->certs);
	crl_list_free(&(*evidence)->crls);
	mem_free(&(*evidence)->reports);
	arena_free(&(*evidence)->arena);
	mem_free(evidence);
}

static struct bytes hash_of(struct arena *arena, struct bytes content)
{
	uint8_t hash[HASH_OCTETS];

	crypto_sha256(&content, 1, hash);
	return arena_dup(arena, bytes_of(hash, sizeof(hash)));
}

void evidence_set_content(struct evidence *evidence, struct bytes content)
{
	evidence->has_content = true;
	evidence->content = arena_dup(evidence->arena, content);
	evidence->content_hash = hash_of(evidence->arena, content);
}

FALLIBLE evidence_give_content(struct evidence *evidence, struct bytes content)
{
	if (!bytes_equal(hash_of(evidence->arena, content), evidence->content_hash))
		return FAIL(ST_REFUSED, 0, "the content is not the one of the line \"Content-SHA-256\"");
	evidence_set_content(evidence, content);
	return OK;
}

FALLIBLE evidence_add_report(struct evidence *evidence, struct bytes report)
{
	if (evidence->report_count == EVIDENCE_MAX_REPORTS)
		return FAIL(ST_USAGE, 0, "there are more than %d reports", EVIDENCE_MAX_REPORTS);
	evidence->reports = mem_grow(evidence->reports, evidence->report_count + 1,
				     sizeof(evidence->reports[0]));
	evidence->reports[evidence->report_count++] = arena_dup(evidence->arena, report);
	return OK;
}

/* --- writing --- */

void evidence_write(const struct evidence *evidence, bool with_content, struct buf *out)
{
	AUTO(mem_free) char *hash = bytes_hex(evidence->content_hash);

	buf_printf(out, FIRST_LINE "\nSide: %s\nChecked: %s\nContent-SHA-256: %s\n\n",
		   side_names[evidence->side], time_rfc3339(evidence->checked).s, hash);
	pem_put(envelope_labels[evidence->side], evidence->envelope, out);
	if (with_content && evidence->has_content)
		pem_put(CONTENT, evidence->content, out);
	if (evidence->result.len)
		pem_put(RESULT, evidence->result, out);
	for (size_t i = 0; i < evidence->report_count; i++)
		pem_put(REPORT, evidence->reports[i], out);
	for (size_t i = 0; i < evidence->certs.count; i++) {
		buf_printf(out, "\n%s\n", evidence->certs.items[i]->subject_text);
		pem_put(PEM_CERTIFICATE, evidence->certs.items[i]->der, out);
	}
	for (size_t i = 0; i < evidence->crls.count; i++) {
		buf_printf(out, "\nRevocation list of %s\n", evidence->crls.items[i]->issuer_text);
		pem_put(PEM_CRL, evidence->crls.items[i]->der, out);
	}
	buf_put_text(out, LAST_LINE);
}

/* --- reading --- */

/* Takes a line off the front of the text; false at its end. */
static bool next_line(struct bytes *text, struct bytes *out_line)
{
	const uint8_t *end = text->len ? memchr(text->data, '\n', text->len) : NULL;

	if (!end)
		return false;
	*out_line = bytes_of(text->data, (size_t)(end - text->data));
	*text = bytes_slice(*text, out_line->len + 1, SIZE_MAX);
	if (out_line->len && out_line->data[out_line->len - 1] == '\r')
		out_line->len--;
	return true;
}

/* The value of the next line, which has to have this name. */
static FALLIBLE read_line(struct bytes *text, const char *name, char **out_value)
{
	size_t len = strlen(name);
	struct bytes line;

	if (!next_line(text, &line) || line.len < len + 2 || memcmp(line.data, name, len) != 0 ||
	    memcmp(line.data + len, ": ", 2) != 0)
		return FAIL(ST_USAGE, 0, "the line \"%s: ...\" is missing", name);
	*out_value = bytes_to_text(bytes_slice(line, len + 2, SIZE_MAX));
	return OK;
}

static FALLIBLE read_side(const char *value, enum evidence_side *out_side)
{
	for (int i = 0; i < 2; i++)
		if (!strcmp(value, side_names[i])) {
			*out_side = (enum evidence_side)i;
			return OK;
		}
	return FAIL(ST_USAGE, 0, "\"Side: %s\" is neither received nor sent", value);
}

static FALLIBLE read_hash(const char *value, struct evidence *evidence)
{
	AUTO(buf_free) struct buf hash = { 0 };

	if (!buf_from_hex(value, &hash) || hash.len != HASH_OCTETS)
		return FAIL(ST_USAGE, 0, "\"Content-SHA-256: %s\" is no hash", value);
	evidence->content_hash = arena_dup(evidence->arena, buf_view(&hash));
	return OK;
}

/* The lines before the first block. */
static FALLIBLE read_head(struct bytes text, struct evidence *evidence)
{
	AUTO(mem_free) char *side = NULL;
	AUTO(mem_free) char *checked = NULL;
	AUTO(mem_free) char *hash = NULL;
	struct bytes first;

	if (!next_line(&text, &first) || !bytes_equal(first, BYTES(FIRST_LINE)))
		return FAIL(ST_USAGE, 0, "it does not begin with \"" FIRST_LINE "\"");
	TRY(read_line(&text, "Side", &side));
	TRY(read_line(&text, "Checked", &checked));
	TRY(read_line(&text, "Content-SHA-256", &hash));
	TRY(read_side(side, &evidence->side));
	TRY_DOING(time_from_rfc3339(checked, &evidence->checked), "the line \"Checked\"");
	return read_hash(hash, evidence);
}

/* One that may be there once. */
static FALLIBLE take_once(struct evidence *evidence, const char *label, struct bytes octets,
			  struct bytes *io)
{
	if (io->data)
		return FAIL(ST_USAGE, 0, "there are two blocks \"%s\"", label);
	*io = arena_dup(evidence->arena, octets);
	return OK;
}

static FALLIBLE take_content(struct evidence *evidence, struct bytes content)
{
	if (evidence->has_content)
		return FAIL(ST_USAGE, 0, "there are two blocks \"" CONTENT "\"");
	return evidence_give_content(evidence, content);
}

static FALLIBLE take_cert(struct evidence *evidence, struct bytes der)
{
	AUTO(cert_free) const struct cert *cert = NULL;

	if (evidence->certs.count == EVIDENCE_MAX_CERTS)
		return FAIL(ST_USAGE, 0, "there are more than %d certificates", EVIDENCE_MAX_CERTS);
	TRY(cert_decode(der, &cert));
	cert_list_add(&evidence->certs, cert);
	return OK;
}

static FALLIBLE take_crl(struct evidence *evidence, struct bytes der)
{
	AUTO(crl_free) const struct crl *crl = NULL;

	if (evidence->crls.count == EVIDENCE_MAX_CERTS)
		return FAIL(ST_USAGE, 0, "there are more than %d revocation lists", EVIDENCE_MAX_CERTS);
	TRY(crl_decode(der, &crl));
	crl_list_add(&evidence->crls, crl);
	return OK;
}

static FALLIBLE take_block(void *arg, const char *label, struct bytes octets)
{
	struct evidence *evidence = arg;

	if (!strcmp(label, PEM_CERTIFICATE))
		return take_cert(evidence, octets);
	if (!strcmp(label, PEM_CRL))
		return take_crl(evidence, octets);
	if (!strcmp(label, CONTENT))
		return take_content(evidence, octets);
	if (!strcmp(label, envelope_labels[evidence->side]))
		return take_once(evidence, label, octets, &evidence->envelope);
	if (evidence->side == EVIDENCE_SENT && !strcmp(label, RESULT))
		return take_once(evidence, label, octets, &evidence->result);
	if (evidence->side == EVIDENCE_SENT && !strcmp(label, REPORT))
		return evidence_add_report(evidence, octets);
	return FAIL(ST_USAGE, 0, "a block \"%s\" does not belong into evidence of a %s message", label,
		    side_names[evidence->side]);
}

FALLIBLE evidence_read(struct bytes text, struct evidence **out_evidence)
{
	AUTO(evidence_free) struct evidence *evidence = evidence_new(EVIDENCE_RECEIVED);

	if (text.len > EVIDENCE_MAX_OCTETS)
		return FAIL(ST_USAGE, 0, "evidence has at most %d octets", EVIDENCE_MAX_OCTETS);
	TRY(read_head(text, evidence));
	if (!bytes_equal(bytes_slice(text, text.len - strlen(LAST_LINE), SIZE_MAX), BYTES(LAST_LINE)))
		return FAIL(ST_USAGE, 0, "its end is missing");
	TRY(pem_read(text, take_block, evidence));
	if (!evidence->envelope.len)
		return FAIL(ST_USAGE, 0, "the block \"%s\" is missing", envelope_labels[evidence->side]);
	*out_evidence = TAKE(evidence);
	return OK;
}
