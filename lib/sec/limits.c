/* SPDX-License-Identifier: Apache-2.0 */
/* What a certified authority is held to: the extensions that say so, written and read
 * [RFC 5280 4.2.1.4, 4.2.1.5, 4.2.1.9, 4.2.1.10]. */
#include "lib/sec/limits.h"

#include "lib/sec/limits_openssl.h"

CRYPTO_AUTO(CERTIFICATEPOLICIES, CERTIFICATEPOLICIES_free)

typedef STACK_OF(GENERAL_SUBTREE) subtrees;

static void auto_mappings(POLICY_MAPPINGS **mappings)
{
	sk_POLICY_MAPPING_pop_free(*mappings, POLICY_MAPPING_free);
}

/* --- writing --- */

static void put_subtree(subtrees **list, GENERAL_NAME *base)
{
	GENERAL_SUBTREE *subtree = GENERAL_SUBTREE_new();

	crypto_must(subtree != NULL, "a subtree");
	GENERAL_NAME_free(subtree->base);
	subtree->base = base;
	if (!*list)
		*list = sk_GENERAL_SUBTREE_new_null();
	crypto_must(sk_GENERAL_SUBTREE_push(*list, subtree) > 0, "a subtree");
}

static FALLIBLE put_subtrees(subtrees **list, const struct bytes *addresses, size_t address_count,
			     const struct bytes *names, size_t name_count)
{
	for (size_t i = 0; i < address_count; i++)
		put_subtree(list, crypto_address_name(addresses[i]));
	for (size_t i = 0; i < name_count; i++) {
		X509_NAME *name = NULL;

		TRY(crypto_name(names[i], &name));
		put_subtree(list, crypto_directory_name(name));
	}
	return OK;
}

/* Critical [RFC 5280 4.2.1.10]: whoever cannot compare O/R addresses has to refuse. */
static FALLIBLE put_names(extension_list **list, const struct cert_limits *limits)
{
	AUTO(auto_NAME_CONSTRAINTS) NAME_CONSTRAINTS *constraints = NAME_CONSTRAINTS_new();

	crypto_must(constraints != NULL, "name constraints");
	TRY(put_subtrees(&constraints->permittedSubtrees, limits->addresses, limits->address_count,
			 limits->names, limits->name_count));
	TRY(put_subtrees(&constraints->excludedSubtrees, limits->no_addresses,
			 limits->no_address_count, limits->no_names, limits->no_name_count));
	if (constraints->permittedSubtrees || constraints->excludedSubtrees)
		crypto_add_extension(list, NID_name_constraints, constraints, true);
	return OK;
}

static FALLIBLE policy_object(const char *text, ASN1_OBJECT **out_object)
{
	ASN1_OBJECT *object = OBJ_txt2obj(text, 1);

	if (!object)
		return crypto_failure(ST_USAGE, "\"%s\" is no object identifier of a policy", text);
	ASN1_OBJECT_free(*out_object);
	*out_object = object;
	return OK;
}

static FALLIBLE put_policy(CERTIFICATEPOLICIES *policies, const char *text)
{
	POLICYINFO *info = POLICYINFO_new();

	crypto_must(info && sk_POLICYINFO_push(policies, info) > 0, "a policy");
	return policy_object(text, &info->policyid);
}

static FALLIBLE put_policies(extension_list **list, const struct cert_limits *limits)
{
	AUTO(auto_CERTIFICATEPOLICIES) CERTIFICATEPOLICIES *policies = sk_POLICYINFO_new_null();

	for (size_t i = 0; i < limits->policy_count; i++)
		TRY(put_policy(policies, limits->policies[i]));
	if (limits->policy_count)
		crypto_add_extension(list, NID_certificate_policies, policies, false);
	return OK;
}

FALLIBLE policies_put(extension_list **list, const struct cert_policies *wanted)
{
	AUTO(auto_CERTIFICATEPOLICIES) CERTIFICATEPOLICIES *policies = sk_POLICYINFO_new_null();

	for (size_t i = 0; wanted && i < wanted->count; i++)
		TRY(put_policy(policies, wanted->oids[i]));
	if (wanted && wanted->count)
		crypto_add_extension(list, NID_certificate_policies, policies, false);
	return OK;
}

