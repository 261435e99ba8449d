/* SPDX-License-Identifier: Apache-2.0 */
/* Change-credentials of a password [X.411 8.4.1.2; X.413 8.6]. */
#include "lib/mhs/password_change.h"

#include "asn1/ber.h"
#include "lib/mhs/binds.h"
#include "lib/mhs/fields.h"
#include "lib/sec/passphrase.h"
#include "lib/sec/password.h"
#include "lib/store/registered.h"

enum { IA5_STRING = 22 };

/* Out of Credentials; false where they are no password that a bind can have. */
static FALLIBLE read_password(const struct ber_tlv *tagged, struct buf *out, bool *out_is)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct ber_tlv value;
	struct bytes octets;

	TRY(ber_only(tagged->contents, &value));
	*out_is = value.tag == IA5_STRING || value.tag == BER_OCTET_STRING;
	if (!*out_is)
		return OK;
	TRY(field_string(arena, &value, &octets));
	*out_is = octets.len <= BIND_PASSWORD_MAX;
	if (*out_is)
		buf_put(out, octets);
	return OK;
}

void password_change_argument(struct bytes before, struct bytes after, struct buf *out)
{
	buf_reserve(out, PASSWORD_CHANGE_MAX);
	password_change_encode(before, after, out);
	ber_wrap(out, 0, BER_SET);
}

FALLIBLE password_check_new(struct bytes before, struct bytes after)
{
	if (after.len < PASSPHRASE_MIN_OCTETS || after.len > BIND_PASSWORD_MAX)
		return FAIL(ST_USAGE, 0, "the new password is to have %d to %d octets",
			    PASSPHRASE_MIN_OCTETS, BIND_PASSWORD_MAX);
	if (crypto_equal(before, after))
		return FAIL(ST_USAGE, 0, "the new password is the old one");
	return OK;
}

FALLIBLE password_change_read(struct bytes components, struct password_change *out,
			      struct status **out_unacceptable)
{
	struct ber_tlv before, after;
	bool is_before = false, is_after = false;
	const struct field fields[] = {
		{ BER_CONTEXT(0), &before, "old credentials" },
		{ BER_CONTEXT(1), &after, "new credentials" },
	};

	/* Room from the beginning: no copy is left behind unwiped. */
	buf_reserve(&out->before, BIND_PASSWORD_MAX);
	buf_reserve(&out->after, BIND_PASSWORD_MAX);
	TRY(fields_read(components, "change of credentials", fields, 2));
	TRY(read_password(&before, &out->before, &is_before));
	TRY(read_password(&after, &out->after, &is_after));
	*out_unacceptable = is_before && is_after
		? password_check_new(buf_view(&out->before), buf_view(&out->after))
		: FAIL(ST_REFUSED, 0, "a password is changed to a password of at most %d octets",
		       BIND_PASSWORD_MAX);
	return OK;
}

void password_change_cleanup(struct password_change *change)
{
	secret_buf_free(&change->before);
	secret_buf_free(&change->after);
}

static void put_password(struct buf *out, uint32_t tag, struct bytes password)
{
	size_t from = out->len;

	ber_put(out, bind_password_is_ia5(password) ? IA5_STRING : BER_OCTET_STRING, password);
	ber_wrap(out, from, tag);
}

_Static_assert(2 * (BIND_PASSWORD_MAX + 4) + BER_HEADER_MAX <= PASSWORD_CHANGE_MAX, "room");

void password_change_encode(struct bytes before, struct bytes after, struct buf *out)
{
	put_password(out, BER_CONTEXT(0), before);
	put_password(out, BER_CONTEXT(1), after);
}

bool password_change_is_proved(const struct password_change *change, struct bytes stored,
			       const char *text, struct buf *out)
{
	if (!text || !password_matches(stored, text, buf_view(&change->before)))
		return false;
	password_store(buf_view(&change->after), out);
	return true;
}

FALLIBLE password_change_registered(struct db *db, const char *name,
				    const struct password_change *change, const char *text,
				    bool *out_wrong)
{
	AUTO(buf_free) struct buf stored = { 0 };
	AUTO(buf_free) struct buf next = { 0 };

	TRY(registered_password(db, name, &stored));
	*out_wrong = !password_change_is_proved(change, buf_view(&stored), text, &next);
	return *out_wrong ? OK : registered_set_password(db, name, buf_view(&next));
}
