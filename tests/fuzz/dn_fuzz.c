/* SPDX-License-Identifier: Apache-2.0 */
/* A directory name that can be read as text names the same object when it is read back; a
 * text that is a name stays the same name.  A certificate pair survives its own encoding. */
#include "asn1/dn.h"
#include "asn1/pair.h"
#include "lib/base/memory.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool worked(struct status *st)
{
	bool ok = !st;

	status_drop(st);
	return ok;
}

static void from_der(struct bytes in)
{
	AUTO(mem_free) char *text = NULL;
	AUTO(buf_free) struct buf again = { 0 };

	AUTO(buf_free) struct buf key = { 0 };
	AUTO(buf_free) struct buf key_again = { 0 };

	if (!worked(dn_to_text(in, &text)) || !worked(dn_from_text(text, &again)))
		return;
	if (!dn_equal(in, buf_view(&again)) || !worked(dn_key(in, &key)) ||
	    !worked(dn_key(buf_view(&again), &key_again)) ||
	    !bytes_equal(buf_view(&key), buf_view(&key_again)))
		abort();
}

static void from_text(struct bytes in)
{
	AUTO(mem_free) char *text = bytes_to_text(in);
	AUTO(mem_free) char *back = NULL;
	AUTO(mem_free) char *parent = NULL;
	AUTO(buf_free) struct buf der = { 0 };

	if (!worked(dn_from_text(text, &der)))
		return;
	if (!worked(dn_to_text(buf_view(&der), &back)) || !dn_text_equal(text, back) ||
	    !worked(dn_parent(text, &parent)))
		abort();
}

static void pair(struct bytes in)
{
	AUTO(buf_free) struct buf again = { 0 };
	struct cert_pair first, second;

	if (!worked(pair_decode(in, &first)))
		return;
	if (!worked(pair_encode(&first, &again)) ||
	    !worked(pair_decode(buf_view(&again), &second)) ||
	    !bytes_equal(first.forward, second.forward) ||
	    !bytes_equal(first.reverse, second.reverse))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	from_der(bytes_of(data, size));
	from_text(bytes_of(data, size));
	pair(bytes_of(data, size));
	return 0;
}
