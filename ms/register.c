/* SPDX-License-Identifier: Apache-2.0 */
/* Register-MS [X.413 8.6]. */
#include "ms/register.h"

#include "asn1/mhs_operations.h"
#include "asn1/ms_attributes.h"
#include "asn1/oid.h"
#include "asn1/x400_oids.h"
#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/mhs/fields.h"
#include "lib/mhs/operations.h"
#include "lib/store/mailbox.h"
#include "ms/alert.h"
#include "ms/password.h"

enum { UNAVAILABLE_AUTO_ACTION = 0 };

/* What is to be stored; a null buffer (no data) leaves what is there, an empty one removes it. */
struct registration {
	struct ms *ms;
	struct user *user;
	struct caller *caller;
	int32_t invoke_id;
	bool changes_password;
	struct password_change password;
	bool wrong_password;		/* the old one is: nothing is stored */
	struct {
		const char *name;
		bool set;
		struct buf octets;
	} parts[4];
};

enum { PART_LIST, PART_FETCH, PART_ALERT, PART_LABELS, PART_COUNT };

static void registration_free(struct registration **registration)
{
	struct registration *r = TAKE(*registration);

	if (!r)
		return;
	caller_free(&r->caller);
	password_change_cleanup(&r->password);
	for (int i = 0; i < PART_COUNT; i++)
		buf_free(&r->parts[i].octets);
	mem_free(&r);
}

static void set_part(struct registration *r, int part, struct bytes octets)
{
	r->parts[part].set = true;
	buf_clear(&r->parts[part].octets);
	buf_put(&r->parts[part].octets, octets);
}

/* --- reading --- */

static void refuse_action(struct bytes type, struct refusal *out)
{
	size_t from;

	out->error = ERR_AUTO_ACTION_REQUEST_ERROR;
	ber_put_integer(&out->parameter, BER_UNIVERSAL(BER_INTEGER), UNAVAILABLE_AUTO_ACTION);
	ber_wrap(&out->parameter, 0, BER_CONTEXT(0));
	from = out->parameter.len;
	ber_put(&out->parameter, BER_UNIVERSAL(BER_OID), type);
	ber_wrap(&out->parameter, from, BER_CONTEXT(1));
	ber_wrap(&out->parameter, 0, BER_UNIVERSAL(BER_SET));
	ber_wrap(&out->parameter, 0, BER_UNIVERSAL(BER_SET));
	ber_wrap(&out->parameter, 0, BER_CONTEXT(0));
	ber_wrap(&out->parameter, 0, BER_UNIVERSAL(BER_SET));
}

/* Registrations and, where not kept, deregistrations of automatic actions. */
static FALLIBLE read_actions(struct registration *r, struct bytes contents, bool kept,
			     struct refusal *out)
{
	struct ber_tlv set, action, type;
	struct bytes left;

	TRY(ber_only(contents, &set));
	for (left = set.contents; left.len && !out->error;) {
		TRY(ber_next(&left, &action));
		TRY(ber_get(action.contents, BER_UNIVERSAL(BER_OID), "the type of an action",
			    &type));
		if (!oid_is(type.contents, ID_ACT_AUTO_ALERT))
			refuse_action(type.contents, out);
		else
			set_part(r, PART_ALERT, kept ? action.whole : bytes_none());
	}
	return OK;
}

static FALLIBLE read_defaults(struct registration *r, int part, const struct ber_tlv *tagged)
{
	struct ber_tlv set, type;
	struct bytes left;

	if (!field_is(tagged))
		return OK;
	TRY(ber_only(tagged->contents, &set));
	for (left = set.contents; left.len;) {
		TRY(ber_next(&left, &type));
		TRY(oid_check(type.contents));
	}
	set_part(r, part, set.contents);
	return OK;
}

static void audit_labels(const struct registration *r, const char *labels, bool allowed)
{
	const struct audit_event event = {
		.assoc = link_number(r->caller->link),
		.user = r->user->peer.name,
		.what = "register-MS",
		.allowed = allowed,
		.label = labels,
		.diag = allowed ? NULL : "forbidden-user-security-label-register",
	};

	log_audit(&event);
}

/* error 0: it was changed. */
static void audit_password(const struct registration *r, int error, const struct status *why)
{
	const struct audit_event event = {
		.assoc = r->caller->link ? link_number(r->caller->link) : 0,
		.user = r->user->peer.name,
		.what = "change-credentials",
		.allowed = !error,
		.diag = error ? error_name(error) : NULL,
		.why = why,
	};

	log_audit(&event);
}

/* [X.413 8.6] the labels of messages that he wants to get, and to bind with. */
static FALLIBLE read_labels(struct registration *r, const struct ber_tlv *tagged,
			    struct refusal *out)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	const struct labels *labels = &r->ms->labels;
	struct ber_tlv set;

	if (!field_is(tagged))
		return OK;
	TRY(ber_only(tagged->contents, &set));
	if (set.tag != BER_UNIVERSAL(BER_SET))
		return FAIL(ST_PEER, 0, "user-security-labels are no set");
	TRY(context_check(set.whole));
	bool may = user_may_register(r->user, labels, set.whole);
	audit_labels(r, context_text(labels->policies, arena, set.whole), may);
	if (may) {
		set_part(r, PART_LABELS, set.contents.len ? set.whole : bytes_none());
	} else {
		out->error = ERR_MS_SECURITY_ERROR;
		error_security(SECURITY_FORBIDDEN_USER_SECURITY_LABEL_REGISTER, &out->parameter);
	}
	return OK;
}

