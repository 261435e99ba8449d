#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Two authorities certify each other and their users; openssl, which nobody here wrote, agrees
# with what they issued and revoked; the directory gives back the octets that were issued.
. "$(dirname "$0")/../support/lib.sh"
slapd
cd "$WORK" || exit 1

ca() {
	local which=$1
	shift
	"$BIN/postern-ca" --config /dev/null --ca "$WORK/$which" "$@"
}
published() {
	ca "$1" --set "directory=$LDAPI" --set directory-bind=external publish
}
fingerprint() {
	openssl x509 -in "$1" -noout -fingerprint -sha256 | sed 's/.*=//'
}
from_directory() {
	ldapsearch -LLL -o ldif-wrap=no -Q -Y EXTERNAL -H "$LDAPI" -b "$1" -s base "$2" |
		sed -n "s/^$2:: //p" | base64 -d
}
address=/G=Alice/S=Smith/O=Ministry/PRMD=Gov/ADMD=400net/C=FR/

# --- two authorities ---
expect "an authority is made" ca a init --no-passphrase --name "O=Authority A,C=FR"
expect "and another" ca b init --no-passphrase --name "O=Authority B,C=DE"
expect_fail "never on top of one that is there" "cannot make an authority" \
	ca a init --no-passphrase --name "O=Authority A,C=FR"
check "its key is its own" "$(stat -c %a a/ca.key)" = 600
expect_output "openssl finds the authority's own certificate good" "OK" \
	openssl verify -x509_strict -CAfile a/ca.pem a/ca.pem

# --- certificates ---
expect "alice makes a key and a request" ca a request alice --no-passphrase --name "CN=Alice Smith,O=Ministry,C=FR" \
	--scope ua --or-address "$address"
check "her key is her own" "$(stat -c %a alice/key.pem)" = 600
expect_fail "a UA needs an O/R address" "needs an O/R address" \
	ca a request eve --no-passphrase --name "CN=Eve,C=FR" --scope ua
expect_fail "a request for a CA is not made" "cross-certified" \
	ca a request eve --no-passphrase --name "CN=Eve,C=FR" --scope ca
expect_fail "the scope has to be the request's" "key of a UA, not of a MTA" \
	ca a issue alice/request.pem --scope mta
expect_fail "so has the name" "is from CN=Alice Smith" ca a issue alice/request.pem --name "CN=Eve,C=FR"
expect_fail "so has the address" "for the O/R address" \
	ca a issue alice/request.pem --or-address "/S=Eve/ADMD=400net/C=FR/"
expect_output "a certificate is issued" "as UA" ca a issue alice/request.pem --scope ua \
	--or-address "g=alice; s=smith; o=ministry; p=gov; a=400net; c=fr" --out alice/cert.pem
expect "bob's, by the other authority" ca b request bob --no-passphrase --name "CN=Bob,O=Firma,C=DE" --scope ua \
	--or-address "/S=Bob/O=Firma/ADMD=400net/C=DE/"
expect "is issued" ca b issue bob/request.pem --out bob/cert.pem
expect "a message store's" ca a request ms --no-passphrase --name "CN=MS,O=Ministry,C=FR" --scope ms
expect "is issued too" ca a issue ms/request.pem --out ms/cert.pem
serials() {
	ca a --json show | jq -e '[.[].serial | select(length == 32)] | unique | length == 3'
}
expect "serial numbers have 128 bits, and no two are alike" serials
junk_request() {
	sed 's/^M/N/' alice/request.pem >junk.pem
	ca a issue junk.pem
}
expect_fail "a request that was changed is refused" "request" junk_request

# --- cross-certification ---
expect_fail "the fingerprint has to be said" "ask its owner" ca a cross-certify b/ca.pem
expect_fail "and to be right" "not 00" ca a cross-certify b/ca.pem --fingerprint 00
expect "a certifies b" ca a cross-certify b/ca.pem --fingerprint "$(fingerprint b/ca.pem)" \
	--out a-to-b.pem
expect "b certifies a" ca b cross-certify a/ca.pem --fingerprint "$(fingerprint a/ca.pem)" \
	--out b-to-a.pem
expect "b keeps what a issued" ca b cross-certify --received a-to-b.pem
expect "a keeps what b issued" ca a cross-certify --received b-to-a.pem
expect_fail "what is for another is not kept" "another key" ca a cross-certify --received a-to-b.pem
expect_fail "an authority does not certify itself" "itself" ca a cross-certify a/ca.pem
expect_fail "nor a user as an authority" "not for a CA|is for" ca a cross-certify alice/cert.pem

