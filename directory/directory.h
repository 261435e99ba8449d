/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The directory: names, O/R addresses, certificates and revocation lists of others,
 * over LDAPv3.  Calls block: they belong on the worker pool, one handle for each thread.
 * A handle connects when it is first used, and again after its server was lost.
 *
 * Nothing that is read here is to be believed: sizes and counts are bounded, octets are
 * handed on as they are, and whoever uses a certificate verifies it.
 */
#ifndef DIRECTORY_DIRECTORY_H
#define DIRECTORY_DIRECTORY_H

#include "asn1/pair.h"
#include "lib/base/arena.h"
#include "lib/base/bytes.h"
#include "lib/base/meanwhile.h"
#include "lib/base/status.h"

enum directory_bind {
	DIRECTORY_ANONYMOUS,
	DIRECTORY_SIMPLE,	/* bind_dn and password_file; never in the clear over a network */
	DIRECTORY_EXTERNAL,	/* SASL EXTERNAL: the peer of a Unix socket, or a TLS certificate */
};

/* Who to talk to and how.  Texts are borrowed for the life of the handle. */
struct directory_config {
	/* ldap://host:port, ldaps://host:port, ldapi://%2Fpath; several, with spaces between them:
	 * where one cannot be asked, the next is */
	const char *uri;
	const char *base;	/* where find starts, RFC 4514; null or "" is the top */
	bool start_tls;		/* with ldap:// only: StartTLS, or nothing at all */
	const char *ca_file;	/* PEM: who may vouch for the server; needed for TLS */
	const char *cert_file;	/* PEM of our own for TLS, with key_file; null for none */
	const char *key_file;
	enum directory_bind bind;
	const char *bind_dn;
	const char *password_file;	/* its first line */
	unsigned timeout;	/* seconds for connecting and for each answer; 0 means 10 */
	unsigned max_entries;	/* an answer with more fails; 0 means 100 */
	unsigned max_values;	/* of one attribute; 0 means 2048, the pairs of a large bridge */
	size_t max_value;	/* octets of one value; 0 means 1 MiB */
	size_t max_list;	/* octets of one revocation list; 0 means 16 MiB */
	size_t max_total;	/* octets of all values of an answer; 0 means max_list and 8 MiB */
	/* How many referrals may lead from one server to the next; 0: none is followed.  A server that
	 * is not in uri is asked as nobody, and over TLS where the one that named it was. */
	unsigned referrals;
};

/* What we read and write [X.509 11.2, X.402 Annex A, RFC 4519, RFC 4523]. */
enum directory_attr {
	DIRECTORY_USER_CERTIFICATE,	/* userCertificate;binary */
	DIRECTORY_CA_CERTIFICATE,	/* cACertificate;binary */
	DIRECTORY_CROSS_PAIR,		/* crossCertificatePair;binary: as it came, see pairs */
	DIRECTORY_CRL,			/* certificateRevocationList;binary */
	DIRECTORY_ARL,			/* authorityRevocationList;binary */
	DIRECTORY_OR_ADDRESS,		/* mhsORAddresses: O/R address as text */
	DIRECTORY_CN,
	DIRECTORY_MAIL,
	DIRECTORY_MESSAGE_STORE,	/* mhsMessageStoreDN: a user's */
	DIRECTORY_CONTENT_LENGTH,	/* mhsMaximumContentLength */
	DIRECTORY_CONTENT_TYPES,	/* mhsDeliverableContentTypes: object identifiers */
	DIRECTORY_DL_MEMBERS,		/* mhsDLMembers: as RFC 1778 writes O/R names */
	DIRECTORY_DL_SUBMIT,		/* mhsDLSubmitPermissions: who may use the list, RFC 1778 */
	DIRECTORY_ORGANIZATION,		/* o */
	DIRECTORY_CLASS,		/* objectClass, which publishing sets by itself */
	/* Where certificates are that Postern does not look for; directory_walk tells them. */
	DIRECTORY_SMIME_CERTIFICATE,	/* userSMIMECertificate */
	DIRECTORY_BARE_CERTIFICATE,	/* userCertificate without its transfer option */
	DIRECTORY_ATTR_COUNT
};

struct directory_values {
	struct bytes *list;	/* each followed by a zero octet, so that text is text */
	size_t count;
};

struct directory_pairs {
	struct cert_pair *list;	/* values of crossCertificatePair that are pairs */
	size_t count;
	size_t junk;		/* values that are not */
};

struct directory_entry {
	const char *name;	/* RFC 4514, as the server spells it */
	struct directory_values values[DIRECTORY_ATTR_COUNT];
	struct directory_pairs pairs;
};

struct directory_entries {
	struct directory_entry *list;
	size_t count;
};

struct directory;

/*
 * A handle, not connected yet.  ST_USAGE where the configuration makes no sense or would
 * be unsafe: TLS without a CA file, a password in the clear, StartTLS with ldaps.
 */
FALLIBLE directory_new(const struct directory_config *config, struct directory **out_dir);
void directory_free(struct directory **dir);

/* Connects and binds now, where get and find would have done it. */
FALLIBLE directory_connect(struct directory *dir);

