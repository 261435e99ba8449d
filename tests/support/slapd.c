/* SPDX-License-Identifier: Apache-2.0 */
/* A directory server of a test's own: directory/slapd-private, and what it tells of itself. */
#include "tests/support/slapd.h"

#include "lib/base/memory.h"
#include "tests/support/check.h"

#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool slapd_is_installed(void)
{
	if (access("/usr/sbin/slapd", X_OK) == 0)
		return true;
	puts("1..0 # SKIP slapd is not installed");
	return false;
}

__attribute__((format(printf, 1, 2)))
static void run(const char *format, ...)
{
	va_list args;
	char *command = NULL;

	va_start(args, format);
	assert_true(vasprintf(&command, format, args) > 0);
	va_end(args);
	if (system(command) != 0)
		fail_msg("failed: %s", command);
	free(command);
}

/* What slapd-private says of itself under a name. */
static char *told(const struct slapd *slapd, const char *name)
{
	AUTO(mem_free) char *path = mem_printf("%s/slapd/env", slapd->folder);
	FILE *f = fopen(path, "re");
	const size_t len = strlen(name);
	char line[200] = "";

	assert_non_null(f);
	while (strncmp(line, name, len) != 0 || line[len] != '=')
		assert_non_null(fgets(line, sizeof(line), f));
	fclose(f);
	line[strcspn(line, "\n")] = 0;
	return mem_strdup(line + len + 1);
}

void slapd_secure(struct slapd *slapd)
{
	slapd->tls_ca = mem_printf("%s/tls.pem", slapd->folder);
	run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
	    "-subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 "
	    "-keyout %s/tls.key -out %s 2>/dev/null", slapd->folder, slapd->tls_ca);
}

void slapd_start(struct slapd *slapd)
{
	slapd->questions = 0;
	if (!slapd->tls_ca) {
		run("directory/slapd-private start %s/slapd >/dev/null", slapd->folder);
		return;
	}
	run("directory/slapd-private start %s/slapd --tls %s %s/tls.key %s >/dev/null", slapd->folder,
	    slapd->tls_ca, slapd->folder, slapd->tls_ca);
	mem_free(&slapd->tls_uri);
	slapd->tls_uri = told(slapd, "LDAPS");
	slapd->over_tls = (struct directory_config){ .uri = slapd->tls_uri, .ca_file = slapd->tls_ca };
}

void slapd_stop(const struct slapd *slapd)
{
	run("directory/slapd-private stop %s/slapd", slapd->folder);
}

static bool is_stopped(int pid, const char *thread)
{
	AUTO(mem_free) char *path = mem_printf("/proc/%d/task/%s/stat", pid, thread);
	FILE *f = fopen(path, "re");
	char line[500] = "";

	if (!f)
		return true;	/* it ended */
	if (!fgets(line, sizeof(line), f))
		line[0] = 0;
	fclose(f);

	const char *name_end = strrchr(line, ')');

	return name_end && !strncmp(name_end, ") T", 3);
}

static bool all_are_stopped(int pid)
{
	AUTO(mem_free) char *path = mem_printf("/proc/%d/task", pid);
	DIR *threads = opendir(path);
	bool all = true;

	assert_non_null(threads);
	for (struct dirent *one = readdir(threads); one; one = readdir(threads))
		all &= one->d_name[0] == '.' || is_stopped(pid, one->d_name);
	closedir(threads);
	return all;
}

void slapd_signal(const struct slapd *slapd, int signal)
{
	AUTO(mem_free) char *path = mem_printf("%s/slapd/pid", slapd->folder);
	FILE *f = fopen(path, "re");
	int pid = 0;

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%d", &pid), 1);
	fclose(f);
	assert_int_equal(kill(pid, signal), 0);
	for (int i = 0; signal == SIGSTOP && !all_are_stopped(pid); i++) {
		assert_true(i < 10000);
		usleep(1000);
	}
}

