/* SPDX-License-Identifier: Apache-2.0 */
/* The journal of an authority: whether it is what was written, from the first entry on. */
#include "ca/journal.h"

#include "lib/base/base64url.h"
#include "lib/base/memory.h"
#include "lib/sec/jws.h"

struct verification {
	const struct public_key *key;
	const struct journal_head *known;
	struct journal_head head;	/* what was verified so far */
};

static bool text_is(const json_t *entry, const char *member, const char *wanted)
{
	const char *text = json_string_value(json_object_get(entry, member));

	return text && strcmp(text, wanted) == 0;
}

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

	TRY_DOING(jws_verify(line, v->key), "entry %lld of the journal is broken", (long long)number);
	TRY_DOING(journal_entry(line, &entry), "entry %lld of the journal is broken", (long long)number);

	struct status *st = check_place(entry, number, &v->head);

	json_decref(entry);
	TRY_DOING(st, "the journal is broken at entry %lld", (long long)number);
	v->head.number = number;
	crypto_sha256(&line, 1, v->head.hash);
	return check_known(v);
}

FALLIBLE journal_verify(const struct journal_source *source, const struct cert *authority,
			const struct journal_head *known, struct journal_head *out_head)
{
	struct verification v = { .key = authority->key, .known = known };

	TRY(journal_each(source, verify_entry, &v));
	if (known->number > v.head.number)
		return FAIL(ST_REFUSED, 0, "the journal ends with entry %lld, but entry %lld is "
			    "remembered: its end was cut off", (long long)v.head.number,
			    (long long)known->number);
	*out_head = v.head;
	return OK;
}
