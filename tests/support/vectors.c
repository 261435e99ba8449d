/* SPDX-License-Identifier: Apache-2.0 */
/* Fixed vectors. */
#include "tests/support/vectors.h"

#include "lib/base/file.h"
#include "lib/base/memory.h"
#include "tests/support/check.h"
#include "tests/support/scratch.h"

enum { VECTORS_MAX = 256 * 1024 };

static struct buf read_file(const char *name, const char *end)
{
	AUTO(mem_free) char *path = mem_printf("tests/vectors/%s%s", name, end);
	struct buf octets = { 0 };

	assert_ok(file_read(path, VECTORS_MAX, &octets, NULL));
	return octets;
}

void vectors_load(const char *name, struct vectors *out_vectors)
{
	AUTO(buf_free) struct buf octets = read_file(name, ".txt");

	out_vectors->text = bytes_to_text(buf_view(&octets));
}

void vectors_free(struct vectors *vectors)
{
	mem_free(&vectors->text);
}

struct buf vector(const struct vectors *vectors, const char *key)
{
	AUTO(mem_free) char *start = mem_printf("\n%s = ", key);
	const char *line = strstr(vectors->text, start);

	if (!line)
		fail_msg("there is no vector %s", key);
	const char *value = line + strlen(start);
	AUTO(mem_free) char *text = bytes_to_text(bytes_of(value, strcspn(value, "\n")));
	return hex(text);
}

struct private_key *vectors_key(const char *name)
{
	AUTO(buf_free) struct buf pem = read_file(name, "-key.pem");
	const char *path = scratch_path(name);
	struct private_key *key = NULL;

	assert_ok(file_replace(path, 0600, buf_view(&pem)));
	assert_ok(private_key_load(path, &key_is_plain, &key));
	return key;
}
