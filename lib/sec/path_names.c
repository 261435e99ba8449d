/* SPDX-License-Identifier: Apache-2.0 */
/* Name constraints [X.509 9.4.2.2, RFC 5280 4.2.1.10] where O/R addresses are among them. */
#include "lib/sec/path_names.h"

#include "lib/sec/crypto_openssl.h"

typedef STACK_OF(GENERAL_SUBTREE) subtrees;

static void auto_subtrees(subtrees **list)
{
	sk_GENERAL_SUBTREE_pop_free(*list, GENERAL_SUBTREE_free);
}

/* One certificate under the constraints of another. */
struct held {
	const struct path_query *query;
	const struct cert *cert, *by;
};

/* Moves the subtrees of O/R addresses out of a list; null where there are none. */
static subtrees *take_addresses(subtrees *from)
{
	subtrees *taken = NULL;

	for (int i = 0; i < sk_GENERAL_SUBTREE_num(from);) {
		if (sk_GENERAL_SUBTREE_value(from, i)->base->type != GEN_X400) {
			i++;
			continue;
		}
		if (!taken)
			taken = sk_GENERAL_SUBTREE_new_null();
		crypto_must(taken && sk_GENERAL_SUBTREE_push(taken, sk_GENERAL_SUBTREE_delete(from, i)) > 0,
			    "name constraints");
	}
	return taken;
}

/* *out_within: the address lies in one of the subtrees. */
static FALLIBLE find_subtree(const struct held *held, const subtrees *list, struct bytes address,
			     bool *out_within)
{
	*out_within = false;
	for (int i = 0; i < sk_GENERAL_SUBTREE_num(list); i++) {
		const GENERAL_SUBTREE *subtree = sk_GENERAL_SUBTREE_value(list, i);
		AUTO(buf_free) struct buf domain = { 0 };

		/* [RFC 5280 4.2.1.10] minimum is zero and maximum absent. */
		if (subtree->maximum || (subtree->minimum && ASN1_INTEGER_get(subtree->minimum) != 0) ||
		    !crypto_address_of(subtree->base, &domain))
			return FAIL(ST_REFUSED, 0, "%s is held to O/R addresses in a way that is not "
				    "understood", held->by->subject_text);
		*out_within |= held->query->or_address_within(buf_view(&domain), address);
	}
	return OK;
}

static FALLIBLE check_address(const struct held *held, const subtrees *permitted,
			      const subtrees *excluded, struct bytes address)
{
	bool within;

	if (!held->query->or_address_within)
		return FAIL(ST_REFUSED, 0, "%s is held to O/R addresses, which cannot be compared here",
			    held->by->subject_text);
	TRY(find_subtree(held, permitted, address, &within));
	if (permitted && !within)
		return FAIL(ST_REFUSED, 0, "the O/R address of %s is outside the domain that %s is held "
			    "to by %s", held->cert->subject_text, held->by->subject_text,
			    held->by->issuer_text);
	TRY(find_subtree(held, excluded, address, &within));
	if (within)
		return FAIL(ST_REFUSED, 0, "the O/R address of %s is in a domain that %s forbids to %s",
			    held->cert->subject_text, held->by->issuer_text, held->by->subject_text);
	return OK;
}

static FALLIBLE check_addresses(const struct held *held, const subtrees *permitted,
				const subtrees *excluded)
{
	AUTO(auto_GENERAL_NAMES) GENERAL_NAMES *names =
		X509_get_ext_d2i(cert_x509(held->cert), NID_subject_alt_name, NULL, NULL);

	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		AUTO(buf_free) struct buf address = { 0 };

		if (crypto_address_of(sk_GENERAL_NAME_value(names, i), &address))
			TRY(check_address(held, permitted, excluded, buf_view(&address)));
	}
	return OK;
}

static FALLIBLE check_held(const struct held *held)
{
	AUTO(auto_NAME_CONSTRAINTS) NAME_CONSTRAINTS *constraints =
		X509_get_ext_d2i(cert_x509(held->by), NID_name_constraints, NULL, NULL);

	if (!constraints)
		return OK;
	AUTO(auto_subtrees) subtrees *permitted = take_addresses(constraints->permittedSubtrees);
	AUTO(auto_subtrees) subtrees *excluded = take_addresses(constraints->excludedSubtrees);

	if (!permitted && !excluded)
		return OK;	/* OpenSSL has compared it all */
	int error = NAME_CONSTRAINTS_check(cert_x509(held->cert), constraints);
	if (error != X509_V_OK)
		return FAIL(ST_REFUSED, 0, "the certificate of %s is not to be trusted: %s",
			    held->cert->subject_text, X509_verify_cert_error_string(error));
	return check_addresses(held, permitted, excluded);
}

FALLIBLE path_names_check(const struct path_query *query, const struct cert_list *chain,
			  size_t *out_at)
{
	for (size_t i = 0; i < chain->count; i++) {
		X509 *x509 = cert_x509(chain->items[i]);

		*out_at = i;
		/* [RFC 5280 6.1.3] an authority's certificates of itself are not held, unless they
		 * are what the path is for. */
		if (i && X509_get_extension_flags(x509) & EXFLAG_SI)
			continue;
		for (size_t j = i + 1; j < chain->count; j++)
			TRY(check_held(&(struct held){ query, chain->items[i], chain->items[j] }));
	}
	return OK;
}