/* The address of its socket, in which a slash is "%2F". */
static char *uri_of(const char *folder)
{
	AUTO(mem_free) char *socket = mem_printf("%s/slapd/ldapi", folder);
	AUTO(buf_free) struct buf text = { 0 };

	buf_put_text(&text, "ldapi://");
	for (const char *c = socket; *c; c++)
		buf_printf(&text, *c == '/' ? "%%2F" : "%c", *c);
	return bytes_to_text(buf_view(&text));
}

void slapd_init(struct slapd *slapd)
{
	const char *built = getenv("B");
	AUTO(mem_free) char *made = mem_printf("%s/slapd.XXXXXX", built ? built : "build");

	assert_non_null(mkdtemp(made));
	*slapd = (struct slapd){ .folder = realpath(made, NULL) };
	slapd->uri = uri_of(slapd->folder);
	slapd->config = (struct directory_config){ .uri = slapd->uri, .bind = DIRECTORY_EXTERNAL };
	slapd_start(slapd);
}

void slapd_cleanup(struct slapd *slapd)
{
	slapd_stop(slapd);
	run("rm -rf '%s'", slapd->folder);
	free(slapd->folder);
	mem_free(&slapd->uri);
	mem_free(&slapd->tls_uri);
	mem_free(&slapd->tls_ca);
}

void slapd_empty(const struct slapd *slapd)
{
	run("rm -f '%s'/slapd/data/*.mdb", slapd->folder);
}

void slapd_load(const struct slapd *slapd, const char *ldif)
{
	run("PATH=$PATH:/usr/sbin slapadd -q -f %s/slapd/slapd.conf -b '' -l %s", slapd->folder, ldif);
}

void slapd_put(const struct slapd *slapd, const char *name, enum directory_kind kind,
	       enum directory_attr attr, const struct bytes *values, size_t count)
{
	AUTO(directory_free) struct directory *dir = NULL;
	const struct directory_change change = { attr, DIRECTORY_REPLACE, values, count };

	assert_ok(directory_new(&slapd->config, &dir));
	assert_ok(directory_publish(dir, name, kind, &change, 1));
}

void slapd_put_certs(const struct slapd *slapd, const char *name, const struct cert *const *certs,
		     size_t count)
{
	AUTO(mem_free) struct bytes *values = mem_new_array(struct bytes, count);

	for (size_t i = 0; i < count; i++)
		values[i] = certs[i]->der;
	slapd_put(slapd, name, DIRECTORY_USER, DIRECTORY_USER_CERTIFICATE, values, count);
}

void slapd_put_pairs(const struct slapd *slapd, const char *name, const struct cert *const *certs,
		     size_t count)
{
	AUTO(mem_free) struct buf *ders = mem_new_array(struct buf, count);
	AUTO(mem_free) struct bytes *values = mem_new_array(struct bytes, count);

	for (size_t i = 0; i < count; i++) {
		assert_ok(pair_encode(&(struct cert_pair){ .forward = certs[i]->der }, &ders[i]));
		values[i] = buf_view(&ders[i]);
	}
	slapd_put(slapd, name, DIRECTORY_AUTHORITY, DIRECTORY_CROSS_PAIR, values, count);
	for (size_t i = 0; i < count; i++)
		buf_free(&ders[i]);
}

unsigned long slapd_searches(struct slapd *slapd)
{
	AUTO(mem_free) char *command =
		mem_printf("ldapsearch -LLL -Q -Y EXTERNAL -H %s -s base "
			   "-b cn=Search,cn=Operations,cn=Monitor monitorOpCompleted", slapd->uri);
	FILE *said = popen(command, "re");
	unsigned long count = 0, before;
	char line[200];

	assert_non_null(said);
	while (fgets(line, sizeof(line), said))
		if (sscanf(line, "monitorOpCompleted: %lu", &before) == 1)
			count = before;
	assert_int_equal(pclose(said), 0);
	return count - slapd->questions++;
}
