/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command of a server has to ask of a peer: one operation, over an association of
 * its own, beside those of the server.
 */
#ifndef LIB_MHS_ERRAND_H
#define LIB_MHS_ERRAND_H

#include "lib/base/command.h"
#include "lib/base/daemon.h"
#include "lib/mhs/labels.h"
#include "lib/mhs/link.h"
#include "lib/mhs/site.h"

/* What a program needs for it; env.self is for the program to complete. */
struct errands {
	struct arena *arena;
	struct loop *loop;
	struct site *site;
	struct labels labels;
	struct link_env env;
};

/* Key and certificate are loaded where the settings name them, and the logs are those of the server;
 * the settings outlive it. */
FALLIBLE errands_open(const struct daemon_settings *daemon, const char *log_name,
		      const struct site_settings *site, enum scope scope,
		      const struct label_settings *labels, int64_t bind_timeout_seconds,
		      struct errands **out_errands);
void errands_free(struct errands **errands);

/* An operation whose result says nothing but that it was done. */
struct errand {
	int operation;			/* 0: the bind is all */
	struct bytes argument;
};

/*
 * Binds, invokes, waits for the result, and releases.  ST_REFUSED where the bind is, or the
 * operation for security; ST_NEVER where the operation is; ST_LATER where it is not known whether
 * it was done.
 */
FALLIBLE errand_run(const struct errands *errands, const struct link_target *target,
		    const struct errand *errand);

/*
 * "password", as servers have it: changes the password that we give to a peer, there
 * [X.411 8.4.1.2] and in its file [lib/mhs/password_file.h].  ST_USAGE where the target has no file.
 */
FALLIBLE errand_password(const struct invocation *invocation, const struct errands *errands,
			 const struct link_target *target, const char *peer);

#endif
