/* SPDX-License-Identifier: Apache-2.0 */
/* What the administrator asks the MTA for. */
#include "ms/administer.h"

#include "asn1/ber.h"
#include "asn1/bounds.h"
#include "asn1/oid.h"
#include "lib/base/settings_value.h"
#include "lib/mhs/contexts.h"
#include "lib/mhs/envelope.h"
#include "lib/mhs/errand.h"
#include "lib/mhs/operations.h"
#include "lib/mhs/password_file.h"
#include "lib/mhs/peer.h"
#include "lib/mhs/registration.h"
#include "lib/store/mailbox.h"
#include "ms/mta_password.h"

#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

#define MTA_OPTION { "mta", "NAME", "Which of the MTAs in the settings; otherwise the first." }

const struct option_spec password_options[] = { MTA_OPTION, PASSWORD_OPTIONS { 0 } };

const struct option_spec register_options[] = {
	MTA_OPTION,
	{ "label", "LABEL", "Deliver what this label dominates; may be repeated." },
	{ "all-labels", NULL, "Deliver again whatever the MTA's settings allow." },
	{ "content-max", "SIZE", "Deliver no content that is longer." },
	{ "content-type", "TYPE", "Deliver contents of this type: p2, p22, a number or an object "
	  "identifier; may be repeated." },
	{ "all-content-types", NULL, "Deliver contents of all types again." },
	{ 0 }
};

/* --- the MTA --- */

struct asking {
	const struct ms_settings *settings;
	struct errands *errands;
	struct peer mta;
};

static void asking_cleanup(struct asking *a)
{
	errands_free(&a->errands);
}

static FALLIBLE find_mta(struct asking *a, const char *name)
{
	for (size_t i = 0; i < a->settings->mtas.count; i++) {
		TRY_DOING(peer_read(a->errands->arena, &a->errands->labels, PEER_MTA,
				    a->settings->mtas.items[i], &a->mta), "mta = %s",
			  a->settings->mtas.items[i]);
		if (!name || !strcmp(a->mta.name, name))
			return OK;
	}
	return name ? FAIL(ST_USAGE, 0, "no mta in the settings is called %s", name)
		    : FAIL(ST_USAGE, 0, "there is no mta in the settings");
}

static FALLIBLE asking_open(const struct invocation *invocation, struct asking *a)
{
	const struct ms_settings *settings = invocation->settings;

	a->settings = settings;
	TRY(errands_open(&settings->daemon, "ms", &settings->site, SCOPE_MS, &settings->labels,
			 settings->bind_timeout, &a->errands));
	a->errands->env.self.role = LINK_MS;
	TRY_DOING(orname_tlv_from_text(a->errands->arena, settings->address,
				       &a->errands->env.self.or_name), "address = %s",
		  settings->address);
	return find_mta(a, options_value(&invocation->options, "mta"));
}

/* What the MTA answers with may have been changed, too. */
static FALLIBLE find_target(const struct asking *a, struct link_target *out)
{
	AUTO(db_close) struct db *db = NULL;

	*out = peer_target(&a->mta, &context_mts_access, a->settings->bind_timeout * 1000);
	if (access(a->settings->store, F_OK) != 0)
		return OK;
	TRY(db_open(a->settings->store, &mailbox_schema, DB_READER, &db));
	return mta_password_stored(db, &a->mta, a->errands->arena, &out->expected.password_stored);
}

FALLIBLE cmd_password(const struct invocation *invocation)
{
	AUTO(asking_cleanup) struct asking a = { 0 };
	struct link_target target;

	TRY(asking_open(invocation, &a));
	TRY(find_target(&a, &target));
	return errand_password(invocation, a.errands, &target, a.mta.name);
}

/* --- register --- */

static FALLIBLE read_labels(const struct options *options, const struct asking *a,
			    struct registered *out)
{
	AUTO(buf_free) struct buf labels = { 0 }, context = { 0 };
	const char *text;

