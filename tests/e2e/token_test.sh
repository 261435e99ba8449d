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
certify() {
	local name=${2#"$SITE/"} type=p256
	[[ $2 != *rescue/ms ]] || type=rsa
	ca "$1" request "$2" --key-uri "pkcs11:token=site;object=${name/\//-}" --key $type \
		--passphrase-file "$WORK/pin" --name "$3" --scope "$4" ${5:+--or-address "$5"} &&
		ca "$1" issue "$2/request.pem" --out "$2/cert.pem" &&
		mkdir -p "$2" && secret "$2/passphrase" 24681357
}
site_make >"$WORK/site.log" 2>&1 || { not_ok "a site" "$(tail "$WORK/site.log")"; done_testing; }
for name in $SERVERS; do
	sed -i "s|^key-unencrypted = .*|key-passphrase-file = $(folder_of "$name")/passphrase|" \
		"$(settings_of "$name")"
done
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
