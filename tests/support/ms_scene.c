/* SPDX-License-Identifier: Apache-2.0 */
/* A message store as a process, and those who talk to it. */
#include "tests/support/ms_scene.h"

#include "lib/mhs/delivery.h"
#include "lib/mhs/operations.h"
#include "lib/mhs/orname.h"
#include "tests/support/check.h"
#include "tests/support/scratch.h"

#include <stdlib.h>
#include <sys/stat.h>

enum { TIMEOUT_MS = 20000 };

struct loop *loop;
struct arena *arena;
struct process store;
struct peer mta, ua;
int submissions;
struct bytes submitted;
struct bytes what_bob_writes;
static const char *store_address;
static struct link_server *mta_server;
static const struct mta_identity mta_identity = { "FR", "Net", "North", "mta" };

/* --- what is told --- */

static void on_result(void *user, struct link *link, int32_t id, struct bytes result,
		      struct buf *apdu)
{
	struct peer *peer = user;

	(void)link, (void)id, (void)apdu;
	buf_clear(&peer->result);
	buf_put(&peer->result, result);
	peer->results++;
}

static void on_error(void *user, struct link *link, int32_t id, int error, struct bytes parameter,
		     struct buf *apdu)
{
	struct peer *peer = user;

	(void)link, (void)id, (void)apdu;
	buf_clear(&peer->error);
	buf_put(&peer->error, parameter);
	peer->last_error = error;
	peer->errors++;
}

static void on_reject(void *user, struct link *link, int32_t id, const struct status *why)
{
	struct peer *peer = user;

	(void)link, (void)id, (void)why;
	peer->rejects++;
}

static void on_alert(void *user, struct link *link, int32_t id, int operation,
		     struct bytes argument, struct buf *apdu)
{
	struct peer *peer = user;
	const struct bytes null = BYTES("\x05\x00");

	(void)argument, (void)apdu;
	assert_int_equal(operation, OP_ALERT);
	peer->alerts++;
	assert_ok(assoc_result_req(link_assoc(link), id, operation, &null, 1));
}

static void on_closed(void *user, struct link *link, const struct status *why)
{
	struct peer *peer = user;

	(void)link, (void)why;
	peer->link = NULL;
	peer->closed = true;
}

static const struct link_user peer_user = {
	.invoke = on_alert, .result = on_result, .error = on_error, .reject = on_reject,
	.closed = on_closed,
};

static void on_opened(void *user, struct link *link)
{
	((struct peer *)user)->link = link;
}

/* --- the MTA that takes what the store submits --- */

struct bytes identifier(const char *local)
{
	AUTO(buf_free) struct buf tlv = { 0 };

	assert_ok(mts_id_encode(&mta_identity, local, &tlv));
	return arena_dup(arena, buf_view(&tlv));
}

static void on_submission(void *user, struct link *link, int32_t id, int operation,
			  struct bytes argument, struct buf *apdu)
{
	AUTO(buf_free) struct buf result = { 0 };
	struct envelope *envelope = NULL;

	(void)user, (void)apdu;
	assert_ok(submission_decode(arena, argument, &envelope));
	assert_true(bytes_equal(envelope->content, what_bob_writes));
	submissions++;
	submitted = arena_dup(arena, argument);
	assert_ok(submission_result_encode(&(struct submission_result){
		.id = identifier(arena_printf(arena, "submitted-%d", submissions)),
		.time = clock_now(&clock_real) }, &result));
	const struct bytes part = buf_view(&result);
	assert_ok(assoc_result_req(link_assoc(link), id, operation, &part, 1));
}

static void submitter_closed(void *user, struct link *link, const struct status *why)
{
	(void)user, (void)link, (void)why;
}

static FALLIBLE expect_store(void *data, const struct link_claim *claim, struct link_expected *out)
{
	(void)data;
	assert_int_equal(claim->role, LINK_MS);
	*out = mta.expected;
	return OK;
}

static void accept_store(void *data, struct link *link, const struct link_claim *claim,
			 const struct link_user **out_user, void **out_user_data)
{
	static const struct link_user user = { .invoke = on_submission,
					       .closed = submitter_closed };

	(void)link, (void)claim;
	*out_user = &user;
	*out_user_data = data;
}

static const struct link_server_user mta_serves = { expect_store, accept_store };

/* --- the scene --- */

struct bytes or_name(const char *text)
{
	struct bytes name = { 0 };

	assert_ok(orname_tlv_from_text(arena, text, &name));
	return name;
}

const char *scene_socket(const char *name)
{
	char *folder = realpath(scratch_path("."), NULL);
	const char *address = arena_printf(arena, "unix:%s/%s", folder, name);

	free(folder);
	return address;
}

const char *scene_file(const char *name, const char *text)
{
	FILE *file = fopen(scratch_path(name), "we");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(scratch_path(name), 0600), 0);
	return scratch_path(name);
}

void scene_start(const char *settings)
{
	const char *config = scene_file("ms.conf", arena_printf(arena,
		"listen = %s\naddress = " DOMAIN "\nstore = %s\nlog-level = debug\n%s",
		store_address, scratch_path("ms.db"), settings));

	process_start(&store, "postern-ms", config, scratch_path("ms.log"));
}

