/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The asymmetric token [X.411 8.5.8, Figure 2 (Token)]: for one recipient, a
 * time, data that are signed, and data that only he can read, under one
 * signature.  lib/sec/bind_token.h and lib/sec/message.h build on it.
 */
#ifndef LIB_SEC_TOKEN_H
#define LIB_SEC_TOKEN_H

#include "lib/sec/suite.h"

#include <time.h>

enum { TOKEN_MAX_OCTETS = 64 * 1024 };

/* [X.411 Figure 2, TokenDataTable] */
enum token_data_type {
	TOKEN_DATA_NONE = 0,
	TOKEN_DATA_BIND_SIGNED = 1,
	TOKEN_DATA_MESSAGE_SIGNED = 2,
	TOKEN_DATA_MESSAGE_ENCRYPTED = 3,
	TOKEN_DATA_BIND_ENCRYPTED = 4,
};

struct token_data {
	enum token_data_type type;
	struct bytes value;	/* one TLV */
};

/* A token as it arrived.  Views point into the octets it was decoded from. */
struct token {
	struct bytes tbs;		/* what is signed */
	struct bytes algorithm;		/* of the signature: DER AlgorithmIdentifier */
	struct bytes signature;
	struct bytes name;		/* one TLV: ORName, or [3] of an MTA */
	time_t time;
	struct token_data signed_data;	/* type TOKEN_DATA_NONE where absent */
	struct bytes encryption_algorithm;	/* empty where absent */
	struct bytes encrypted;		/* empty where absent */
};

/* What a token is to say. */
struct token_plan {
	const struct suite *suite;	/* null: modern */
	struct suite_options options;
	struct bytes name;		/* as in struct token */
	time_t time;
	struct token_data signed_data;
	struct token_data encrypted_data;	/* in the clear; needs encrypt_to */
	const struct public_key *encrypt_to;
};

/* Appends the DER of the Token, with its type identifier. */
FALLIBLE token_make(const struct token_plan *plan, const struct private_key *signer,
		    struct buf *out_token);

/* ST_PEER where the octets are no Token, or one of a type not known here. */
FALLIBLE token_decode(struct bytes octets, struct token *out_token);

/* ST_REFUSED where the signature is not this key's, in the suite modern. */
FALLIBLE token_verify(const struct token *token, const struct public_key *signer);
/* The same in any suite. */
FALLIBLE token_verify_as(const struct token *token, const struct suite *suite,
			 const struct suite_options *options, const struct public_key *signer);

/* The encrypted data, in the clear: *out_plain owns, out_data points into it.  ST_REFUSED
 * where there are none, or they are not for this key. */
FALLIBLE token_open(const struct token *token, const struct suite *suite,
		    const struct private_key *key,
		    struct secret *out_plain, struct token_data *out_data);

/* The name of an MTA as a token has it: [3] SEQUENCE {global-domain-identifier OPTIONAL,
 * mta-name}; domain is the DER of a GlobalDomainIdentifier, or empty.  Appends. */
void token_name_mta(struct bytes domain, const char *mta_name, struct buf *out_name);

#endif
