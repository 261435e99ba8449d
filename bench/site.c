/* SPDX-License-Identifier: Apache-2.0 */
/* The processes that are measured. */
#include "bench/site.h"

#include "lib/base/memory.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

__attribute__((noreturn)) void bench_die(const char *words)
{
	fprintf(stderr, "bench: %s\n", words);
	exit(1);
}

void bench_must(struct status *st)
{
	if (!st)
		return;
	status_print(stderr, "bench", st);
	exit(1);
}

/* --- starting --- */

const char *bench_folder(void)
{
	const char *path = getenv("BENCH_FOLDER");

	if (!path)
		bench_die("BENCH_FOLDER has to name a folder: bench/run does it");
	return path;
}

static char *path_of(const char *name)
{
	return mem_printf("%s/%s", bench_folder(), name);
}

/* A port that is free now, on loopback. */
static char *free_address(void)
{
	struct sockaddr_in where = { .sin_family = AF_INET,
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(where);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&where, len) < 0 ||
	    getsockname(fd, (struct sockaddr *)&where, &len) < 0)
		bench_die("no port is free");
	close(fd);
	return mem_printf("127.0.0.1:%d", ntohs(where.sin_port));
}

static void write_file(const char *name, const char *text)
{
	AUTO(mem_free) char *path = path_of(name);
	FILE *file = fopen(path, "we");

	if (!file || fputs(text, file) < 0 || fchmod(fileno(file), 0600) < 0 || fclose(file) < 0)
		bench_die("a settings file cannot be written");
}

static void start(struct process *process, const char *name, const char *program, char *config)
{
	AUTO(mem_free) char *file = mem_printf("%s.conf", name);
	AUTO(mem_free) char *path = path_of(file);
	AUTO(mem_free) char *log = mem_printf("%s.log", name);

	write_file(file, config);
	process_start(process, program, path, path_of(log));
	free(config);
}

void site_start(struct site_processes *site, size_t associations)
{
	AUTO(mem_free) char *b = free_address();
	AUTO(mem_free) char *ms = free_address();
	AUTO(mem_free) char *password = path_of("password");
	AUTO(mem_free) char *queue_a = path_of("a.db");
	AUTO(mem_free) char *queue_b = path_of("b.db");

	site->mta_a_address = free_address();
	site->store = path_of("ms.db");
	write_file("password", BENCH_PASSWORD "\n");
	start(&site->ms, "ms", "postern-ms", mem_printf(
		"listen = %s\naddress = %s\nstore = %s\nlog-level = warn\n"
		"mailbox = %s\n"
		"mta = mta-b %s domain=%s password-file=%s own-password-file=%s\n",
		ms, BENCH_SOUTH, site->store, BENCH_BOB, b, BENCH_SOUTH, password, password));
	start(&site->mta_b, "b", "postern-mta", mem_printf(
		"name = mta-b\ndomain = %s\nlisten = %s\nqueue = %s\nlog-level = warn\n"
		"associations-max = %zu\n"
		"mta = mta-a %s domain=%s password-file=%s own-password-file=%s\n"
		"store = ms %s address=%s password-file=%s own-password-file=%s\n"
		"route = %s ms\nroute = %s mta-a\n",
		BENCH_SOUTH, b, queue_b, associations, site->mta_a_address, BENCH_NORTH, password,
		password, ms, BENCH_SOUTH, password, password, BENCH_SOUTH, BENCH_NORTH));
	start(&site->mta_a, "a", "postern-mta", mem_printf(
		"name = mta-a\ndomain = %s\nlisten = %s\nqueue = %s\nlog-level = warn\n"
		"associations-max = %zu\n"
		"mta = mta-b %s domain=%s password-file=%s own-password-file=%s\n"
		"store = sender 127.0.0.1:9 address=%s password-file=%s own-password-file=%s\n"
		"route = %s sender\nroute = %s mta-b\n",
		BENCH_NORTH, site->mta_a_address, queue_a, associations, b, BENCH_SOUTH, password,
		password, BENCH_NORTH, password, password, BENCH_NORTH, BENCH_SOUTH));
}

void site_stop(struct site_processes *site)
{
	process_stop(&site->mta_a);
	process_stop(&site->mta_b);
	process_stop(&site->ms);
}

/* --- measuring --- */

/* User and system time of a process, from proc(5) [stat, fields 14 and 15]. */
static double processor_time(const struct process *process)
{
	AUTO(mem_free) char *path = mem_printf("/proc/%d/stat", (int)process->pid);
	FILE *file = fopen(path, "re");
	unsigned long user = 0, system = 0;

	if (!file || fscanf(file, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
			    &user, &system) != 2)
		bench_die("the processor time cannot be read");
	fclose(file);
	return (double)(user + system) * 1e6 / (double)sysconf(_SC_CLK_TCK);
}

/* What passed the loopback of this network namespace, with all headers [proc(5), /proc/net/dev]. */
static double loopback_octets(void)
{
	FILE *file = fopen("/proc/net/dev", "re");
	char line[400];
	double octets = 0;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, " lo: %lf", &octets) == 1)
			break;
	if (file)
		fclose(file);
	return octets;
}

struct site_usage site_usage(const struct site_processes *site)
{
	return (struct site_usage){
		.mta_a = processor_time(&site->mta_a),
		.mta_b = processor_time(&site->mta_b),
		.ms = processor_time(&site->ms),
		.octets = loopback_octets(),
	};
}

static int by_size(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

double bench_median(double *figures, size_t count)
{
	qsort(figures, count, sizeof(*figures), by_size);
	return figures[count / 2];
}

double bench_largest(double *figures, size_t count)
{
	qsort(figures, count, sizeof(*figures), by_size);
	return figures[count - 1];
}
