/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What security costs beside what OpenSSL alone would need for it, suite by suite: to sign and to
 * sign and seal a message, to verify and to open one; and to bind with tokens both ways.  OpenSSL
 * alone is the operations that the suite consists of, each with a context that is there already;
 * what stands around them (tokens, envelopes, copies) is ours.  Paths are taken as verified, as
 * they are where they lie in a cache.
 *
 *	protect TIMES
 */
#include "bench/raw.h"
#include "bench/site.h"

#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/sec/bind_token.h"
#include "lib/sec/message.h"
#include "lib/sec/token.h"
#include "tests/support/pki.h"

#include <stdlib.h>

enum {
	SMALL = 2048,
	LARGE = 1 << 20,
	LARGE_TIMES = 10,		/* one of so many is of the large ones */
};

/* An ORName: [APPLICATION 0] around an address with a country alone. */
static const struct bytes to_bob = { (const uint8_t *)"\x60\x09\x30\x07\x61\x05\x13\x03" "BOB", 11 };

static const struct world worlds[] = {
	{ "p256", &suite_modern, { 0 }, KEY_P256, KEY_P256, false, false },
	{ "rsa", &suite_modern, { 0 }, KEY_RSA, KEY_RSA, false, false },
	{ "ed25519+x25519", &suite_modern, { 0 }, KEY_ED25519, KEY_X25519, false, false },
	{ "p256", &suite_amhs, { .amhs_hash = ECDSA_SHA256 }, KEY_P256, KEY_P256, false, true },
	{ "rsa", &suite_locator_1989, { .allow_broken_1989 = true }, KEY_RSA, KEY_RSA, true, false },
};

static const char *const operation_names[] = {
	[RAW_SIGN] = "sign", [RAW_SEAL] = "seal", [RAW_VERIFY] = "verify", [RAW_OPEN] = "open",
};

/* Of the processor, as others may use it too. */
static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* --- ours --- */

struct ours {
	struct pki_party signer, recipient;
	struct buf content;
	struct protected_message *message;
};

static void ours_make(const struct world *w, struct ours *ours, bool seal)
{
	const struct protect_recipient recipient = {
		.name = to_bob, .cert = ours->recipient.cert, .sequence = w->suite->numbered,
	};
	const struct protect_plan plan = {
		.suite = w->suite, .options = w->options, .signer = ours->signer.key, .now = PKI_NOW,
		.seal = seal, .recipients = &recipient, .count = 1,
	};

	protected_message_free(&ours->message);
	bench_must(message_protect(&plan, &ours->content, &ours->message));
}

static void ours_check(const struct world *w, struct ours *ours)
{
	const struct check_plan plan = {
		.accepted = suites_all,
		.options = w->options,
		.originator = ours->signer.cert,
		.own_keys = &ours->recipient.key,
		.own_key_count = 1,
		.own_name = to_bob,
		.token = buf_view(&ours->message->tokens[0]),
		.seal_algorithm = buf_view(&ours->message->seal_algorithm),
	};
	struct message_facts facts;

	bench_must(message_check(&plan, &ours->content, &facts));
}

static void ours_do(const struct world *w, struct ours *ours, enum raw_operation operation)
{
	if (operation == RAW_SIGN || operation == RAW_SEAL)
		ours_make(w, ours, operation == RAW_SEAL);
	else
		ours_check(w, ours);
}

/* --- figures --- */

/* One after the other, so that a disturbance meets both. */
static void measure(const struct world *w, struct raw *raw, struct ours *ours, size_t times)
{
	static const enum raw_operation order[] = { RAW_SIGN, RAW_VERIFY, RAW_SEAL, RAW_OPEN };
	double *figures[2 * RAW_OPERATIONS];

	for (size_t k = 0; k < 2 * RAW_OPERATIONS; k++)
		figures[k] = mem_new_array(double, times);
	for (size_t i = 0; i < times; i++)
		for (size_t k = 0; k < RAW_OPERATIONS; k++) {
			enum raw_operation operation = order[k];

			if ((operation == RAW_SEAL || operation == RAW_OPEN) && !w->suite->seal)
				continue;
			const double from = now_us();
			raw_do(raw, operation);
			const double between = now_us();
			ours_do(w, ours, operation);
			figures[operation][i] = between - from;
			figures[RAW_OPERATIONS + operation][i] = now_us() - between;
		}
	for (size_t k = 0; k < RAW_OPERATIONS; k++) {
		double theirs = bench_median(figures[k], times);
		double own = bench_median(figures[RAW_OPERATIONS + k], times);

		if (own > 0)
			printf("bench=protect suite=%s key=%s content=%zu times=%zu operation=%s "
			       "openssl_us=%.1f ours_us=%.1f ratio=%.2f\n", w->suite->name, w->name,
			       ours->content.len, times, operation_names[k], theirs, own, own / theirs);
	}
	for (size_t k = 0; k < 2 * RAW_OPERATIONS; k++)
		mem_free(&figures[k]);
}

