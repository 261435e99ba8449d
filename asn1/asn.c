/* SPDX-License-Identifier: Apache-2.0 */
/* The one place that calls asn1c's decoder and encoder. */
#include "asn1/asn.h"

#include "lib/base/memory.h"

#include <asn_application.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* Sanitizers make stack frames several times larger. */
#if defined(__SANITIZE_ADDRESS__)
#define STACK_LIMIT (2 << 20)
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define STACK_LIMIT (2 << 20)
#endif
#endif
#ifndef STACK_LIMIT
#define STACK_LIMIT (256 << 10)
#endif

/*
 * Types made ready.  asn1c's runtime writes into a type's tables when it first
 * meets it, which threads must not do at the same time: so a type is walked
 * once under the lock, with all types that it is made of, before it is used.
 */
enum { READY_SLOTS = 4096 };	/* several times the number of types */

static _Atomic(const asn_TYPE_descriptor_t *) ready[READY_SLOTS];
static pthread_mutex_t warm_lock = PTHREAD_MUTEX_INITIALIZER;
static const asn_TYPE_descriptor_t *walked[READY_SLOTS];
static size_t walked_count;

static size_t slot_of(const asn_TYPE_descriptor_t *type)
{
	return (uintptr_t)type / sizeof(*type) % READY_SLOTS;
}

static bool is_ready(const asn_TYPE_descriptor_t *type)
{
	for (size_t i = slot_of(type);; i = (i + 1) % READY_SLOTS) {
		const asn_TYPE_descriptor_t *there =
			atomic_load_explicit(&ready[i], memory_order_acquire);

		if (there == type)
			return true;
		if (!there)
			return false;
	}
}

static bool was_walked(const asn_TYPE_descriptor_t *type)
{
	for (size_t i = 0; i < walked_count; i++)
		if (walked[i] == type)
			return true;
	return false;
}

/* Makes the runtime complete the tables of a type and of those it is made of. */
static void walk(asn_TYPE_descriptor_t *type)
{
	if (was_walked(type) || walked_count == READY_SLOTS / 2)
		return;
	walked[walked_count++] = type;
	type->free_struct(type, NULL, 0);
	for (int i = 0; i < type->elements_count; i++) {
		asn_TYPE_member_t *member = &type->elements[i];

		walk(member->type);
		if (!member->memb_constraints)
			member->memb_constraints = member->type->check_constraints;
	}
}

void asn_warm(const struct asn_TYPE_descriptor_s *type)
{
	if (is_ready(type))
		return;
	pthread_mutex_lock(&warm_lock);
	if (!is_ready(type)) {
		size_t i = slot_of(type);

		walk((asn_TYPE_descriptor_t *)type);
		while (atomic_load_explicit(&ready[i], memory_order_relaxed))
			i = (i + 1) % READY_SLOTS;
		atomic_store_explicit(&ready[i], type, memory_order_release);
	}
	pthread_mutex_unlock(&warm_lock);
}

/* asn1c's decoder over a checked value of definite lengths. */
static FALLIBLE decode_definite(const asn_TYPE_descriptor_t *type, struct bytes in, void **out_value)
{
	asn_codec_ctx_t codec = { .max_stack_size = STACK_LIMIT };

	if (in.len > INT_MAX)
		return FAIL(ST_PEER, 0, "a value of %zu octets is too large", in.len);
	asn_dec_rval_t rv = ber_decode(&codec, (asn_TYPE_descriptor_t *)type, out_value,
				       in.data, in.len);

	if (rv.code == RC_OK && rv.consumed == in.len)
		return OK;
	asn_free(type, out_value);
	return FAIL(ST_PEER, 0, "the octets are no %s: what is wrong lies behind octet %zu of %zu",
		    type->name, rv.consumed, in.len);
}

FALLIBLE asn_decode_within(const struct asn_TYPE_descriptor_s *type, struct bytes in,
			   const struct ber_limits *limits, void **out_value)
{
	struct ber_shape shape;

	*out_value = NULL;
	asn_warm(type);
	TRY_DOING(ber_check(in, limits, &shape), "cannot decode %s", type->name);
	if (!shape.indefinite)
		return decode_definite(type, in, out_value);

	AUTO(buf_free) struct buf definite = { 0 };

	TRY(ber_to_definite(in, limits, &definite));
	return decode_definite(type, buf_view(&definite), out_value);
}

FALLIBLE asn_decode(const struct asn_TYPE_descriptor_s *type, struct bytes in, void **out_value)
{
	return asn_decode_within(type, in, &ber_limits_default, out_value);
}

static int put_octets(const void *octets, size_t len, void *out)
{
	buf_put(out, bytes_of(octets, len));
	return 0;
}

FALLIBLE asn_encode(const struct asn_TYPE_descriptor_s *type, const void *value, struct buf *out)
{
	size_t before = out->len;

	asn_warm(type);
	asn_enc_rval_t rv = der_encode((asn_TYPE_descriptor_t *)type, (void *)value, put_octets, out);

	if (rv.encoded >= 0)
		return OK;
	out->len = before;
	return FAIL(ST_USAGE, 0, "cannot encode %s: its %s is incomplete", type->name,
		    rv.failed_type ? rv.failed_type->name : "value");
}

FALLIBLE asn_encode_any(const struct asn_TYPE_descriptor_s *type, const void *value, ANY_t *out_any)
{
	AUTO(buf_free) struct buf der = { 0 };

	TRY(asn_encode(type, value, &der));
	asn_set(out_any, buf_view(&der));
	return OK;
}

void asn_free(const struct asn_TYPE_descriptor_s *type, void *value_pointer)
{
	void **value = value_pointer;

	if (*value)
		type->free_struct((asn_TYPE_descriptor_t *)type, *value, 0);
	*value = NULL;
}
