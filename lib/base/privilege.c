/* SPDX-License-Identifier: Apache-2.0 */
/* Becoming an ordinary user, for good. */
#include "lib/base/privilege.h"

#include "lib/base/memory.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { NAMES_ROOM = 16384 };

static FALLIBLE become(const struct passwd *pw)
{
	/* Groups first: afterwards it is not allowed any more. */
	if (initgroups(pw->pw_name, pw->pw_gid) || setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid))
		return status_errno(errno, "cannot become the user %s", pw->pw_name);
	if (pw->pw_uid && setuid(0) == 0)
		return FAIL(ST_REFUSED, 0, "the privilege did not go away with the user %s", pw->pw_name);
	return OK;
}

FALLIBLE privilege_drop(const char *user)
{
	AUTO(mem_free) char *names = mem_alloc(NAMES_ROOM, 1);
	struct passwd pw, *found = NULL;

	/* Whatever runs later gains nothing by set-user-id programs. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return status_errno(errno, "cannot renounce new privileges");
	if (!user || !*user)
		return OK;
	int error = getpwnam_r(user, &pw, names, NAMES_ROOM, &found);
	if (error)
		return status_errno(error, "cannot look up the user %s", user);
	if (!found)
		return FAIL(ST_USAGE, 0, "there is no user \"%s\" to run as", user);
	if (geteuid() == 0)
		return become(found);
	if (geteuid() != found->pw_uid)
		return FAIL(ST_USAGE, 0, "only root can become the user %s", user);
	return OK;
}
