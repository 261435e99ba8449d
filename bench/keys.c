/* SPDX-License-Identifier: Apache-2.0 */
/* What it costs that a server's key has a process of its own: signatures one after the other, and
 * from several threads at once, against the same key held here. */
#include "bench/site.h"
#include "lib/base/memory.h"
#include "lib/sec/key_process.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 4, WARM_UP = 200 };

struct signer {
	const struct private_key *key;
	size_t times;
};

static double seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void *sign_often(void *arg)
{
	const struct signer *signer = arg;

	for (size_t i = 0; i < signer->times; i++) {
		AUTO(buf_free) struct buf signature = { 0 };
		struct bytes part = bytes_of(&i, sizeof(i));

		bench_must(crypto_sign(signer->key, &part, 1, &signature));
	}
	return NULL;
}

/* Microseconds for one signature, of all the threads together. */
static double cost(const struct private_key *key, size_t threads, size_t times)
{
	struct signer warm = { key, WARM_UP }, signer = { key, times / threads };
	pthread_t running[THREADS];

	sign_often(&warm);
	double from = seconds_now();
	for (size_t i = 0; i < threads; i++)
		if (pthread_create(&running[i], NULL, sign_often, &signer))
			abort();
	for (size_t i = 0; i < threads; i++)
		pthread_join(running[i], NULL);
	return (seconds_now() - from) * 1e6 / (double)(signer.times * threads);
}

int main(int argc, char **argv)
{
	size_t times = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000;
	AUTO(mem_free) char *path = mem_printf("%s/key.pem", bench_folder());
	AUTO(private_key_free) struct private_key *here = NULL, *apart = NULL;

	bench_must(private_key_generate(KEY_P256, &here));
	bench_must(private_key_save(path, here, bytes_none()));
	bench_must(key_process_start(path, &key_is_plain, NULL, &apart));
	unlink(path);
	printf("bench=keys key=p256 times=%zu here_us=%.1f apart_us=%.1f here_%d_threads_us=%.1f "
	       "apart_%d_threads_us=%.1f\n", times, cost(here, 1, times), cost(apart, 1, times), THREADS,
	       cost(here, THREADS, times), THREADS, cost(apart, THREADS, times));
	return EXIT_SUCCESS;
}
