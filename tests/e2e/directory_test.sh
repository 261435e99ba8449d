#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# postern-dir against a real OpenLDAP server: what is published is found again, and a server
# that is wrong, gone, junk-filled or too generous is answered with words.
. "$(dirname "$0")/../support/lib.sh"

# A CA for TLS, and another that has nothing to do with it.
tls_ca() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
		-subj "/CN=$1" -keyout "$WORK/$1.key" -out "$WORK/$1.pem"
}
tls_server() {
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=localhost" \
		-keyout "$WORK/server.key" -out "$WORK/server.csr" &&
		openssl x509 -req -in "$WORK/server.csr" -days 30 -CA "$WORK/rightca.pem" \
			-CAkey "$WORK/rightca.key" -out "$WORK/server.pem" \
			-extfile <(echo "subjectAltName=IP:127.0.0.1")
}
must tls_ca rightca
must tls_ca wrongca
must tls_server
slapd --tls "$WORK/server.pem" "$WORK/server.key" "$WORK/rightca.pem"

printf 'directory = %s\ndirectory-bind = external\n' "$LDAPI" >"$WORK/dir.conf"
dir() {
	"$BIN/postern-dir" --config "$WORK/dir.conf" "$@"
}
over_ldap() {
	"$BIN/postern-dir" --config /dev/null --set "directory=$LDAP" "$@"
}

alice="CN=Alice Smith,O=Ministry,C=FR"
address="/G=Alice/S=Smith/O=Ministry/PRMD=Gov/ADMD=400net/C=FR/"

# --- publish, get, find ---
expect_fail "an entry that is absent is reported so" "No such object" dir get "$alice"
"$BIN/postern-dir" --config "$WORK/dir.conf" get "$alice" 2>/dev/null
check "and the exit code says not found (EX_NOINPUT)" $? -eq 66
expect "an entry is made, with those above it" \
	dir publish "$alice" --or-address "$address" --mail alice@gov.example \
	--certificate "$WORK/rightca.pem"
expect_output "get shows the O/R address" "O/R address +$address" dir get "$alice"
expect_output "get describes the certificate" "subject +CN=rightca" dir get "$alice"
expect_output "names compare without case and spaces" "alice@gov" dir get "cn=alice  smith, o=MINISTRY,c=fr"
expect_output "find by O/R address, whatever its case and form" "^cn=Alice Smith" \
	dir find --or-address "g=alice; s=smith; o=ministry; p=gov; a=400net; c=fr"
expect_output "find by name" "^cn=Alice Smith" dir find --cn "alice smith"
expect_output "find by mail" "^cn=Alice Smith" dir find --mail ALICE@gov.example
expect_fail "a * is a character, not a pattern" "no entry with cn" dir find --cn "a*"
expect_fail "parentheses do not break the filter" "no entry with cn" dir find --cn ")(cn=*"
expect_fail "find without saying by what" "needs one of" dir find
json_subject() {
	dir --json get "$alice" | jq -r '.certificates[0].subject'
}
expect_output "JSON is JSON" "^CN=rightca" json_subject

read_back() {
	ldapsearch -LLL -o ldif-wrap=no -Q -Y EXTERNAL -H "$LDAPI" -b "$alice" -s base \
		'userCertificate;binary' | sed -n 's/^userCertificate;binary:: //p' | base64 -d
}
expect "ldapsearch reads the octets that were published" \
	cmp <(openssl x509 -in "$WORK/rightca.pem" -outform DER) <(read_back)
expect "another certificate joins it" dir publish "$alice" --add --certificate "$WORK/wrongca.pem"
expect_output "and both are there" "CN=wrongca" dir get "$alice"
expect "adding what is there is no failure" dir publish "$alice" --add --certificate "$WORK/wrongca.pem"
expect "one is taken away" dir publish "$alice" --remove --certificate "$WORK/rightca.pem"
expect "removing what is not there is no failure" \
	dir publish "$alice" --remove --certificate "$WORK/rightca.pem"
expect_output "the other stays" "subject +CN=wrongca" dir get "$alice"
check "and the one is gone" -z "$(grep rightca <<<"$output")"
expect "replacing leaves one" dir publish "$alice" --certificate "$WORK/rightca.pem"
expect "a name with special characters" dir publish 'CN=Smith\, Bob \"B\"+SN=Smith,O=Mini\+stry,C=FR' \
	--or-address "/S=Smith/O=Mini/ADMD=400net/C=FR/"
expect_output "is found again" "Mini" dir get 'SN=Smith+CN=Smith\2C Bob \22B\22,O=Mini\2Bstry,C=FR'
expect_fail "a text that is no name is refused before anything is asked" "an unknown attribute" \
	dir publish "XX=1,C=FR" --mail a@b
