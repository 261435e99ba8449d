#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Two domains whose authorities, stores and MTAs have their keys in a token (SoftHSM), which made
# them and keeps them; and what becomes of a server that cannot have its key, or loses it.
. "$(dirname "$0")/../support/lib.sh"
PATH=$PATH:/usr/sbin type -P slapd >/dev/null || skip_all "slapd is not installed"
type -P softhsm2-util >/dev/null || skip_all "softhsm2 is not installed"
SITE=$WORK/site
. "$TOP/tests/demo/site.sh"
at_exit site_stop

# --- a token, and keys in it ---
export SOFTHSM2_CONF=$WORK/softhsm2.conf
mkdir "$WORK/tokens"
printf '%s\n' "directories.tokendir = $WORK/tokens" "log.level = ERROR" >"$SOFTHSM2_CONF"
secret() {
	(umask 077 && printf '%s\n' "$2" >"$1")
}
secret "$WORK/pin" 24681357
secret "$WORK/wrong" 11111111
must softhsm2-util --init-token --free --label site --pin 24681357 --so-pin 87654321

authority_make() {
	printf '%s\n' "authority = $SITE/ca/$1" "directory = $LDAPI" "directory-bind = external" \
		"key-passphrase-file = $WORK/pin" >"$SITE/ca/$1.conf"
	ca "$1" init --key-uri "pkcs11:token=site;object=ca-$1" --passphrase-file "$WORK/pin" \
		--name "${CA_NAME[$1]}"
}
key_settings() {
	secret "$(folder_of "$1")/passphrase" 24681357
	echo "key = pkcs11:token=site;object=$1"
	echo "key-passphrase-file = $(folder_of "$1")/passphrase"
}
KEY_TYPE=([rescue-ms]=rsa)
site_make >"$WORK/site.log" 2>&1 || { not_ok "a site" "$(tail "$WORK/site.log")"; done_testing; }
must site_start
cd "$SITE" || exit 1

check "an authority's file says where its key is, and no more" \
	"$(cat ca/ministry/ca.key)" = "pkcs11:token=site;object=ca-ministry"
expect_output "openssl finds what the token signed good" ": OK" \
	openssl verify -x509_strict -CAfile ca/ministry/ca.pem ministry/ms/cert.pem ministry/mta/cert.pem
expect_output "and the lists" "verify OK" \
	bash -c "'$BIN/postern-ca' --config ca/rescue.conf crl --out list.pem >/dev/null &&
		openssl crl -in list.pem -CAfile ca/rescue/ca.pem -noout"
expect_fail "no second key gets the name of one" "has a key of this name" \
	ca ministry request twice --key-uri "pkcs11:token=site;object=ca-ministry" \
	--passphrase-file "$WORK/pin" --name "CN=Eve,C=FR" --scope mta
expect_fail "who does not know the PIN issues nothing" "PIN does not open the token" \
	"$BIN/postern-ca" --config ca/ministry.conf --set "key-passphrase-file=$WORK/wrong" crl --out no.pem
expect_fail "a PIN is not written where others read it" "does not belong in a URI" \
	"$BIN/postern-ca" request pin --key-uri "pkcs11:token=site;object=x?pin-value=24681357" \
	--passphrase-file "$WORK/pin" --name "CN=Eve,C=FR" --scope mta
expect_fail "a key in a token has no passphrase to change" "does not leave where it is" \
	"$BIN/postern-ca" --config ca/ministry.conf passphrase --passphrase-file "$WORK/wrong"

# --- messages ---
echo "The bridge is closed." | must as alice send --to "${ADDRESS[bob]}" --subject Bridge --seal
echo "Please confirm." | must as alice send --to "${ADDRESS[bob]}" --subject Roads --proof
must as alice sync
must wait_until settled
expect "bob fetches" as bob sync
expect_output "he reads what was sealed for him" "^The bridge is closed" as bob read 1
must as alice sync
expect_output "the store's proof is good, signed in the token" "proved by CN=ms-rescue" as alice receipts

# --- the key's own process ---
key_pid() {
	sed -nE 's/.*the key has its own process pid=([0-9]+).*/\1/p' "$(folder_of "$1")/log" | tail -n 1
}
victim=$(key_pid ministry-mta)
check "a server's key has a process of its own" "$(cat "/proc/$victim/comm")" = postern-key
server=$(server_pid ministry-mta)
kill -KILL "$victim"
must wait_until process_is_over "$server"
expect_output "a server that lost it ends, and says so" "the process that holds the key was ended by signal 9" \
	tail -n 5 ministry/mta/log
