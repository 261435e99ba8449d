/* SPDX-License-Identifier: Apache-2.0 */
/*
 * amhs HOME ORADDRESS MESSAGE CASE [EARLIER]: gives a message that waits in the
 * outbox of a home the token of the suite amhs (SHA-1, SEQUENCE) that a sender
 * with the user's key, and no regard for the profile, would give it.  CASE says
 * what is wrong with it; "good" is nothing.  EARLIER is the message whose octets
 * "repeated" sends again.  Recipients after the first get no token.
 */
#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/mhs/ipm.h"
#include "lib/mhs/orname.h"
#include "lib/mhs/envelope.h"
#include "lib/sec/cic.h"
#include "lib/sec/der.h"
#include "lib/sec/message_data.h"
#include "lib/sec/token.h"
#include "lib/store/uastore.h"

#include <stdio.h>
#include <stdlib.h>

#define CASES(X)                                                               \
	X(GOOD, "good")                                                        \
	X(NOT_ASYMMETRIC, "not-asymmetric")                                    \
	X(ABSENT, "absent")                                                    \
	X(ALGORITHM, "algorithm")                                              \
	X(NO_TIME, "no-time")                                                  \
	X(NO_SIGNED_DATA, "no-signed-data")                                    \
	X(NO_CIC, "no-cic")                                                    \
	X(CONFIDENTIAL, "confidentiality-algorithm")                           \
	X(ENCRYPTED, "encrypted")                                              \
	X(SIGNATURE, "signature")                                              \
	X(ALTERED, "altered")                                                  \
	X(REPEATED, "repeated")                                                \
	X(MIXED, "mixed")
#define CASE_ID(id, name) id,
enum harm { CASES(CASE_ID) CASE_COUNT };
#undef CASE_ID

static const char *const case_names[] = {
#define CASE_NAME(id, name) [id] = (name),
	CASES(CASE_NAME)
#undef CASE_NAME
};

static const struct suite_options profile = { .amhs_hash = ECDSA_SHA1, .amhs_cic = CIC_SEQUENCE };
static const struct suite_options stronger = { .amhs_hash = ECDSA_SHA256, .amhs_cic = CIC_SEQUENCE };

struct forgery {
	enum harm harm;
	struct arena *arena;
	struct db *db;
	struct private_key *key;
	int64_t id;
	struct envelope *env;
	struct buf content;
};

/* --- the token --- */

static FALLIBLE make_signed_data(const struct forgery *f, struct buf *out)
{
	static const char gcm[] = "\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2e";
	AUTO(buf_free) struct buf cic = { 0 };
	const struct suite *suite = f->harm == MIXED ? &suite_modern : &suite_amhs;

	TRY(cic_make(suite, f->harm == ALGORITHM ? &stronger : &profile, f->key,
		     buf_view(&f->content), &cic));
	const struct message_signed data = {
		.cic = f->harm == NO_CIC ? bytes_none() : buf_view(&cic),
		.seal_algorithm = f->harm == CONFIDENTIAL ? BYTES(gcm) : bytes_none(),
	};
	message_signed_encode(&data, out);
	return OK;
}

static void put_signed_data(struct buf *tbs, struct bytes data)
{
	size_t from = tbs->len, value;

	ber_put_integer(tbs, BER_CONTEXT(0), TOKEN_DATA_MESSAGE_SIGNED);
	value = tbs->len;
	buf_put(tbs, data);
	ber_wrap(tbs, value, BER_CONTEXT(1));
	ber_wrap(tbs, from, BER_CONTEXT(0));
}

/* What token_make puts together, but for what is wrong with it. */
static FALLIBLE make_tbs(const struct forgery *f, struct bytes algorithm, struct buf *tbs)
{
	AUTO(buf_free) struct buf data = { 0 };
	struct time_text time;

	TRY(make_signed_data(f, &data));
	TRY(time_to_utctime(clock_now(&clock_real), &time));
	buf_put(tbs, algorithm);
	buf_put(tbs, f->env->recipients[0].name);
	if (f->harm != NO_TIME)
		ber_put(tbs, DER_UTC_TIME, bytes_text(time.s));
	if (f->harm != NO_SIGNED_DATA)
		put_signed_data(tbs, buf_view(&data));
	if (f->harm == ENCRYPTED) {
		der_put_as(tbs, BER_CONTEXT(1), algorithm);
		der_put_bits(tbs, BER_CONTEXT(2), BYTES("for your eyes only"));
	}
	ber_wrap(tbs, 0, BER_SEQUENCE);
	return OK;
}

