/* SPDX-License-Identifier: Apache-2.0 */
/* Becoming an ordinary user, for good. */
#include "lib/base/privilege.h"

#include "lib/base/memory.h"

#include <errno.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pwd.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
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

FALLIBLE privilege_hide(void)
{
	const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return status_errno(errno, "cannot keep the memory out of core files");
	return OK;
}

/* --- what a process that only computes may ask of the system --- */

#if defined(__x86_64__)
#define OWN_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_ARCH AUDIT_ARCH_AARCH64
#endif

#ifdef OWN_ARCH
#define FIELD(name)	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, name))
#define ANSWER(value)	BPF_STMT(BPF_RET | BPF_K, (value))
#define ALLOW(call)	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1), ANSWER(SECCOMP_RET_ALLOW)

FALLIBLE privilege_confine(void)
{
	/* Whatever else is asked for fails as if it were not allowed; a sanitizer bears that. */
	struct sock_filter rules[] = {
		FIELD(arch),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_ARCH, 1, 0),
		ANSWER(SECCOMP_RET_KILL_PROCESS),
		FIELD(nr),
		ALLOW(recvfrom), ALLOW(sendmsg), ALLOW(read), ALLOW(write), ALLOW(close),
		ALLOW(futex), ALLOW(mmap), ALLOW(munmap), ALLOW(mremap), ALLOW(mprotect), ALLOW(madvise),
		ALLOW(brk), ALLOW(getrandom), ALLOW(getpid), ALLOW(gettid), ALLOW(tgkill),
		ALLOW(clock_gettime), ALLOW(sched_yield), ALLOW(rt_sigprocmask), ALLOW(rt_sigaction),
		ALLOW(rt_sigreturn), ALLOW(sigaltstack), ALLOW(restart_syscall), ALLOW(exit),
		/* A thread begins, too, and a sanitizer looks where its stack is. */
		ALLOW(exit_group), ALLOW(rseq), ALLOW(set_robust_list), ALLOW(sched_getaffinity),
		ANSWER(SECCOMP_RET_ERRNO | EPERM),
	};
	const struct sock_fprog program = { sizeof(rules) / sizeof(rules[0]), rules };

	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program))
		return status_new(status_errno(errno, "seccomp"), ST_LATER, 0,
				  "the system does not let a process be confined");
	return OK;
}
#else
FALLIBLE privilege_confine(void)
{
	return FAIL(ST_LATER, 0, "which calls a confined process may make is not known for this machine");
}
#endif
