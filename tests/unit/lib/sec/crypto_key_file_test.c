/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys in files: encrypted as openssl(1) reads it, and opened by whom they may be. */
#include "lib/sec/passphrase.h"

#include "lib/base/file.h"
#include "lib/base/memory.h"
#include "tests/support/check.h"
#include "tests/support/scratch.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const words = "correct horse battery";
static struct private_key *key;

static int setup(void **state)
{
	return private_key_generate(KEY_P256, &key) ? -1 : scratch_setup(state);
}

static int teardown(void **state)
{
	private_key_free(&key);
	return scratch_teardown(state);
}

/* A file with these octets, made anew. */
static const char *file_of(const char *name, const char *text, mode_t mode)
{
	const char *path = scratch_path(name);

	unlink(path);
	assert_ok(file_create(path, mode, bytes_text(text)));
	return path;
}

static struct key_opening with(const char *text)
{
	AUTO(mem_free) char *line = mem_printf("%s\nnot this\n", text);

	return (struct key_opening){ .passphrase_file = file_of("passphrase", line, 0600) };
}

static void assert_same_key(const struct private_key *a, const struct private_key *b)
{
	assert_bytes(public_key_id(private_key_public(a)), public_key_id(private_key_public(b)));
}

static void a_passphrase_opens_what_it_encrypted(void **state)
{
	const char *path = scratch_path("encrypted.pem");
	AUTO(private_key_free) struct private_key *loaded = NULL;
	AUTO(buf_free) struct buf pem = { 0 };
	struct key_opening opening = with(words);
	struct stat info;

	(void)state;
	assert_ok(private_key_save(path, key, bytes_text(words)));
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 07777, 0600);
	assert_ok(file_read(path, 4096, &pem, NULL));
	buf_put_u8(&pem, 0);
	assert_non_null(strstr((char *)pem.data, "BEGIN ENCRYPTED PRIVATE KEY"));
	assert_ok(private_key_load(path, &opening, &loaded));
	assert_same_key(loaded, key);
}

static void the_file_is_what_others_read_too(void **state)
{
	const char *path = scratch_path("theirs.pem");
	AUTO(mem_free) char *read = mem_printf(
		"openssl pkey -in %s -passin 'pass:%s' -noout 2>&1", path, words);
	AUTO(mem_free) char *scheme = mem_printf(
		"openssl asn1parse -in %s | grep -q -i ':.*scrypt' && "
		"openssl asn1parse -in %s | grep -q ':aes-256-cbc'", path, path);
	AUTO(mem_free) char *pbkdf2 = mem_printf(
		"openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 | "
		"openssl pkcs8 -topk8 -v2 aes-256-cbc -passout 'pass:%s' -out %s && chmod 600 %s", words,
		scratch_path("pbkdf2.pem"), scratch_path("pbkdf2.pem"));
	AUTO(private_key_free) struct private_key *loaded = NULL;
	struct key_opening opening = with(words);

	(void)state;
	assert_ok(private_key_save(path, key, bytes_text(words)));
	assert_int_equal(system(read), 0);
	assert_int_equal(system(scheme), 0);
	assert_int_equal(system(pbkdf2), 0);
	assert_ok(private_key_load(scratch_path("pbkdf2.pem"), &opening, &loaded));
}

static void whoever_may_not_open_it_is_told_why(void **state)
{
	const char *encrypted = scratch_path("closed.pem"), *plain = scratch_path("plain.pem");
	AUTO(private_key_free) struct private_key *loaded = NULL;
	const struct key_opening nothing = { 0 };
	struct key_opening opening = with("wrong horse battery");

	(void)state;
	assert_ok(private_key_save(encrypted, key, bytes_text(words)));
	assert_ok(private_key_save(plain, key, bytes_none()));
	assert_fails(private_key_load(encrypted, &opening, &loaded), "the passphrase does not open");
	assert_fails(private_key_load(encrypted, &nothing, &loaded), "needs a passphrase");
	assert_fails(private_key_load(plain, &nothing, &loaded), "is not encrypted: encrypt it, or say");
	assert_ok(private_key_load(plain, &key_is_plain, &loaded));
	opening = with(words);
	assert_int_equal(chmod(opening.passphrase_file, 0644), 0);
	assert_fails(private_key_load(encrypted, &opening, &loaded), "is open to others (mode 0644)");
	opening = with("");
	assert_fails(private_key_load(encrypted, &opening, &loaded), "is empty");
	opening.passphrase_file = scratch_path("nowhere");
	assert_fails(private_key_load(encrypted, &opening, &loaded), "cannot read the passphrase");
	assert_int_equal(chmod(encrypted, 0604), 0);
	assert_fails(private_key_load(encrypted, &opening, &loaded), "is open to others (mode 0604)");
}

static void a_damaged_file_is_no_key(void **state)
{
	static const char *const texts[] = {
		"", "a key, honestly\n",
		"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
		"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n",
		"-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n",
	};
	struct key_opening opening = with(words);
	AUTO(private_key_free) struct private_key *loaded = NULL;

	(void)state;
	opening.unencrypted = true;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_fails(private_key_load(file_of("damaged.pem", texts[i], 0600), &opening, &loaded),
			     "holds no private key");
}

static void it_is_encrypted_anew(void **state)
{
	const char *path = scratch_path("anew.pem");
	AUTO(private_key_free) struct private_key *loaded = NULL;
	AUTO(mem_free) char *better = mem_strdup(file_of("better", "another one\n", 0600));
	struct key_opening opening = with(words), then = { .passphrase_file = better };
	struct option_spec table[] = { PASSPHRASE_OPTIONS { 0 } };
	const struct option_spec *const tables[] = { table, NULL };
	struct options options = { 0 };
	char option[] = "--passphrase-file", *given[] = { option, better }, **argv = given;
	int argc = 2;

	(void)state;
	assert_ok(private_key_save(path, key, bytes_text(words)));
	assert_ok(options_parse(&options, tables, false, &argc, &argv));
	assert_ok(passphrase_change((const char *const[]){ path }, 1, &opening, &options));
	assert_fails(private_key_load(path, &opening, &loaded), "the passphrase does not open");
	assert_ok(private_key_load(path, &then, &loaded));
	assert_same_key(loaded, key);
	options_cleanup(&options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_passphrase_opens_what_it_encrypted),
		cmocka_unit_test(the_file_is_what_others_read_too),
		cmocka_unit_test(whoever_may_not_open_it_is_told_why),
		cmocka_unit_test(a_damaged_file_is_no_key),
		cmocka_unit_test(it_is_encrypted_anew),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
