/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processes that are measured: two MTAs and a message store, on loopback,
 * with durable stores; and what they have used so far.
 */
#ifndef BENCH_SITE_H
#define BENCH_SITE_H

#include "lib/base/status.h"
#include "tests/support/process.h"

#include <stddef.h>

#define BENCH_NORTH "/PRMD=North/ADMD=Net/C=FR/"
#define BENCH_SOUTH "/PRMD=South/ADMD=Net/C=NO/"
#define BENCH_ALICE "/G=Alice/S=Martin/PRMD=North/ADMD=Net/C=FR/"
#define BENCH_BOB "/G=Bob/S=Nilsen/PRMD=South/ADMD=Net/C=NO/"
#define BENCH_PASSWORD "bench"

struct site_processes {
	struct process mta_a, mta_b, ms;
	const char *mta_a_address;
	const char *store;		/* the message store's database */
};

/* Starts them, with so many associations between them. */
void site_start(struct site_processes *site, size_t associations);
void site_stop(struct site_processes *site);

/* Used since their start: microseconds of processor time, octets that passed the loopback. */
struct site_usage {
	double mta_a, mta_b, ms, octets;
};
struct site_usage site_usage(const struct site_processes *site);

/* Where files may be made; bench/run removes it. */
const char *bench_folder(void);

/* Ends the program with a failure's words. */
void bench_must(struct status *st);
__attribute__((noreturn)) void bench_die(const char *words);

/* Of figures, which are sorted by it. */
double bench_median(double *figures, size_t count);
double bench_largest(double *figures, size_t count);

#endif