/* Critical [RFC 5280 4.2.1.5]: it makes one policy of another. */
static FALLIBLE put_mappings(extension_list **list, const struct cert_limits *limits)
{
	AUTO(auto_mappings) POLICY_MAPPINGS *mappings = sk_POLICY_MAPPING_new_null();

	for (size_t i = 0; i < limits->mapping_count; i++) {
		POLICY_MAPPING *mapping = POLICY_MAPPING_new();

		crypto_must(mapping && sk_POLICY_MAPPING_push(mappings, mapping) > 0, "a policy mapping");
		TRY(policy_object(limits->mappings[i].issuer, &mapping->issuerDomainPolicy));
		TRY(policy_object(limits->mappings[i].subject, &mapping->subjectDomainPolicy));
	}
	if (limits->mapping_count)
		crypto_add_extension(list, NID_policy_mappings, mappings, true);
	return OK;
}

static void put_basic(extension_list **list, bool ca, const struct cert_limits *limits)
{
	AUTO(auto_BASIC_CONSTRAINTS) BASIC_CONSTRAINTS *basic = BASIC_CONSTRAINTS_new();

	crypto_must(basic != NULL, "basic constraints");
	basic->ca = ca ? 0xff : 0;
	if (limits && limits->has_path_length) {
		basic->pathlen = ASN1_INTEGER_new();
		crypto_must(basic->pathlen &&
			    ASN1_INTEGER_set_uint64(basic->pathlen, limits->path_length) == 1,
			    "a path length");
	}
	crypto_add_extension(list, NID_basic_constraints, basic, true);
}

FALLIBLE limits_put(extension_list **list, bool ca, const struct cert_limits *limits)
{
	put_basic(list, ca, limits);
	if (!limits)
		return OK;
	TRY(put_names(list, limits));
	TRY(put_policies(list, limits));
	return put_mappings(list, limits);
}

/* --- reading --- */

static FALLIBLE get_subtree(const GENERAL_SUBTREE *subtree, struct buf *out, bool *out_address)
{
	const uint8_t *der;
	size_t len;

	if (subtree->maximum || (subtree->minimum && ASN1_INTEGER_get(subtree->minimum) != 0))
		return FAIL(ST_PEER, 0, "a name constraint counts levels, which nobody may [RFC 5280]");
	*out_address = crypto_address_of(subtree->base, out);
	if (*out_address)
		return OK;
	if (subtree->base->type != GEN_DIRNAME)
		return FAIL(ST_PEER, 0, "a name constraint is about a kind of name that is not known here");
	crypto_must(X509_NAME_get0_der(subtree->base->d.directoryName, &der, &len) == 1,
		    "the DER of a name");
	buf_put(out, bytes_of(der, len));
	return OK;
}

static FALLIBLE get_subtrees(const subtrees *list, struct arena *arena,
			     const struct bytes **out_addresses, size_t *out_address_count,
			     const struct bytes **out_names, size_t *out_name_count)
{
	struct bytes *addresses = arena_new_array(arena, struct bytes, LIMITS_MAX);
	struct bytes *names = arena_new_array(arena, struct bytes, LIMITS_MAX);

	if (sk_GENERAL_SUBTREE_num(list) > LIMITS_MAX)
		return FAIL(ST_PEER, 0, "there are more than %d name constraints", LIMITS_MAX);
	for (int i = 0; i < sk_GENERAL_SUBTREE_num(list); i++) {
		AUTO(buf_free) struct buf der = { 0 };
		bool address;

		TRY(get_subtree(sk_GENERAL_SUBTREE_value(list, i), &der, &address));
		if (address)
			addresses[(*out_address_count)++] = arena_dup(arena, buf_view(&der));
		else
			names[(*out_name_count)++] = arena_dup(arena, buf_view(&der));
	}
	*out_addresses = addresses;
	*out_names = names;
	return OK;
}

