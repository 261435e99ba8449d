#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Dora and Eva have no message store: their user agents bind to the MTA, submit to it, and take delivery
# from it over the same association, with proofs of their own; whoever lies, and whatever is killed.
. "$(dirname "$0")/../support/lib.sh"
PATH=$PATH:/usr/sbin type -P slapd >/dev/null || skip_all "slapd is not installed"
SITE=$WORK/site
. "$TOP/tests/demo/site.sh"
. "$TOP/tests/demo/attacks.sh"
unset "HOME_OF[carol]" "HOME_OF[mallory]"
at_exit site_stop
site_make >"$WORK/site.log" 2>&1 || { not_ok "a site" "$(tail "$WORK/site.log")"; done_testing; }
expect_fail "one has a store, or an MTA" "--ms and --mta exclude each other" as dora init --no-passphrase \
	--name "CN=Dora,C=NO" --or-address /S=Dora/ADMD=Boreal/C=NO/ --authority "$SITE/ca/rescue/ca.pem" \
	--ms localhost:1 --mta "$(mta_at rescue localhost:2)"
collectors_make() {
	collector_make dora rescue "CN=Dora Berg,O=Rescue,C=NO" /G=Dora/S=Berg/O=Field/PRMD=Rescue/ADMD=Boreal/C=NO/ &&
		collector_make eva rescue "CN=Eva Lund,O=Rescue,C=NO" /G=Eva/S=Lund/O=Field/PRMD=Rescue/ADMD=Boreal/C=NO/
}
collectors_make >>"$WORK/site.log" 2>&1 || { not_ok "collectors" "$(tail "$WORK/site.log")"; done_testing; }
must site_start
cd "$SITE" || exit 1

did() {
	local words=$1
	shift
	if output=$("$@" 2>&1); then ok "$words"; else not_ok "$words" "$output"; fi
}
waits_for() {
	"$BIN/postern-mta" where --config "$(settings_of rescue-mta)" --state waiting --to "${ADDRESS[$1]}" \
		"${@:2}"
}
# Nothing is under way, but what waits for collectors.
moved() {
	local name
	for name in ministry-mta rescue-mta ministry-mta rescue-mta; do
		! waits_at "$name" | grep -q "waiting for" || return
	done
}
# writes FROM TO SUBJECT [OPTIONS...]: it waits for the one, who collects.
writes() {
	local from=$1 to=$2 subject=$3
	shift 3
	as "$from" send --to "${ADDRESS[$to]}" --subject "$subject" "$@" <<<"This is $subject." &&
		as "$from" sync && wait_until waits_for "$to"
}
# copies USER SUBJECT: how many of it he has.
copies() {
	as "$1" --json list | jq --arg subject "$2" '[.[] | select(.subject == $subject)] | length'
}
said() {
	wait_for grep -qE -- "$3" "$(folder_of "$1")/audit.log"
	expect_output "$2" "$3" tail -n 5 "$(folder_of "$1")/audit.log"
}

# --- there and back ---
did "alice, who has a store, writes to dora, sealed" writes alice dora Sealed --seal --report
expect_output "it waits at the MTA" "waiting until he binds and takes it" waits_for dora
did "and once more, with requests for proof" writes alice dora Proved --proof --proof-of-submission
did "and to eva" writes alice eva "For Eva" --sign
expect_output "dora takes what is hers" "With CN=mta-rescue.*received 2 messages and no reports" as dora sync
expect_output "both are signed and unchanged" "2 signed and unchanged" echo "$output"
expect "eva's waits for eva" waits_for eva
check "and dora has none of it" "$(copies dora "For Eva")" = 0
server_stop rescue-mta
expect_output "without a network she reads the one" "This is Sealed\." as dora read 1
expect_output "and the other" "This is Proved\." as dora read 2
did "and answers" as dora reply 2 --proof-of-submission --report <<<"Thank you."
did "and asks whether bob could be reached" as dora probe --to "${ADDRESS[bob]}"
must server_start rescue-mta
wait_until moved
expect_output "alice hears of both deliveries" "received no messages and 2 reports" as alice sync
expect_output "one of them is proved with dora's own key" "proved by CN=Dora Berg.*reported by CN=mta-rescue" \
	as alice receipts
