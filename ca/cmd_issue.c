/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ca inspect and issue. */
#include "ca/cmd.h"

#include "ca/admission.h"
#include "lib/base/file.h"
#include "lib/base/memory.h"
#include "lib/sec/spoken.h"

enum { PROOF_MAX_OCTETS = 128 * 1024 };

const struct option_spec issue_options[] = {
	{ "name", "NAME", "The directory name that the request has to have." },
	{ "scope", "SCOPE", "What the key is for: ua, ms or mta." },
	{ "or-address", "ADDRESS", "The O/R address." },
	{ "words", "WORDS", "The words of the request, as its holder reads them to you." },
	{ "rekey", NULL, "He who has the name already asks for another key; needs --words or --proof." },
	{ "proof", "FILE", "With --rekey: what his old key has signed, as enrol --old-key makes it." },
	{ "supersede", NULL, "With --rekey: revoke the certificate of his old key." },
	{ "days", "DAYS", "How long the certificate is valid (default: as the profile says)." },
	{ "out", "FILE", "Where to write the certificate (default cert.pem)." },
	{ 0 }
};

/* --- inspect --- */

static FALLIBLE inspect_request(const struct invocation *invocation)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(cert_request_free) struct cert_request *request = NULL;
	const char *address = NULL;

	TRY(cert_request_load(invocation->words[0], &request));
	TRY_DOING(or_address_text(request->or_address, arena, &address),
		  "the request has an unreadable O/R address");

	AUTO(mem_free) char *fingerprint = bytes_hex(request->fingerprint);
	const struct spoken words = spoken_of(request->fingerprint);

	if (invocation->json) {
		print_json(invocation, json_pack(
			"{s:s, s:s*, s:s, s:s, s:s*, s:s, s:s}", "subject", request->subject_text, "or_address",
			address, "scope", scope_name(request->scope), "key",
			key_type_name(public_key_type(request->key)), "signed_with",
			request->voucher ? request->voucher->serial_text : NULL, "fingerprint", fingerprint,
			"words", words.s));
		return OK;
	}
	printf("A request of %s, as %s, with a %s key that ", request->subject_text,
	       scope_name(request->scope), key_type_name(public_key_type(request->key)));
	if (request->voucher)
		printf("does not sign; the key of the certificate %s signed it.\n",
		       request->voucher->serial_text);
	else
		puts("signed it.");
	if (address)
		printf("  O/R address    %s\n", address);
	printf("  fingerprint    %s\n  words          %s\n", fingerprint, words.s);
	return OK;
}

/* An offer has a certificate in it, a request of a person or a server has none. */
FALLIBLE cmd_inspect(const struct invocation *invocation)
{
	AUTO(cert_free) const struct cert *cert = NULL;
	struct status *none = cert_load(invocation->words[0], &cert);

	if (!none)
		return inspect_offer(invocation);
	status_drop(none);
	return inspect_request(invocation);
}

/* --- issue --- */

static FALLIBLE read_proof(const struct invocation *invocation, struct buf *out)
{
	const char *path = options_value(&invocation->options, "proof");

	if (!path)
		return OK;
	if (!options_has(&invocation->options, "rekey"))
		return FAIL(ST_USAGE, 0, "--proof goes with --rekey");
	TRY(file_read(path, PROOF_MAX_OCTETS, out, NULL));
	if (out->len && out->data[out->len - 1] == '\n')
		out->len--;
	return out->len ? OK : FAIL(ST_PEER, 0, "%s is empty: that is no proof", path);
}

static FALLIBLE wishes_of(const struct invocation *invocation, struct bytes proof, struct wishes *out)
{
	const struct ca_settings *settings = invocation->settings;
	const struct options *options = &invocation->options;

	*out = (struct wishes){
		.name = options_value(options, "name"),
		.scope = options_value(options, "scope"),
		.or_address = options_value(options, "or-address"),
		.words = options_value(options, "words"),
		.needs_words = settings->needs_words,
		.rekey = options_has(options, "rekey"),
		.proof = proof,
	};
	if (options_has(options, "supersede") && !out->rekey)
		return FAIL(ST_USAGE, 0, "--supersede goes with --rekey");
	return option_day_count(invocation, &out->days);
}

FALLIBLE cmd_issue(const struct invocation *invocation)
{
	const struct ca_settings *settings = invocation->settings;
	const char *out = options_value(&invocation->options, "out");
	bool issued = false;
	AUTO(authority_free) struct authority *ca = NULL;
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(cert_request_free) struct cert_request *request = NULL;
	AUTO(admission_cleanup) struct admission admission = { 0 };
	AUTO(cert_free) const struct cert *cert = NULL;
	AUTO(buf_free) struct buf proof = { 0 };
	time_t now = clock_now(&clock_real);
	struct profiles profiles;
	struct wishes wishes;

	TRY(read_proof(invocation, &proof));
	TRY(wishes_of(invocation, buf_view(&proof), &wishes));
	TRY(profiles_read(&settings->profiles, &profiles));
	TRY(cmd_authority(invocation, &ca));
	TRY(cert_request_load(invocation->words[0], &request));
	TRY(admission_decide(ca, &profiles, request, &wishes, now, arena, &admission));
	admission.supersede = options_has(&invocation->options, "supersede");
	if (admission.supersede && admission.holding.earlier.len)
		TRY(command_confirm(invocation, "Revoke the certificate that %s has for another key?",
				    request->subject_text));
	TRY(admission_issue(ca, &admission, now, &cert, &issued));
	return save_issued(invocation, cert, out ? out : "cert.pem");
}
