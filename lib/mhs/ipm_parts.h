/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files ipm*.c share.
 */
#ifndef LIB_MHS_IPM_PARTS_H
#define LIB_MHS_IPM_PARTS_H

#include "lib/mhs/fields.h"
#include "lib/mhs/ipm.h"

enum {	/* universal tags of strings */
	BER_PRINTABLE_STRING = 19,
	BER_TELETEX_STRING = 20,
	BER_IA5_STRING = 22,
	BER_GRAPHIC_STRING = 25,
	BER_GENERAL_STRING = 27,
};

enum {	/* context tags of body parts [X.420 7.3] */
	BODY_IA5_TEXT = 0,
	BODY_G3_FACSIMILE = 3,
	BODY_G4_CLASS1 = 4,
	BODY_TELETEX = 5,
	BODY_VIDEOTEX = 6,
	BODY_NATIONALLY_DEFINED = 7,
	BODY_ENCRYPTED = 8,
	BODY_MESSAGE = 9,
	BODY_MIXED_MODE = 11,
	BODY_BILATERALLY_DEFINED = 14,
	BODY_EXTERNALLY_DEFINED = 15,
};

/* The contents of an IPM; depth is how many it is forwarded in. */
FALLIBLE ipm_read(struct arena *arena, struct bytes contents, unsigned depth, struct ipm **out_ipm);
FALLIBLE ipm_read_body_part(struct arena *arena, const struct ber_tlv *tlv, unsigned depth,
			    struct ipm_body *out_body);
/* ORDescriptor contents. */
FALLIBLE ipm_read_descriptor(struct arena *arena, struct bytes contents, struct ipm_name *out_name);
/* IPMIdentifier contents. */
FALLIBLE ipm_read_id(struct arena *arena, struct bytes contents, struct ipm_id *out_id);

FALLIBLE ipm_put(const struct ipm *ipm, uint32_t tag, struct buf *out);
FALLIBLE ipm_put_body_part(const struct ipm_body *body, struct buf *out);
FALLIBLE ipm_put_descriptor(const struct ipm_name *name, uint32_t tag, struct buf *out);
FALLIBLE ipm_put_id(const struct ipm_id *id, uint32_t tag, struct buf *out);

#endif
