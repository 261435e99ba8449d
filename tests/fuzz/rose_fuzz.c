/* SPDX-License-Identifier: Apache-2.0 */
/* A ROSE machine that has operations outstanding both ways takes any APDU, a few in a row: each
 * is the next octet's number of octets long. */
#include "lib/osi/rose.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct peer {
	struct rose *rose;
};

static FALLIBLE swallow(void *below, int operation, const struct bytes *parts, size_t count)
{
	struct rose_apdu apdu;
	uint8_t octets[ROSE_HEADER_MAX];

	(void)below;
	(void)operation;
	/* A reject is all that goes out by itself, and it is a whole APDU. */
	if (count != 1)
		return OK;
	memcpy(octets, parts[0].data, parts[0].len);
	status_drop(rose_decode(bytes_of(octets, parts[0].len), &apdu));
	return OK;
}

static enum rose_class class_of(void *below, int operation)
{
	(void)below;
	return operation >= 0 && operation <= 5 ? (enum rose_class)operation : ROSE_ASYNCHRONOUS;
}

static void on_invoke(void *user, int32_t id, int operation, struct bytes argument)
{
	struct peer *p = user;

	if (operation % 2 == 0)
		status_drop(rose_result_req(p->rose, id, &argument, 1));
}

static void on_answer(void *user, int32_t id, int operation, struct bytes result)
{
	(void)user;
	(void)id;
	(void)operation;
	(void)result;
}

static void on_reject(void *user, int32_t id, const struct status *why)
{
	(void)user;
	(void)id;
	if (why->words[0] == 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct rose_service service = { swallow, class_of };
	static const struct rose_user user = { on_invoke, on_answer, on_answer, on_reject };
	struct bytes left = bytes_of(data, size);
	struct peer p;
	int32_t id;

	p.rose = rose_new(4, &service, NULL, &user, &p);
	for (int operation = 2; operation <= 4; operation++)
		status_drop(rose_invoke_req(p.rose, operation, NULL, 0, &id));
	while (left.len) {
		size_t len = left.data[0];
		struct bytes apdu = bytes_slice(left, 1, len);

		status_drop(rose_apdu_ind(p.rose, apdu));
		left = bytes_slice(left, 1 + len, SIZE_MAX);
	}
	rose_free(&p.rose);
	return 0;
}
