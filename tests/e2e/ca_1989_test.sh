#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# An authority of 1988: only the setting makes it, only the setting believes it, and each says in
# words that it is broken.  OpenSSL reads its certificates, and cannot verify them.
. "$(dirname "$0")/../support/lib.sh"
slapd
cd "$WORK" || exit 1

old=allow-broken-1989=yes
ca() {
	"$BIN/postern-ca" --config /dev/null --ca "$WORK/ca" --set "directory=$LDAPI" \
		--set directory-bind=external "$@"
}
way() {
	"$BIN/postern-dir" --config /dev/null --set "directory=$LDAP" path --authority ca/ca.pem "$@"
}
address=/G=Alice/S=Smith/ADMD=400net/C=FR/
alice="CN=Alice,C=FR"

# --- making it ---
expect_fail "it takes the setting" "only the setting allow-broken-1989 = yes" \
	ca init --v1-1989 --key rsa --no-passphrase --name "O=Old,C=FR"
expect_fail "and a key of RSA" "goes with --key rsa" \
	ca --set "$old" init --v1-1989 --no-passphrase --name "O=Old,C=FR"
check "nothing was made so far" "$(ls -d ca 2>/dev/null)" = ""
expect_output "an authority of 1988 is made, and said to be broken" "BROKEN.*others can forge it" \
	ca --set "$old" init --v1-1989 --key rsa --no-passphrase --name "O=Old,C=FR"
expect_output "openssl reads version 1" "Version: 1 " openssl x509 -in ca/ca.pem -noout -text
expect_fail "and cannot verify it" "error" openssl verify -CAfile ca/ca.pem ca/ca.pem

# --- issuing ---
expect "alice makes a request" ca request alice --key rsa --no-passphrase --name "$alice" \
	--scope ua --or-address "$address"
expect_fail "without the setting it is not granted" "only the setting allow-broken-1989 = yes" \
	ca issue alice/request.pem
expect_output "with it, it is" "BROKEN" ca --set "$old" issue alice/request.pem --out alice/cert.pem
expect "another asks for the address" ca request eve --key rsa --no-passphrase --name "CN=Eve,C=FR" \
	--scope ua --or-address "$address"
expect_fail "which alice has, though no certificate says so" "address" \
	ca --set "$old" issue eve/request.pem --out eve.pem
expect_output "the journal says what was issued" "others can forge it" ca --set "$old" --json journal
expect_fail "it gets no other key" "make another authority" \
	ca --set "$old" --yes rollover --key rsa --no-passphrase

# --- believing it ---
expect "it publishes" ca --set "$old" publish
expect_fail "nobody believes it by himself" "only the setting allow-broken-1989 = yes" way "$alice"
expect_output "whoever has the setting does" "certified as UA by O=Old,C=FR.*BROKEN: signed with" \
	way --set "$old" "$alice"
expect_fail "for what it is for" "is for UA, not for MS" way --set "$old" --for ms "$alice"
expect "she is revoked" ca --set "$old" --yes revoke alice/cert.pem --reason key-compromise
expect_fail "and then nobody does" "was revoked on" way --set "$old" "$alice"

done_testing
