/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of suites [DESIGN 3]: which algorithms go together, and whether
 * they may be made or only checked.  A new suite is one entry in suite.c and
 * one file with the methods that nobody else has (docs/SUITES.md).
 *
 * A message names its suite by the algorithm of its content integrity check;
 * its signature, seal and key transport then have to be that suite's too, so
 * that nobody can mix a strong part with a weak one.
 */
#ifndef LIB_SEC_SUITE_H
#define LIB_SEC_SUITE_H

#include "lib/sec/cic_input.h"
#include "lib/sec/crypto.h"
#include "lib/sec/sqmodn.h"

struct token;
struct message_signed;

/* What a suite leaves open, and a site settles for itself or for one peer. */
struct suite_options {
	bool allow_broken_1989;	/* the setting allow-broken-1989: locator-1989 may be used */
	enum ecdsa_hash amhs_hash;	/* of ECDSA in amhs, made and accepted */
	enum cic_form amhs_cic;		/* how amhs reads what its check signs */
	bool amhs_either;		/* for a judge: whichever hash and reading fit are accepted */
	enum sqmodn_form sqmodn;	/* how locator-1989 reads its hash */
};

/* How a suite signs [X.509 8.7]. */
struct signature_method {
	/* Appends the DER of the AlgorithmIdentifier that this key signs with; ST_USAGE where
	 * the suite has none for keys of its type. */
	FALLIBLE (*algorithm)(const struct public_key *signer, const struct suite_options *options,
			      struct buf *out_algorithm);
	/* Signs the parts as if they were joined; appends. */
	FALLIBLE (*sign)(const struct private_key *signer, const struct suite_options *options,
			 const struct bytes *parts, size_t count, struct buf *out_signature);
	/* ST_REFUSED where the algorithm is not the suite's for this key, or the signature wrong. */
	FALLIBLE (*verify)(const struct public_key *signer, const struct suite_options *options,
			   struct bytes algorithm, const struct bytes *parts, size_t count,
			   struct bytes signature);
};

/* A way to make the content integrity check [X.411 8.2.1.1.1.28]. */
struct cic_method {
	const char *name;
	const char *const *oids;	/* dotted, of its algorithms; ends with null */
	/* Appends the DER of the AlgorithmIdentifier, and the value of this signer's check. */
	FALLIBLE (*make)(const struct private_key *signer, const struct suite_options *options,
			 struct bytes content, struct buf *out_algorithm, struct buf *out_value);
	/* ST_REFUSED unless the value is what this signer makes of this content. */
	FALLIBLE (*check)(const struct public_key *signer, const struct suite_options *options,
			  struct bytes algorithm, struct bytes content, struct bytes value);
};

/* A way to make it with a key that only the recipients get [X.411 Figure 2,
 * content-integrity-key]. */
struct keyed_cic_method {
	/* A fresh key, and with it as in struct cic_method. */
	void (*make)(const struct public_key *signer, struct bytes content, struct secret *out_key,
		     struct buf *out_algorithm, struct buf *out_value);
	/* ST_REFUSED unless the value is what this signer makes of this content with this key. */
	FALLIBLE (*check)(const struct public_key *signer, struct bytes key, struct bytes algorithm,
			  struct bytes content, struct bytes value);
};

/* HMAC-SHA-256, bound to the signer (lib/sec/keyed_cic.c). */
extern const struct keyed_cic_method keyed_cic;

/* A way to seal content [X.411 8.2.1.1.1.27]. */
struct seal_method {
	const char *name;
	const char *oid;	/* dotted */
	/* Seals content in place with a fresh key, and says how. */
	FALLIBLE (*seal)(struct buf *content, struct secret *out_key, struct buf *out_algorithm);
	/* Opens content in place; ST_REFUSED where it was changed. */
	FALLIBLE (*open)(struct bytes algorithm, struct bytes key, struct buf *content);
};

/* A way to send a few octets that only the owner of a key can read [X.411 8.5.8, encrypted-data]. */
struct transport_method {
	/* Appends the DER of the AlgorithmIdentifier, and the octets. */
	FALLIBLE (*seal)(const struct public_key *to, struct bytes plain, struct buf *out_algorithm,
			 struct buf *out_octets);
	/* ST_REFUSED, always with the same words, for whatever this key does not open.  The
	 * algorithm may have any tag. */
	FALLIBLE (*open)(const struct private_key *key, struct bytes algorithm, struct bytes octets,
			 struct secret *out_plain);
};

struct suite {
	const char *name;
	bool may_make;		/* false: only what others made is checked */
	bool token_optional;	/* whoever knows no tokens may deliver the message: they are not critical */
	bool numbered;		/* repeats are known by sequence numbers, rather than by a record */
	/* What is wrong with it, for the user and the audit log; null where nothing is.  Such a
	 * suite is used only where the options allow it by name. */
	const char *broken;
	const char *allowed_by;	/* the name of the setting that does */
	bool (*allowed)(const struct suite_options *options);
	const struct signature_method *signature;
	const struct cic_method *cic;
	const struct keyed_cic_method *keyed_cic;	/* null where there is none */
	const struct seal_method *seal;		/* null where the suite forbids sealing */
	const struct transport_method *transport;	/* null likewise */
	/* What its profile asks of a token beyond X.411; may be null. */
	FALLIBLE (*check_token)(const struct token *token, const struct message_signed *data);
};

extern const struct suite suite_modern;
extern const struct suite suite_amhs;
extern const struct suite suite_locator_1989;

/* All there are, the default first; and those that are accepted where nobody says which.
 * Both end with null. */
extern const struct suite *const suites_all[];
extern const struct suite *const suites_default[];

/* ST_USAGE, naming the suites there are, where the name is none of them. */
FALLIBLE suite_from_text(const char *name, const struct suite **out_suite);

/* ST_REFUSED, naming the setting, where a suite is broken and the options do not allow it. */
FALLIBLE suite_check_allowed(const struct suite *suite, const struct suite_options *options);

/* That messages may be made with a suite, sealed where wanted: ST_USAGE where they cannot be, or
 * as suite_check_allowed says. */
FALLIBLE suite_check_making(const struct suite *suite, const struct suite_options *options,
			    bool seal);

/*
 * The accepted suite that a content integrity check's AlgorithmIdentifier names.  ST_REFUSED:
 * "the message was made with the suite amhs, which is not accepted here", "the content
 * integrity algorithm 1.2.3 is not accepted", or as suite_check_allowed says.
 */
FALLIBLE suite_find(const struct suite *const *accepted, const struct suite_options *options,
		    struct bytes cic_algorithm, const struct suite **out_suite);

#endif
