/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What security costs beside what OpenSSL alone would need for it: to sign and
 * seal a message of 2 KB, to verify and open it, and to bind with tokens both
 * ways.  Paths are taken as verified, as they are where they lie in a cache.
 *
 *	protect TIMES
 */
#include "bench/site.h"

#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/sec/bind_token.h"
#include "lib/sec/message.h"
#include "tests/support/pki.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <stdlib.h>

enum { CONTENT_OCTETS = 2048, TAG_OCTETS = 16, SIGNATURE_MAX = 128 };

/* An ORName: [APPLICATION 0] around an address with a country alone. */
static const struct bytes to_bob = { (const uint8_t *)"\x60\x09\x30\x07\x61\x05\x13\x03" "BOB", 11 };

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void must(bool done)
{
	if (!done)
		bench_die("OpenSSL refuses");
}

/* --- OpenSSL alone --- */

struct raw {
	EVP_PKEY *own, *peer;
	uint8_t content[CONTENT_OCTETS + TAG_OCTETS];
	uint8_t signature[SIGNATURE_MAX];
	size_t signature_len;
};

static void raw_agree(EVP_PKEY *own, EVP_PKEY *peer)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(own, NULL);
	uint8_t secret[32];
	size_t len = sizeof(secret);

	must(ctx && EVP_PKEY_derive_init(ctx) > 0 && EVP_PKEY_derive_set_peer(ctx, peer) > 0 &&
	     EVP_PKEY_derive(ctx, secret, &len) > 0);
	EVP_PKEY_CTX_free(ctx);
}

static void raw_crypt(struct raw *raw, int encrypt)
{
	static const uint8_t key[32] = { 1 }, nonce[12] = { 2 };
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int len;

	must(ctx && EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce, encrypt));
	if (!encrypt)
		must(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG_OCTETS,
					 raw->content + CONTENT_OCTETS));
	must(EVP_CipherUpdate(ctx, raw->content, &len, raw->content, CONTENT_OCTETS) &&
	     EVP_CipherFinal_ex(ctx, raw->content + len, &len));
	if (encrypt)
		must(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG_OCTETS,
					 raw->content + CONTENT_OCTETS));
	EVP_CIPHER_CTX_free(ctx);
}

/* The hash, a signature, a key of its own for each message, what both agree on, the cipher. */
static void raw_protect(struct raw *raw)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	uint8_t hash[32];

	must(EVP_Digest(raw->content, CONTENT_OCTETS, hash, NULL, EVP_sha256(), NULL));
	raw->signature_len = sizeof(raw->signature);
	must(md && EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, raw->own) &&
	     EVP_DigestSign(md, raw->signature, &raw->signature_len, hash, sizeof(hash)));
	EVP_MD_CTX_free(md);
	EVP_PKEY *ephemeral = EVP_EC_gen("P-256");
	raw_agree(ephemeral, raw->peer);
	EVP_PKEY_free(ephemeral);
	raw_crypt(raw, 1);
}

static void raw_check(struct raw *raw)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	uint8_t hash[32];

	raw_agree(raw->peer, raw->own);
	raw_crypt(raw, 0);
	must(EVP_Digest(raw->content, CONTENT_OCTETS, hash, NULL, EVP_sha256(), NULL) &&
	     md && EVP_DigestVerifyInit(md, NULL, EVP_sha256(), NULL, raw->own) &&
	     EVP_DigestVerify(md, raw->signature, raw->signature_len, hash, sizeof(hash)) == 1);
	EVP_MD_CTX_free(md);
}

/* --- ours --- */

struct ours {
	const struct pki *pki;
	struct buf content;
	struct protected_message *message;
};

static void ours_protect(struct ours *ours)
{
	const struct protect_recipient recipient = {
		.name = to_bob, .cert = ours->pki->bob.cert, .sequence = 1,
	};
	const struct protect_plan plan = {
		.suite = &suite_modern, .signer = ours->pki->alice.key, .now = PKI_NOW,
		.seal = true, .recipients = &recipient, .count = 1,
	};

	protected_message_free(&ours->message);
	bench_must(message_protect(&plan, &ours->content, &ours->message));
}

static void ours_check(struct ours *ours)
{
	const struct check_plan plan = {
		.accepted = suites_default,
		.originator = ours->pki->alice.cert,
		.own_key = ours->pki->bob.key,
		.own_name = to_bob,
		.token = buf_view(&ours->message->tokens[0]),
		.seal_algorithm = buf_view(&ours->message->seal_algorithm),
	};
	struct message_facts facts;

	bench_must(message_check(&plan, &ours->content, &facts));
}

static void report_message(const struct pki *pki, size_t times)
{
	double *figures[4];
	struct raw raw = { .own = EVP_EC_gen("P-256"), .peer = EVP_EC_gen("P-256") };
	struct ours ours = { .pki = pki };

	for (size_t k = 0; k < 4; k++)
		figures[k] = mem_new_array(double, times);
	memset(buf_extend(&ours.content, CONTENT_OCTETS), 'x', CONTENT_OCTETS);
	for (size_t i = 0; i < times; i++) {
		const double from = now_us();
		raw_protect(&raw);
		const double raw_protected = now_us();
		raw_check(&raw);
		const double raw_checked = now_us();
		ours_protect(&ours);
		const double ours_protected = now_us();
		ours_check(&ours);

		figures[0][i] = raw_protected - from;
		figures[1][i] = raw_checked - raw_protected;
		figures[2][i] = ours_protected - raw_checked;
		figures[3][i] = now_us() - ours_protected;
	}
	printf("bench=protect key=p256 content=%d times=%zu openssl_seal_us=%.0f "
	       "openssl_open_us=%.0f sign_and_seal_us=%.0f verify_and_open_us=%.0f\n",
	       CONTENT_OCTETS, times, bench_median(figures[0], times),
	       bench_median(figures[1], times), bench_median(figures[2], times),
	       bench_median(figures[3], times));
	for (size_t k = 0; k < 4; k++)
		mem_free(&figures[k]);
	protected_message_free(&ours.message);
	buf_free(&ours.content);
	EVP_PKEY_free(raw.own);
	EVP_PKEY_free(raw.peer);
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
	report_message(&pki, times);
	report_binds(&pki, times);
	pki_cleanup(&pki);
	return 0;
}
