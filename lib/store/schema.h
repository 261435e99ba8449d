/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of the *_schema.sql files beside this one, as steps of a struct db_schema. */
#ifndef LIB_STORE_SCHEMA_H
#define LIB_STORE_SCHEMA_H

extern const char mta_schema[], ms_schema[], ua_schema[], ua_submission_schema[],
	ua_voucher_schema[], nonce_schema[], submitted_schema[], dircache_schema[],
	registered_schema[], dircache_times_schema[], ua_delivery_schema[],
	ms_numbers_schema[];

#endif
