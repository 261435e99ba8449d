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

/* Whoever finds the backup must not find the key. */
static FALLIBLE copy_key(const char *from, const char *to)
{
	static const char encrypted[] = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
	AUTO(buf_free) struct buf pem = { 0 };

	TRY(file_read(from, KEY_MAX_OCTETS, &pem, NULL));
	if (!memmem(pem.data, pem.len, encrypted, sizeof encrypted - 1))
		return FAIL(ST_REFUSED, 0, "%s is not encrypted, and does not go into a backup so: "
			    "\"passphrase\" encrypts it", from);
	return file_create(to, 0600, buf_view(&pem));
}

static FALLIBLE copy_keys(const struct authority *ca, const char *folder)
{
	for (int64_t n = 1; n <= ca->generation; n++) {
		AUTO(mem_free) char *from = generation_key_path(ca->path, n);
		AUTO(mem_free) char *to = generation_key_path(folder, n);

		if (access(from, F_OK) == 0)	/* an old one may be destroyed */
			TRY(copy_key(from, to));
	}
	return OK;
}

FALLIBLE authority_backup(struct authority *ca, const char *folder, bool with_keys, time_t now)
{
	AUTO(mem_free) char *db = mem_printf("%s/ca.db", folder);
	AUTO(mem_free) char *cert = mem_printf("%s/ca.pem", folder);

	/* First, so that the backup knows of itself. */
	TRY(journal_add(ca, now, "backup", json_pack("{s:s, s:b}", "folder", folder, "with_keys",
						     with_keys)));
	if (ca->rehearsal)
		return OK;
	if (mkdir(folder, 0700))
		return status_errno(errno, "cannot make the folder %s", folder);
	if (with_keys)
		TRY(copy_keys(ca, folder));
	TRY(cert_save(cert, ca->cert));
	return db_backup(ca->db, db);
}