	for (size_t i = 0; (text = options_nth(options, "label", i)) != NULL; i++)
		TRY_DOING(labels_from_text(a->errands->labels.policies, a->errands->arena, text,
					   &labels), "--label");
	out->has_labels = labels.len || options_has(options, "all-labels");
	if (labels.len && options_has(options, "all-labels"))
		return FAIL(ST_USAGE, 0, "--label and --all-labels exclude each other");
	if (labels.len)
		context_encode(buf_view(&labels), &context);
	out->labels = arena_dup(a->errands->arena, buf_view(&context));
	return OK;
}

/* A built-in type by its name or number; -1 where it is none. */
static int built_in(const char *text)
{
	char *end;
	long number = strtol(text, &end, 10);

	if (!strcmp(text, "p2"))
		return CONTENT_TYPE_P2;
	if (!strcmp(text, "p22"))
		return CONTENT_TYPE_P22;
	return end != text && !*end && number >= 0 && number <= UB_BUILT_IN_CONTENT_TYPE
		? (int)number : -1;
}

static FALLIBLE put_content_type(struct arena *arena, const char *text, struct buf *out)
{
	AUTO(buf_free) struct buf oid = { 0 };

	if (built_in(text) >= 0) {
		buf_put(out, content_type_tlv(arena, built_in(text)));
		return OK;
	}
	TRY_DOING(oid_from_text(text, &oid), "--content-type %s is no content type", text);
	ber_put(out, BER_OID, buf_view(&oid));
	return OK;
}

static FALLIBLE read_content_types(const struct options *options, struct arena *arena,
				   struct registered *out)
{
	AUTO(buf_free) struct buf types = { 0 };
	const char *text;

	for (size_t i = 0; (text = options_nth(options, "content-type", i)) != NULL; i++)
		TRY(put_content_type(arena, text, &types));
	out->has_content_types = types.len || options_has(options, "all-content-types");
	if (types.len && options_has(options, "all-content-types"))
		return FAIL(ST_USAGE, 0, "--content-type and --all-content-types exclude each other");
	out->content_types = arena_dup(arena, buf_view(&types));
	return OK;
}

static FALLIBLE read_content_max(const struct options *options, struct registered *out)
{
	static const struct setting size = { "--content-max", SET_SIZE, 0, NULL, 0, INT32_MAX, NULL };
	const char *text = options_value(options, "content-max");

	out->has_content_max = text != NULL;
	return text ? setting_parse(&size, text, &out->content_max) : OK;
}

static FALLIBLE read_options(const struct options *options, const struct asking *a,
			     struct registered *out)
{
	TRY(read_labels(options, a, out));
	TRY(read_content_types(options, a->errands->arena, out));
	TRY(read_content_max(options, out));
	if (!out->has_labels && !out->has_content_types && !out->has_content_max)
		return FAIL(ST_USAGE, 0, "what is to be registered? \"postern-ms register --help\" "
			    "lists what can be");
	return OK;
}

static void tell_registered(const struct invocation *invocation, const char *mta)
{
	json_t *json = json_pack("{s:s}", "mta", mta);

	if (invocation->json) {
		json_dumpf(json, stdout, 0);
		putchar('\n');
	} else {
		printf("%s now delivers what was registered; the rest goes back to its sender.\n", mta);
	}
	json_decref(json);
}

FALLIBLE cmd_register(const struct invocation *invocation)
{
	AUTO(asking_cleanup) struct asking a = { 0 };
	AUTO(buf_free) struct buf argument = { 0 };
	struct registration registration = { 0 };
	struct link_target target;

	TRY(asking_open(invocation, &a));
	TRY(find_target(&a, &target));
	TRY(read_options(&invocation->options, &a, &registration.registered));
	TRY(registration_encode(&registration, &argument));
	const struct errand errand = { OP_REGISTER, buf_view(&argument) };
	TRY_DOING(errand_run(a.errands, &target, &errand), "%s does not register that", a.mta.name);
	tell_registered(invocation, a.mta.name);
	return OK;
}