# --- lists, and openssl's view ---
expect "a's list" ca a crl --out a.crl
expect "b's list" ca b crl --out b.crl
cat a.crl b.crl >all.crl
# Our critical key usages are nobody else's: openssl is told not to mind them.
verify() {
	openssl verify -ignore_critical -crl_check_all -CRLfile all.crl "$@"
}
expect_output "openssl verifies alice under a" "OK" verify -CAfile a/ca.pem alice/cert.pem
expect_output "openssl verifies bob under a, by way of the cross-certificate" "OK" \
	verify -CAfile a/ca.pem -untrusted a-to-b.pem bob/cert.pem
expect_output "and alice under b" "OK" verify -CAfile b/ca.pem -untrusted b-to-a.pem alice/cert.pem
expect_fail "but not bob under a without it" "unable to get" verify -CAfile a/ca.pem bob/cert.pem
expect_output "the certificate says whose it is" "DirName" \
	openssl x509 -in alice/cert.pem -noout -ext subjectAltName

# --- the directory ---
expect "a publishes" published a
expect "b publishes" published b
expect "alice's certificate comes back octet by octet" \
	cmp <(openssl x509 -in alice/cert.pem -outform DER) \
	<(from_directory "CN=Alice Smith,O=Ministry,C=FR" 'userCertificate;binary')
expect "so does the authority's" cmp <(openssl x509 -in a/ca.pem -outform DER) \
	<(from_directory "O=Authority A,C=FR" 'cACertificate;binary')
from_directory "O=Authority A,C=FR" 'crossCertificatePair;binary' >pair.der
halves() {
	openssl asn1parse -inform DER -in pair.der | awk -F'[:= ]+' '
		/d=1 / && /cont \[ [01] \]/ { print "half" }' | wc -l
}
check "the pair has two halves" "$(halves)" = 2
half() {	# 0|1: as PEM
	local at
	at=$(openssl asn1parse -inform DER -in pair.der | sed -n "/d=1 .*cont \[ $1 \]/{n;s/^ *\([0-9]*\):.*/\1/p}")
	openssl asn1parse -inform DER -in pair.der -noout -strparse "$at" -out half.der &&
		openssl x509 -inform DER -in half.der
}
check "openssl finds in the first what b issued to a" "$(half 0)" = "$(openssl x509 -in b-to-a.pem)"
check "and in the second what a issued to b" "$(half 1)" = "$(openssl x509 -in a-to-b.pem)"
# What ldapsearch reads is all that openssl needs: nothing that was not published is asked.
agrees() {	# AUTHORITY NAME...
	local authority=$1 name
	shift
	from_directory "$authority" 'cACertificate;binary' | openssl x509 -inform DER -out seen-ca.pem &&
		from_directory "$authority" 'certificateRevocationList;binary' | openssl crl -inform DER -out seen.crl &&
		openssl crl -in seen.crl -CAfile seen-ca.pem -noout || return
	for name; do
		from_directory "$name" 'userCertificate;binary' | openssl x509 -inform DER -out seen.pem &&
			openssl verify -ignore_critical -crl_check -CRLfile seen.crl -CAfile seen-ca.pem seen.pem || return
	done
}
expect_output "openssl finds good what ldapsearch reads of a and its own: the list" "verify OK" \
	agrees "O=Authority A,C=FR" "CN=Alice Smith,O=Ministry,C=FR" "CN=MS,O=Ministry,C=FR"
check "and the certificates" "$(grep -c '^seen.pem: OK' <<<"$output")" = 2
expect_output "so with b's" "^seen.pem: OK" agrees "O=Authority B,C=DE" "CN=Bob,O=Firma,C=DE"
entry() {
	ldapsearch -LLL -o ldif-wrap=no -Q -Y EXTERNAL -H "$LDAPI" -b "$1" -s base objectClass mhsORAddresses
}
expect_output "ldapsearch reads alice's O/R address" "^mhsORAddresses: /G=alice/S=smith/O=ministry/PRMD=gov/ADMD=400net/C=fr/$" entry "CN=Alice Smith,O=Ministry,C=FR"
expect_output "and that she is a user of the MHS" "^objectClass: mhsUser" \
	entry "CN=Alice Smith,O=Ministry,C=FR"
expect_output "and a an authority" "^objectClass: pkiCA" entry "O=Authority A,C=FR"
expect_output "postern-dir finds alice by her address" "for use as +UA" "$BIN/postern-dir" \
	--config /dev/null --set "directory=$LDAP" find --or-address "$address"
