/* SPDX-License-Identifier: Apache-2.0 */
/* The process that holds a key: it does what the key itself would, has nothing else, and neither
 * outlives its server nor leaves it waiting. */
#include "lib/sec/key_process.h"

#include "lib/base/file.h"
#include "lib/base/memory.h"
#include "lib/sec/crypto_1989.h"
#include "lib/sec/key_wire.h"
#include "tests/support/check.h"
#include "tests/support/scratch.h"

#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct private_key *keys[KEY_RSA + 1];
static const char *paths[KEY_RSA + 1];

static int setup(void **state)
{
	if (scratch_setup(state))
		return -1;
	for (int type = KEY_P256; type <= KEY_RSA; type++) {
		paths[type] = scratch_path(key_type_name((enum key_type)type));
		assert_ok(private_key_generate((enum key_type)type, &keys[type]));
		assert_ok(private_key_save(paths[type], keys[type], bytes_none()));
	}
	return 0;
}

static int teardown(void **state)
{
	for (int type = KEY_P256; type <= KEY_RSA; type++)
		private_key_free(&keys[type]);
	return scratch_teardown(state);
}

static struct private_key *start(enum key_type type)
{
	struct private_key *key = NULL;

	assert_ok(key_process_start(paths[type], &key_is_plain, NULL, &key));
	return key;
}

static void it_signs_as_the_key_would(void **state)
{
	AUTO(buf_free) struct buf large = { 0 };

	(void)state;
	memset(buf_extend(&large, 5000000), 'x', 5000000);
	for (int type = KEY_P256; type <= KEY_RSA; type++) {
		AUTO(private_key_free) struct private_key *key = start((enum key_type)type);
		const struct public_key *public = private_key_public(keys[type]);
		const struct bytes parts[] = { BYTES("a statement of "), buf_view(&large) };
		struct bytes algorithm = crypto_signature_algorithm((enum key_type)type);
		AUTO(buf_free) struct buf signature = { 0 };

		assert_bytes(public_key_id(private_key_public(key)), public_key_id(public));
		assert_ok(crypto_sign(key, parts, 2, &signature));
		assert_ok(crypto_verify(public, algorithm, parts, 2, buf_view(&signature)));
		assert_fails(crypto_verify(public, algorithm, parts, 1, buf_view(&signature)),
			     "the signature is wrong");
	}
}

static void it_opens_as_the_key_would(void **state)
{
	static const enum key_type types[] = { KEY_P256, KEY_RSA };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		AUTO(private_key_free) struct private_key *key = start(types[i]);
		AUTO(buf_free) struct buf sealed = { 0 };
		AUTO(secret_free) struct secret plain = { 0 };
		struct bytes algorithm;

		assert_ok(transport_seal(private_key_public(keys[types[i]]), BYTES("a content key"),
					 &algorithm, &sealed));
		assert_ok(transport_open(key, algorithm, buf_view(&sealed), &plain));
		assert_bytes(secret_view(&plain), BYTES("a content key"));
		sealed.data[sealed.len - 1] ^= 1;
		assert_fails(transport_open(key, algorithm, buf_view(&sealed), &plain),
			     "not for this key, or was changed");
		sealed.data[10] ^= 1;
		assert_fails(transport_open(key, algorithm, buf_view(&sealed), &plain),
			     "not for this key, or was changed");
	}
}

static void it_does_what_older_suites_want(void **state)
{
	AUTO(private_key_free) struct private_key *elliptic = start(KEY_P256);
	AUTO(private_key_free) struct private_key *rsa = start(KEY_RSA);
	AUTO(buf_free) struct buf signature = { 0 }, sealed = { 0 };
	AUTO(secret_free) struct secret plain = { 0 };
	struct bytes part = BYTES("an older statement");

	(void)state;
	assert_ok(crypto_ecdsa_sign(elliptic, ECDSA_SHA1, &part, 1, &signature));
	assert_ok(crypto_ecdsa_verify(private_key_public(elliptic), ECDSA_SHA1, &part, 1,
				      buf_view(&signature)));
	assert_ok(rsa_seal(private_key_public(rsa), BYTES("deskey!!"), &sealed));
	assert_ok(rsa_open(rsa, buf_view(&sealed), &plain));
	assert_bytes(secret_view(&plain), BYTES("deskey!!"));
	assert_fails(rsa_open(rsa, BYTES("nonsense"), &plain), "not for this key");
}

