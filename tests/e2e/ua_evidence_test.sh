#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Evidence for a judge who has nothing but a file and the certificate of an authority: who wrote a
# message, that it was submitted and delivered; also after a certificate was revoked.  And what he
# says to evidence that somebody has improved.
. "$(dirname "$0")/../support/lib.sh"
PATH=$PATH:/usr/sbin type -P slapd >/dev/null || skip_all "slapd is not installed"
SITE=$WORK/site
. "$TOP/tests/demo/site.sh"
at_exit site_stop
site_make >"$WORK/site.log" 2>&1 || { not_ok "a site" "$(tail "$WORK/site.log")"; done_testing; }
must site_start
cd "$SITE" || exit 1

judge() {	# judge FILE OPTIONS...: no home, no directory; as root no network either
	local alone=()
	[ "$(id -u)" -ne 0 ] || ! unshare --net true 2>/dev/null || alone=(unshare --net)
	HOME=/nowhere "${alone[@]}" "$BIN/postern-ua" evidence verify "$@"
}
block() {	# block LABEL FILE: its octets
	sed -n "/^-----BEGIN $1-----/,/^-----END $1-----/p" "$2" | grep -v '^-' | base64 -d
}
has() {		# has USER PATTERN COMMAND...: after an exchange
	as "$1" sync >/dev/null 2>&1
	as "$1" "${@:3}" 2>&1 | tr '\n' ' ' | grep -qE -- "$2"
}

echo "The bridge at Hamar is closed." >letter.txt
must as alice send --to "${ADDRESS[bob]}" --subject Bridge --seal letter.txt
must as alice send --to "${ADDRESS[bob]}" --subject Roads --proof --proof-of-submission letter.txt
must as alice sync
wait_for has bob "Bridge.*Roads|Roads.*Bridge" list
wait_for has alice "proved by.*proved by" receipts
number() {	# number USER SUBJECT FOLDER-OPTION...
	as "$1" list "${@:3}" --json | jq ".[] | select(.subject == \"$2\") | .id"
}

# --- who wrote it ---
expect_output "bob exports what he got sealed" "holds the evidence" \
	as bob evidence export "$(number bob Bridge)" --out bridge.evidence
expect_output "a judge without store, directory and network learns who wrote it" \
	"Written by CN=Alice Martin,O=Ministry,C=FR to .*G=Bob.*who signed it on .*; unchanged" \
	judge bridge.evidence --trust ca/rescue/ca.pem
expect_output "and, if he asks, why" "CN=Ministry CA,O=Ministry,C=FR is certified as CA by CN=Rescue CA" \
	judge bridge.evidence --trust ca/rescue/ca.pem --verbose
expect_output "he may trust the other authority" "Written by CN=Alice" judge bridge.evidence --trust ca/ministry/ca.pem
expect_output "in JSON, too" '"proved": *true' judge bridge.evidence --trust ca/rescue/ca.pem --json
expect_output "with the path, a line for each certificate" "^CN=Rescue CA.* is trusted from the beginning" \
	jq -r '.[].path' <<<"$(jq .claims <<<"$output")"
expect_fail "he may demand a policy, under which nobody here was certified" "no policy that is required" \
	judge bridge.evidence --trust ca/rescue/ca.pem --set require-policy=2.25.7
expect_fail "he has to trust somebody" "Give --trust" judge bridge.evidence
expect_fail "what is there is not overwritten" "bridge.evidence" as bob evidence export "$(number bob Bridge)" --out bridge.evidence

expect "the content may be told by its hash alone" as bob evidence export "$(number bob Bridge)" --digest-only --out hash.evidence
check "then it is not in the file" -z "$(block "MESSAGE CONTENT" hash.evidence)"
expect_fail "and has to be given" "has to be given" judge hash.evidence --trust ca/rescue/ca.pem
block "MESSAGE CONTENT" bridge.evidence >content
expect_output "with it, it is proved" "Written by CN=Alice" judge hash.evidence --trust ca/rescue/ca.pem --content content
expect_fail "with another it is not" "not the one" judge hash.evidence --trust ca/rescue/ca.pem --content letter.txt

# --- submitted and delivered ---
expect_output "alice exports what she sent" "holds the evidence" \
	as alice evidence export "$(number alice Roads --sent)" --out roads.evidence
expect_output "it was submitted: her MTA says so" "Submitted on .*so says CN=mta-ministry" \
	judge roads.evidence --trust ca/ministry/ca.pem