expect_output "and describes the pair" "issued by this authority" "$BIN/postern-dir" \
	--config /dev/null --set "directory=$LDAP" get "O=Authority A,C=FR"

# --- paths ---
way() {
	"$BIN/postern-dir" --config /dev/null --set "directory=$LDAP" path --authority "$@"
}
expect_output "a's people see why bob is trusted" "CN=Bob,O=Firma,C=DE is certified as UA by O=Authority B" \
	way a/ca.pem "CN=Bob,O=Firma,C=DE"
expect_output "and what was checked" "Checked: signatures, dates" way a/ca.pem "CN=Bob,O=Firma,C=DE"
way_json() {
	way a/ca.pem "$1" --json | jq -c '[.trusted, (.chain | length)]'
}
expect_output "programs see it too" "true,3" way_json "CN=Bob,O=Firma,C=DE"
way_lists() {
	way a/ca.pem "$1" --json | jq -c '[.chain[].revocation_list | .issuer, (.number | type)]'
}
expect_output "and in which lists nothing was found" \
	'"O=Authority B,C=DE","number","O=Authority A,C=FR","number",null' way_lists "CN=Bob,O=Firma,C=DE"
expect_fail "a path may be too long" "no path from" \
	way a/ca.pem "CN=Bob,O=Firma,C=DE" --set path-certificates=2

# An authority that is held to its own domain.
expect "a third authority is made" ca c init --no-passphrase --name "O=Authority C,C=IT"
expect "a certifies it for its domain alone" ca a cross-certify c/ca.pem \
	--fingerprint "$(fingerprint c/ca.pem)" --permit-or-address "/PRMD=Firma/ADMD=400net/C=IT/" \
	--permit-name "C=IT" --path-length 0 --out a-to-c.pem
expect_output "openssl reads the constraint" "DirName:C ?= ?IT" \
	openssl x509 -in a-to-c.pem -noout -ext nameConstraints
expect_fail "a path length is a number" "no path length" ca a cross-certify c/ca.pem \
	--fingerprint "$(fingerprint c/ca.pem)" --path-length many
expect "c keeps it" ca c cross-certify --received a-to-c.pem
member() {	# NAME SUBJECT ADDRESS
	ca c request "$1" --no-passphrase --name "$2" --scope ua --or-address "$3" && ca c issue "$1/request.pem" --out "$1/cert.pem"
}
expect "c certifies one of its own" member dora "CN=Dora,C=IT" "/S=Dora/PRMD=Firma/ADMD=400net/C=IT/"
expect "one with the address of another domain" member eva "CN=Eva,C=IT" "/S=Eva/PRMD=Gov/ADMD=400net/C=FR/"
expect "and one with a name of another" member finn "CN=Finn,C=FR" "/S=Finn/PRMD=Firma/ADMD=400net/C=IT/"
expect "c publishes" published c
expect_output "its own is trusted" "CN=Dora,C=IT is certified" way a/ca.pem "CN=Dora,C=IT"
expect_output "by its address" "O/R address /S=Dora/" way a/ca.pem "CN=Dora,C=IT"
expect_output "and the authority is seen to be held" \
	"with at most 0 authorities below it, held to the domains" way a/ca.pem "CN=Dora,C=IT"
expect_fail "the foreign address is not" "outside the domain" way a/ca.pem "CN=Eva,C=IT"
expect_fail "nor is the foreign name" "permitted subtree violation" way a/ca.pem "CN=Finn,C=FR"

# --- revocation ---
expect "alice is revoked" ca a revoke --yes alice/cert.pem --reason key-compromise
expect_fail "once" "revoked already" ca a revoke --yes alice/cert.pem
expect_fail "what a did not issue it cannot revoke" "no certificate of this authority" \
	ca a revoke --yes bob/cert.pem
expect_fail "nor what is no serial number" "neither a file" ca a revoke nonsense
expect_output "show says so" "revoked +UA" ca a show
expect "the next list" ca a crl --out a.crl
cat a.crl b.crl >all.crl
expect_fail "openssl refuses alice" "certificate revoked" verify -CAfile a/ca.pem alice/cert.pem
expect_output "her store goes on" "OK" verify -CAfile a/ca.pem ms/cert.pem
number() {
	openssl crl -in a.crl -noout -crlnumber
}
expect_output "lists are numbered" "0x03|0x3|=03" number
expect "a publishes again" published a
from_directory "O=Authority A,C=FR" 'certificateRevocationList;binary' >published.crl
expect_output "the published list has her" "Serial Number" \
	openssl crl -inform DER -in published.crl -noout -text
done_testing
