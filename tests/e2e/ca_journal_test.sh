#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Everything that an authority does is in its journal; whoever changes that is found out, entry by
# entry.  openssl, which nobody here wrote, agrees with the signatures.  And nothing is done in a dry
# run, nor what cannot be undone without a yes.
. "$(dirname "$0")/../support/lib.sh"
cd "$WORK" || exit 1

ca() {
	"$BIN/postern-ca" --config /dev/null --ca "$WORK/${CA:-a}" "$@"
}
acts() {
	ca --json journal | jq -rc '[.entries[].act] | join(" ")'
}
count() {
	ca --json journal | jq .count
}
sql() {
	sqlite3 "$WORK/a/ca.db" "$@"
}

# --- what is done is recorded ---
expect_output "an authority can be planned" "would be made" ca init --no-passphrase --name "O=Authority,C=FR" --dry-run
check "and is not made by that" ! -e a/ca.key
must ca init --no-passphrase --name "O=Authority,C=FR" --as "Grace Hopper"
must ca request alice --no-passphrase --name "CN=Alice,O=Ministry,C=FR" --scope ms
must ca issue alice/request.pem --out alice/cert.pem --as "Grace Hopper"
must ca crl
expect_output "every act is there, in order" "^init issue crl$" acts
who() {
	ca --json journal | jq -rc '.entries[1] | [.user, .as, .facts.subject] | join(" ")'
}
expect_output "with who it was, as the system knows him and as he says" \
	"^$(id -un) Grace Hopper CN=Alice,O=Ministry,C=FR$" who
expect_output "people can read it" "issue, by $(id -un) as Grace Hopper" ca journal

# --- dry runs, and what cannot be undone ---
expect_output "a certificate is issued in a dry run" "dry run: nothing" \
	ca issue alice/request.pem --dry-run --out dry.pem
check "and is not there" ! -e dry.pem
expect_output "a revocation is rehearsed" "dry run: nothing" ca revoke alice/cert.pem --dry-run
expect_output "which programs are told" '"dry_run": true' ca --json revoke alice/cert.pem --dry-run
expect_output "the authority does not know of it" "valid +MS" ca show
check "nor does its journal" "$(count)" = 3
expect_fail "nobody is revoked by mistake" "no terminal to ask on: add --yes" ca revoke alice/cert.pem
on_terminal() {
	printf '%s\n' "$1" | script -qec "$BIN/postern-ca --config /dev/null --ca $WORK/a revoke alice/cert.pem" \
		/dev/null
}
expect_fail "on a terminal he is asked, and may say no" "cannot be undone. .y/N.*" on_terminal n
check "then nothing is done" "$(count)" = 3
expect_output "or yes" "Revoked [0-9a-f]{32}" on_terminal y
expect_fail "who is sure says so" "revoked already" ca revoke --yes alice/cert.pem
must ca crl

# --- it is as it was written ---
expect_output "the journal verifies" "All 5 entries" ca journal verify
head=$(ca --json journal | jq -r .head)
expect_output "writing it to a file can be rehearsed" "dry run" ca journal --export journal --dry-run
check "which writes none" ! -e journal
ca journal --export journal >/dev/null
verify() {
	"$BIN/postern-ca" --config /dev/null journal verify "$@"
}
expect_output "so does its file, with the certificate alone" "All 5 entries" \
	verify journal --certificate a/ca.pem --head "$head"