expect_fail "an address that is none" "or-address" dir publish "$alice" --or-address "/X/Y"

# --- authorities, and junk where the server does not look ---
ca="O=Authority,C=FR"
expect "an authority with a pair" dir publish "$ca" --kind authority \
	--ca-certificate "$WORK/rightca.pem" --issued-to "$WORK/wrongca.pem" \
	--issued-by "$WORK/rightca.pem"
expect_output "both halves are told apart" "issued to this authority" dir get "$ca"
expect_fail "pairs are not added one by one" "only be replaced" \
	dir publish "$ca" --add --issued-to "$WORK/wrongca.pem"
junk() {
	local good
	good=$(ldapsearch -LLL -o ldif-wrap=no -Q -Y EXTERNAL -H "$LDAPI" -b "$ca" -s base \
		'crossCertificatePair;binary' | sed -n 's/^crossCertificatePair;binary:: //p')
	ldapmodify -Q -Y EXTERNAL -H "$LDAPI" <<-LDIF
		dn: $ca
		changetype: modify
		replace: crossCertificatePair;binary
		crossCertificatePair;binary:: $good
		crossCertificatePair;binary:: MAA=
		crossCertificatePair;binary:: MAMCAQU=
		crossCertificatePair;binary:: MAagBDACBQA=
	LDIF
}
must junk
expect_output "junk among the pairs is counted, and does no harm" \
	"2 values of crossCertificatePair are no certificate pairs" dir get "$ca"
expect_output "the pair that is one is still there" "issued by this authority" dir get "$ca"
expect_output "a pair of junk certificates is shown as unreadable" "unreadable" dir get "$ca"

# --- TLS fails closed ---
bind="--set directory-bind=simple --set directory-bind-name=$LDAP_DN
	--set directory-password-file=$LDAP_PASSWORD_FILE"
tls="--set directory-start-tls=yes --set directory-ca"
expect_output "anybody may read in the clear" "Alice" over_ldap get "$alice"
expect_output "StartTLS with the right CA" "Alice" over_ldap $tls="$WORK/rightca.pem" get "$alice"
expect_fail "StartTLS with the wrong CA" "StartTLS failed" \
	over_ldap $tls="$WORK/wrongca.pem" get "$alice"
check "nothing of the answer was shown" -z "$(grep $address <<<"$output")"
expect_fail "StartTLS with no CA file that can be read" "cannot" \
	over_ldap $tls="$WORK/absent.pem" get "$alice"
expect_fail "StartTLS without a CA" "needs a CA file" \
	over_ldap --set directory-start-tls=yes get "$alice"
expect_fail "the environment cannot turn the check off" "StartTLS failed" \
	env LDAPTLS_REQCERT=never "$BIN/postern-dir" --config /dev/null \
	--set "directory=$LDAP" $tls="$WORK/wrongca.pem" get "$alice"
expect_fail "a certificate for another host" "StartTLS failed" "$BIN/postern-dir" --config /dev/null \
	--set "directory=${LDAP/127.0.0.1/localhost}" $tls="$WORK/rightca.pem" get "$alice"
expect_fail "ldaps to a port that speaks plain LDAP" "cannot use the directory" \
	"$BIN/postern-dir" --config /dev/null --set "directory=${LDAP/ldap:/ldaps:}" \
	--set directory-ca="$WORK/rightca.pem" --set directory-timeout=2 get "$alice"
expect_fail "a password is not sent in the clear" "not sent in the clear" \
	over_ldap $bind publish "$alice" --mail a@b.example
expect "a password over TLS may write" \
	over_ldap $tls="$WORK/rightca.pem" $bind publish "$alice" --mail a@b.example
expect_fail "nobody may not write" "Strong|nsufficient|write" \
	over_ldap publish "$alice" --mail c@d.example
echo wrong >"$WORK/password"
chmod 600 "$WORK/password"
expect_fail "a wrong password" "Invalid credentials" over_ldap $tls="$WORK/rightca.pem" $bind \
	--set directory-password-file="$WORK/password" get "$alice"
chmod 644 "$WORK/password"
expect_fail "a password file that others may read" "chmod 600" over_ldap $tls="$WORK/rightca.pem" \
	$bind --set directory-password-file="$WORK/password" get "$alice"

# --- the server goes away ---
must "$TOP/directory/slapd-private" stop "$WORK/slapd"
expect_fail "a server that is gone may come back: try later" "cannot use the directory" dir get "$alice"
"$BIN/postern-dir" --config "$WORK/dir.conf" get "$alice" 2>/dev/null
check "and the exit code says so (EX_TEMPFAIL)" $? -eq 75
done_testing
