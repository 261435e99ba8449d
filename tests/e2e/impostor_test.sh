#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Who says that he is somebody else: on a link, as a caller and as the one who is called, and as the
# writer of a message; beside each its twin, with the right key.
. "$(dirname "$0")/../support/lib.sh"
. "$TOP/tests/support/two_domains.sh"
alice=${ADDRESS[alice]} carol=${ADDRESS[carol]}

# said SERVER WORDS PATTERN: in the server's audit log.
said() {
	wait_for grep -qE -- "$3" "$(folder_of "$1")/audit.log"
	expect_output "$2" "$3" tail -n 5 "$(folder_of "$1")/audit.log"
}
# pose_as WHO SERVER NAME PEER: to a server in a name, with that folder's key and certificate.
pose_as() {
	local role=ua certificate=$1/cert.pem
	[[ $2 = *-ms ]] || role=mta
	[ -e "$1/issued.pem" ] && certificate=$1/issued.pem
	pose $role "127.0.0.1:${PORT[$2]}" "$1/key.pem" "$certificate" "$3" "$4" "ca/${2%-*}/ca.pem" "$LDAP"
}

# --- settings that would let nobody be known ---
with_directory() {
	sed -E "s#^listen = .*#listen = 127.0.0.1:0#; s#^(queue|log|audit-log) = .*#&.other#; s#^directory = .*#directory = $1#" \
		"$(settings_of ministry-mta)" >other.conf
	timeout 10 "$BIN/postern-mta" --config other.conf
}
expect_fail "an MTA does not start with what is no directory" "http://x/ is not the address of a directory" \
	with_directory http://x/
expect_fail "nor with one whose certificate it could not check" "CA" with_directory ldaps://x
expect_fail "its commands come first" "before its options: postern-mta where" \
	"$BIN/postern-mta" --config "$(settings_of ministry-mta)" where

# --- a store ---
as_alice() {
	pose_as "$1" ministry-ms "$alice" -
}
expect_output "alice binds to her store" "we are let in" as_alice alice
expect_fail "mallory, with his own key, asks for her mailbox" "we are not let in" as_alice mallory
said ministry-ms "the store says why" "bind refused.*is for CN=Mallory Noir.*, not for CN=Alice Martin"
expect_fail "so does the store of another domain" "we are not let in" as_alice rescue/ms
said ministry-ms "whose key is for another use" "bind refused.*is for MS, not for UA"
expect_fail "so does an MTA" "we are not let in" as_alice ministry/mta
said ministry-ms "whose key is for another use, too" "bind refused.*is for MTA, not for UA"

# --- an MTA ---
as_mta() {
	pose_as "$1" rescue-mta "mta-ministry${DOMAIN[ministry]}" "mta-rescue${DOMAIN[rescue]}"
}
expect_output "Ministry's MTA binds to Rescue's" "we are let in" as_mta ministry/mta
expect_fail "mallory, with his own key, says that he is that MTA" "we are not let in" as_mta mallory
said rescue-mta "a user's key is for another use" "bind refused.*is for UA, not for MTA"
expect_fail "so does Ministry's store" "we are not let in" as_mta ministry/ms
said rescue-mta "whose key is for another use" "bind refused.*is for MS, not for MTA"
expect_fail "so does another MTA" "we are not let in" as_mta rescue/mta
said rescue-mta "whose key is for another name" "bind refused.*is for CN=mta-rescue.*, not for CN=mta-ministry"

# --- one who is called ---
attack "alice binds while somebody listens" attack_record
impostor_start() {
	impostor "$SITE/recorded.answers" 2>>"$SITE/tap.log" </dev/null &
}
expect_fail "the store's recorded answer is given to her next bind" \
	"the answer of CN=ms-ministry.* is not to our bind: it returns another" \
	as alice --set "ms=$(impostor_start)" sync

# --- what an MTA has said, sent back to it ---
mta_tap() {
	record "127.0.0.1:${PORT[rescue-mta]}" "$SITE/spoken" 2>>"$SITE/tap.log" </dev/null &
}
tapped() {
	local port
	server_stop ministry-mta
	cp ministry/mta/mta.conf ministry/mta/true.conf
	port=$(mta_tap)
	sed "s|127.0.0.1:${PORT[rescue-mta]}|$port|" ministry/mta/true.conf >ministry/mta/mta.conf
	server_start ministry-mta && letter alice Tapped --sign <<<"Through a tap." &&
		wait_until settled && server_stop ministry-mta && wait_until test -s "$SITE/spoken" &&
		{ cat ministry/mta/true.conf && itself; } >ministry/mta/mta.conf && server_start ministry-mta
}
# An MTA that would talk to itself, so that only the token is in the way.
itself() {
	echo "mta = mta-ministry 127.0.0.1:${PORT[ministry-mta]} domain=${DOMAIN[ministry]}" \
		"dn=\"CN=mta-ministry,${ABOVE[ministry]}\""
}
attack "an MTA binds to the other while somebody listens" tapped
bob_finds "the message passes him" "$(good "Alice Martin")"
expect_fail "what it said is refused by the other when he says it" "the answer is" \
	replay "127.0.0.1:${PORT[rescue-mta]}" spoken
said rescue-mta "as a repeat" "bind refused.*was used before"
expect_fail "and by itself" "the answer is" replay "127.0.0.1:${PORT[ministry-mta]}" spoken
said ministry-mta "as it was made for somebody else" \
	"bind refused.*the bind token of CN=mta-ministry.* is for someone else"
cp ministry/mta/true.conf ministry/mta/mta.conf

# --- time ---
as_carol() {
	forged carol/key.pem "$carol" "$1"
}
certificate_ends() {
	run expire ca/ministry/ca.pem ca/ministry/ca.key carol/request.pem 30 expired.pem &&
		run postern-dir publish --set "directory=$LDAPI" --set directory-bind=external \
			"${USER_NAME[carol]}" --certificate expired.pem
}
attack "a letter is made with carol's key" as_carol 1
bob_finds "it is accepted" "$(good "Carol Petit")"
attack "her certificate ends" certificate_ends
attack "and another letter is made with her key" as_carol 2
bob_finds "it is refused" "REFUSED: .*CN=Carol Petit.*expired"

# --- an older suite ---
attack "a letter is made with alice's key, in a suite that bob does not take" \
	forged alice/key.pem "$alice" 1000 amhs
bob_finds "it is refused by the name of the suite" "REFUSED: the message was made with the suite amhs, which is not accepted here"
attack "another, in the suite that he takes" forged alice/key.pem "$alice" 1001
bob_finds "it is accepted" "$(good "Alice Martin")"

must site_stop
check "the servers ended without a complaint" "$(cat "$SITE"/*/*/output)" = ""
done_testing