static void a_key_that_cannot_be_had_is_told_of(void **state)
{
	const char *encrypted = scratch_path("encrypted");
	AUTO(private_key_free) struct private_key *key = NULL;
	const struct key_opening nothing = { 0 };

	(void)state;
	assert_ok(private_key_save(encrypted, keys[KEY_P256], BYTES("a passphrase")));
	assert_fails(key_process_start(scratch_path("none"), &nothing, NULL, &key), "cannot read");
	assert_fails(key_process_start(paths[KEY_P256], &nothing, NULL, &key), "is not encrypted");
	assert_fails(key_process_start(encrypted, &nothing, NULL, &key), "needs a passphrase");
	assert_fails(key_process_start(paths[KEY_P256], &key_is_plain, "nobody-of-this-name", &key),
		     "there is no user");
	assert_null(key);
}

/* --- from many threads --- */

enum { THREADS = 12, EACH = 100 };

static void *sign_often(void *arg)
{
	const struct private_key *key = arg;
	size_t wrong = 0;

	for (size_t i = 0; i < EACH; i++) {
		AUTO(buf_free) struct buf signature = { 0 };
		AUTO(status_free) struct status *failed = OK;
		struct bytes part = bytes_of(&i, sizeof(i));

		failed = crypto_sign(key, &part, 1, &signature);
		if (!failed)
			failed = crypto_verify(private_key_public(key), crypto_signature_algorithm(KEY_P256),
					       &part, 1, buf_view(&signature));
		wrong += failed != OK;
	}
	return (void *)wrong;
}

static void each_thread_gets_the_answer_to_its_question(void **state)
{
	AUTO(private_key_free) struct private_key *key = start(KEY_P256);
	pthread_t threads[THREADS];

	(void)state;
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, sign_often, key), 0);
	for (size_t i = 0; i < THREADS; i++) {
		void *wrong;

		assert_int_equal(pthread_join(threads[i], &wrong), 0);
		assert_null(wrong);
	}
}

/* --- what it has --- */

static bool status_says(pid_t pid, const char *line)
{
	AUTO(mem_free) char *path = mem_printf("/proc/%d/status", (int)pid);
	AUTO(mem_free) char *command = mem_printf("grep -qE '^%s$' %s", line, path);

	return system(command) == 0;
}

static void it_has_nothing_but_its_channels(void **state)
{
	AUTO(private_key_free) struct private_key *key = start(KEY_P256);
	const struct key_process_facts facts = key_process_facts(key);
	AUTO(mem_free) char *path = mem_printf("/proc/%d/fd", (int)facts.pid);
	DIR *dir = opendir(path);
	size_t sockets = 0, others = 0;

	(void)state;
	if (!dir)
		skip();		/* nobody but root sees what a hidden process has open */
	for (struct dirent *entry; (entry = readdir(dir));) {
		char to[64] = "";

		if (readlinkat(dirfd(dir), entry->d_name, to, sizeof(to) - 1) < 0)
			continue;
		sockets += strncmp(to, "socket:", 7) == 0;
		others += strncmp(to, "socket:", 7) != 0 && strcmp(to, "/dev/null") != 0 &&
			strcmp(entry->d_name, "2") != 0;
	}
	closedir(dir);
	assert_int_equal(sockets, KEY_CHANNELS);
	assert_int_equal(others, 0);
	assert_true(facts.confined);
	assert_true(status_says(facts.pid, "NoNewPrivs:\t1"));
	assert_true(status_says(facts.pid, "Seccomp:\t2"));
	assert_true(status_says(facts.pid, "Threads:\t4"));
}

/* --- ends --- */

static void its_end_is_told(void **state)
{
	AUTO(private_key_free) struct private_key *key = start(KEY_P256);
	AUTO(buf_free) struct buf signature = { 0 };
	AUTO(status_free) struct status *failed = OK;
	struct bytes part = BYTES("too late");
	siginfo_t end;

	(void)state;
	assert_ok(key_process_check(key));
	assert_int_equal(kill(key_process_facts(key).pid, SIGKILL), 0);
	assert_int_equal(waitid(P_PID, (id_t)key_process_facts(key).pid, &end, WEXITED | WNOWAIT), 0);
	for (size_t i = 0; i < KEY_CHANNELS + 1; i++) {
		failed = crypto_sign(key, &part, 1, &signature);
		assert_non_null(failed);
		assert_int_equal(failed->kind, ST_LATER);
		status_free(&failed);
	}
	assert_int_equal(signature.len, 0);
	assert_fails(crypto_sign(key, &part, 1, &signature), "the process that holds the key has ended");
	assert_fails(key_process_check(key), "was ended by signal 9");
}

