/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal of an authority: whether it is what was written, from the first entry on.
 *
 * Where the authority's key was followed by another, the entry that says so has the certificates
 * between the two: whoever trusts one of them trusts the other, and from that entry on only the new
 * key signs.
 */
#include "ca/journal.h"

#include "lib/base/base64url.h"
#include "lib/base/memory.h"
#include "lib/sec/jws.h"

enum { KEYS_MAX = 64 };

struct verification {
	const struct journal_head *known;
	struct cert_list offered;	/* certificates that entries have with them */
	struct cert_list trusted;	/* the authority's, and whatever it leads to */
	const struct cert *signer;	/* of the next entry; null before the first */
	struct journal_head head;	/* what was verified so far */
};

static void verification_cleanup(struct verification *v)
{
	cert_list_free(&v->offered);
	cert_list_free(&v->trusted);
}

static bool text_is(const json_t *entry, const char *member, const char *wanted)
{
	const char *text = json_string_value(json_object_get(entry, member));

	return text && strcmp(text, wanted) == 0;
}

/* --- which keys are the authority's --- */

static FALLIBLE fact_cert(const json_t *entry, const char *name, const struct cert **out_cert)
{
	const char *text = json_string_value(json_object_get(json_object_get(entry, "facts"), name));
	AUTO(buf_free) struct buf der = { 0 };

	if (!text || !base64url_get(bytes_text(text), &der))
		return FAIL(ST_REFUSED, 0, "a new key comes without its certificate");
	return cert_decode(buf_view(&der), out_cert);
}

static FALLIBLE offer(struct verification *v, const json_t *entry, const char *name)
{
	AUTO(cert_free) const struct cert *cert = NULL;

	if (v->offered.count == KEYS_MAX)
		return FAIL(ST_REFUSED, 0, "the journal has more than %d new keys", KEYS_MAX / 2);
	TRY(fact_cert(entry, name, &cert));
	cert_list_add(&v->offered, cert);
	return OK;
}

static FALLIBLE gather_offered(void *arg, int64_t number, struct bytes line)
{
	struct verification *v = arg;
	json_t *entry = NULL;
	struct status *st = journal_entry(line, &entry);

	if (!st && text_is(entry, "act", "rollover")) {
		st = offer(v, entry, "old_with_new");
		if (!st)
			st = offer(v, entry, "new_with_old");
	}
	json_decref(entry);
	return st ? status_doing(st, "entry %lld of the journal is broken", (long long)number) : OK;
}

static bool is_trusted(const struct verification *v, const struct cert *cert)
{
	for (size_t i = 0; i < v->trusted.count; i++)
		if (bytes_equal(public_key_id(v->trusted.items[i]->key), public_key_id(cert->key)))
			return true;
	return false;
}

static bool is_signed(const struct verification *v, const struct cert *cert)
{
	for (size_t i = 0; i < v->trusted.count; i++) {
		AUTO(status_free) struct status *not = cert_check_signed(cert, v->trusted.items[i]);

		if (!not && bytes_equal(cert->subject, cert->issuer) && cert->scope == SCOPE_CA)
			return true;
	}
	return false;
}

/* From the one certificate that is trusted to all that it leads to. */
static void trust(struct verification *v)
{
	size_t before;

	do {
		before = v->trusted.count;
		for (size_t i = 0; i < v->offered.count; i++) {
			const struct cert *cert = v->offered.items[i];

			if (!is_trusted(v, cert) && is_signed(v, cert))
				cert_list_add(&v->trusted, cert);
		}
	} while (v->trusted.count > before);
}

static const struct cert *first_signer(const struct verification *v, struct bytes line)
{
	for (size_t i = 0; i < v->trusted.count; i++)
		if (jws_is_by(line, v->trusted.items[i]->key))
			return v->trusted.items[i];
	return v->trusted.items[0];
}

static FALLIBLE next_signer(struct verification *v, const json_t *entry)
{
	AUTO(cert_free) const struct cert *own = NULL;

	if (!text_is(entry, "act", "rollover"))
		return OK;
	TRY(fact_cert(entry, "certificate", &own));
	for (size_t i = 0; i < v->trusted.count; i++) {
		v->signer = v->trusted.items[i];
		if (bytes_equal(public_key_id(v->signer->key), public_key_id(own->key)))
			return OK;
	}
	return FAIL(ST_REFUSED, 0, "it has a new key that the old one does not certify");
}

/* --- entries --- */

static FALLIBLE check_place(const json_t *entry, int64_t number, const struct journal_head *before)
{
	AUTO(buf_free) struct buf previous = { 0 };
	int64_t said = json_integer_value(json_object_get(entry, "number"));

	if (said != number)
		return FAIL(ST_REFUSED, 0, "where entry %lld should be is entry %lld: some were taken "
			    "out or moved", (long long)number, (long long)said);
	if (before->number)
		base64url_put(&previous, bytes_of(before->hash, sizeof before->hash));
	buf_put_u8(&previous, 0);
	if (!text_is(entry, "previous", (const char *)previous.data))
		return FAIL(ST_REFUSED, 0, "entry %lld does not follow the entry %lld that is before it: "
			    "one of them was exchanged", (long long)number, (long long)before->number);
	return OK;
}

static FALLIBLE check_known(const struct verification *v)
{
	if (v->known->number == v->head.number &&
	    memcmp(v->known->hash, v->head.hash, HASH_OCTETS) != 0)
		return FAIL(ST_REFUSED, 0, "entry %lld is signed, but is not the one that is remembered: "
			    "the journal was written anew from some entry up to there",
			    (long long)v->head.number);
	return OK;
}

static FALLIBLE verify_entry(void *arg, int64_t number, struct bytes line)
{
	struct verification *v = arg;
	json_t *entry = NULL;

	if (!v->signer)
		v->signer = first_signer(v, line);
	TRY_DOING(jws_verify(line, v->signer->key), "entry %lld of the journal is broken",
		  (long long)number);
	TRY_DOING(journal_entry(line, &entry), "entry %lld of the journal is broken", (long long)number);

	struct status *st = check_place(entry, number, &v->head);

	if (!st)
		st = next_signer(v, entry);
	json_decref(entry);
	TRY_DOING(st, "the journal is broken at entry %lld", (long long)number);
	v->head.number = number;
	crypto_sha256(&line, 1, v->head.hash);
	return check_known(v);
}

FALLIBLE journal_verify(const struct journal_source *source, const struct cert *authority,
			const struct journal_head *known, struct journal_head *out_head)
{
	AUTO(verification_cleanup) struct verification v = { .known = known };

	cert_list_add(&v.trusted, authority);
	TRY(journal_each(source, gather_offered, &v));
	trust(&v);
	TRY(journal_each(source, verify_entry, &v));
	if (known->number > v.head.number)
		return FAIL(ST_REFUSED, 0, "the journal ends with entry %lld, but entry %lld is "
			    "remembered: its end was cut off", (long long)v.head.number,
			    (long long)known->number);
	*out_head = v.head;
	return OK;
}
