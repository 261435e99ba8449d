/* SPDX-License-Identifier: Apache-2.0 */
/* Backups of an authority, made. */
#include "ca/backup.h"

#include "ca/authority.h"
#include "ca/rollover.h"
#include "lib/base/file.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_MAX_OCTETS = 64 * 1024 };

struct backup {
	struct authority *ca;
	const char *folder;
	bool with_keys;
	struct backup_keys *keys;
};

/* Whoever finds the backup must not find the key. */
static FALLIBLE check_encrypted(const char *path, struct bytes pem)
{
	static const char encrypted[] = "-----BEGIN ENCRYPTED PRIVATE KEY-----";

	if (!memmem(pem.data, pem.len, encrypted, sizeof encrypted - 1))
		return FAIL(ST_REFUSED, 0, "%s is not encrypted, and does not go into a backup so: "
			    "\"passphrase\" encrypts it", path);
	return OK;
}

/* Where a token has the key, its file says no more than that. */
static FALLIBLE save_key(const struct backup *b, const char *from, const char *to)
{
	AUTO(secret_buf_free) struct buf octets = { 0 };
	AUTO(mem_free) char *uri = NULL;

	TRY(private_key_uri(from, &uri));
	b->keys->in_token += uri != NULL;
	b->keys->saved += !uri && b->with_keys;
	b->keys->left_out += !uri && !b->with_keys;
	if (!uri && !b->with_keys)
		return OK;
	TRY(file_read(from, KEY_MAX_OCTETS, &octets, NULL));
	if (!uri)
		TRY(check_encrypted(from, buf_view(&octets)));
	return b->ca->rehearsal ? OK : file_create(to, 0600, buf_view(&octets));
}

static FALLIBLE save_keys(const struct backup *b)
{
	for (int64_t n = 1; n <= b->ca->generation; n++) {
		AUTO(mem_free) char *from = generation_key_path(b->ca->path, n);
		AUTO(mem_free) char *to = generation_key_path(b->folder, n);

		if (access(from, F_OK) == 0)	/* an old one may be destroyed */
			TRY(save_key(b, from, to));
	}
	return OK;
}

FALLIBLE authority_backup(struct authority *ca, const char *folder, bool with_keys, time_t now,
			  struct backup_keys *out_keys)
{
	const struct backup backup = { ca, folder, with_keys, out_keys };
	AUTO(mem_free) char *db = mem_printf("%s/ca.db", folder);
	AUTO(mem_free) char *cert = mem_printf("%s/ca.pem", folder);

	*out_keys = (struct backup_keys){ 0 };
	/* First, so that the backup knows of itself. */
	TRY(journal_add(ca, now, "backup", json_pack("{s:s, s:b}", "folder", folder, "with_keys",
						     with_keys)));
	if (!ca->rehearsal && mkdir(folder, 0700))
		return status_errno(errno, "cannot make the folder %s", folder);
	TRY(save_keys(&backup));
	if (ca->rehearsal)
		return OK;
	TRY(cert_save(cert, ca->cert));
	return db_backup(ca->db, db);
}
