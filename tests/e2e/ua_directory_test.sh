#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A mobile user whose directory is out of reach: what it said before serves him, he is told how old
# that is, and past an age it serves no more.
. "$(dirname "$0")/../support/lib.sh"
. "$TOP/tests/support/two_domains.sh"
bob=${ADDRESS[bob]}

write() {	# SUBJECT
	echo "The road is open." >letter.txt
	as alice send --to "$bob" --subject "$1" --sign letter.txt && as alice sync
}
far() {		# bob, where no directory answers
	as bob --set directory=ldap://127.0.0.1:1 "$@"
}
# fetches COMMAND...: bob's exchange, until it has brought a message.
fetches() {
	local deadline=$((SECONDS + 20))
	until output=$("$@" sync 2>&1) && grep -q "received 1 message" <<<"$output"; do
		[ $SECONDS -lt $deadline ] || { echo "$output"; return 1; }
		sleep 0.1
	done
	echo "$output"
}
older() {	# SECONDS: as if what bob knows had been fetched so much before
	sqlite3 bob/directory.db "UPDATE item SET fetched = fetched - $1"
}
as_of() {	# of bob's newest message
	as bob read --json "$(newest bob)" | jq .checks.as_of
}

# --- while the directory answers ---
must write one
expect_output "a message is checked with what the directory says" "1 signed and unchanged" fetches as bob
expect_output "its reader is told of when that is, and when he checked" \
	"^Certificates and revocation lists as of $(date -u +%Y-%m-%d) .* UTC, checked on" as bob read -v "$(newest bob)"
check "there is nothing to warn of" -z "$(grep "could not be asked" <<<"$output")"

# --- where it does not ---
older 7500
must write two
expect_output "without the directory the next is checked all the same" "1 signed and unchanged" fetches far
expect_output "and its reader is told how old that is" \
	"unchanged; .*; the directory could not be asked: certificate and revocation lists were as of .* UTC, 2 hours before" \
	far read "$(newest bob)"
expect_output "to the second, where he wants to know" "^Certificates and revocation lists as of .* checked on" \
	far read -v "$(newest bob)"
age() {
	local age=$(($(date +%s) - $(as_of)))
	[ $age -ge 7500 ] && [ $age -lt 7600 ]
}
expect "programs are told as well" age
expect_output "status says how much is known, and how old it is" "2 hours" far status

# --- too old ---
older $((8 * 86400))
must write three
expect_fail "past the age of the settings it is not trusted any more" "cannot use the directory|could not be asked" far sync
check "and nothing was taken for checked" "$(as bob list | grep -c three)" = 0
expect_output "with the directory again all is well" "1 signed and unchanged" fetches as bob
check "and as of now" "$(($(date +%s) - $(as_of)))" -lt 60

# --- what ends soon is fetched before it does ---
ends() {	# how many entries that bob knows have a list that ends within the hour
	sqlite3 bob/directory.db "SELECT count(*) FROM item WHERE ends > 0 AND ends < unixepoch() + 3600"
}
sqlite3 bob/directory.db "UPDATE item SET ends = unixepoch() + 60, fetched = fetched - 400 WHERE ends > 0"
check "two authorities' lists are about to end" "$(ends)" = 2
expect "an exchange has their next ones" as bob sync
check "so that none ends while the directory is out of reach" "$(ends)" = 0

# --- why there is no path, in full ---
as_dir() {
	"$BIN/postern-dir" --set directory="$LDAP" --set authority="$SITE/ca/rescue/ca.pem" "$@"
}
expect_output "why alice is believed" "is certified as CA by CN=Rescue CA" as_dir path "CN=Alice Martin,O=Ministry,C=FR"
aged() {	# the lists were made more than a second ago
	! as_dir --set revocation-list-age=1s path "CN=Alice Martin,O=Ministry,C=FR"
}
wait_for aged
expect_fail "lists may be held to an age" "here it may be no older than" \
	as_dir --set revocation-list-age=1s path "CN=Alice Martin,O=Ministry,C=FR"
ghost() {	# an authority that certifies alice's, and that nobody certifies
	printf '%s\n' "authority = $SITE/ca/ghost" "directory = $LDAPI" "directory-bind = external" >ca/ghost.conf
	ca ghost init --no-passphrase --name "CN=Ghost,C=XX" &&
		ca ghost cross-certify ca/ministry/ca.pem --out ghost.pem \
			--fingerprint "$(fingerprint ca/ministry/ca.pem)" &&
		ca ghost publish && ca ministry cross-certify --received ghost.pem && ca ministry publish
}
must ghost
must ca rescue revoke ca/rescue-to-ministry.pem --reason superseded --yes
sqlite3 bob/directory.db "DELETE FROM item"
must write four
expect_output "what no path leads to is refused" "1 REFUSED" fetches as bob
expect_fail "its reader is told of the path that fell, and why" \
	"^  because: by way of CN=Ministry CA.*, CN=Rescue CA.*: the certificate of CN=Ministry CA.* was revoked on" \
	as bob read -v "$(newest bob)"
check "and of the way that leads nowhere" 1 = "$(grep -c "^  because: by way of CN=Ministry CA.*: nothing certifies CN=Ghost,C=XX to us" \
	<<<"$output")"
expect_fail "the directory's client explains it in the same words" "nothing certifies CN=Ghost,C=XX to us" \
	as_dir path "CN=Alice Martin,O=Ministry,C=FR"
reasons() {
	as_dir --json path "CN=Alice Martin,O=Ministry,C=FR" | jq -r '.trusted, (.reasons | length)' | tr '\n' ' '
}
check "also to programs" "$(reasons 2>/dev/null)" = "false 3 "
done_testing
