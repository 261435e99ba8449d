/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several servers that hold the same: the one that answered last is asked first, and one that was
 * lost is left for a while, unless there is no other.
 */
#include "directory/handle.h"

#include "lib/base/memory.h"

enum { DEAD_SECONDS = 60 };

static time_t monotonic(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

FALLIBLE servers_init(struct directory *dir)
{
	const char *at = dir->config.uri ? dir->config.uri : "";

	for (;;) {
		at += strspn(at, " \t");

		size_t len = strcspn(at, " \t");

		if (!len)
			break;
		if (dir->server_count == SERVERS_MAX)
			return FAIL(ST_USAGE, 0, "more than %d directory servers", SERVERS_MAX);

		struct server *server = &dir->servers[dir->server_count++];

		server->uri = bytes_to_text(bytes_of(at, len));
		server->link = ldap_link_new(&dir->config, server->uri);
		at += len;
	}
	if (!dir->server_count)
		return FAIL(ST_USAGE, 0, "no directory is configured");
	dir->link = dir->servers[0].link;
	return OK;
}

void servers_cleanup(struct directory *dir)
{
	for (size_t i = 0; i < dir->server_count; i++) {
		ldap_link_free(&dir->servers[i].link);
		mem_free(&dir->servers[i].uri);
	}
}

static FALLIBLE open_server(struct directory *dir, size_t i)
{
	struct status *st = ldap_link_open(dir->servers[i].link);

	dir->servers[i].dead_until = st ? monotonic() + DEAD_SECONDS : 0;
	if (!st) {
		dir->current = i;
		dir->link = dir->servers[i].link;
	}
	return st;
}

/* The order in which they are tried. */
static void servers_order(const struct directory *dir, size_t out_order[SERVERS_MAX])
{
	time_t now = monotonic();
	size_t count = 0;

	for (int dead = 0; dead <= 1; dead++) {
		for (size_t k = 0; k < dir->server_count; k++) {
			size_t i = (dir->current + k) % dir->server_count;

			if ((dir->servers[i].dead_until > now) == dead)
				out_order[count++] = i;
		}
	}
}

FALLIBLE servers_open(struct directory *dir)
{
	AUTO(status_free) struct status *failed = OK;
	size_t order[SERVERS_MAX] = { 0 };

	if (ldap_link_is_open(dir->link))
		return OK;
	servers_order(dir, order);
	for (size_t k = 0; k < dir->server_count; k++) {
		struct status *st = open_server(dir, order[k]);

		if (!st)
			return OK;
		if (failed) {	/* the first that failed stays the reason, the others follow it */
			AUTO(mem_free) char *also = status_text(st);
			struct status *first = TAKE(failed);

			failed = status_doing(first, "and then %s", also);
			status_drop(st);
		} else {
			failed = st;
		}
	}
	return TAKE(failed);
}

bool servers_leave(struct directory *dir)
{
	time_t now = monotonic();

	dir->servers[dir->current].dead_until = now + DEAD_SECONDS;
	for (size_t k = 1; k < dir->server_count; k++) {
		size_t i = (dir->current + k) % dir->server_count;

		if (dir->servers[i].dead_until > now)
			continue;
		dir->current = i;
		dir->link = dir->servers[i].link;
		return true;
	}
	return false;
}
