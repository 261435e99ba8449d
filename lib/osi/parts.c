/* SPDX-License-Identifier: Apache-2.0 */
/* Octets that lie in several parts, cut into pieces without being copied. */
#include "lib/osi/parts.h"

#include "lib/base/memory.h"

struct parts parts_over(const struct bytes *parts, size_t count)
{
	struct parts p = { .next = parts, .count = count };

	for (size_t i = 0; i < count; i++)
		p.left += parts[i].len;
	return p;
}

size_t parts_take(struct parts *p, size_t len, struct bytes *out)
{
	size_t filled = 0;

	while (len && p->left) {
		struct bytes view = bytes_slice(*p->next, p->offset, len);

		p->offset += view.len;
		p->left -= view.len;
		len -= view.len;
		if (view.len)
			out[filled++] = view;
		if (p->offset == p->next->len) {
			p->next++;
			p->count--;
			p->offset = 0;
		}
	}
	return filled;
}

struct bytes *headed_init(struct headed *h, const struct bytes *parts, size_t count,
			  size_t *out_len)
{
	struct bytes *list = h->few;

	h->many = NULL;
	if (count >= HEADED_FEW)
		list = h->many = mem_new_array(struct bytes, count + 1);
	*out_len = 0;
	for (size_t i = 0; i < count; i++) {
		list[i + 1] = parts[i];
		*out_len += parts[i].len;
	}
	return list;
}

void headed_cleanup(struct headed *h)
{
	mem_free(&h->many);
}
