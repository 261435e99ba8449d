/* SPDX-License-Identifier: Apache-2.0 */
/* What a source is told. */
#include "lib/sec/path_source.h"

void path_expected_add(struct path_expected *expected, struct bytes name)
{
	for (size_t i = 0; i < expected->count; i++)
		if (bytes_equal(expected->names[i], name))
			return;
	if (expected->count < PATH_EXPECTED)
		expected->names[expected->count++] = name;
}

void path_expect(const struct path_query *query, const struct path_expected *expected,
		 struct meanwhile *work)
{
	const struct cert_source *source = query->source;

	if (source && source->expect)
		source->expect(source->data, expected->names, expected->count, work);
	meanwhile_run(work);
}
