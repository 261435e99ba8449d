/* SPDX-License-Identifier: Apache-2.0 */
/* What another authority brings: offers and answers. */
#include "lib/sec/offer.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(offer_free) struct offer *offer = NULL;
	struct status *failed = offer_decode(bytes_of(data, size), &offer);

	if (!failed && (!offer->authority || !offer->arena))
		abort();
	status_free(&failed);
	return 0;
}