static FALLIBLE make_token(const struct forgery *f, struct buf *token)
{
	const struct suite_options *options = f->harm == ALGORITHM ? &stronger : &profile;
	AUTO(buf_free) struct buf algorithm = { 0 }, signature = { 0 };

	TRY(suite_amhs.signature->algorithm(private_key_public(f->key), options, &algorithm));
	TRY(make_tbs(f, buf_view(&algorithm), token));
	const struct bytes tbs = buf_view(token);
	TRY(suite_amhs.signature->sign(f->key, options, &tbs, 1, &signature));
	if (f->harm == SIGNATURE)
		signature.data[signature.len - 1] ^= 1;
	buf_put(token, buf_view(&algorithm));
	der_put_bits(token, BER_BIT_STRING, buf_view(&signature));
	ber_wrap(token, 0, BER_SEQUENCE);
	ber_wrap(token, 0, BER_CONTEXT(1));
	/* id-tok-asymmetricToken is 2.6.3.6.0 */
	buf_insert(token, 0, f->harm == NOT_ASYMMETRIC ? BYTES("\x80\x04\x56\x03\x06\x09")
						       : BYTES("\x80\x04\x56\x03\x06\x00"));
	ber_wrap(token, 0, BER_SEQUENCE);
	return OK;
}

/* --- the message --- */

struct adding {
	struct forgery *f;
	struct status *failed;
};

static void add_recipient(void *arg, const struct ua_recipient *r)
{
	struct adding *adding = arg;
	struct envelope *env = adding->f->env;
	struct recipient *to = &env->recipients[env->recipient_count];
	AUTO(buf_free) struct buf tlv = { 0 };
	struct orname *name = NULL;

	if (adding->failed || env->recipient_count == RECIPIENTS_MAX)
		return;
	adding->failed = orname_from_text(env->arena, r->address, &name);
	if (!adding->failed)
		adding->failed = orname_encode(name, &tlv);
	to->name = arena_dup(env->arena, buf_view(&tlv));
	to->number = (unsigned)++env->recipient_count;
	to->flags = RCPT_ORIGINATOR_NON_DELIVERY_REPORT | RCPT_ORIGINATOR_REPORT;
	to->explicit_conversion = -1;
}

static FALLIBLE address_it(struct forgery *f, const char *from)
{
	AUTO(buf_free) struct buf eits = { 0 };
	struct adding adding = { .f = f };
	struct ipm *ipm = NULL;
	struct ipn *ipn = NULL;

	f->env = envelope_new(f->arena);
	TRY(orname_tlv_from_text(f->arena, from, &f->env->originator));
	f->env->recipients = arena_new_array(f->arena, struct recipient, RECIPIENTS_MAX);
	TRY(uastore_recipients(f->db, f->id, add_recipient, &adding));
	TRY(adding.failed);
	TRY(ipm_decode(f->arena, buf_view(&f->content), &ipm, &ipn));
	TRY(ipm_eits(ipm, &eits));
	f->env->eits = arena_dup(f->arena, buf_view(&eits));
	f->env->content_type = content_type_tlv(f->arena, CONTENT_TYPE_P22);
	f->env->content_identifier = bytes_text(arena_printf(f->arena, "%lld", (long long)f->id));
	f->env->indicators = IND_IMPLICIT_CONVERSION_PROHIBITED;
	return OK;
}

static FALLIBLE forge(struct forgery *f, const char *from)
{
	AUTO(buf_free) struct buf head = { 0 }, token = { 0 };

	TRY(uastore_read(f->db, f->id, NULL, &f->content));
	TRY(address_it(f, from));
	TRY(make_token(f, &token));
	if (f->harm != ABSENT)
		ext_put_uncritical(f->arena, &f->env->recipients[0].extensions, EXT_MESSAGE_TOKEN,
				   buf_view(&token));
	if (f->harm == ALTERED)
		f->content.data[f->content.len - 1] ^= 1;
	f->env->content = buf_view(&f->content);
	TRY(submission_encode(f->env, &head));
	return uastore_set_octets(f->db, f->id, buf_view(&head), buf_view(&f->content));
}

static FALLIBLE repeat(struct forgery *f, int64_t earlier)
{
	AUTO(buf_free) struct buf head = { 0 };

	TRY(uastore_read(f->db, earlier, &head, &f->content));
	return uastore_set_octets(f->db, f->id, buf_view(&head), buf_view(&f->content));
}

static FALLIBLE run(struct forgery *f, char **words)
{
	AUTO(mem_free) char *key = mem_printf("%s/key.pem", words[1]);
	AUTO(mem_free) char *store = mem_printf("%s/mail.db", words[1]);

	TRY(private_key_load(key, &key_is_plain, &f->key));
	TRY(db_open(store, &uastore_schema, DB_SHARED, &f->db));
	f->id = strtoll(words[3], NULL, 10);
	return f->harm == REPEATED ? repeat(f, strtoll(words[5], NULL, 10)) : forge(f, words[2]);
}

int main(int argc, char **argv)
{
	struct forgery f = { .arena = arena_new() };

	while (argc >= 5 && f.harm < CASE_COUNT && strcmp(case_names[f.harm], argv[4]) != 0)
		f.harm++;
	if (argc < 5 || f.harm == CASE_COUNT || (f.harm == REPEATED && argc != 6)) {
		fprintf(stderr, "usage: amhs HOME ORADDRESS MESSAGE CASE [EARLIER]\n");
		return EXIT_FAILURE;
	}
	AUTO(status_free) struct status *failed = run(&f, argv);
	if (failed)
		status_print(stderr, "amhs", failed);
	private_key_free(&f.key);
	db_close(&f.db);
	buf_free(&f.content);
	arena_free(&f.arena);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
