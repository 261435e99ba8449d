/* SPDX-License-Identifier: Apache-2.0 */
/* The password of a user's simple credentials. */
#include "ms/password.h"

#include "asn1/mhs_operations.h"
#include "lib/mhs/binds.h"
#include "lib/mhs/fields.h"
#include "lib/mhs/operations.h"
#include "lib/sec/passphrase.h"
#include "lib/sec/password.h"

static const char registered[] = "password";

enum { IA5_STRING = 22 };

/* Out of simple Credentials; false where they are others. */
static FALLIBLE read_password(const struct ber_tlv *tagged, struct buf *out, bool *out_simple)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct ber_tlv value;
	struct bytes octets;

	TRY(ber_only(tagged->contents, &value));
	*out_simple = value.tag == BER_UNIVERSAL(IA5_STRING) ||
		      value.tag == BER_UNIVERSAL(BER_OCTET_STRING);
	if (!*out_simple)
		return OK;
	TRY(field_string(arena, &value, &octets));
	if (octets.len > BIND_PASSWORD_MAX)
		*out_simple = false;
	else
		buf_put(out, octets);
	return OK;
}

FALLIBLE password_change_read(const struct user *user, const struct ber_tlv *tagged,
			      struct password_change *out, struct refusal *out_refusal)
{
	struct ber_tlv sequence, before, after;
	bool simple_before = false, simple_after = false;
	const struct field fields[] = {
		{ BER_CONTEXT(0), &before, "the old credentials" },
		{ BER_CONTEXT(1), &after, "the new credentials" },
	};

	out->wanted = field_is(tagged);
	if (!out->wanted)
		return OK;
	/* Room from the beginning: no copy is left behind unwiped. */
	buf_reserve(&out->before, BIND_PASSWORD_MAX);
	buf_reserve(&out->after, BIND_PASSWORD_MAX);
	TRY(ber_only(tagged->contents, &sequence));
	TRY(fields_read(sequence.contents, "change-credentials", fields, 2));
	TRY(read_password(&before, &out->before, &simple_before));
	TRY(read_password(&after, &out->after, &simple_after));
	if (user->peer.expected.password && simple_before && simple_after &&
	    out->after.len >= PASSPHRASE_MIN_OCTETS &&
	    !crypto_equal(buf_view(&out->before), buf_view(&out->after)))
		return OK;
	out_refusal->error = ERR_NEW_CREDENTIALS_UNACCEPTABLE;
	error_null(&out_refusal->parameter);
	return OK;
}

void password_change_cleanup(struct password_change *change)
{
	secret_buf_free(&change->before);
	secret_buf_free(&change->after);
}

FALLIBLE password_changed(struct db *db, const struct user *user, struct buf *out)
{
	return mailbox_registered(db, user->mailbox, registered, out);
}

FALLIBLE password_change_store(struct db *db, const struct user *user,
			       const struct password_change *change, bool *out_wrong)
{
	AUTO(buf_free) struct buf stored = { 0 };
	AUTO(buf_free) struct buf next = { 0 };
	const struct bytes before = buf_view(&change->before);

	TRY(password_changed(db, user, &stored));
	*out_wrong = stored.len ? !password_is(buf_view(&stored), before)
				: !crypto_equal(before, bytes_text(user->peer.expected.password));
	if (*out_wrong)
		return OK;
	password_store(buf_view(&change->after), &next);
	return mailbox_register(db, user->mailbox, registered, buf_view(&next));
}
