/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reprove QUEUE KEY CERTIFICATE: exchanges the proofs of delivery of the two newest reports that
 * wait in a queue, and signs the reports anew, as only their own MTA can.
 */
#include "lib/mhs/report_origin.h"
#include "lib/store/query.h"
#include "tests/support/stolen.h"

static struct bytes proof_of(const struct report *report)
{
	return ext_value(&report->recipients[0].extensions, EXT_PROOF_OF_DELIVERY);
}

static FALLIBLE give(const struct stolen *stolen, int64_t number, struct report *report,
		     struct bytes proof, char **words)
{
	AUTO(private_key_free) struct private_key *key = NULL;
	AUTO(cert_free) const struct cert *cert = NULL;
	AUTO(buf_free) struct buf apdu = { 0 };

	TRY(private_key_load(words[1], &key_is_plain, &key));
	TRY(cert_load(words[2], &cert));
	ext_put(stolen->arena, &report->recipients[0].extensions, EXT_PROOF_OF_DELIVERY, proof);
	TRY(report_sign(report, key, cert));
	TRY(report_p1_encode(report, &apdu));
	return db_run(stolen->db, "UPDATE octets SET envelope = ? WHERE message = ?",
		      v_octets(buf_view(&apdu)), v_int(number));
}

static FALLIBLE run(char **words)
{
	AUTO(stolen_close) struct stolen stolen;
	struct report *newer = NULL, *older = NULL;

	TRY(stolen_open_report(words[0], &stolen));
	int64_t number = stolen.number;
	TRY(report_p1_decode(stolen.arena, stolen.octets, &newer));
	TRY(stolen_report_before(&stolen));
	TRY(report_p1_decode(stolen.arena, stolen.octets, &older));
	struct bytes proof = proof_of(newer);
	if (!proof.len || !proof_of(older).len)
		return FAIL(ST_USAGE, 0, "the reports have no proofs");
	TRY(give(&stolen, number, newer, proof_of(older), words));
	TRY(give(&stolen, stolen.number, older, proof, words));
	puts("each of two reports has the proof of the other");
	return OK;
}

int main(int argc, char **argv)
{
	return attack_main(argc, argv, 3, "reprove QUEUE KEY CERTIFICATE", run);
}
