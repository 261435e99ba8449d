/* SPDX-License-Identifier: Apache-2.0 */
/* An entry for programs.  What it holds is described, not believed. */
#include "directory/cmd.h"

#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/sec/cert.h"

static json_t *json_shown(struct bytes text)
{
	AUTO(mem_free) char *shown = text_shown(text);

	return json_string(shown);
}

static json_t *json_octets(struct bytes octets)
{
	AUTO(mem_free) char *text = bytes_hex(octets);

	return json_string(text);
}

static json_t *json_unreadable(struct bytes der, struct status *why)
{
	AUTO(mem_free) char *story = status_text(why);

	status_drop(why);
	return json_pack("{s:o, s:o}", "unreadable", json_shown(bytes_text(story)),
			 "der", json_octets(der));
}

static json_t *json_certificate(struct bytes der)
{
	AUTO(cert_free) const struct cert *cert = NULL;
	struct status *st = cert_decode(der, &cert);

	if (st)
		return json_unreadable(der, st);
	AUTO(mem_free) char *address = cert_address(cert);

	return json_pack("{s:o, s:o, s:s, s:s, s:s, s:s, s:s?, s:s, s:o, s:o, s:o}",
			 "subject", json_shown(bytes_text(cert->subject_text)),
			 "issuer", json_shown(bytes_text(cert->issuer_text)),
			 "serial", cert->serial_text,
			 "not_before", time_rfc3339(cert->not_before).s,
			 "not_after", time_rfc3339(cert->not_after).s,
			 "scope", scope_name(cert->scope),
			 "or_address", address,
			 "key_type", key_type_name(public_key_type(cert->key)),
			 "key_id", json_octets(public_key_id(cert->key)),
			 "fingerprint", json_octets(cert->fingerprint),
			 "der", json_octets(der));
}

static json_t *json_crl(struct bytes der)
{
	AUTO(crl_free) const struct crl *crl = NULL;
	struct status *st = crl_decode(der, &crl);

	if (st)
		return json_unreadable(der, st);
	return json_pack("{s:o, s:s, s:s?, s:I, s:o}",
			 "issuer", json_shown(bytes_text(crl->issuer_text)),
			 "this_update", time_rfc3339(crl->this_update).s,
			 "next_update", crl->next_update ? time_rfc3339(crl->next_update).s : NULL,
			 "revoked", (json_int_t)crl->revoked_count,
			 "der", json_octets(der));
}

static json_t *json_values(const struct directory_values *values, json_t *(*make)(struct bytes))
{
	json_t *list = json_array();

	for (size_t i = 0; i < values->count; i++)
		json_array_append_new(list, make(values->list[i]));
	return list;
}

static json_t *json_pairs(const struct directory_pairs *pairs)
{
	json_t *list = json_array();

	for (size_t i = 0; i < pairs->count; i++) {
		json_t *pair = json_object();

		if (pairs->list[i].forward.len)
			json_object_set_new(pair, "forward", json_certificate(pairs->list[i].forward));
		if (pairs->list[i].reverse.len)
			json_object_set_new(pair, "reverse", json_certificate(pairs->list[i].reverse));
		json_array_append_new(list, pair);
	}
	return list;
}

json_t *entry_json(const struct directory_entry *entry)
{
	const struct directory_values *values = entry->values;

	enum directory_kind kind = directory_kind_of(entry);

	return json_pack("{s:o, s:s?, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:o,"
			 " s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "name", json_shown(bytes_text(entry->name)),
			 "kind", kind < DIRECTORY_KIND_COUNT ? directory_kind_names[kind] : NULL,
			 "cn", json_values(&values[DIRECTORY_CN], json_shown),
			 "or_addresses", json_values(&values[DIRECTORY_OR_ADDRESS], json_shown),
			 "mail", json_values(&values[DIRECTORY_MAIL], json_shown),
			 "certificates",
			 json_values(&values[DIRECTORY_USER_CERTIFICATE], json_certificate),
			 "ca_certificates",
			 json_values(&values[DIRECTORY_CA_CERTIFICATE], json_certificate),
			 "cross_pairs", json_pairs(&entry->pairs),
			 "junk_pairs", (json_int_t)entry->pairs.junk,
			 "crls", json_values(&values[DIRECTORY_CRL], json_crl),
			 "arls", json_values(&values[DIRECTORY_ARL], json_crl),
			 "organizations", json_values(&values[DIRECTORY_ORGANIZATION], json_shown),
			 "message_store", json_values(&values[DIRECTORY_MESSAGE_STORE], json_shown),
			 "content_length", json_values(&values[DIRECTORY_CONTENT_LENGTH], json_shown),
			 "content_types", json_values(&values[DIRECTORY_CONTENT_TYPES], json_shown),
			 "submit_permissions", json_values(&values[DIRECTORY_DL_SUBMIT], json_shown),
			 "members", json_values(&values[DIRECTORY_DL_MEMBERS], json_shown),
			 "smime_certificates",
			 json_values(&values[DIRECTORY_SMIME_CERTIFICATE], json_certificate),
			 "bare_certificates",
			 json_values(&values[DIRECTORY_BARE_CERTIFICATE], json_certificate));
}
