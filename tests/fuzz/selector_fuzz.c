/* SPDX-License-Identifier: Apache-2.0 */
/* Selectors with their ranges and filters, and what is wanted told: what a user agent sends a
 * store, asked for an entry whose attributes are there. */
#include "ms/info.h"
#include "ms/selector.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* entry-type 0 and priority urgent. */
static const uint8_t attributes[] = {
	0x30, 0x0b, 0x06, 0x04, 0x56, 0x04, 0x03, 0x10, 0x30, 0x03, 0x02, 0x01, 0x00,
	0x30, 0x0b, 0x06, 0x04, 0x56, 0x04, 0x03, 0x1f, 0x30, 0x03, 0x47, 0x01, 0x02,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct mailbox_entry entry = {
		.number = 7, .attributes = bytes_of(attributes, sizeof(attributes)),
	};
	struct selector selector;
	struct wanted wanted;
	struct refusal refusal = { 0 };
	struct status *st = selector_read(bytes_of(data, size), &selector, &refusal);

	if (!st && !refusal.error)
		selector_matches(&selector, &entry);
	status_drop(st);
	status_drop(wanted_read(bytes_of(data, size), &wanted));
	buf_free(&refusal.parameter);
	return 0;
}
