/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials of a bind [X.411 8.1.2.1.1.1.2]: made for a peer, and checked.
 * The steps run on the worker pool, because the directory may have to be asked.
 */
#include "lib/mhs/link_impl.h"

#include "asn1/asn.h"
#include "asn1/x400_oids.h"
#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/base/words.h"
#include "lib/mhs/mts_id.h"
#include "lib/mhs/orname.h"
#include "lib/mhs/own_keys.h"
#include "lib/mhs/trust.h"
#include "lib/sec/password.h"

#include <TokenRecipient.h>
#include <stdlib.h>

ASN_CLEANUP(TokenRecipient)

enum bind_kind link_bind_kind(const struct app_context *context)
{
	if (!strcmp(context->oid, ID_AC_MTS_TRANSFER))
		return BIND_MTA;
	if (!strcmp(context->oid, ID_AC_MS_ACCESS) || !strcmp(context->oid, ID_AC_MS_RELIABLE_ACCESS))
		return BIND_MS;
	return BIND_MTS;
}

/* --- names in tokens --- */

static void put_mta_name(struct bytes domain, const char *mta_name, struct buf *out)
{
	token_name_mta(domain, mta_name, out);
}

/* The name that a token to the peer has to hold.  A user and his store share one O/R name
 * [X.413 7.1]: between them both tokens hold it. */
static void put_peer_name(const struct link *link, struct buf *out)
{
	const struct link_self *self = &link->env->self;

	if (link->peer_role == LINK_MTA)
		put_mta_name(link->peer_domain, link->peer_mta_name, out);
	else if (link->peer_role == LINK_MS && self->role == LINK_UA)
		buf_put(out, self->or_name);
	else
		buf_put(out, link->peer_or_name);
}

/* The name that a token to us has to hold. */
static void put_own_name(const struct link *link, struct buf *out)
{
	const struct link_self *self = &link->env->self;

	if (self->role == LINK_MTA)
		put_mta_name(self->domain, self->mta_name, out);
	else if (self->role == LINK_MS && link->peer_role == LINK_UA)
		buf_put(out, link->peer_or_name);
	else
		buf_put(out, self->or_name);
}

/* The names of two MTAs: the domain may be left out of either. */
static bool same_mta(const TokenMTA_t *a, const TokenMTA_t *b)
{
	AUTO(buf_free) struct buf domain_a = { 0 };
	AUTO(buf_free) struct buf domain_b = { 0 };

	if (!bytes_equal(asn_bytes(&a->mta_name), asn_bytes(&b->mta_name)))
		return false;
	if (!a->global_domain_identifier || !b->global_domain_identifier)
		return true;
	struct status *st = asn_encode(&asn_DEF_GlobalDomainIdentifier,
				       a->global_domain_identifier, &domain_a);
	if (!st)
		st = asn_encode(&asn_DEF_GlobalDomainIdentifier, b->global_domain_identifier,
				&domain_b);
	bool same = !st && domain_equal(buf_view(&domain_a), buf_view(&domain_b));
	status_drop(st);
	return same;
}

static bool same_token_name(struct bytes a, struct bytes b)
{
	AUTO(TokenRecipient_cleanup) TokenRecipient_t *left = NULL;
	AUTO(TokenRecipient_cleanup) TokenRecipient_t *right = NULL;
	struct status *st = asn_decode(&asn_DEF_TokenRecipient, a, (void **)&left);

	if (!st)
		st = asn_decode(&asn_DEF_TokenRecipient, b, (void **)&right);
	if (st) {
		status_drop(st);
		return false;
	}
	if (left->present != right->present)
		return false;
	if (left->present == TokenRecipient_PR_mta)
		return same_mta(&left->choice.mta, &right->choice.mta);
	return orname_tlv_equal(a, b);
}

/* --- making --- */

static void put_self(const struct link *link, struct bind *bind)
{
	const struct link_self *self = &link->env->self;

	bind->mta_name = self->mta_name;
	bind->or_name = self->or_name;
	bind->name_kind = self->role == LINK_MTA ? BIND_NAME_MTA
		: self->role == LINK_MS ? BIND_NAME_MS : BIND_NAME_USER;
}

static FALLIBLE put_password(const struct link_expected *expected, struct bind *bind,
			     struct buf *password)
{
	AUTO(mem_free) char *line = NULL;

	bind->credentials = BIND_SIMPLE;
	if (expected->own_password_file) {
		TRY(words_read_line(expected->own_password_file, &line));
		buf_put_text(password, line);
	} else if (expected->own_password) {
		buf_put_text(password, expected->own_password);
	}
	bind->password = buf_view(password);
	return OK;
}

/* Our side of the bind, with credentials of the kind that is wanted: a password or a token. */
static FALLIBLE make_bind(struct bind_work *work, bool strong, struct bind *bind,
			  struct buf *token)
{
	const struct link *link = work->link;
	const struct link_self *self = &link->env->self;

	put_self(link, bind);
	if (!strong)
		return put_password(&link->expected, bind, token);

	const time_t now = clock_now(link->env->clock);
	const struct own_key *own = self->keys ? own_keys_signer(self->keys, now) : NULL;

	if (!own)
		return FAIL(ST_USAGE, 0, "strong credentials are wanted, and there is no key for them");
	AUTO(buf_free) struct buf peer_name = { 0 };
	put_peer_name(link, &peer_name);
	bind->credentials = BIND_STRONG;
	bind->certificate = own->cert->der;
	TRY(bind_token_make(own->key, buf_view(&peer_name), now,
			    bytes_of(link->random, sizeof(link->random)), token));
	bind->token = buf_view(token);
	return OK;
}

