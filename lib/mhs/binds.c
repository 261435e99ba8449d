/* SPDX-License-Identifier: Apache-2.0 */
/* Binds: arguments, results and errors of MTA-bind, MTS-bind [X.411 8.1, 12.1] and MS-bind [X.413 7.1]. */
#include "lib/mhs/binds.h"

#include "asn1/asn.h"
#include "lib/sec/label.h"

#include <MSBindArgument.h>
#include <MSBindError.h>
#include <MSBindResult.h>
#include <MTABindArgument.h>
#include <MTABindResult.h>
#include <MTSBindArgument.h>
#include <MTSBindError.h>
#include <MTSBindResult.h>
#include <SecurityContext.h>

#include <ctype.h>

ASN_CLEANUP(MTABindArgument)
ASN_CLEANUP(MTABindResult)
ASN_CLEANUP(MTSBindArgument)
ASN_CLEANUP(MTSBindResult)
ASN_CLEANUP(MSBindArgument)
ASN_CLEANUP(MSBindResult)
ASN_CLEANUP(Credentials)
ASN_CLEANUP(ObjectName)
ASN_CLEANUP(ORName)
ASN_CLEANUP(Token)
ASN_CLEANUP(MSBindError)

typedef struct status *(*bind_decoder)(struct bytes octets, struct arena *arena, struct bind *bind);
typedef struct status *(*bind_encoder)(const struct bind *bind, struct buf *out);

/* --- the parts that the binds share --- */

static FALLIBLE encode_into(const asn_TYPE_descriptor_t *type, const void *value,
			    struct arena *arena, struct bytes *out_octets)
{
	AUTO(buf_free) struct buf der = { 0 };

	TRY(asn_encode(type, value, &der));
	*out_octets = arena_dup(arena, buf_view(&der));
	return OK;
}

static FALLIBLE strong_read(const StrongCredentials_t *strong, struct arena *arena,
			    struct bind *bind)
{
	bind->credentials = BIND_STRONG;
	if (!strong->bind_token)
		return FAIL(ST_PEER, 0, "strong credentials without a bind token");
	TRY(encode_into(&asn_DEF_Token, strong->bind_token, arena, &bind->token));
	if (strong->certificate)
		bind->certificate = arena_dup(arena, asn_bytes(&strong->certificate->userCertificate));
	return OK;
}

static FALLIBLE credentials_read(const Credentials_t *credentials, struct arena *arena,
				 struct bind *bind)
{
	switch (credentials->present) {
	case Credentials_PR_simple:
		bind->credentials = BIND_SIMPLE;
		/* One maker sends a password as an IA5String, another as an OCTET STRING. */
		bind->password = arena_dup(arena,
			credentials->choice.simple.present == Password_PR_ia5_string
				? asn_bytes(&credentials->choice.simple.choice.ia5_string)
				: asn_bytes(&credentials->choice.simple.choice.octet_string));
		if (bind->password.len > BIND_PASSWORD_MAX)
			return FAIL(ST_PEER, 0, "a password of %zu octets: %d are the most",
				    bind->password.len, BIND_PASSWORD_MAX);
		return OK;
	case Credentials_PR_strong:
		return strong_read(&credentials->choice.strong, arena, bind);
	default:
		return FAIL(ST_PEER, 0, "credentials of a kind not known here");
	}
}

bool bind_password_is_ia5(struct bytes text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] > 127)
			return false;
	return true;
}

static FALLIBLE credentials_write(const struct bind *bind, Credentials_t *out)
{
	if (bind->credentials == BIND_STRONG) {
		StrongCredentials_t *strong = &out->choice.strong;

		out->present = Credentials_PR_strong;
		TRY(asn_decode(&asn_DEF_Token, bind->token, (void **)&strong->bind_token));
		if (bind->certificate.len) {
			strong->certificate = asn_new(Certificates_t);
			asn_set(&strong->certificate->userCertificate, bind->certificate);
		}
		return OK;
	}
	/* No credentials are an empty password where the form has no room for their absence. */
	out->present = Credentials_PR_simple;
	if (bind_password_is_ia5(bind->password)) {
		out->choice.simple.present = Password_PR_ia5_string;
		asn_set(&out->choice.simple.choice.ia5_string, bind->password);
	} else {
		out->choice.simple.present = Password_PR_octet_string;
		asn_set(&out->choice.simple.choice.octet_string, bind->password);
	}
	return OK;
}