/* A message that cannot be opened for want of the key is not one that was changed. */
static void what_cannot_be_opened_now_is_not_refused(void **state)
{
	AUTO(private_key_free) struct private_key *key = start(KEY_P256);
	AUTO(buf_free) struct buf sealed = { 0 };
	AUTO(secret_free) struct secret plain = { 0 };
	AUTO(status_free) struct status *failed = OK;
	struct bytes algorithm;

	(void)state;
	assert_ok(transport_seal(private_key_public(key), BYTES("key"), &algorithm, &sealed));
	assert_int_equal(kill(key_process_facts(key).pid, SIGKILL), 0);
	failed = transport_open(key, algorithm, buf_view(&sealed), &plain);
	assert_non_null(failed);
	assert_int_equal(failed->kind, ST_LATER);
}

static void it_does_not_outlive_its_server(void **state)
{
	int status, told[2];
	pid_t holder = 0;

	(void)state;
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
	assert_int_equal(pipe(told), 0);
	pid_t server = fork();
	if (server == 0) {
		pid_t pid = key_process_facts(start(KEY_P256)).pid;

		_exit(write(told[1], &pid, sizeof(pid)) != sizeof(pid));
	}
	assert_int_equal(waitpid(server, &status, 0), server);
	assert_int_equal(status, 0);
	assert_int_equal(read(told[0], &holder, sizeof(holder)), sizeof(holder));
	assert_int_equal(waitpid(holder, &status, 0), holder);
	close(told[0]);
	close(told[1]);
}

/* A server that was taken over gets no further by requests of another form. */
static void it_takes_no_other_form(void **state)
{
	static const struct { const char *name, *wire; } cases[] = {
		{ "no such operation", "ff 00000000" },
		{ "more than anything", "02 ffffffff" },
		{ "the end within a header", "00 0000" },
		{ "the end within octets", "00 00000020 00" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(buf_free) struct buf wire = hex(cases[i].wire);
		AUTO(secret_free) struct secret ready = { 0 }, refused = { 0 };
		int ours[KEY_CHANNELS], theirs[KEY_CHANNELS], status;
		uint8_t kind;

		for (size_t c = 0; c < KEY_CHANNELS; c++) {
			int pair[2];

			assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
			ours[c] = pair[0];
			theirs[c] = pair[1];
		}
		pid_t pid = fork();
		if (pid == 0)
			key_server_run(theirs, paths[KEY_P256], &key_is_plain, NULL);
		for (size_t c = 0; c < KEY_CHANNELS; c++)
			close(theirs[c]);
		assert_true(key_wire_get(ours[0], 1, 4096, &kind, &ready));
		/* What is too long for its operation is refused, and the next is served. */
		assert_true(key_wire_put(ours[0], KEY_AGREE, bytes_of(paths, 0)));
		assert_true(key_wire_get(ours[0], 8, 4096, &kind, &refused) && kind != 0);
		print_message("  %s\n", cases[i].name);
		assert_int_equal(write(ours[1], wire.data, wire.len), wire.len);
		for (size_t c = 0; c < KEY_CHANNELS; c++)
			shutdown(ours[c], SHUT_WR);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
		for (size_t c = 0; c < KEY_CHANNELS; c++)
			close(ours[c]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_signs_as_the_key_would),
		cmocka_unit_test(it_opens_as_the_key_would),
		cmocka_unit_test(it_does_what_older_suites_want),
		cmocka_unit_test(a_key_that_cannot_be_had_is_told_of),
		cmocka_unit_test(each_thread_gets_the_answer_to_its_question),
		cmocka_unit_test(it_has_nothing_but_its_channels),
		cmocka_unit_test(its_end_is_told),
		cmocka_unit_test(what_cannot_be_opened_now_is_not_refused),
		cmocka_unit_test(it_does_not_outlive_its_server),
		cmocka_unit_test(it_takes_no_other_form),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
