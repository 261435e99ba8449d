/* SPDX-License-Identifier: Apache-2.0 */
/* What a content integrity check is computed over [X.411 8.2.1.1.1.28]. */
#include "lib/sec/cic_input.h"

void cic_input_init(struct cic_input *input, enum cic_form form, struct bytes algorithm,
		    struct bytes content)
{
	size_t octets_len = 0, sequence_len = 0;

	if (form == CIC_SEQUENCE) {
		octets_len = ber_header(input->octets, BER_OCTET_STRING, false, content.len);
		sequence_len = ber_header(input->sequence, BER_SEQUENCE, true,
					  algorithm.len + octets_len + content.len);
	}
	input->parts[0] = bytes_of(input->sequence, sequence_len);
	input->parts[1] = algorithm;
	input->parts[2] = bytes_of(input->octets, octets_len);
	input->parts[3] = content;
}