static FALLIBLE object_name_read(const ObjectName_t *name, struct arena *arena, struct bind *bind)
{
	switch (name->present) {
	case ObjectName_PR_user_agent:
		bind->name_kind = BIND_NAME_USER;
		return encode_into(&asn_DEF_ORName, &name->choice.user_agent, arena, &bind->or_name);
	case ObjectName_PR_mTA:
		bind->name_kind = BIND_NAME_MTA;
		bind->mta_name = arena_text(arena, asn_bytes(&name->choice.mTA));
		return OK;
	case ObjectName_PR_message_store:
		bind->name_kind = BIND_NAME_MS;
		return encode_into(&asn_DEF_ORName, &name->choice.message_store, arena,
				   &bind->or_name);
	default:
		return FAIL(ST_PEER, 0, "a bind by an object of a kind not known here");
	}
}

/* Decodes an ORName into room that its parent has for it. */
static FALLIBLE or_name_write(struct bytes der, ORName_t *out)
{
	AUTO(ORName_cleanup) ORName_t *name = NULL;

	TRY(asn_decode(&asn_DEF_ORName, der, (void **)&name));
	*out = *name;
	*name = (ORName_t){ 0 };
	return OK;
}

static FALLIBLE object_name_write(const struct bind *bind, ObjectName_t *out)
{
	switch (bind->name_kind) {
	case BIND_NAME_USER:
		out->present = ObjectName_PR_user_agent;
		return or_name_write(bind->or_name, &out->choice.user_agent);
	case BIND_NAME_MTA:
		out->present = ObjectName_PR_mTA;
		asn_set(&out->choice.mTA, bytes_text(bind->mta_name));
		return OK;
	case BIND_NAME_MS:
		out->present = ObjectName_PR_message_store;
		return or_name_write(bind->or_name, &out->choice.message_store);
	case BIND_NAME_NONE:
		break;
	}
	return FAIL(ST_USAGE, 0, "an MTS-bind needs a name");
}

/* [X.411 8.1.2.1.1.1.3] may be absent. */
static FALLIBLE context_read(const SecurityContext_t *context, struct arena *arena,
			     struct bind *bind)
{
	if (!context)
		return OK;
	TRY(encode_into(&asn_DEF_SecurityContext, context, arena, &bind->security_context));
	return context_check(bind->security_context);
}

static FALLIBLE context_write(const struct bind *bind, SecurityContext_t **out)
{
	if (!bind->security_context.len)
		return OK;
	return asn_decode(&asn_DEF_SecurityContext, bind->security_context, (void **)out);
}

/* --- arguments --- */

static FALLIBLE mta_argument_decode(struct bytes octets, struct arena *arena, struct bind *bind)
{
	AUTO(MTABindArgument_cleanup) MTABindArgument_t *arg = NULL;

	TRY(asn_decode(&asn_DEF_MTABindArgument, octets, (void **)&arg));
	if (arg->present != MTABindArgument_PR_authenticated)
		return OK;
	const MTABindInitiator_t *who = &arg->choice.authenticated;
	bind->name_kind = BIND_NAME_MTA;
	bind->mta_name = arena_text(arena, asn_bytes(&who->initiator_name));
	TRY(context_read(who->security_context, arena, bind));
	return credentials_read(&who->initiator_credentials, arena, bind);
}

static FALLIBLE mts_argument_decode(struct bytes octets, struct arena *arena, struct bind *bind)
{
	AUTO(MTSBindArgument_cleanup) MTSBindArgument_t *arg = NULL;

	TRY(asn_decode(&asn_DEF_MTSBindArgument, octets, (void **)&arg));
	TRY(object_name_read(&arg->initiator_name, arena, bind));
	TRY(context_read(arg->security_context, arena, bind));
	return credentials_read(&arg->initiator_credentials, arena, bind);
}

