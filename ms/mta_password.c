/* SPDX-License-Identifier: Apache-2.0 */
/* The password of an MTA's simple credentials. */
#include "ms/mta_password.h"

#include "asn1/ber.h"
#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/mhs/operations.h"
#include "lib/mhs/password_change.h"
#include "lib/osi/rose.h"
#include "lib/store/registered.h"

struct change {
	struct caller *caller;
	const struct peer *mta;
	int32_t invoke_id;
	char *name;			/* in the table of lib/store/registered.h */
	struct password_change password;
	bool wrong;			/* the old one is: nothing is stored */
};

static void change_free(struct change **change)
{
	struct change *c = TAKE(*change);

	if (!c)
		return;
	caller_free(&c->caller);
	mem_free(&c->name);
	password_change_cleanup(&c->password);
	mem_free(&c);
}

static char *name_of(const struct peer *mta)
{
	return mem_printf("mta %s", mta->name);
}

FALLIBLE mta_password_stored(struct db *db, const struct peer *mta, struct arena *arena,
			     struct bytes *out)
{
	AUTO(mem_free) char *name = name_of(mta);
	AUTO(buf_free) struct buf stored = { 0 };

	TRY(registered_password(db, name, &stored));
	*out = arena_dup(arena, buf_view(&stored));
	return OK;
}

/* error 0: it was changed. */
static void answer(const struct change *c, int error, const struct status *why)
{
	AUTO(buf_free) struct buf parameter = { 0 };
	const struct audit_event event = {
		.assoc = c->caller->link ? link_number(c->caller->link) : 0,
		.user = c->mta->name,
		.what = "change-credentials",
		.allowed = !error,
		.diag = error ? error_name(error) : NULL,
		.why = why,
	};

	log_audit(&event);
	error_null(&parameter);
	if (error)
		caller_error(c->caller, c->invoke_id, error, buf_view(&parameter));
	else
		caller_result_null(c->caller, c->invoke_id, OP_CHANGE_CREDENTIALS);
}

static FALLIBLE change_job(struct db *db, void *arg)
{
	struct change *c = arg;

	return password_change_registered(db, c->name, &c->password, c->mta->expected.password,
					  &c->wrong);
}

/* X.411 has no error for "not now". */
static void change_done(void *arg, const struct status *failed)
{
	AUTO(change_free) struct change *c = arg;

	if (!failed)
		answer(c, c->wrong ? ERR_OLD_CREDENTIALS_INCORRECTLY_SPECIFIED : 0, OK);
	else if (c->caller->link)
		link_abort(c->caller->link, status_doing(status_copy(failed),
							 "a password cannot be stored"));
}

static FALLIBLE read_change(struct change *c, struct bytes argument, struct status **out_refused)
{
	struct ber_tlv set;

	TRY(ber_only(argument, &set));
	if (set.tag != BER_SET)
		return FAIL(ST_PEER, 0, "the argument of change-credentials is no set");
	TRY(password_change_read(set.contents, &c->password, out_refused));
	if (!*out_refused && !c->mta->expected.password)
		*out_refused = FAIL(ST_REFUSED, 0, "the settings give it no password");
	return OK;
}

void mta_password_change(struct ms *ms, struct caller *caller, const struct peer *mta,
			 int32_t invoke_id, struct bytes argument)
{
	AUTO(change_free) struct change *c = mem_new(struct change);
	AUTO(status_free) struct status *refused = OK;

	*c = (struct change){ .caller = caller_ref(caller), .mta = mta, .invoke_id = invoke_id,
			      .name = name_of(mta) };
	AUTO(status_free) struct status *failed = read_change(c, argument, &refused);
	if (failed) {
		caller_reject(caller, invoke_id, ROSE_INVOKE_MISTYPED_ARGUMENT, failed);
		return;
	}
	if (refused) {
		answer(c, ERR_NEW_CREDENTIALS_UNACCEPTABLE, refused);
		return;
	}
	failed = writer_submit(ms->writer, change_job, change_done, c);
	if (failed)
		link_abort(caller->link, TAKE(failed));
	else
		c = NULL;	/* change_done's from here on */
}