/* What cannot be changed to, and who has no password that he could change. */
static FALLIBLE read_credentials(struct registration *r, const struct ber_tlv *tagged,
				 struct refusal *out)
{
	AUTO(status_free) struct status *unacceptable = OK;
	struct ber_tlv change;

	r->changes_password = field_is(tagged);
	if (!r->changes_password)
		return OK;
	TRY(ber_only(tagged->contents, &change));
	TRY(password_change_read(change.contents, &r->password, &unacceptable));
	if (!r->user->peer.expected.password && !unacceptable)
		unacceptable = FAIL(ST_REFUSED, 0, "the settings give him no password");
	if (!unacceptable)
		return OK;
	audit_password(r, ERR_NEW_CREDENTIALS_UNACCEPTABLE, unacceptable);
	out->error = ERR_NEW_CREDENTIALS_UNACCEPTABLE;
	error_null(&out->parameter);
	return OK;
}

static FALLIBLE read_argument(const struct request *request, struct registration *r,
			      struct refusal *out)
{
	struct ber_tlv argument, actions, ended, list, fetch_set, credentials, labels;
	const struct field fields[] = {
		{ BER_CONTEXT(0), &actions, NULL }, { BER_CONTEXT(1), &ended, NULL },
		{ BER_CONTEXT(2), &list, NULL }, { BER_CONTEXT(3), &fetch_set, NULL },
		{ BER_CONTEXT(4), &credentials, NULL }, { BER_CONTEXT(5), &labels, NULL },
	};

	TRY(ber_only(request->argument, &argument));
	TRY(fields_read(argument.contents, "register-MS argument", fields, 6));
	if (field_is(&ended))
		TRY(read_actions(r, ended.contents, false, out));
	if (field_is(&actions))
		TRY(read_actions(r, actions.contents, true, out));
	TRY(read_defaults(r, PART_LIST, &list));
	TRY(read_defaults(r, PART_FETCH, &fetch_set));
	if (!out->error)
		TRY(read_credentials(r, &credentials, out));
	return out->error ? OK : read_labels(r, &labels, out);
}

/* --- storing --- */

static FALLIBLE register_job(struct db *db, void *arg)
{
	struct registration *r = arg;

	if (r->changes_password)
		TRY(password_change_store(db, r->user, &r->password, &r->wrong_password));
	if (r->wrong_password)
		return OK;
	for (int i = 0; i < PART_COUNT; i++)
		if (r->parts[i].set)
			TRY(mailbox_register(db, r->user->mailbox, r->parts[i].name,
					     buf_view(&r->parts[i].octets)));
	return OK;
}

static void refuse_password(const struct registration *r)
{
	AUTO(buf_free) struct buf parameter = { 0 };

	error_null(&parameter);
	caller_error(r->caller, r->invoke_id, ERR_OLD_CREDENTIALS_INCORRECTLY_SPECIFIED,
		     buf_view(&parameter));
}

static void register_done(void *arg, const struct status *failed)
{
	AUTO(registration_free) struct registration *r = arg;
	struct status *unread = OK;

	if (failed) {
		p7_failed(r->caller, r->invoke_id, OP_REGISTER_MS, failed);
		return;
	}
	if (r->changes_password)
		audit_password(r, r->wrong_password ? ERR_OLD_CREDENTIALS_INCORRECTLY_SPECIFIED : 0,
			       OK);
	if (r->wrong_password) {
		refuse_password(r);
		return;
	}
	if (r->parts[PART_LABELS].set) {
		buf_free(&r->user->labels);
		r->user->labels = buf_take(&r->parts[PART_LABELS].octets);
	}
	for (struct p7 *s = r->user->sessions; s && !unread; s = s->next)
		unread = alert_load(s);
	if (unread)
		p7_failed(r->caller, r->invoke_id, OP_REGISTER_MS, unread);
	else
		caller_result_null(r->caller, r->invoke_id, OP_REGISTER_MS);
	status_drop(unread);
}

FALLIBLE register_ms(const struct request *request, struct refusal *out_refusal)
{
	AUTO(registration_free) struct registration *r = mem_new(struct registration);

	*r = (struct registration){
		.ms = request->session->ms,
		.user = request->session->user,
		.caller = caller_ref(request->session->caller),
		.invoke_id = request->invoke_id,
		.parts = {
			[PART_LIST] = { .name = REGISTERED_LIST_DEFAULTS },
			[PART_FETCH] = { .name = REGISTERED_FETCH_DEFAULTS },
			[PART_ALERT] = { .name = REGISTERED_AUTO_ALERT },
			[PART_LABELS] = { .name = REGISTERED_LABELS },
		},
	};
	TRY(read_argument(request, r, out_refusal));
	if (out_refusal->error)
		return OK;
	TRY(writer_submit(r->ms->writer, register_job, register_done, r));
	r = NULL;	/* register_done's from here on */
	return OK;
}

FALLIBLE registered_defaults(const struct p7 *session, const char *which, struct buf *out)
{
	static const char *const fetched[] = {
		ID_ATT_MESSAGE_DELIVERY_ENVELOPE, ID_ATT_REPORT_DELIVERY_ENVELOPE, ID_ATT_CONTENT,
	};

	TRY(mailbox_registered(session->ms->reader, session->user->mailbox, which, out));
	if (out->len || strcmp(which, REGISTERED_FETCH_DEFAULTS) != 0)
		return OK;
	for (size_t i = 0; i < sizeof(fetched) / sizeof(fetched[0]); i++) {
		AUTO(buf_free) struct buf oid = { 0 };

		TRY(oid_from_text(fetched[i], &oid));
		ber_put(out, BER_UNIVERSAL(BER_OID), buf_view(&oid));
	}
	return OK;
}