/*
 * The entry of a directory name (RFC 4514).  Everything in *out_entry lives in the arena.
 * ST_NOT_FOUND: there is no such entry.  ST_LATER: the server cannot be reached, was lost,
 * is busy or too slow.  ST_REFUSED: TLS or the bind failed, or access was denied.
 * ST_PEER: the answer breaks the protocol or a bound.
 */
FALLIBLE directory_get(struct directory *dir, const char *name, struct arena *arena,
		       struct directory_entry *out_entry);

/* As directory_get, by the DER Name of X.501. */
FALLIBLE directory_get_der(struct directory *dir, struct bytes name, struct arena *arena,
			   struct directory_entry *out_entry);

/* What became of one of several names that were asked for together. */
struct directory_answer {
	struct status *failed;		/* as for directory_get: the caller's */
	struct directory_entry entry;	/* where it is null */
};

/*
 * The entries of several DER Names in one round trip: all are asked for before the first answer
 * is waited for, and the work (null: there is none) is done in between.  Fails, with no answers,
 * where the server cannot be asked or was lost; each name's own failure, such as ST_NOT_FOUND,
 * stands in its answer.
 */
FALLIBLE directory_get_many(struct directory *dir, const struct bytes *names, size_t count,
			    struct meanwhile *work, struct arena *arena,
			    struct directory_answer *out_answers);

/*
 * The entries below the base where one of the values of attr (DIRECTORY_OR_ADDRESS,
 * DIRECTORY_CN or DIRECTORY_MAIL) equals the value, without regard to case; the value
 * may hold any characters.  ST_NOT_FOUND where none does; otherwise as directory_get.
 */
FALLIBLE directory_find(struct directory *dir, enum directory_attr attr, const char *value,
			struct arena *arena, struct directory_entries *out_entries);

/* One thing that is known of what is looked for. */
struct directory_term {
	/* One of directory_find, DIRECTORY_ORGANIZATION, or DIRECTORY_CLASS, never in part */
	enum directory_attr attr;
	const char *value;
	bool part;			/* the value occurs in it */
};

/* As directory_find, for entries that meet all terms.  An entry belongs to an organization also
 * by its name. */
FALLIBLE directory_match(struct directory *dir, const struct directory_term *terms, size_t count,
			 struct arena *arena, struct directory_entries *out_entries);

/*
 * Calls each with every entry at and below a name ("": the base of the configuration), however
 * many there are, a page at a time [RFC 2696]; the entry lives during the call.  A failure of
 * each ends the walk.
 */
FALLIBLE directory_walk(struct directory *dir, const char *base,
			FALLIBLE (*each)(void *arg, const struct directory_entry *entry), void *arg);

/* What an entry stands for: decides the object classes of one that has to be made. */
enum directory_kind {
	DIRECTORY_USER,		/* a person with an O/R address: person, mhsUser, pkiUser */
	DIRECTORY_AGENT,	/* an MS or MTA, for short: applicationProcess, mhsUser, pkiUser */
	DIRECTORY_AUTHORITY,	/* a CA: by its RDN, and pkiCA */
	DIRECTORY_STORE,	/* an MS: mhsMessageStore */
	DIRECTORY_MTA,		/* mhsMessageTransferAgent */
	DIRECTORY_LIST,		/* mhsDistributionList: needs an O/R address and submit permissions */
	DIRECTORY_KIND_COUNT
};

/* "user", "agent", "authority", "store", "mta", "list". */
extern const char *const directory_kind_names[DIRECTORY_KIND_COUNT];
/* The object class by which entries of a kind are found. */
const char *directory_kind_class(enum directory_kind kind);
/* What an entry is by its object classes; DIRECTORY_KIND_COUNT where it is none of these. */
enum directory_kind directory_kind_of(const struct directory_entry *entry);

enum directory_op {
	/* Adding and removing are not for pairs and revocation lists, which servers cannot compare. */
	DIRECTORY_ADD,		/* these values too; one that is there already stays */
	DIRECTORY_REPLACE,	/* these values and no others; with none, the attribute goes */
	DIRECTORY_REMOVE,	/* not these values; one that is not there is no failure */
};

struct directory_change {
	enum directory_attr attr;
	enum directory_op op;
	const struct bytes *values;
	size_t count;
};

/*
 * Makes all changes to the entry of a name: what is added or replaced in one step, or, for an
 * entry that is there, not at all; then what is removed.  An entry that is absent is made,
 * with those above it, with the object classes of its kind; one that is there gets the
 * auxiliary classes it lacks.  Failures as for directory_get, except that absence is none.
 */
FALLIBLE directory_publish(struct directory *dir, const char *name, enum directory_kind kind,
			   const struct directory_change *changes, size_t count);

/* Takes a whole entry away.  ST_NOT_FOUND; ST_USAGE where there are entries below it. */
FALLIBLE directory_unpublish(struct directory *dir, const char *name);

/* The name of an attribute as LDAP has it, such as "userCertificate;binary". */
const char *directory_attr_name(enum directory_attr attr);

#endif