static bool is_bound(void *arg)
{
	struct peer *peer = arg;

	return peer->link || peer->closed;
}

static bool is_alone(void *arg)
{
	return !((struct peer *)arg)->link;
}

void wait_for_end(struct peer *peer)
{
	assert_true(loop_run_until(loop, is_alone, peer, TIMEOUT_MS));
}

static void bind_peer(struct peer *peer, const struct app_context *context, const char *address,
		      struct bytes store_name)
{
	const struct link_target target = {
		.address = address,
		.context = context,
		.role = LINK_MS,
		.or_name = store_name,
		.expected = peer->expected,
		.fetch_restrictions = peer->fetch_restrictions,
		.connect_timeout_ms = 5000,
	};

	peer->closed = false;
	link_connect(&peer->env, &target, on_opened, &peer_user, peer);
	assert_true(loop_run_until(loop, is_bound, peer, TIMEOUT_MS));
}

void bind_mta(void)
{
	bind_peer(&mta, &context_mts_forced_access, store_address, or_name(DOMAIN));
}

void bind_ua(void)
{
	bind_peer(&ua, &context_ms_access, store_address, ua.env.self.or_name);
}

void bind_ua_reliably(const char *address)
{
	bind_peer(&ua, &context_ms_reliable_access, address, ua.env.self.or_name);
}

static struct link_env env_of(enum link_role role)
{
	return (struct link_env){
		.loop = loop, .clock = &clock_real, .self = { .role = role },
		.limits = &assoc_limits_default, .bind_timeout_ms = 10000,
	};
}

void scene_open(void)
{
	static const struct app_context *const contexts[] = { &context_mts_access, NULL };
	AUTO(buf_free) struct buf domain = { 0 };

	loop = loop_new();
	arena = arena_new();
	store_address = scene_socket("ms");
	domain_encode(&mta_identity, &domain);
	mta = (struct peer){ .env = env_of(LINK_MTA) };
	mta.env.self.mta_name = mta_identity.mta_name;
	mta.env.self.domain = arena_dup(arena, buf_view(&domain));
	ua = (struct peer){ .env = env_of(LINK_UA) };
	ua.env.self.or_name = or_name(BOB);
	submissions = 0;
	what_bob_writes = BYTES("what bob writes");
	assert_ok(link_listen(&mta.env, scene_socket("mta"), contexts, 10, &mta_serves, NULL,
			      &mta_server));
}

void scene_close(void)
{
	process_stop(&store);
	link_server_close(&mta_server);
	loop_free(&loop);
	buf_free(&mta.result);
	buf_free(&mta.error);
	buf_free(&ua.result);
	buf_free(&ua.error);
	arena_free(&arena);
}

/* --- asking --- */

struct wait {
	const int *value;
	int wanted;
};

static bool reached(void *arg)
{
	const struct wait *wait = arg;

	return *wait->value >= wait->wanted;
}

void wait_for(const int *value, int wanted, const char *what)
{
	struct wait wait = { value, wanted };

	if (loop_run_until(loop, reached, &wait, TIMEOUT_MS))
		return;
	process_show_log(&store);
	fail_msg("%s is %d, not %d", what, *value, wanted);
}

void invoke(struct peer *peer, int operation, struct bytes head, struct bytes content)
{
	const struct bytes parts[] = { head, content };
	int32_t id;

	assert_non_null(peer->link);
	assert_ok(assoc_invoke_req(link_assoc(peer->link), operation, parts, 2, &id));
}

void ask(struct peer *peer, int operation, const struct buf *argument)
{
	int results = peer->results;

	invoke(peer, operation, buf_view(argument), bytes_none());
	WAIT_FOR(peer->results, results + 1);
}

void ask_in_vain(struct peer *peer, int operation, const struct buf *argument, int error)
{
	int errors = peer->errors;

	invoke(peer, operation, buf_view(argument), bytes_none());
	WAIT_FOR(peer->errors, errors + 1);
	assert_int_equal(peer->last_error, error);
}

void deliver_to(const char *local, const char *recipient, struct bytes content, bool proof)
{
	AUTO(buf_free) struct buf head = { 0 };
	struct delivery delivery = {
		.arena = arena, .id = identifier(local), .time = 1790000000,
		.content_type = content_type_tlv(arena, CONTENT_TYPE_P22),
		.originator = or_name(ALICE), .this_recipient = or_name(recipient),
		.eits = BYTES("\x65\x04\x80\x02\x05\x20"),	/* ia5-text */
		.priority = PRIORITY_URGENT, .submission_time = 1790000000, .content = content,
	};

	if (proof)
		ext_put_enumerated(arena, &delivery.extensions, EXT_PROOF_OF_DELIVERY_REQUEST, 1);
	assert_ok(delivery_encode(&delivery, &head));
	invoke(&mta, OP_MESSAGE_DELIVERY, buf_view(&head), content);
}

void deliver(const char *local, struct bytes content)
{
	int results = mta.results;

	deliver_to(local, BOB, content, false);
	WAIT_FOR(mta.results, results + 1);
}