expect_output "it was delivered: his store says so" "Delivered to .*G=Bob.*so says CN=ms-rescue" \
	judge roads.evidence --trust ca/ministry/ca.pem
expect_fail "what proves nothing is not exported" "no proof of submission or delivery" \
	as alice evidence export "$(number alice Bridge --sent)"

# --- improved by somebody ---
without() {	# without PATTERN FILE: the block that follows a line like this is dropped
	awk -v pattern="$1" '$0 ~ pattern { drop = 1 } !drop { print } /^-----END/ { drop = 0 }' "$2"
}
put() {		# put LABEL OCTETS FILE: the block has other octets
	awk -v label="$1" -v by="$(base64 -w 64 "$2")" '
		$0 == "-----BEGIN " label "-----" { print; print by; drop = 1 }
		$0 == "-----END " label "-----" { drop = 0 }
		!drop { print }' "$3"
}
hash_line() {
	sed "s/^Content-SHA-256: .*/Content-SHA-256: $(sha256sum "$1" | cut -d ' ' -f 1)/"
}
sed 's/closed/opened/' content >opened
put "MESSAGE CONTENT" opened bridge.evidence >bad.evidence
expect_fail "a content that was changed is noticed" "not the one of the line" judge bad.evidence --trust ca/rescue/ca.pem
put "MESSAGE CONTENT" opened bridge.evidence | hash_line opened >bad.evidence
expect_fail "also if its hash was changed with it" "NOT proved: .*the content is not the one that was signed" \
	judge bad.evidence --trust ca/rescue/ca.pem
without "^CN=Alice" bridge.evidence >bad.evidence
expect_fail "without the writer's certificate nothing is proved" "NOT proved: no certificate of a user agent" \
	judge bad.evidence --trust ca/rescue/ca.pem
without "^Revocation list of CN=Ministry" bridge.evidence >bad.evidence
expect_fail "nor without a revocation list" "NOT proved: .*CN=Ministry CA.* has no revocation list" \
	judge bad.evidence --trust ca/rescue/ca.pem
sed 's/^Checked: 20/Checked: 19/' bridge.evidence >bad.evidence
expect_fail "a time of the check before all certificates is noticed" "NOT proved: .*not valid before" \
	judge bad.evidence --trust ca/rescue/ca.pem
expect_fail "a time when the lists are out of date likewise" "NOT proved: .*out of date" \
	judge bridge.evidence --trust ca/rescue/ca.pem --at "$(date -u -d '+200 days' +%Y-%m-%dT%H:%M:%SZ)"
block "MESSAGE CONTENT" roads.evidence | sed 's/closed/opened/' >opened
put "MESSAGE CONTENT" opened roads.evidence | hash_line opened >bad.evidence
expect_fail "proofs of another content prove nothing" "Submission is NOT proved" judge bad.evidence --trust ca/ministry/ca.pem
expect_fail "neither of them" "Delivery is NOT proved" judge bad.evidence --trust ca/ministry/ca.pem
must as alice send --to "${ADDRESS[bob]}" --subject Rails --proof --proof-of-submission letter.txt
must as alice sync
wait_for has alice "proved by.*proved by.*proved by.*proved by" receipts
must as alice evidence export "$(number alice Rails --sent)" --out rails.evidence
block "X411 REPORT DELIVERY" rails.evidence >report
put "X411 REPORT DELIVERY" report roads.evidence >bad.evidence
expect_fail "nor does the proof of another message" "a report is about another message" \
	judge bad.evidence --trust ca/ministry/ca.pem
must openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -out other.pem \
	-subj /C=FR/O=Ministry/CN=Other -days 9
expect_fail "an authority that has certified none of them does not help" "NOT proved: .*no path" \
	judge roads.evidence --trust other.pem

# --- revoked afterwards ---
must ca ministry revoke --yes --reason key-compromise "$SITE/alice/cert.pem"
must ca ministry crl --out later.pem
expect_output "what was checked before a revocation stays proved, and the judge is told" \
	"Written by CN=Alice.*certificate of CN=Alice Martin.* was revoked on" \
	judge bridge.evidence --trust ca/rescue/ca.pem --crl later.pem
expect_output "a list that revokes nobody of them says so" "nothing was revoked" \
	judge roads.evidence --trust ca/ministry/ca.pem --crl later.pem
done_testing
