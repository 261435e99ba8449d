#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The security services between two domains: each is asked for, made, checked and told; and what
# whoever runs an MTA on the way does to it is found.
. "$(dirname "$0")/../support/lib.sh"
PATH=$PATH:/usr/sbin type -P slapd >/dev/null || skip_all "slapd is not installed"
SITE=$WORK/site
. "$TOP/tests/demo/site.sh"
. "$TOP/tests/demo/attacks.sh"
at_exit site_stop
site_make >"$WORK/site.log" 2>&1 || { not_ok "a site" "$(tail "$WORK/site.log")"; done_testing; }
echo "check-origin = refuse" >>"$SITE/rescue/mta/mta.conf"
must site_start
cd "$SITE" || exit 1
bob=${USER_NAME[bob]} carol=${USER_NAME[carol]}

run() {
	output=$("$@" 2>&1)
}
# send OPTIONS...: by alice; its text is standard input's.  Sets $sent to its number.
send() {
	run as alice send "$@" && sent=$(grep -oE "[0-9]+" <<<"$output" | head -1) && run as alice sync
}
# arrives WORDS PATTERN USER: in what the user finds of the newest message.
arrives() {
	as "$3" sync >/dev/null 2>&1
	expect_output "$1" "$2" as "$3" list
}
told() {
	as alice sync >/dev/null 2>&1
	expect_output "$1" "$2" as alice receipts "$sent"
}
did() {
	local words=$1
	shift
	if "$@"; then ok "$words"; else not_ok "$words" "$output"; fi
}
# newest_is WORDS PATTERN: bob's newest message, by what was found of it.
newest_is() {
	as bob sync >/dev/null 2>&1
	expect_output "$1" "$2" bash -c "'$BIN/postern-ua' --home '$SITE/bob' list | sed -n 2p"
}

# --- everything at once ---
did "alice asks for every service" send --to "$bob" --to-plain "$carol" --subject All --proof --origin-check --integrity-check \
	--certificate --proof-of-submission <<<"The bridge is safe."
must wait_until settled
arrives "bob has a token, and more" \
	"Signed by CN=Alice Martin.*its origin everybody.*signed by itself.*proof of delivery was asked" bob
arrives "carol has none, and is told so" "Not signed for you: the content is CN=Alice Martin" carol
told "the submission is proved by her MTA" "submission: proved by CN=mta-ministry"
told "the delivery by bob's store, and the report is signed" \
	"proved by CN=ms-rescue.*reported by CN=mta-rescue"
expect_output "programs are told as well" '"submission_proved_by": "CN=mta-ministry' \
	as alice receipts --json "$sent"
check "both are audited" "$(grep -cE 'proof of submission.*allowed|report.*allowed' \
	<<<"$(cat alice/audit.log ministry/mta/audit.log 2>/dev/null)")" -ge 1

# --- for the recipient's eyes alone ---
did "alice seals what only bob shall check" send --to "$bob" --seal --confidential-check --subject Secret <<<"yes"
must wait_until settled
newest_is "check and number of a sealed message can be sealed, too" "check and number only you could see"

expect_fail "who demands a policy gives his messages to no store that was certified without" \
	"no policy that is required runs through the whole path to CN=ms-rescue" \
	as bob --set require-policy=2.25.7 sync

# --- all or none ---
echo Hello >letter.txt
expect_fail "a message is sealed for all or for none" "sealed for all of its recipients or for none" \
	as alice send --to "$bob" --to-plain "$carol" --seal letter.txt
expect_fail "and signed for somebody or not" "either signed for a recipient or not" \
	as alice send --to "$bob" --to-plain "$bob" --sign letter.txt

# --- probes ---
probe() {
	run as alice probe "$@" && sent=$(grep -oE "[0-9]+" <<<"$output" | head -1) && run as alice sync
}
did "alice probes" probe --to "$bob" --octets 1000 --sign
must wait_until settled
told "a probe says that a message could be delivered" "could be delivered.*reported by CN=mta-rescue"
did "alice probes" probe --to "$bob" --octets 100000000
must wait_until settled
told "or why not" "not delivered:.*content-too-long.*reported by CN=mta-"
did "alice probes" probe --to "/S=Nobody/PRMD=Nowhere/ADMD=Atlas/C=FR/"
must wait_until settled
told "or that there is no such address" "nobody has this address.*reported by CN=mta-ministry"

# --- reports that somebody makes ---
# forged_report WORDS PATTERN KEY CERTIFICATE delivered|failed
forged_report() {
	hold && send --to "$bob" --subject Report --proof-of-submission --report --sign <<<"Hello" && held &&
		run report ministry/mta/queue.db ms-ministry "$5" "$3" "$4" && release
}
did "a report is signed by the MTA itself" forged_report - - ministry/mta/key.pem \
	ministry/mta/cert.pem failed
