/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pose ua|mta ADDRESS KEY CERTIFICATE NAME PEER AUTHORITY DIRECTORY: binds as the user with an O/R
 * address to his store (PEER "-") or to an MTA, or to an MTA as an MTA, with whatever key and
 * certificate; says whether he is let in.  An MTA's name is "mta-north/PRMD=North/ADMD=Atlas/C=FR/".
 */
#include "lib/base/clock.h"
#include "lib/base/loop.h"
#include "lib/base/memory.h"
#include "lib/mhs/contexts.h"
#include "lib/mhs/link.h"
#include "lib/mhs/mts_id.h"
#include "lib/mhs/orname.h"
#include "lib/mhs/own_keys.h"
#include "lib/mhs/trust.h"
#include "tests/support/stolen.h"

enum { BIND_MS = 20000 };

struct pose {
	struct loop *loop;
	bool bound, over;
	struct status *why;
};

static void opened(void *user, struct link *link)
{
	((struct pose *)user)->bound = true;
	link_release(link);
}

static void closed(void *user, struct link *link, const struct status *why)
{
	struct pose *pose = user;
	AUTO(mem_free) char *text = why ? status_text(why) : NULL;

	(void)link;
	if (!pose->bound)
		pose->why = FAIL(ST_REFUSED, 0, "we are not let in: %s", text ? text : "");
	pose->over = true;
}

static bool is_over(void *arg)
{
	return ((struct pose *)arg)->over;
}

/* Name and domain of an MTA. */
static FALLIBLE read_mta(struct arena *arena, const char *text, const char **out_name,
			 struct bytes *out_domain)
{
	AUTO(buf_free) struct buf domain = { 0 };
	struct mta_identity *identity = NULL;
	size_t at = strcspn(text, "/");

	TRY(mta_identity_from_text(arena, text + at, arena_printf(arena, "%.*s", (int)at, text),
				   &identity));
	domain_encode(identity, &domain);
	*out_name = identity->mta_name;
	*out_domain = arena_dup(arena, buf_view(&domain));
	return OK;
}

static FALLIBLE who(struct arena *arena, char **words, struct link_self *self,
		    struct link_target *target)
{
	bool is_mta = strcmp(words[0], "mta") == 0, to_store = strcmp(words[5], "-") == 0;

	target->address = words[1];
	target->connect_timeout_ms = BIND_MS;
	self->role = is_mta ? LINK_MTA : LINK_UA;
	target->role = to_store ? LINK_MS : LINK_MTA;
	target->context = to_store ? &context_ms_access
		: is_mta ? &context_mts_transfer : &context_mts_access;
	target->expected.scope = to_store ? SCOPE_MS : SCOPE_MTA;
	TRY(is_mta ? read_mta(arena, words[4], &self->mta_name, &self->domain)
		   : orname_tlv_from_text(arena, words[4], &self->or_name));
	return to_store ? OK : read_mta(arena, words[5], &target->mta_name, &target->domain);
}

static FALLIBLE pose_as(struct arena *arena, char **words, struct link_self *self,
			struct trust *trust)
{
	static const struct link_user user = { .closed = closed };
	struct link_target target = { 0 };

	TRY(who(arena, words, self, &target));
	struct pose pose = { .loop = loop_new() };
	const struct link_env env = {
		.loop = pose.loop, .clock = &clock_real, .self = *self, .trust = trust,
		.limits = &assoc_limits_default, .bind_timeout_ms = BIND_MS,
	};
	link_connect(&env, &target, opened, &user, &pose);
	loop_run_until(pose.loop, is_over, &pose, 2 * BIND_MS);
	loop_shutdown(pose.loop);
	loop_free(&pose.loop);
	if (pose.bound)
		puts("we are let in");
	return pose.why;
}

static FALLIBLE run(char **words)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(private_key_free) struct private_key *key = NULL;
	AUTO(cert_free) const struct cert *cert = NULL;
	AUTO(trust_free) struct trust *trust = NULL;
	const struct directory_config directory = { .uri = words[7] };
	const struct trust_options options = {
		.anchor = words[6], .directory = &directory, .clock = &clock_real,
	};

	TRY(private_key_load(words[2], &key_is_plain, &key));
	TRY(cert_load(words[3], &cert));
	TRY(trust_open(&options, &trust));

	const struct own_keys keys = { &(struct own_key){ key, cert }, 1 };

	return pose_as(arena, words, &(struct link_self){ .keys = &keys }, trust);
}

int main(int argc, char **argv)
{
	return attack_main(argc, argv, 8,
			   "pose ua|mta ADDRESS KEY CERTIFICATE NAME PEER AUTHORITY DIRECTORY", run);
}
