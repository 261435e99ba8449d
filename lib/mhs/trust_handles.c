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

void trust_handle_give_back(struct trust_handles *handles, struct directory *dir)
{
	pthread_mutex_lock(&handles->lock);
	if (handles->idle_count < HANDLES_IDLE)
		handles->idle[handles->idle_count++] = TAKE(dir);
	pthread_mutex_unlock(&handles->lock);
	directory_free(&dir);
}
