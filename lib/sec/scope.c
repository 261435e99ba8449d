/* SPDX-License-Identifier: Apache-2.0 */
/* Scope of use: names and object identifiers. */
#include "lib/sec/scope.h"

#include <string.h>
#include <strings.h>

static const struct {
	const char *name;
	const char *oid;	/* [X.667] 2.25 and a UUID as a number */
} scopes[] = {
	[SCOPE_NONE] = { "no scope of use", NULL },
	/* 801665a0-3de7-44fd-a884-85488d25eca3 */
	[SCOPE_UA] = { "UA", "2.25.170257475210391142304044899632448662691" },
	/* 2396e25f-51a2-44e9-ab14-c19b51d284c3 */
	[SCOPE_MS] = { "MS", "2.25.47306415757762601038187120780727452867" },
	/* 173d2fea-0096-4eee-867f-042814b472ba */
	[SCOPE_MTA] = { "MTA", "2.25.30889945824246801146037262317348221626" },
	[SCOPE_CA] = { "CA", NULL },
};
enum { SCOPE_COUNT = sizeof(scopes) / sizeof(scopes[0]) };

const char *scope_name(enum scope scope)
{
	return scopes[scope].name;
}

const char *scope_oid(enum scope scope)
{
	return scopes[scope].oid;
}

enum scope scope_from_oid(const char *oid)
{
	for (int i = 0; i < SCOPE_COUNT; i++)
		if (scopes[i].oid && strcmp(scopes[i].oid, oid) == 0)
			return (enum scope)i;
	return SCOPE_NONE;
}

FALLIBLE scope_from_text(const char *text, enum scope *out_scope)
{
	for (int i = SCOPE_UA; i < SCOPE_COUNT; i++)
		if (strcasecmp(scopes[i].name, text) == 0) {
			*out_scope = (enum scope)i;
			return OK;
		}
	return FAIL(ST_USAGE, 0, "\"%s\" is no scope of use: ua, ms, mta and ca are", text);
}
