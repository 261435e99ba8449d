/* SPDX-License-Identifier: Apache-2.0 */
/* The application contexts of X.419 and the abstract syntaxes that they bring. */
#include "lib/mhs/contexts.h"

#include "asn1/mhs_operations.h"
#include "asn1/x400_oids.h"

#include <stddef.h>

/* The bind has a syntax of its own, and is the first of each. */
enum { BIND };

static const struct abstract_syntax mts_transfer_syntaxes[] = {
	[BIND] = { "id-as-mta-rtse", ID_AS_MTA_RTSE },
	{ "id-as-mtse", ID_AS_MTSE },
	{ NULL, NULL },
};

/* P3: message submission, message delivery and administration, whoever opens. */
enum { P3_SUBMISSION = BIND + 1, P3_DELIVERY, P3_ADMINISTRATION };
#define P3_SYNTAXES						\
	[P3_SUBMISSION] = { "id-as-msse", ID_AS_MSSE },		\
	[P3_DELIVERY] = { "id-as-mdse", ID_AS_MDSE },		\
	[P3_ADMINISTRATION] = { "id-as-mase", ID_AS_MASE },	\
	{ NULL, NULL }

static const struct abstract_syntax mts_access_syntaxes[] = {
	[BIND] = { "id-as-mts", ID_AS_MTS }, P3_SYNTAXES
};

static const struct abstract_syntax mts_reliable_syntaxes[] = {
	[BIND] = { "id-as-mts-rtse", ID_AS_MTS_RTSE }, P3_SYNTAXES
};

/* P7: message submission, message retrieval and administration. */
enum { P7_SUBMISSION = BIND + 1, P7_RETRIEVAL, P7_ADMINISTRATION };
#define P7_SYNTAXES						\
	[P7_SUBMISSION] = { "id-as-msse", ID_AS_MSSE },		\
	[P7_RETRIEVAL] = { "id-as-mrse", ID_AS_MRSE },		\
	[P7_ADMINISTRATION] = { "id-as-mase", ID_AS_MASE },	\
	{ NULL, NULL }

static const struct abstract_syntax ms_access_syntaxes[] = {
	[BIND] = { "id-as-ms", ID_AS_MS }, P7_SYNTAXES
};

static const struct abstract_syntax ms_reliable_syntaxes[] = {
	[BIND] = { "id-as-ms-rtse", ID_AS_MS_RTSE }, P7_SYNTAXES
};

/*
 * [X.419 Annex B] Submission-control and delivery-control have one number in
 * two syntaxes: where the user opened the association to submit, it is the
 * submission that is controlled, and the delivery where the MTA forced it.
 */
static int p3_syntax(int operation, int control)
{
	switch (operation) {
	case OP_CONTROL:
		return control;
	case OP_MESSAGE_SUBMISSION:
	case OP_PROBE_SUBMISSION:
	case OP_CANCEL_DEFERRED_DELIVERY:
		return P3_SUBMISSION;
	case OP_MESSAGE_DELIVERY:
	case OP_REPORT_DELIVERY:
		return P3_DELIVERY;
	case OP_REGISTER:
	case OP_CHANGE_CREDENTIALS:
		return P3_ADMINISTRATION;
	}
	return -1;
}

static int mts_access_syntax(int operation)
{
	return p3_syntax(operation, P3_SUBMISSION);
}

static int mts_forced_access_syntax(int operation)
{
	return p3_syntax(operation, P3_DELIVERY);
}

/* [X.419 Annex C] */
static int ms_access_syntax(int operation)
{
	switch (operation) {
	case OP_CONTROL:
	case OP_MESSAGE_SUBMISSION:
	case OP_PROBE_SUBMISSION:
	case OP_CANCEL_DEFERRED_DELIVERY:
		return P7_SUBMISSION;
	case OP_SUMMARIZE:
	case OP_LIST:
	case OP_FETCH:
	case OP_DELETE:
	case OP_REGISTER_MS:
	case OP_ALERT:
		return P7_RETRIEVAL;
	case OP_REGISTER:
	case OP_CHANGE_CREDENTIALS:
		return P7_ADMINISTRATION;
	}
	return -1;
}

const struct app_context context_mts_transfer = {
	.name = "mts-transfer", .oid = ID_AC_MTS_TRANSFER, .rtse = true,
	.syntaxes = mts_transfer_syntaxes, .bind_syntax = BIND,
};

const struct app_context context_mts_access = {
	.name = "mts-access", .oid = ID_AC_MTS_ACCESS, .rose = true,
	.syntaxes = mts_access_syntaxes, .bind_syntax = BIND,
	.operation_syntax = mts_access_syntax,
};

const struct app_context context_mts_forced_access = {
	.name = "mts-forced-access", .oid = ID_AC_MTS_FORCED_ACCESS, .rose = true,
	.syntaxes = mts_access_syntaxes, .bind_syntax = BIND,
	.operation_syntax = mts_forced_access_syntax,
};

const struct app_context context_mts_reliable_access = {
	.name = "mts-reliable-access", .oid = ID_AC_MTS_RELIABLE_ACCESS, .rtse = true, .rose = true,
	.syntaxes = mts_reliable_syntaxes, .bind_syntax = BIND,
	.operation_syntax = mts_access_syntax,
};

const struct app_context context_mts_forced_reliable_access = {
	.name = "mts-forced-reliable-access", .oid = ID_AC_MTS_FORCED_RELIABLE_ACCESS,
	.rtse = true, .rose = true,
	.syntaxes = mts_reliable_syntaxes, .bind_syntax = BIND,
	.operation_syntax = mts_forced_access_syntax,
};

const struct app_context context_ms_access = {
	.name = "ms-access", .oid = ID_AC_MS_ACCESS, .rose = true,
	.syntaxes = ms_access_syntaxes, .bind_syntax = BIND,
	.operation_syntax = ms_access_syntax,
};

const struct app_context context_ms_reliable_access = {
	.name = "ms-reliable-access", .oid = ID_AC_MS_RELIABLE_ACCESS, .rtse = true, .rose = true,
	.syntaxes = ms_reliable_syntaxes, .bind_syntax = BIND,
	.operation_syntax = ms_access_syntax,
};

const struct app_context *const contexts_all[] = {
	&context_mts_transfer,
	&context_mts_access,
	&context_mts_forced_access,
	&context_mts_reliable_access,
	&context_mts_forced_reliable_access,
	&context_ms_access,
	&context_ms_reliable_access,
	NULL
};

const struct app_context *context_find(const char *oid)
{
	for (size_t i = 0; contexts_all[i]; i++)
		if (strcmp(contexts_all[i]->oid, oid) == 0)
			return contexts_all[i];
	return NULL;
}