static FALLIBLE make_argument(struct bind_work *work)
{
	AUTO(buf_free) struct buf token = { 0 };
	struct bind bind = { 0 };

	TRY_DOING(make_bind(work, !work->link->expected.own_password, &bind, &token),
		  "cannot make credentials for %s", work->link->peer);
	bind.security_context = work->link->security_context;
	bind.fetch_restrictions = work->link->fetch_restrictions;
	return bind_argument_encode(work->link->kind, &bind, &work->out);
}

/* --- checking --- */

/* [X.411 8.1.2.1.1.1.2] only where a setting says so; a stranger learns neither that nor, from the
 * time that it takes, whether anybody is known by the name. */
static FALLIBLE check_simple(const struct link *link, const struct bind *peer)
{
	const struct link_expected *expected = &link->expected;
	bool matches = password_matches(expected->password ? expected->password_stored : bytes_none(),
					expected->password, peer->password);

	if (!expected->password)
		return FAIL(ST_REFUSED, 0, "simple credentials are not enough here");
	if (!matches)
		return FAIL(ST_REFUSED, 0, "the password is wrong");
	return OK;
}

/* The token, with a certificate of the peer's. */
static FALLIBLE check_token(void *arg, const struct cert_path *path)
{
	const struct bind_work *work = arg;
	struct link *link = work->link;
	AUTO(buf_free) struct buf own_name = { 0 };

	put_own_name(link, &own_name);
	const struct bind_check check = {
		.peer = cert_path_leaf(path),
		.own_name = buf_view(&own_name),
		.same_name = same_token_name,
		.now = clock_now(link->env->clock),
	};
	if (work->step == BIND_CHECK_ARGUMENT)
		return bind_token_check_initiator(&check, work->peer.token, link->env->seen,
						  link->random);
	return bind_token_check_responder(&check, work->peer.token,
					  bytes_of(link->random, sizeof(link->random)));
}

/* Who binds says which of his certificates it is, or the directory has those that it may be. */
static FALLIBLE check_strong(struct bind_work *work)
{
	const struct link *link = work->link;
	const struct trust_wanted wanted = {
		.scope = link->expected.scope,
		.directory_name = link->expected.directory_name,
		.or_address = link->expected.or_address,
	};
	AUTO(path_trial_cleanup) struct path_trial trial = { .attempt = check_token, .arg = work };
	AUTO(cert_free) const struct cert *cert = NULL;

	if (!work->peer.certificate.len)
		return trust_find_for(link->env->trust, &wanted, &trial, &work->path);
	TRY(cert_decode(work->peer.certificate, &cert));
	TRY(trust_verify(link->env->trust, &wanted, cert, &work->path));
	return check_token(work, work->path);
}

static FALLIBLE check_credentials(struct bind_work *work)
{
	switch (work->peer.credentials) {
	case BIND_SIMPLE:
		return check_simple(work->link, &work->peer);
	case BIND_STRONG:
		return check_strong(work);
	case BIND_NO_CREDENTIALS:
		break;
	}
	return FAIL(ST_REFUSED, 0, "there are no credentials");
}

static FALLIBLE check_argument(struct bind_work *work)
{
	if (work->refused) {
		status_drop(check_simple(work->link, &work->peer));
		return TAKE(work->refused);
	}
	TRY(check_credentials(work));
	TRY_DOING(make_bind(work, work->peer.credentials == BIND_STRONG, &work->answer,
			    &work->token),
		  "cannot make credentials for %s", work->link->peer);
	return OK;
}

/* --- the worker pool --- */

static void run_step(void *arg)
{
	struct bind_work *work = arg;

	switch (work->step) {
	case BIND_MAKE_ARGUMENT:
		work->failed = make_argument(work);
		return;
	case BIND_CHECK_ARGUMENT:
		work->failed = check_argument(work);
		return;
	case BIND_CHECK_RESULT:
		work->failed = check_credentials(work);
		return;
	}
}

static void step_done(void *arg)
{
	struct bind_work *work = arg;
	struct link *link = work->link;

	link->work_running = false;
	if (work->path && !link->peer_cert)
		link->peer_cert = cert_ref(cert_path_leaf(work->path));
	if (link->state == LINK_BINDING)
		work->done(work);
	cert_path_free(&work->path);
	buf_free(&work->token);
	buf_free(&work->out);
	status_free(&work->failed);
	status_free(&work->refused);
	free(work);
	link_free_when_over(link);
}

void link_work(struct link *link, enum bind_step step, const struct bind *peer,
	       struct status *refused, void (*done)(struct bind_work *work))
{
	struct bind_work *work = mem_new(struct bind_work);

	work->link = link;
	work->step = step;
	work->refused = refused;
	work->done = done;
	if (peer)
		work->peer = *peer;
	link->work_running = true;
	loop_work(link->env->loop, run_step, step_done, work);
}

void link_audit(const struct link *link, const struct status *refused, const char *diag)
{
	const struct audit_event event = {
		.assoc = link->number,
		.user = link->peer,
		.what = "bind",
		.allowed = !refused,
		.diag = refused ? diag : NULL,
		.why = refused,
	};

	log_audit(&event);
}