did "she exports the evidence" as alice evidence export 2 --out evidence
expect_output "and a judge believes it" "Delivered to /G=Dora.*so says CN=Dora Berg" \
	"$BIN/postern-ua" evidence verify evidence --trust ca/ministry/ca.pem
expect_output "dora's answer and her question leave" "sent 2 messages" as dora sync
# Beside eva's message, a report.
report_waits() {
	[ "$(waits_at rescue-mta | grep -c "until he binds")" -ge 2 ]
}
wait_until report_waits
expect_output "a report comes over a reliable association as well" "received no messages and [12] report" \
	as dora --set reliable=yes sync
expect_output "what she wrote was delivered" "delivered on .*reported by CN=mta-ministry" as dora receipts
expect_output "and bob could be reached" "could be delivered on .*reported by CN=mta-rescue" as dora receipts
expect_output "her MTA has proved the submission" "submission: proved by CN=mta-rescue" as dora receipts
expect_output "and alice has the answer" "received 1 message" as alice sync
check "it is the one" "$(copies alice "Re: Proved")" = 1
must as dora delete 1
expect_output "what is deleted is gone" "sent no messages, received no messages" as dora sync

# --- who says that he is somebody else ---
pose_as_dora() {
	local certificate=$1/cert.pem
	pose ua "127.0.0.1:${PORT[rescue-mta]}" "$1/key.pem" "$certificate" "${ADDRESS[dora]}" \
		"mta-rescue${DOMAIN[rescue]}" ca/rescue/ca.pem "$LDAP"
}
expect_output "dora is let in by the MTA" "we are let in" pose_as_dora dora
expect_fail "eva, in dora's name, is not" "we are not let in" pose_as_dora eva
said rescue-mta "and the MTA says why" "bind refused.*is for CN=Eva Lund.*, not for CN=Dora Berg"
expect_fail "nor is the store of her domain" "we are not let in" pose_as_dora rescue/ms
said rescue-mta "whose key is for another use" "bind refused.*is for MS, not for UA"
expect_fail "nor is the MTA itself" "we are not let in" pose_as_dora rescue/mta
said rescue-mta "whose key is for another use, too" "bind refused.*is for MTA, not for UA"

tapped() {
	local port
	port=$(record "127.0.0.1:${PORT[rescue-mta]}" "$SITE/recorded" 2>>"$SITE/tap.log" </dev/null &)
	as dora --set "mta=$(mta_at rescue "$port")" sync && wait_until test -s "$SITE/recorded"
}
did "dora binds while somebody listens" tapped
expect_fail "what she said is refused when he says it" "the answer is" \
	replay "127.0.0.1:${PORT[rescue-mta]}" recorded
said rescue-mta "as a repeat" "bind refused.*was used before"
impostor_start() {
	impostor "$SITE/recorded.answers" 2>>"$SITE/tap.log" </dev/null &
}
did "alice writes to dora" writes alice dora Meanwhile --sign
hop=$(waits_for dora --json | jq -r '.[0]["next-hop"]')
expect_fail "the MTA's recorded answer is given to her next bind" \
	"the answer of CN=mta-rescue.* is not to our bind: it returns another" \
	as dora --set "mta=$(mta_at rescue "$(impostor_start)")" sync

# Rescue's settings, with the key of another MTA.
false_mta_start() {
	sed "s|^key = .*|key = $SITE/ministry/mta/key.pem|; s|^certificate = .*|certificate = $SITE/ministry/mta/cert.pem|
		s|^listen = .*|listen = 127.0.0.1:0|; s|^queue = .*|queue = $SITE/false.db|" \
		"$(settings_of rescue-mta)" >false.conf
	start false "127.0.0.1:" "$BIN/postern-mta" --config "$SITE/false.conf" --ready-fd 1
}
false_mta_start
expect_fail "an MTA with another's key is not believed" "is for CN=mta-ministry.*, not for CN=mta-rescue" \
	as dora --set "mta=$(mta_at rescue "$(grep -oE '127.0.0.1:[0-9]+' "$WORK/false.log" | head -n 1)")" sync
