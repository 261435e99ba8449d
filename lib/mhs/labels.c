/* SPDX-License-Identifier: Apache-2.0 */
/* What a program of a site does about security labels. */
#include "lib/mhs/labels.h"

#include "lib/mhs/diagnostics.h"

static void make_context(struct arena *arena, struct bytes labels, struct bytes *out)
{
	AUTO(buf_free) struct buf context = { 0 };

	context_encode(labels, &context);
	*out = arena_dup(arena, buf_view(&context));
}

FALLIBLE labels_open(struct arena *arena, const struct label_settings *settings, struct labels *out)
{
	AUTO(buf_free) struct buf all = { 0 };

	*out = (struct labels){ .unlabelled = settings->unlabelled };
	TRY(label_policies_read(arena, &settings->policies, &out->policies));
	for (size_t i = 0; i < settings->context.count; i++)
		TRY_DOING(labels_from_text(out->policies, arena, settings->context.items[i], &all),
			  "setting security-context");
	if (all.len)
		make_context(arena, buf_view(&all), &out->context);
	return OK;
}

struct bytes labels_allowed(const struct labels *labels, struct bytes own)
{
	return own.len || !labels ? own : labels->context;
}

FALLIBLE labels_context(const struct labels *labels, struct arena *arena, const char *text,
			struct bytes *out)
{
	AUTO(buf_free) struct buf all = { 0 };

	TRY(labels_from_text(labels->policies, arena, text, &all));
	make_context(arena, buf_view(&all), out);
	return OK;
}

FALLIBLE labels_check(const struct labels *labels, struct bytes context, struct bytes label)
{
	AUTO(arena_free) struct arena *arena = arena_new();

	if (!context.len || (!label.len && labels->unlabelled))
		return OK;
	if (!label.len)
		return FAIL(ST_NEVER, DIAG_SECURE_MESSAGING_ERROR, "the message has no security label, "
			    "and the link is for messages within %s",
			    context_text(labels->policies, arena, context));
	if (context_covers(context, label))
		return OK;
	return FAIL(ST_NEVER, DIAG_SECURE_MESSAGING_ERROR, "the message is labelled %s, and the link is "
		    "for messages within %s", label_text(labels->policies, arena, label),
		    context_text(labels->policies, arena, context));
}

FALLIBLE labels_check_report(const struct labels *labels, struct bytes context, struct bytes label)
{
	return label.len ? labels_check(labels, context, label) : OK;
}

FALLIBLE labels_check_context(const struct labels *labels, struct bytes proposed,
			      struct bytes allowed)
{
	AUTO(arena_free) struct arena *arena = arena_new();

	if (!proposed.len || !allowed.len || context_is_within(proposed, allowed))
		return OK;
	return FAIL(ST_REFUSED, 0, "the security context %s is not within %s, which is allowed here",
		    context_text(labels->policies, arena, proposed),
		    context_text(labels->policies, arena, allowed));
}