static FALLIBLE get_names(const extension_list *list, struct arena *arena,
			  struct cert_limits *out)
{
	int critical;
	AUTO(auto_NAME_CONSTRAINTS) NAME_CONSTRAINTS *constraints =
		X509V3_get_d2i(list, NID_name_constraints, &critical, NULL);

	if (!constraints)
		return critical == -1 ? OK : FAIL(ST_PEER, 0, "its name constraints cannot be read");
	TRY(get_subtrees(constraints->permittedSubtrees, arena, &out->addresses, &out->address_count,
			 &out->names, &out->name_count));
	return get_subtrees(constraints->excludedSubtrees, arena, &out->no_addresses,
			    &out->no_address_count, &out->no_names, &out->no_name_count);
}

static const char *dotted(struct arena *arena, const ASN1_OBJECT *object)
{
	char oid[128];

	OBJ_obj2txt(oid, sizeof oid, object, 1);
	return arena_strdup(arena, oid);
}

static FALLIBLE get_policies(const extension_list *list, struct arena *arena,
			     struct cert_limits *out)
{
	int critical;
	AUTO(auto_CERTIFICATEPOLICIES) CERTIFICATEPOLICIES *policies =
		X509V3_get_d2i(list, NID_certificate_policies, &critical, NULL);
	int count = sk_POLICYINFO_num(policies);
	const char **texts = arena_new_array(arena, const char *, LIMITS_MAX);

	if ((!policies && critical != -1) || count > LIMITS_MAX)
		return FAIL(ST_PEER, 0, "its policies cannot be read");
	for (int i = 0; i < count; i++)
		texts[out->policy_count++] = dotted(arena, sk_POLICYINFO_value(policies, i)->policyid);
	out->policies = texts;
	return OK;
}

static FALLIBLE get_mappings(const extension_list *list, struct arena *arena,
			     struct cert_limits *out)
{
	int critical;
	AUTO(auto_mappings) POLICY_MAPPINGS *mappings =
		X509V3_get_d2i(list, NID_policy_mappings, &critical, NULL);
	int count = sk_POLICY_MAPPING_num(mappings);
	struct cert_mapping *pairs = arena_new_array(arena, struct cert_mapping, LIMITS_MAX);

	if ((!mappings && critical != -1) || count > LIMITS_MAX)
		return FAIL(ST_PEER, 0, "its policy mappings cannot be read");
	for (int i = 0; i < count; i++) {
		const POLICY_MAPPING *mapping = sk_POLICY_MAPPING_value(mappings, i);

		pairs[out->mapping_count++] = (struct cert_mapping){
			dotted(arena, mapping->issuerDomainPolicy),
			dotted(arena, mapping->subjectDomainPolicy),
		};
	}
	out->mappings = pairs;
	return OK;
}

FALLIBLE limits_get(const extension_list *list, struct arena *arena, struct cert_limits *out)
{
	int critical;
	AUTO(auto_BASIC_CONSTRAINTS) BASIC_CONSTRAINTS *basic =
		X509V3_get_d2i(list, NID_basic_constraints, &critical, NULL);
	uint64_t length = 0;

	*out = (struct cert_limits){ 0 };
	if (!basic || !basic->ca)
		return FAIL(ST_PEER, 0, "it is not about an authority");
	if (basic->pathlen) {
		if (ASN1_INTEGER_get_uint64(&length, basic->pathlen) != 1 || length > UINT32_MAX)
			return crypto_failure(ST_PEER, "its path length is none");
		out->has_path_length = true;
		out->path_length = (unsigned)length;
	}
	TRY(get_names(list, arena, out));
	TRY(get_policies(list, arena, out));
	TRY(get_mappings(list, arena, out));
	ERR_clear_error();	/* an extension that is absent leaves words behind */
	return OK;
}

FALLIBLE limits_of(const struct cert *cert, struct arena *arena, struct cert_limits *out_limits)
{
	return limits_get(X509_get0_extensions(cert_x509(cert)), arena, out_limits);
}