from_base64url() {
	local text=${1//-/+}
	text=${text//_//}
	while [ $((${#text} % 4)) -ne 0 ]; do text+==; done
	base64 -d <<<"$text"
}
# JWS has the two numbers of an ECDSA signature side by side; openssl wants them in DER.
openssl_agrees() {
	local line signature
	while read -r line; do
		signature=$(from_base64url "${line##*.}" | od -An -v -tx1 | tr -d ' \n')
		printf 'asn1=SEQUENCE:s\n[s]\nr=INTEGER:0x%s\ns=INTEGER:0x%s\n' \
			"${signature:0:64}" "${signature:64}" >signature.cnf
		openssl asn1parse -genconf signature.cnf -noout -out signature.der &&
			openssl dgst -sha256 -verify key.pem -signature signature.der \
				<(printf %s "${line%.*}") || return 1
	done <journal
}
openssl x509 -in a/ca.pem -noout -pubkey >key.pem
expect_output "openssl finds every signature good" "Verified OK" openssl_agrees

# --- attacks on the file ---
attack() {	# WORDS PATTERN COMMAND...: makes "attacked" from "journal"
	local words=$1 pattern=$2
	shift 2
	"$@" journal >attacked
	expect_fail "$words" "$pattern" verify attacked --certificate a/ca.pem --head "$head"
}
attack "an entry is taken out" "broken at entry 3.*|where entry 3 should be is entry 4" sed 3d
attack "two entries change places" "where entry 2 should be is entry 3" sed -n '2{h;d};3{p;x};p'
attack "an entry comes twice" "where entry 3 should be is entry 2" sed 2p
attack "the end is cut off" "ends with entry 4, but entry 5 is remembered" sed '$d'
attack "the last entry is cut in half" "entry 5 of attacked has no end" head -c -40
attack "one character of an entry is another" "entry 2 of the journal is broken" \
	sed '2s/\.\(.\{40\}\)./.\1A/'
attack "the file is something else" "not a signed line" sed 's/.*/nonsense/'
CA=b must ca init --no-passphrase --name "O=Authority,C=FR"
CA=b ca journal --export other >/dev/null
expect_fail "another authority of the same name wrote it" "signed with another key" \
	verify other --certificate a/ca.pem
attack "one of its entries is put in" "entry 2 of the journal is broken" sed -e '1r other'

# --- attacks on the database ---
expect_fail "the database refuses a changed entry" "only added to" \
	sql "UPDATE journal SET line = x'00' WHERE number = 2"
expect_fail "and a removed one" "only added to" sql "DELETE FROM journal WHERE number = 5"
sql "DROP TRIGGER journal_grows; DELETE FROM journal WHERE number = 5"
expect_output "who gets round that is not seen by the chain alone" "All 4 entries" ca journal verify
expect_fail "but by who remembers the head" "its end was cut off" ca journal verify --head "$head"
ca crl >/dev/null
expect_fail "also when it has grown again" "written anew" ca journal verify --head "$head"
expect_fail "a head is not anything" "no head of a journal" ca journal verify --head 5

# --- a database from before there were journals ---
# What the first version made, with what the authority had by then.
sqlite3 old.db <<-'SQL'
	CREATE TABLE certificate (id INTEGER PRIMARY KEY, serial BLOB NOT NULL UNIQUE,
		kind INTEGER NOT NULL, subject TEXT NOT NULL, or_address TEXT, scope INTEGER NOT NULL,
		issued_at INTEGER NOT NULL, not_after INTEGER NOT NULL, der BLOB NOT NULL,
		revoked_at INTEGER, reason INTEGER) STRICT;
	CREATE INDEX certificate_subject ON certificate (subject);
	CREATE TABLE received (issuer TEXT PRIMARY KEY, der BLOB NOT NULL) STRICT;
	CREATE TABLE crl (number INTEGER PRIMARY KEY, this_update INTEGER NOT NULL,
		next_update INTEGER NOT NULL, der BLOB NOT NULL) STRICT;
	PRAGMA application_id = 1346584881;
	PRAGMA user_version = 1;
	ATTACH 'a/ca.db' AS now;
	INSERT INTO certificate SELECT id, serial, kind, subject, or_address, scope, issued_at,
		not_after, der, revoked_at, reason FROM now.certificate;
	INSERT INTO crl SELECT number, this_update, next_update, der FROM now.crl;
SQL
rm -f a/ca.db*
mv old.db a/ca.db
expect_output "it knows whom it revoked" "revoked +MS" ca show
must ca crl
expect_output "begins one with the next act" "^crl$" acts
expect_output "which verifies" "All 1 entries" ca journal verify
done_testing
