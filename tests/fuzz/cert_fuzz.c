/* SPDX-License-Identifier: Apache-2.0 */
/* What a directory may give: certificates, revocation lists; and requests. */
#include "lib/sec/issue.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = bytes_of(data, size);
	AUTO(cert_free) const struct cert *cert = NULL;
	AUTO(crl_free) const struct crl *crl = NULL;
	AUTO(cert_request_free) struct cert_request *request = NULL;
	struct status *failed = cert_decode(in, &cert);
	time_t when;

	if (!failed && (!cert->subject_text || !cert->issuer_text || !cert->key || !cert->serial.len))
		abort();
	status_free(&failed);
	failed = crl_decode(in, &crl);
	if (!failed)
		crl_find(crl, BYTES("\x01"), &when);
	status_free(&failed);
	status_drop(cert_request_decode(in, &request));
	return 0;
}
