/* SPDX-License-Identifier: Apache-2.0 */
/* Selectors with their ranges and filters, what is wanted told, and what may be fetched: what a
 * user agent sends a store, asked for an entry whose attributes are there. */
#include "asn1/x400_oids.h"
#include "ms/info.h"
#include "ms/restrictions.h"
#include "ms/selector.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* entry-type 0, priority urgent and content-identifier "abcabd". */
static const uint8_t attributes[] = {
	0x30, 0x0b, 0x06, 0x04, 0x56, 0x04, 0x03, 0x10, 0x30, 0x03, 0x02, 0x01, 0x00,
	0x30, 0x0b, 0x06, 0x04, 0x56, 0x04, 0x03, 0x1f, 0x30, 0x03, 0x47, 0x01, 0x02,
	0x30, 0x10, 0x06, 0x04, 0x56, 0x04, 0x03, 0x04, 0x30, 0x08, 0x4a, 0x06, 0x61, 0x62, 0x63,
	0x61, 0x62, 0x64,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct mailbox_entry entry = {
		.number = 7, .attributes = bytes_of(attributes, sizeof(attributes)),
	};
	const struct mailbox_entry report = {
		.kind = MAILBOX_REPORT, .content_type = ID_MCT_P2_1988, .content_length = 9,
	};
	struct selector selector;
	struct restrictions restrictions;
	struct wanted wanted;
	struct refusal refusal = { 0 };
	struct status *st = selector_read(NULL, bytes_of(data, size), &selector, &refusal);

	if (!st && !refusal.error)
		selector_matches(&selector, &entry);
	status_drop(st);
	status_drop(wanted_read(bytes_of(data, size), &wanted));
	buf_clear(&refusal.parameter);
	st = restrictions_read(bytes_of(data, size), &restrictions);
	if (!st)
		st = restrictions_check(&restrictions, NULL, 0, &report, &refusal);
	status_drop(st);
	buf_free(&refusal.parameter);
	return 0;
}
