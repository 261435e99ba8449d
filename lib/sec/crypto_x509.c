/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of X.509 that certificates, requests and revocation lists share. */
#include "lib/sec/crypto_openssl.h"

#include "lib/sec/der.h"

#include <time.h>

FALLIBLE crypto_time(const ASN1_TIME *time, time_t *out_time)
{
	struct tm tm;

	if (!time || ASN1_TIME_to_tm(time, &tm) != 1)
		return crypto_failure(ST_PEER, "a time in it is none");
	*out_time = timegm(&tm);
	return OK;
}

bool crypto_address_of(const GENERAL_NAME *name, struct buf *out_der)
{
	enum { X400_ADDRESS = 0xa3, SEQUENCE = 0x30 };

	if (name->type != GEN_X400)
		return false;
	/* OpenSSL keeps the whole value under its tag in GeneralName, which is implicit. */
	struct bytes value = bytes_of(ASN1_STRING_get0_data(name->d.x400Address),
				      (size_t)ASN1_STRING_length(name->d.x400Address));
	if (value.len < 2 || value.data[0] != X400_ADDRESS)
		return false;
	buf_put_u8(out_der, SEQUENCE);
	buf_put(out_der, bytes_slice(value, 1, value.len));
	return true;
}

void crypto_or_address(const GENERAL_NAMES *names, struct buf *out_der)
{
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++)
		if (crypto_address_of(sk_GENERAL_NAME_value(names, i), out_der))
			return;
}

enum scope crypto_scope(const EXTENDED_KEY_USAGE *usage)
{
	enum scope found = SCOPE_NONE;

	for (int i = 0; i < sk_ASN1_OBJECT_num(usage); i++) {
		char oid[80];
		enum scope scope;

		OBJ_obj2txt(oid, sizeof(oid), sk_ASN1_OBJECT_value(usage, i), 1);
		scope = scope_from_oid(oid);
		if (scope != SCOPE_NONE && found != SCOPE_NONE)
			return SCOPE_NONE;	/* a key that is for everything is for nothing */
		if (scope != SCOPE_NONE)
			found = scope;
	}
	return found;
}

FALLIBLE crypto_name(struct bytes der, X509_NAME **out_name)
{
	const uint8_t *at = der.data;

	*out_name = d2i_X509_NAME(NULL, &at, (long)der.len);
	if (!*out_name || at != der.data + der.len || X509_NAME_entry_count(*out_name) == 0)
		return crypto_failure(ST_USAGE, "a directory name is needed");
	return OK;
}

void crypto_add_extension(extension_list **list, int nid, void *value, bool critical)
{
	crypto_must(X509V3_add1_i2d(list, nid, value, critical, X509V3_ADD_APPEND) == 1, "an extension");
}

GENERAL_NAME *crypto_address_name(struct bytes or_address)
{
	enum { X400_ADDRESS = 0xa3 };
	AUTO(buf_free) struct buf tagged = buf_copy(or_address);
	GENERAL_NAME *name = GENERAL_NAME_new();

	tagged.data[0] = X400_ADDRESS;	/* implicit, in place of SEQUENCE */
	crypto_must(name != NULL, "a name");
	name->type = GEN_X400;
	name->d.x400Address = ASN1_STRING_type_new(V_ASN1_SEQUENCE);
	crypto_must(ASN1_STRING_set(name->d.x400Address, tagged.data, (int)tagged.len) == 1, "a name");
	return name;
}

GENERAL_NAME *crypto_directory_name(X509_NAME *name)
{
	GENERAL_NAME *directory = GENERAL_NAME_new();

	crypto_must(directory != NULL, "a name");
	directory->type = GEN_DIRNAME;
	directory->d.directoryName = name;
	return directory;
}

void crypto_add_names(extension_list **list, struct bytes or_address, X509_NAME *subject)
{
	AUTO(auto_GENERAL_NAMES) GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
	GENERAL_NAME *directory = GENERAL_NAME_new();

	crypto_must(names && directory, "a name");
	if (or_address.len)
		crypto_must(sk_GENERAL_NAME_push(names, crypto_address_name(or_address)) > 0, "a name");
	directory->type = GEN_DIRNAME;
	directory->d.directoryName = X509_NAME_dup(subject);
	crypto_must(directory->d.directoryName && sk_GENERAL_NAME_push(names, directory) > 0, "a name");
	crypto_add_extension(list, NID_subject_alt_name, names, false);
}

void crypto_add_scope(extension_list **list, enum scope scope)
{
	AUTO(auto_EXTENDED_KEY_USAGE) EXTENDED_KEY_USAGE *usage = sk_ASN1_OBJECT_new_null();

	if (!scope_oid(scope))
		return;
	crypto_must(usage && sk_ASN1_OBJECT_push(usage, OBJ_txt2obj(scope_oid(scope), 1)) > 0,
		    "an extended key usage");
	crypto_add_extension(list, NID_ext_key_usage, usage, true);
}

void crypto_name_algorithm(const struct private_key *key, const X509_ALGOR *field)
{
	struct bytes der = crypto_signature_algorithm(key->public->type);
	const uint8_t *at = der.data;
	X509_ALGOR *algorithm = d2i_X509_ALGOR(NULL, &at, (long)der.len);

	/* It can be asked for, but set only by signing, for which OpenSSL would want the key. */
	crypto_must(algorithm && X509_ALGOR_copy((X509_ALGOR *)(uintptr_t)field, algorithm) == 1,
		    "an algorithm");
	X509_ALGOR_free(algorithm);
}

FALLIBLE crypto_sign_der(const struct private_key *key, uint8_t *tbs, int tbs_len,
			 struct buf *out_der)
{
	enum { UNUSED_BITS = 0 };
	AUTO(buf_free) struct buf signature = { 0 };

	crypto_must(tbs_len > 0, "the DER of what is signed");
	struct bytes part = bytes_of(tbs, (size_t)tbs_len);
	buf_put_u8(&signature, UNUSED_BITS);
	struct status *failed = crypto_sign(key, &part, 1, &signature);
	if (!failed) {
		buf_put(out_der, part);
		buf_put(out_der, crypto_signature_algorithm(key->public->type));
		ber_put(out_der, BER_BIT_STRING, buf_view(&signature));
		ber_wrap(out_der, 0, BER_SEQUENCE);
	}
	OPENSSL_free(tbs);
	return failed;
}
