/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses as text. */
#include "lib/base/address.h"

#include "lib/base/bytes.h"
#include "lib/base/memory.h"

#include <ctype.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

static FALLIBLE not_an_address(const char *text)
{
	return FAIL(ST_USAGE, 0, "\"%s\" is no address: host:port, [ipv6]:port or unix:/path", text);
}

static bool is_port(const char *text)
{
	char *end;

	return isdigit((unsigned char)*text) && strtoul(text, &end, 10) <= UINT16_MAX && !*end;
}

static FALLIBLE unix_path(const char *text, const char *path, struct address *out)
{
	/* Whatever does not fit would be cut off silently. */
	if (*path != '/' || strlen(path) >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return not_an_address(text);
	out->path = mem_strdup(path);
	return OK;
}

FALLIBLE address_parse(const char *text, struct address *out_address)
{
	*out_address = (struct address){ 0 };
	if (strncmp(text, "unix:", 5) == 0)
		return unix_path(text, text + 5, out_address);

	const char *colon = strrchr(text, ':');
	if (!colon || colon == text || !is_port(colon + 1))
		return not_an_address(text);
	struct bytes host = bytes_of(text, (size_t)(colon - text));
	bool bracketed = host.len > 2 && text[0] == '[' && colon[-1] == ']';

	if (bracketed)
		host = bytes_of(text + 1, host.len - 2);
	if (!bracketed && memchr(text, ':', host.len))
		return not_an_address(text);
	out_address->port = mem_strdup(colon + 1);
	if (!bytes_equal(host, BYTES("*")))
		out_address->host = bytes_to_text(host);
	return OK;
}

void address_cleanup(struct address *address)
{
	mem_free(&address->host);
	mem_free(&address->port);
	mem_free(&address->path);
}

struct address_text address_text(const struct sockaddr *sa)
{
	struct address_text text = { "unknown" };
	char host[INET6_ADDRSTRLEN + 32], port[8];
	socklen_t len = sa->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
						  : sizeof(struct sockaddr_in);

	if (sa->sa_family == AF_UNIX)
		snprintf(text.s, sizeof(text.s), "unix:%s", ((const struct sockaddr_un *)sa)->sun_path);
	else if (getnameinfo(sa, len, host, sizeof(host), port, sizeof(port),
			     NI_NUMERICHOST | NI_NUMERICSERV) == 0)
		snprintf(text.s, sizeof(text.s), sa->sa_family == AF_INET6 ? "[%s]:%s" : "%s:%s",
			 host, port);
	return text;
}