told "it is believed" "not delivered.*reported by CN=mta-ministry"
did "one is signed with mallory's key" forged_report - - mallory/key.pem mallory/issued.pem delivered
told "it is not" "on its way: no report yet"
expect_output "and the reason is told" "Mallory.* is for UA, not for MTA" as alice list --reports
did "one is signed with the MTA's key for another certificate" forged_report - - mallory/key.pem \
	ministry/mta/cert.pem delivered
told "it is not believed either" "on its way: no report yet"
expect_output "and why" "authentication check is not for this report" as alice list --reports
did "one is not signed" forged_report - - - - delivered
told "which is said" "the report is NOT SIGNED"

# --- what is taken out of an envelope, and put in ---
tweaked() {
	local how=$1 number=$2
	shift 2
	hold && send --to "$bob" "$@" <<<"Hello" && held &&
		run tweak ministry/mta/queue.db "$how" "$number" && release
}
did "a request for proof of delivery is taken out" tweaked strip 22 --subject Out --proof
newest_is "bob notices" "REFUSED: .*took the request out"
did "one is put in" tweaked ask 22 --subject In --sign
newest_is "he notices that, too" "REFUSED: .*put the request in"
did "the token is taken out" tweaked strip 16 --subject Token --sign
newest_is "nothing is signed then" "Not signed: nothing proves"
did "the token is taken out of a message whose origin can be checked" tweaked strip 16 \
	--subject Origin --origin-check
newest_is "that is not a signature for bob" "Not signed for you: the content is CN=Alice"
did "the content integrity check is taken out" tweaked strip 18 --subject Check --integrity-check
newest_is "the token has its own" "Signed by CN=Alice Martin"

# --- who stands between alice and her store, and answers her with other proofs ---
submitted_past() {
	local how=$1 subject=$2
	start "proof-$how" ready proof "unix:$SITE/tap" "127.0.0.1:${PORT[ministry-ms]}" "$how" "$SITE/kept"
	run as alice send --to "$bob" --subject "$subject" --proof-of-submission <<<"Hello" &&
		sent=$(grep -oE "[0-9]+" <<<"$output" | head -1) &&
		run as alice --set "ms=unix:$SITE/tap" sync
	stop "proof-$how"
	grep -q "^1 results" "$WORK/proof-$how.log"
}
did "somebody listens" submitted_past keep Kept
told "what he only hears is a proof" "submission: proved by CN=mta-ministry"
expect_output "nothing is unproved" "unread\.$" bash -c "'$BIN/postern-ua' --home '$SITE/alice' status |
	grep -A1 unread | grep -v certificate"
did "the time in a result is altered" submitted_past alter Late
told "it is none any more" "submission: NOT proved: .*proof of submission"
did "the proof of another submission is given" submitted_past repeat Repeated
told "it is none of this one" "submission: NOT proved: .*proof of submission"
expect_output "the user is told how many prove nothing" \
	"Proofs of submission that you asked for: 2 refused" as alice status
expect_output "programs, too" '"refused": 2' as alice status --json

# --- an MTA that judges by itself ---
origins() {
	grep -c "origin of a message $1" rescue/mta/audit.log
}
check "what alice signed was allowed by the MTA of bob's domain" \
	"$(grep -cE "Alice.* origin of a message allowed$" rescue/mta/audit.log)" -ge 1
altered() {
	hold && send --to "$bob" --subject Altered --origin-check <<<"Hello" && held &&
		run change ministry/mta/queue.db && release
}
did "the content is altered between two MTAs" altered
told "the second one returns it" "not delivered:.*secure-messaging-error"
check "and says why" "$(origins "refused.*check is not for this message")" = 1
check "bob has not got it" "$(as bob sync >/dev/null 2>&1; as bob list | grep -c Altered)" = 0

# --- what becomes of a store's key that was stolen, and of another authority's ---
must ca rescue revoke --yes rescue/ms/cert.pem --reason key-compromise
expect_fail "bob gives nothing to a store whose key was stolen" "certificate of CN=ms-rescue,.* was revoked on" \
	as bob sync
trusts() {
	"$BIN/postern-dir" --config /dev/null --set "directory=$LDAP" path --authority ca/ministry/ca.pem "$bob"
}
expect_output "alice's people trust him still" "certified as UA" trusts
must ca ministry withdraw --yes "${CA_NAME[rescue]}" --reason ca-compromise
expect_fail "until his authority's key is stolen, and theirs says so" "certificate of CN=Rescue CA.* was revoked on" \
	trusts
expect_output "openssl reads the reason in the list" "CA Compromise" \
	bash -c "'$BIN/postern-ca' --config ca/ministry.conf crl --out list.pem >/dev/null && openssl crl -in list.pem -noout -text"

must site_stop
check "the servers ended without a complaint" "$(cat "$SITE"/*/*/output)" = ""
done_testing
