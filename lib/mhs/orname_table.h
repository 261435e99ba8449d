/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of each attribute of an O/R address, for the files orname*.c.
 */
#ifndef LIB_MHS_ORNAME_TABLE_H
#define LIB_MHS_ORNAME_TABLE_H

#include "lib/mhs/orname.h"

struct or_info {
	const char *key, *other_key, *name;
	unsigned bound;			/* characters */
	bool numeric;			/* digits and spaces alone */
	bool printable;			/* has no teletex or universal variant */
};
extern const struct or_info or_info[OR_ATTRIBUTE_COUNT];

/* Numbers of extension attributes [X.411 Figure 2]. */
enum {
	XA_COMMON_NAME = 1,
	XA_TELETEX_COMMON_NAME = 2,
	XA_TELETEX_ORGANIZATION = 3,
	XA_TELETEX_PERSONAL_NAME = 4,
	XA_TELETEX_UNITS = 5,
	XA_TELETEX_DDA = 6,
	XA_PDS_NAME = 7,
	XA_PD_COUNTRY = 8,
	XA_POSTAL_CODE = 9,
	XA_PD_OFFICE = 10,
	XA_PD_PERSON = 13,
	XA_PD_ORGANIZATION = 14,
	XA_STREET = 17,
	XA_UNIVERSAL_COMMON_NAME = 24,
	XA_UNIVERSAL_ORGANIZATION = 25,
};

#endif