static FALLIBLE ms_argument_decode(struct bytes octets, struct arena *arena, struct bind *bind)
{
	AUTO(MSBindArgument_cleanup) MSBindArgument_t *arg = NULL;

	TRY(asn_decode(&asn_DEF_MSBindArgument, octets, (void **)&arg));
	bind->name_kind = BIND_NAME_USER;
	TRY(encode_into(&asn_DEF_ORName, &arg->initiator_name, arena, &bind->or_name));
	if (arg->fetch_restrictions)
		TRY(encode_into(&asn_DEF_Restrictions, arg->fetch_restrictions, arena,
				&bind->fetch_restrictions));
	TRY(context_read(arg->security_context, arena, bind));
	return credentials_read(&arg->initiator_credentials, arena, bind);
}

FALLIBLE bind_argument_decode(enum bind_kind kind, struct bytes octets, struct arena *arena,
			      struct bind *out_bind)
{
	static const bind_decoder decode[] = {
		[BIND_MTA] = mta_argument_decode,
		[BIND_MTS] = mts_argument_decode,
		[BIND_MS] = ms_argument_decode,
	};

	*out_bind = (struct bind){ 0 };
	TRY_DOING(decode[kind](octets, arena, out_bind), "the bind argument cannot be read");
	return OK;
}

static FALLIBLE mta_argument_encode(const struct bind *bind, struct buf *out)
{
	AUTO(MTABindArgument_cleanup) MTABindArgument_t *arg = asn_new(MTABindArgument_t);
	MTABindInitiator_t *who = &arg->choice.authenticated;

	arg->present = MTABindArgument_PR_unauthenticated;
	if (bind->name_kind == BIND_NAME_MTA) {
		arg->present = MTABindArgument_PR_authenticated;
		asn_set(&who->initiator_name, bytes_text(bind->mta_name));
		TRY(context_write(bind, &who->security_context));
		TRY(credentials_write(bind, &who->initiator_credentials));
	}
	return asn_encode(&asn_DEF_MTABindArgument, arg, out);
}

static FALLIBLE mts_argument_encode(const struct bind *bind, struct buf *out)
{
	AUTO(MTSBindArgument_cleanup) MTSBindArgument_t *arg = asn_new(MTSBindArgument_t);

	TRY(object_name_write(bind, &arg->initiator_name));
	TRY(context_write(bind, &arg->security_context));
	TRY(credentials_write(bind, &arg->initiator_credentials));
	return asn_encode(&asn_DEF_MTSBindArgument, arg, out);
}

static FALLIBLE ms_argument_encode(const struct bind *bind, struct buf *out)
{
	AUTO(MSBindArgument_cleanup) MSBindArgument_t *arg = asn_new(MSBindArgument_t);

	if (bind->name_kind != BIND_NAME_USER)
		return FAIL(ST_USAGE, 0, "only a user binds to a message store");
	TRY(or_name_write(bind->or_name, &arg->initiator_name));
	TRY(context_write(bind, &arg->security_context));
	TRY(credentials_write(bind, &arg->initiator_credentials));
	if (bind->fetch_restrictions.len)
		TRY(asn_decode(&asn_DEF_Restrictions, bind->fetch_restrictions,
			       (void **)&arg->fetch_restrictions));
	return asn_encode(&asn_DEF_MSBindArgument, arg, out);
}

FALLIBLE bind_argument_encode(enum bind_kind kind, const struct bind *bind, struct buf *out)
{
	static const bind_encoder encode[] = {
		[BIND_MTA] = mta_argument_encode,
		[BIND_MTS] = mts_argument_encode,
		[BIND_MS] = ms_argument_encode,
	};

	return encode[kind](bind, out);
}

/* --- what waits --- */

/* A number of things, whatever the peer says. */
static int64_t count_of(long number)
{
	return number < 0 ? 0 : number > INT32_MAX ? INT32_MAX : number;
}

static void queue_read(const DeliveryQueue_t *from, struct messages_waiting *out, int priority)
{
	out->queues[priority].messages = count_of(from->messages);
	out->queues[priority].octets = count_of(asn_long_or(from->octets, 0));
}

static void waiting_read(const MessagesWaiting_t *from, struct messages_waiting *out)
{
	if (!from)
		return;
	out->told = true;
	queue_read(&from->urgent, out, WAITING_URGENT);
	queue_read(&from->normal, out, WAITING_NORMAL);
	queue_read(&from->non_urgent, out, WAITING_NON_URGENT);
}

static void queue_write(const struct messages_waiting *from, int priority, DeliveryQueue_t *out)
{
	out->messages = from->queues[priority].messages;
	out->octets = asn_long(from->queues[priority].octets);
}

