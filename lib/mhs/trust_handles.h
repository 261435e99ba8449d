/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For lib/mhs/trust_source.c: connections to the directory, one for each thread that is asking, kept
 * for the next.
 */
#ifndef LIB_MHS_TRUST_HANDLES_H
#define LIB_MHS_TRUST_HANDLES_H

#include "directory/directory.h"

#include <pthread.h>
#include <time.h>

enum { HANDLES_IDLE = 16, HANDLES_REST_SECONDS = 30 };

struct trust_handles {
	const struct directory_config *config;
	pthread_mutex_t lock;
	struct directory *idle[HANDLES_IDLE];
	size_t idle_count;
	time_t rest_until;		/* by the monotonic clock: it could not be asked */
};

/* The configuration is borrowed. */
void trust_handles_init(struct trust_handles *handles, const struct directory_config *config);
void trust_handles_cleanup(struct trust_handles *handles);

FALLIBLE trust_handle_take(struct trust_handles *handles, struct directory **out_dir);
/* outcome is what became of asking: where the directory could not be asked it rests for a while. */
void trust_handle_give_back(struct trust_handles *handles, struct directory *dir,
			    const struct status *outcome);

/* Whether it rests: who has something to go by does not wait for it once more. */
bool trust_handles_rest(struct trust_handles *handles);

#endif
