/* SPDX-License-Identifier: Apache-2.0 */
/* Connections to the directory. */
#include "lib/mhs/trust_handles.h"

void trust_handles_init(struct trust_handles *handles, const struct directory_config *config)
{
	*handles = (struct trust_handles){ .config = config };
	pthread_mutex_init(&handles->lock, NULL);
}

void trust_handles_cleanup(struct trust_handles *handles)
{
	while (handles->idle_count)
		directory_free(&handles->idle[--handles->idle_count]);
	pthread_mutex_destroy(&handles->lock);
}

FALLIBLE trust_handle_take(struct trust_handles *handles, struct directory **out_dir)
{
	*out_dir = NULL;
	pthread_mutex_lock(&handles->lock);
	if (handles->idle_count)
		*out_dir = handles->idle[--handles->idle_count];
	pthread_mutex_unlock(&handles->lock);
	return *out_dir ? OK : directory_new(handles->config, out_dir);
}

static time_t monotonic(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

void trust_handle_give_back(struct trust_handles *handles, struct directory *dir,
			    const struct status *outcome)
{
	bool unasked = outcome && outcome->kind == ST_LATER;

	pthread_mutex_lock(&handles->lock);
	handles->rest_until = unasked ? monotonic() + HANDLES_REST_SECONDS : 0;
	if (handles->idle_count < HANDLES_IDLE)
		handles->idle[handles->idle_count++] = TAKE(dir);
	pthread_mutex_unlock(&handles->lock);
	directory_free(&dir);
}

bool trust_handles_rest(struct trust_handles *handles)
{
	pthread_mutex_lock(&handles->lock);

	bool rest = handles->rest_until > monotonic();

	pthread_mutex_unlock(&handles->lock);
	return rest;
}
