/* SPDX-License-Identifier: Apache-2.0 */
/* What a message store answers to a user agent: lists, entries, alerts. */
#include "asn1/ms_attributes.h"
#include "lib/mhs/retrieval.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask_entry(struct arena *arena, const struct ms_entry *entry)
{
	struct bytes octets;
	int64_t number;

	status_drop(ms_entry_octets(arena, entry, ID_ATT_CONTENT, &octets));
	status_drop(ms_entry_integer(entry, ID_ATT_CONTENT_LENGTH, 0, &number));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct bytes in = bytes_of(data, size);
	struct ms_entries entries;
	struct ms_entry entry;
	struct status *failed = list_result_decode(arena, in, &entries);

	for (size_t i = 0; !failed && i < entries.count; i++)
		ask_entry(arena, &entries.list[i]);
	status_free(&failed);
	failed = fetch_result_decode(arena, in, &entry);
	if (!failed)
		ask_entry(arena, &entry);
	status_free(&failed);
	status_drop(alert_argument_decode(arena, in, &entry));
	arena_free(&arena);
	return 0;
}
