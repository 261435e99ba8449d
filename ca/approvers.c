/* SPDX-License-Identifier: Apache-2.0 */
/* Who may approve, as the settings say. */
#include "ca/approval.h"

#include "lib/base/memory.h"

#include <string.h>

void approvers_cleanup(struct approvers *approvers)
{
	for (size_t i = 0; i < approvers->count; i++) {
		mem_free(&approvers->list[i].name);
		cert_free(&approvers->list[i].cert);
	}
	mem_free(&approvers->list);
	approvers->count = 0;
}

static FALLIBLE check_other(const struct approvers *all, const struct approver *approver)
{
	for (size_t i = 0; i < all->count; i++) {
		if (!strcmp(all->list[i].name, approver->name))
			return FAIL(ST_USAGE, 0, "there are two approvers called %s", approver->name);
		if (bytes_equal(public_key_id(all->list[i].cert->key), public_key_id(approver->cert->key)))
			return FAIL(ST_USAGE, 0, "the approvers %s and %s have one key", approver->name,
				    all->list[i].name);
	}
	return OK;
}

static FALLIBLE add(struct approvers *all, const char *line)
{
	const char *space = strchr(line, ' ');
	const char *file = space ? space + strspn(space, " ") : "";

	if (!space || space == line || !*file)
		return FAIL(ST_USAGE, 0, "an approver is a name and the file of a certificate, not \"%s\"",
			    line);
	all->list = mem_grow(all->list, all->count + 1, sizeof *all->list);

	struct approver *approver = &all->list[all->count];

	*approver = (struct approver){ .name = mem_printf("%.*s", (int)(space - line), line) };

	struct status *st = cert_load(file, &approver->cert);

	if (!st)
		st = check_other(all, approver);
	all->count++;
	return st;
}

FALLIBLE approvers_read(const struct text_list *lines, struct approvers *out)
{
	for (size_t i = 0; i < lines->count; i++)
		TRY_DOING(add(out, lines->items[i]), "the setting approver = %s", lines->items[i]);
	if (out->count < APPROVALS_NEEDED)
		return FAIL(ST_USAGE, 0, "two-person approval needs two approvers: set \"approver\" for each");
	return OK;
}
