/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Work that is handed to whoever is about to wait for something else.  It is done once, however
 * often that has to begin anew; whoever handed it over calls meanwhile_run as well, in case that
 * nothing was waited for.
 */
#ifndef LIB_BASE_MEANWHILE_H
#define LIB_BASE_MEANWHILE_H

#include <stdbool.h>

struct meanwhile {
	void (*run)(void *arg);
	void *arg;
	bool done;
};

/* Null: there is nothing to do. */
static inline void meanwhile_run(struct meanwhile *work)
{
	if (!work || work->done)
		return;
	work->done = true;
	work->run(work->arg);
}

#endif