static MessagesWaiting_t *waiting_write(const struct messages_waiting *from)
{
	MessagesWaiting_t *out = from->told ? asn_new(MessagesWaiting_t) : NULL;

	if (!out)
		return NULL;
	queue_write(from, WAITING_URGENT, &out->urgent);
	queue_write(from, WAITING_NORMAL, &out->normal);
	queue_write(from, WAITING_NON_URGENT, &out->non_urgent);
	return out;
}

/* --- results --- */

static FALLIBLE mta_result_decode(struct bytes octets, struct arena *arena, struct bind *bind)
{
	AUTO(MTABindResult_cleanup) MTABindResult_t *result = NULL;

	TRY(asn_decode(&asn_DEF_MTABindResult, octets, (void **)&result));
	if (result->present != MTABindResult_PR_authenticated)
		return OK;
	const MTABindResponder_t *who = &result->choice.authenticated;
	bind->name_kind = BIND_NAME_MTA;
	bind->mta_name = arena_text(arena, asn_bytes(&who->responder_name));
	return credentials_read(&who->responder_credentials, arena, bind);
}

static FALLIBLE mts_result_decode(struct bytes octets, struct arena *arena, struct bind *bind)
{
	AUTO(MTSBindResult_cleanup) MTSBindResult_t *result = NULL;

	TRY(asn_decode(&asn_DEF_MTSBindResult, octets, (void **)&result));
	TRY(object_name_read(&result->responder_name, arena, bind));
	waiting_read(result->messages_waiting, &bind->waiting);
	return credentials_read(&result->responder_credentials, arena, bind);
}

static FALLIBLE ms_result_decode(struct bytes octets, struct arena *arena, struct bind *bind)
{
	AUTO(MSBindResult_cleanup) MSBindResult_t *result = NULL;

	TRY(asn_decode(&asn_DEF_MSBindResult, octets, (void **)&result));
	return credentials_read(&result->responder_credentials, arena, bind);
}

FALLIBLE bind_result_decode(enum bind_kind kind, struct bytes octets, struct arena *arena,
			    struct bind *out_bind)
{
	static const bind_decoder decode[] = {
		[BIND_MTA] = mta_result_decode,
		[BIND_MTS] = mts_result_decode,
		[BIND_MS] = ms_result_decode,
	};

	*out_bind = (struct bind){ 0 };
	TRY_DOING(decode[kind](octets, arena, out_bind), "the bind result cannot be read");
	return OK;
}

static FALLIBLE mta_result_encode(const struct bind *bind, struct buf *out)
{
	AUTO(MTABindResult_cleanup) MTABindResult_t *result = asn_new(MTABindResult_t);
	MTABindResponder_t *who = &result->choice.authenticated;

	result->present = MTABindResult_PR_unauthenticated;
	if (bind->name_kind == BIND_NAME_MTA) {
		result->present = MTABindResult_PR_authenticated;
		asn_set(&who->responder_name, bytes_text(bind->mta_name));
		TRY(credentials_write(bind, &who->responder_credentials));
	}
	return asn_encode(&asn_DEF_MTABindResult, result, out);
}

static FALLIBLE mts_result_encode(const struct bind *bind, struct buf *out)
{
	AUTO(MTSBindResult_cleanup) MTSBindResult_t *result = asn_new(MTSBindResult_t);

	TRY(object_name_write(bind, &result->responder_name));
	result->messages_waiting = waiting_write(&bind->waiting);
	TRY(credentials_write(bind, &result->responder_credentials));
	return asn_encode(&asn_DEF_MTSBindResult, result, out);
}

static FALLIBLE ms_result_encode(const struct bind *bind, struct buf *out)
{
	AUTO(MSBindResult_cleanup) MSBindResult_t *result = asn_new(MSBindResult_t);

	TRY(credentials_write(bind, &result->responder_credentials));
	return asn_encode(&asn_DEF_MSBindResult, result, out);
}

FALLIBLE bind_result_encode(enum bind_kind kind, const struct bind *bind, struct buf *out)
{
	static const bind_encoder encode[] = {
		[BIND_MTA] = mta_result_encode,
		[BIND_MTS] = mts_result_encode,
		[BIND_MS] = ms_result_encode,
	};

	return encode[kind](bind, out);
}