/* What sealing and opening content costs beside the cipher, without tokens and checks. */
static void measure_cipher(const struct world *w, struct raw *raw, struct ours *ours, size_t times)
{
	double *figures[4];
	struct secret key = { 0 };

	for (size_t k = 0; k < 4; k++)
		figures[k] = mem_new_array(double, times);
	for (size_t i = 0; i < times; i++) {
		AUTO(buf_free) struct buf algorithm = { 0 };
		double at[5];

		at[0] = now_us();
		raw_crypt(raw, true);
		at[1] = now_us();
		bench_must(w->suite->seal->seal(&ours->content, &key, &algorithm));
		at[2] = now_us();
		raw_crypt(raw, false);
		at[3] = now_us();
		bench_must(w->suite->seal->open(buf_view(&algorithm), secret_view(&key), &ours->content));
		at[4] = now_us();
		secret_free(&key);
		for (size_t k = 0; k < 4; k++)
			figures[k][i] = at[k + 1] - at[k];
	}
	double us[4];
	for (size_t k = 0; k < 4; k++) {
		us[k] = bench_median(figures[k], times);
		mem_free(&figures[k]);
	}
	printf("bench=cipher suite=%s content=%zu times=%zu openssl_encrypt_us=%.1f seal_us=%.1f "
	       "seal_speed=%.2f openssl_decrypt_us=%.1f open_us=%.1f open_speed=%.2f\n", w->suite->name,
	       ours->content.len, times, us[0], us[1], us[0] / us[1], us[2], us[3], us[2] / us[3]);
}

/* A content of this size; what OpenSSL alone signs is as long as our token. */
static void set_size(const struct world *w, struct raw *raw, struct ours *ours, size_t size)
{
	struct token token;

	memset(buf_extend(&ours->content, size - ours->content.len), 'x', size - ours->content.len);
	ours_make(w, ours, false);
	bench_must(token_decode(buf_view(&ours->message->tokens[0]), &token));
	raw_set_sizes(raw, size, token.tbs.len);
}

static void report_suite(const struct pki *pki, const struct world *w, size_t times)
{
	struct raw *raw = raw_new(w, LARGE);
	struct ours ours = {
		.signer = pki_certify(&pki->north, "CN=Signer,O=North,C=FR", SCOPE_UA, w->signer,
				      bytes_none()),
		.recipient = pki_certify(&pki->north, "CN=Reader,O=North,C=FR", SCOPE_UA, w->recipient,
					 bytes_none()),
	};

	set_size(w, raw, &ours, SMALL);
	measure(w, raw, &ours, times);
	if (!w->square) {		/* whose hash takes a second for it */
		set_size(w, raw, &ours, LARGE);
		measure(w, raw, &ours, times / LARGE_TIMES);
		if (w->suite->seal)
			measure_cipher(w, raw, &ours, times);
	}
	raw_free(&raw);
	protected_message_free(&ours.message);
	buf_free(&ours.content);
	pki_party_free(&ours.signer);
	pki_party_free(&ours.recipient);
}

/* --- binds --- */

static FALLIBLE never_seen(void *data, struct bytes key_id, struct bytes random,
			   time_t forget_after, bool *out_new)
{
	(void)data;
	(void)key_id;
	(void)random;
	(void)forget_after;
	*out_new = true;
	return OK;
}

/* What both sides do for one strong bind. */
static void bind_once(const struct pki *pki)
{
	static const struct seen_before before = { NULL, never_seen };
	const struct bind_check at_ms = { .peer = pki->bob.cert, .own_name = to_bob, .now = PKI_NOW };
	const struct bind_check at_ua = { .peer = pki->alice.cert, .own_name = to_bob,
					  .now = PKI_NOW };
	AUTO(buf_free) struct buf token = { 0 };
	AUTO(buf_free) struct buf answer = { 0 };
	uint8_t sent[BIND_RANDOM_OCTETS], returned[BIND_RANDOM_OCTETS];

	crypto_random(sent, sizeof(sent));
	bench_must(bind_token_make(pki->bob.key, to_bob, PKI_NOW, bytes_of(sent, sizeof(sent)),
				   &token));
	bench_must(bind_token_check_initiator(&at_ms, buf_view(&token), &before, returned));
	bench_must(bind_token_make(pki->alice.key, to_bob, PKI_NOW,
				   bytes_of(returned, sizeof(returned)), &answer));
	bench_must(bind_token_check_responder(&at_ua, buf_view(&answer),
					      bytes_of(sent, sizeof(sent))));
}

static void report_binds(const struct pki *pki, size_t times)
{
	const double from = now_us();

	for (size_t i = 0; i < times; i++)
		bind_once(pki);
	const double each = (now_us() - from) / (double)times;
	printf("bench=bind key=p256 times=%zu both_sides_us=%.0f strong_binds_per_second=%.0f\n",
	       times, each, 1e6 / each);
}

int main(int argc, char **argv)
{
	struct pki pki = { 0 };

	if (argc != 2)
		bench_die("usage: protect TIMES");
	size_t times = (size_t)strtoul(argv[1], NULL, 10);
	pki_make(&pki);
	for (size_t i = 0; i < sizeof(worlds) / sizeof(worlds[0]); i++)
		report_suite(&pki, &worlds[i], times);
	report_binds(&pki, times);
	pki_cleanup(&pki);
	return 0;
}