stop false
expect_output "the MTA itself has what is hers" "received 1 message" as dora sync

did "eva's certificate is revoked" ca rescue revoke --yes eva/issued.pem --reason key-compromise
must ca rescue publish
expect_fail "and she does not get what waits" "does not accept our credentials" as eva sync
said rescue-mta "because of that" "bind refused.*was revoked"
expect "it is still there" waits_for eva

# --- the operator of the MTA has dora get what is eva's ---
# plants RECIPIENT: of the message that waits for eva; "-" leaves it for her.
plants() {
	server_stop rescue-mta && rm -f taken && take rescue/mta/queue.db taken &&
		put rescue/mta/queue.db "$hop" taken - "$1" && server_start rescue-mta
}
did "the message for eva is put where dora's wait" plants -
expect_output "dora's agent does not take it" "received no messages" as dora sync
expect_output "and says why" "deliver refused .*diag=unauthorised-user-name why=\"it is for /G=Eva" \
	tail -n 1 dora/audit.log
expect_fail "it does not come again" "knows of no such message" waits_for eva
did "alice writes to eva once more" writes alice eva "For Eva" --sign
did "that is put there with dora's name on it" plants "${ADDRESS[dora]}"
expect_output "which her agent takes, and finds out" "1 REFUSED and kept apart" as dora sync

# --- passwords, where the settings of both allow them ---
secret() {
	(umask 077 && echo "$2" >"dora/$1")
}
# with_passwords FILE COMMAND...: the MTA has to answer with what is in the file.
with_passwords() {
	as dora --set "mta=$(mta_at rescue "127.0.0.1:${PORT[rescue-mta]}") own-password-file=own \
password-file=$1" "${@:2}"
}
allow_passwords() {
	server_stop rescue-mta && sed -i "s|^collector = ${ADDRESS[dora]} .*|& \
password-file=$SITE/dora/own own-password-file=$SITE/dora/theirs|" "$(settings_of rescue-mta)" &&
		server_start rescue-mta
}
secret own "dora's password"
secret theirs "the MTA's password"
secret others "another's password"
secret new "a longer password"
expect_fail "a password is not enough where no setting allows it" "does not accept our credentials" \
	with_passwords theirs sync
must allow_passwords
expect_output "where one does, it is" "With mta-rescue at" with_passwords theirs sync
expect_fail "an MTA that answers with another is not believed" "did not prove who it is" \
	with_passwords others sync
expect_output "she changes hers" "mta-rescue at .* has the new password" \
	with_passwords theirs password --new-file dora/new
expect "and binds with it" with_passwords theirs sync
secret own "dora's password"
expect_fail "the one before is none any more" "does not accept our credentials" with_passwords theirs sync
expect_output "and her key is good for all of that" "With CN=mta-rescue" as dora sync

# --- killed at each instant of an exchange ---
exchanged() {
	POSTERN_CRASH_AT=$1 POSTERN_CRASH_COUNT=connect LD_PRELOAD=$B/tests/crash.so as dora sync \
		>"$WORK/killed" 2>&1
}
sweep() {
	local at
	for at in $(seq 1 200); do
		exchanged "$at" 2>/dev/null && echo "killed at $((at - 1)) instants" && return 0
	done
	return 1
}
must writes alice dora Killed --proof
must as dora send --to "${ADDRESS[alice]}" --subject "Killed, too" --seal --proof-of-submission \
	<<<"I was killed."
if [ -e "$B/tests/crash.so" ]; then	# it is not built for sanitizers
	expect_output "dora's agent is killed at each instant of an exchange" "killed at [1-9]" sweep
	echo "# $output"
else
	must as dora sync
fi
wait_until moved
check "she has what was delivered once" "$(copies dora Killed)" = 1
expect_output "and its writer a proof" "1 report" as alice sync
expect_output "that is hers" "proved by CN=Dora Berg" as alice receipts \
	"$(as alice --json list --sent | jq '.[] | select(.subject == "Killed") | .id')"
check "what she wrote has arrived once" "$(copies alice "Killed, too")" = 1

must site_stop
check "the servers ended without a complaint" "$(cat "$SITE"/*/*/output)" = ""
done_testing
