/* SPDX-License-Identifier: Apache-2.0 */
/* The schemas: each file's text with a zero behind it, put here by the assembler. */
#include "lib/store/schema.h"

#define EMBED(name)                                   \
	__asm__(".pushsection .rodata\n"              \
		".global " #name "\n"                 \
		#name ":\n"                           \
		".incbin \"lib/store/" #name ".sql\"\n" \
		".byte 0\n"                           \
		".popsection\n")

EMBED(mta_schema);
EMBED(ms_schema);
EMBED(ua_schema);
EMBED(ua_submission_schema);
EMBED(nonce_schema);
EMBED(submitted_schema);
EMBED(ua_voucher_schema);
EMBED(dircache_schema);
EMBED(registered_schema);
EMBED(dircache_times_schema);
EMBED(ua_delivery_schema);
EMBED(ms_numbers_schema);
