/* SPDX-License-Identifier: Apache-2.0 */
/* What a directory may give: certificates, revocation lists; and requests. */
#include "lib/sec/cert_1989.h"
#include "lib/sec/found.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What stands on the outside is what the whole says, octet by octet. */
static void read_outside(struct bytes in, const struct cert *cert)
{
	AUTO(cert_found_free) const struct cert_found *found = NULL;
	struct status *failed = cert_found_read(in, &found);

	if (!failed && cert && (!bytes_equal(found->subject, cert->subject) ||
				!bytes_equal(found->issuer, cert->issuer)))
		abort();
	if (!failed && cert && cert->form_1989 && found->authority != (cert->scope == SCOPE_CA))
		abort();
	status_free(&failed);
}

static void read_limits(const struct cert *cert)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct cert_limits limits;

	status_drop(limits_of(cert, arena, &limits));
}

static void read_entries(const struct crl *crl)
{
	for (size_t i = 0; i < crl->revoked_count; i++) {
		AUTO(buf_free) struct buf serial = { 0 };
		time_t when;
		int reason;

		status_drop(crl_nth(crl, i, &serial, &when, &reason));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = bytes_of(data, size);
	AUTO(cert_free) const struct cert *cert = NULL;
	AUTO(crl_free) const struct crl *crl = NULL;
	AUTO(cert_request_free) struct cert_request *request = NULL;
	AUTO(public_key_free) struct public_key *key = NULL;
	struct status *failed = cert_decode(in, &cert);
	time_t when;

	if (!failed && (!cert->subject_text || !cert->issuer_text || !cert->key || !cert->serial.len))
		abort();
	if (!failed)
		read_limits(cert);
	status_free(&failed);
	if (cert && cert->form_1989) {
		if (cert->or_address.len)
			abort();
		status_drop(cert_1989_check_signed(cert, cert->key, SQMODN_LENGTH));
	}
	read_outside(in, cert);
	failed = crl_decode(in, &crl);
	if (!failed) {
		crl_find(crl, BYTES("\x01"), &when);
		read_entries(crl);
	}
	status_free(&failed);
	status_drop(cert_request_decode(in, &request));
	status_drop(public_key_decode(in, &key));
	return 0;
}