echo "Still there?" | must as alice send --to "${ADDRESS[bob]}" --subject Again --sign
must server_start ministry-mta
as alice sync >/dev/null
must wait_until settled
must as bob sync
expect_output "nothing is lost by it" "Still there" as bob read 3
victim=$(key_pid ministry-mta)
server_stop ministry-mta KILL
gone() {
	! kill -0 "$victim" 2>/dev/null || grep -q '^State:.Z' "/proc/$victim/status"
}
expect "the key's process does not outlive the server" wait_until gone

# --- an authority's key is followed by another, in the token ---
in_token() {
	echo "pkcs11:token=site;object=$1"
}
rolls() {	# OBJECT [OPTIONS...]
	local object=$1
	shift
	ca ministry rollover --yes --key-uri "$(in_token "$object")" --passphrase-file "$WORK/pin" "$@"
}
key_of() {	# FILE, of a certificate or a request
	grep -q REQUEST "$1" && openssl req -in "$1" -noout -pubkey || openssl x509 -in "$1" -noout -pubkey
}
cp ca/ministry/ca.pem first.pem
expect_output "in a rehearsal the token makes nothing" "dry run" rolls ca-2 --dry-run
expect_output "it makes the authority's next key" "O=Rescue,C=NO" rolls ca-2
check "the file says where that is" "$(cat ca/ministry/ca-2.key)" = "$(in_token ca-2)"
must ca ministry request next --key-uri "$(in_token next)" --passphrase-file "$WORK/pin" --scope ms --name "CN=Next,C=FR"
must ca ministry issue next/request.pem --out next.pem
must ca ministry publish
way() {
	"$BIN/postern-dir" --config /dev/null --set "directory=$LDAP" path --for ms --authority "$@"
}
expect_output "who trusts the first key trusts what the second has signed" "CN=Next" way first.pem CN=Next,C=FR
expect_output "and the other way round" "CN=ms-ministry" way ca/ministry/ca.pem "CN=ms-ministry,O=Ministry,C=FR"
# A rollover that was cut off before its commit has left a key, and a file that says where.
must ca ministry request cut --key-uri "$(in_token ca-3)" --passphrase-file "$WORK/pin" --scope ms --name "CN=Cut,C=FR"
cp cut/key.pem ca/ministry/ca-3.key
expect "one that was cut off goes on with the key that it made, and destroys the one before" \
	rolls ca-3 --destroy-old-key
check "that key" "$(key_of ca/ministry/ca.pem)" = "$(key_of cut/request.pem)"
check "the file of the one before is gone" ! -e ca/ministry/ca-2.key
expect "and so is the key in the token" ca ministry request again --key-uri "$(in_token ca-2)" \
	--passphrase-file "$WORK/pin" --scope ms --name "CN=Again,C=FR"

# --- a backup of an authority whose key is in a token ---
expect_output "a backup says what it has not" "Keys that a token has: 2.*without the token.*it is of no use" \
	ca ministry backup saved --with-key
check "it says where they are" "$(cat saved/ca-3.key)" = "$(in_token ca-3)"
serial=$(openssl x509 -in next.pem -noout -serial | cut -d= -f2)
must ca ministry revoke --yes next.pem
mv ca/ministry ca/lost
mv "$WORK/tokens" "$WORK/drawer"
mkdir "$WORK/tokens"
expect_fail "without the token it is not restored" "there is no such token" ca ministry restore saved
check "nothing is left of the attempt" ! -e ca/ministry
rmdir "$WORK/tokens"
mv "$WORK/drawer" "$WORK/tokens"
expect_output "with it, all is there again" "1 revocations are taken" ca ministry restore saved
expect_output "also what was revoked since" "$serial" \
	bash -c "'$BIN/postern-ca' --config ca/ministry.conf crl --out list.pem >/dev/null && openssl crl -in list.pem -noout -text"
expect_output "and it can prove what was done" "follow one another" ca ministry journal verify

# --- the token is removed ---
mv "$WORK/tokens" "$WORK/drawer"
mkdir "$WORK/tokens"
refused() {
	! server_start ministry-mta && grep -q "there is no such token" ministry/mta/output
}
expect "without its token a server does not start, and says why" refused
rmdir "$WORK/tokens"
mv "$WORK/drawer" "$WORK/tokens"
expect "with it, it does" server_start ministry-mta
check "no PIN is in any log" -z "$(grep -rlF 24681357 --include=log --include=output --include=audit.log .)"
done_testing
