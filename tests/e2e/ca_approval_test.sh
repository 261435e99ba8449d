#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What matters needs two people: it waits, as it was asked for, until two approvers have signed it.
# One person is not two, whatever he calls himself; what was changed in the database is not carried
# out; an approval is for one act only; and the settings do not let anything out that waits.
. "$(dirname "$0")/../support/lib.sh"
cd "$WORK" || exit 1

for who in alice bob carol mallory; do
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$who" -days 30 \
		-keyout $who.key -out $who.pem 2>/dev/null
	chmod 600 $who.key
done
cat >ca.conf <<CONF
authority = $WORK/a
approval = two-person
approver = alice $WORK/alice.pem
approver = bob $WORK/bob.pem
approver = carol $WORK/carol.pem
CONF
ca() {
	"$BIN/postern-ca" --config ca.conf "$@"
}
alone() {	# the same authority, under settings that ask for nothing
	"$BIN/postern-ca" --config /dev/null --ca a "$@"
}
request() {
	must ca request "$1" --no-passphrase --name "CN=$1,O=a" --scope ms
}
expect_waits() {	# WORDS COMMAND...: leaves its number in $number
	local words=$1
	shift
	expect "$words" ca --json "$@"
	number=$(jq -r .pending <<<"$output")
}
approve() {	# WHO NUMBER [OPTION...]
	local who=$1
	shift
	ca approve --yes --key $who.key "$@"
}
approvals() {
	ca --json pending | jq -r ".[] | select(.pending == $1) | .approvals"
}
count() {	# of what was issued to somebody else than the authority itself
	ca --json show | jq '[.[] | select(.scope == "MS")] | length'
}
journal() {	# how many entries of an act
	ca --json journal | jq "[.entries[] | select(.act == \"$1\")] | length"
}
must ca init --no-passphrase --name "O=a"
"$BIN/postern-ca" --config /dev/null --ca b init --no-passphrase --name "O=b" >/dev/null

# --- a certificate, by two ---
request one
expect_waits "a certificate is asked for" issue one/request.pem --days 30
check "and not issued" "$(count)" = 0
check "nor written" ! -e cert.pem
expect_output "it is seen whose request it is" '"request_of":"CN=one,O=a"' ca pending
rm one/request.pem
expect_output "the first approval does not carry it out" "waits for another" approve alice $number
check "nothing is issued" "$(count)" = 0
expect_fail "one person is not two" "alice has approved act $number already" approve alice $number
cat >twice.conf <<CONF
$(grep -v bob ca.conf)
approver = bob $WORK/alice.pem
CONF
expect_fail "nor under two names" "have one key" \
	"$BIN/postern-ca" --config twice.conf approve --yes --key alice.key $number
expect_fail "who is no approver approves nothing" "not that of an approver" approve mallory $number
expect_fail "nor does the authority's own key" "not that of an approver" \
	ca approve --yes --key a/ca.key $number
expect_output "a rehearsal carries nothing out" "dry run" approve bob $number --dry-run
check "it waits still" "$(approvals $number)" = 1
expect "the second approval carries it out" approve bob $number --out one.pem
check "it is issued" "$(count)" = 1
expect_output "as it was asked for, though the request is gone" "30" \
	bash -c 'echo $((($(date -d "$(openssl x509 -in one.pem -noout -enddate | cut -d= -f2)" +%s) - $(date +%s) + 3600) / 86400))'
expect_fail "and once only" "there is no act $number" approve carol $number
check "the journal has the request, both approvals and the act" \
	"$(journal ask) $(journal approve) $(journal carry-out) $(journal issue)" = "1 2 1 1"
expect_output "and verifies" "follow one another" ca journal verify
signature() {
	ca --json journal | jq -r '[.entries[] | select(.act == "approve" and .facts.approver == "bob")][0].facts.signature' \
		>line
	cut -d. -f1,2 line | tr -d '\n' >signed
	tr -- '-_' '+/' < <(cut -d. -f3 line) | { read -r s; printf '%s==' "$s"; } | base64 -d 2>/dev/null | xxd -p -c 64 >raw
	printf 'asn1=SEQUENCE:s\n[s]\nr=INTEGER:0x%s\ns=INTEGER:0x%s\n' "$(cut -c1-64 raw)" "$(cut -c65-128 raw)" >sig.cnf
	openssl asn1parse -genconf sig.cnf -noout -out sig.der &&
		openssl dgst -sha256 -verify <(openssl x509 -in bob.pem -noout -pubkey) -signature sig.der signed
}
expect_output "openssl verifies the approver's signature in it" "Verified OK" signature

# --- mistakes show when it is asked for, not when it is approved ---
request two
expect_fail "wrong words do not come to wait" "not the request that the holder made" \
	ca issue two/request.pem --words "A A A A A A A A A A A A"
check "nothing waits" "$(ca --json pending)" = "[]"

# --- attacks on what waits ---
expect_waits "another is asked for" issue two/request.pem
target=$number
request evil
expect_waits "and a harmful one" issue evil/request.pem
evil=$number
cp -r a whole
again() {	# the database as it was
	rm -rf a
	cp -r whole a
}
# Sqlite without the program: whoever may write the folder.
edit() {
	sqlite3 a/ca.db "$1"
}
edit "UPDATE pending SET act = (SELECT act FROM pending WHERE number = $evil) WHERE number = $target"
expect_fail "a row that was edited is not approved" "act $target was changed since it was asked for" \
	approve alice $target
expect_output "and is listed as such" "was changed since" ca pending
again
must approve alice $target
edit "UPDATE pending SET act = (SELECT act FROM pending WHERE number = $evil) WHERE number = $target"
expect_fail "nor after its first approval" "was changed since it was asked for" approve bob $target
edit "UPDATE pending SET entry = (SELECT entry FROM pending WHERE number = $evil) WHERE number = $target"
expect_fail "nor with the other's entry in the journal" "was changed since it was asked for" approve bob $target
again
must approve alice $target
edit "INSERT INTO approval SELECT $evil, approver, line FROM approval WHERE pending = $target"
expect_fail "an approval is not for another act" "what alice has signed is another act" approve bob $evil
again
must approve alice $target
edit "UPDATE approval SET approver = 'carol' WHERE pending = $target"
expect_fail "nor another person's" "the approval of carol for act $target does not hold" approve alice $target
again
must approve alice $target
sed -i '/alice/d' ca.conf
check "who is no approver any more does not count" "$(approvals $target)" = 0
expect_output "so that two others are needed" "waits for another" approve bob $target
echo "approver = alice $WORK/alice.pem" >>ca.conf
again
must approve alice $target
must approve bob $target --out two.pem
edit "UPDATE pending SET state = 0 WHERE number = $target; DELETE FROM approval"
expect_fail "what was carried out is not carried out again" "does not wait, as the journal says" \
	approve carol $target
edit "UPDATE pending SET state = 1 WHERE number = $target"
check "two were issued in all" "$(count)" = 2

# --- the settings are switched off ---
request three
expect_fail "while something waits, settings that ask for nothing help nobody" \
	"act $evil waits for an approval that the settings do not ask for any more" alone issue three/request.pem
expect_fail "nor do they approve it" "settings do not ask for approval" \
	alone approve --yes --key alice.key $evil
expect_output "what waits is rejected" "is rejected" alone reject $evil
check "which the journal says" "$(journal reject)" = 1
edit "UPDATE pending SET state = 0 WHERE number = $evil"
expect_fail "what was rejected is not approved" "does not wait, as the journal says" approve alice $evil
edit "UPDATE pending SET state = 2 WHERE number = $evil"
cat >one.conf <<CONF
authority = $WORK/a
approval = two-person
approver = alice $WORK/alice.pem
CONF
expect_fail "one approver is too few" "needs two approvers" \
	"$BIN/postern-ca" --config one.conf issue three/request.pem

# --- a list of people is one act ---
batch() {	# [OPTIONS...]
	ca enrol-batch --requests inbox people.csv "$@"
}
mkdir inbox
for who in four five; do
	request $who
	cp $who/request.pem inbox/$who.pem
done
printf 'name,scope\n"CN=four,O=a",ms\n"CN=five,O=a",ms\n"CN=one,O=a",ms\n' >people.csv
expect_fail "mistakes in a list show when it is asked for" "people.csv:4: there is no request of CN=one" batch
check "it does not come to wait" "$(ca --json pending)" = "[]"
sed -i '$d' people.csv
expect_output "a rehearsal waits for nobody" "2 issued.*" batch --dry-run
expect_waits "a list without mistakes waits" enrol-batch --requests inbox people.csv
check "and nothing is issued" "$(count)" = 2
sum=$(sha256sum people.csv | cut -d' ' -f1)
expect_output "who approves it sees which file it is" "\"people\":2,\"sha256\":\"$sum\"" ca pending
sees() {
	ca --json pending | jq -r '.[0].requests[] | "\(.request_of) \(.words)"' | sort
}
said() {
	for who in five four; do
		echo "CN=$who,O=a $(ca --json inspect $who/request.pem | jq -r .words)"
	done
}
check "and whose requests, with their words" "$(sees)" = "$(said)"
must approve alice $number
cp evil/request.pem inbox/four.pem
rm people.csv
check "one approval issues nothing" "$(count)" = 2
expect_output "two carry it out, as it was asked for" "2 issued, 0 were there" approve bob $number --out enrolled
check "all of it, with one approval of each" "$(count) $(journal carry-out) $(journal approve)" = "4 3 6"
expect_output "it is the key that was asked for, whatever lies in the folder now" "OK" \
	openssl verify -CAfile a/ca.pem enrolled/four.pem enrolled/five.pem
check "for him who asked" "$(openssl x509 -in enrolled/four.pem -noout -pubkey)" = \
	"$(openssl req -in four/request.pem -noout -pubkey)"
cp four/request.pem inbox/four.pem
printf 'dn: CN=four,O=a\nscope: ms\n\ndn: CN=five,O=a\nscope: ms\n' >people.ldif
expect_output "who has his certificate needs no approval for its file" "0 issued, 2 were there" \
	ca enrol-batch --requests inbox people.ldif --out again
check "there it is" "$(cmp again/four.pem enrolled/four.pem && echo same)" = same

# --- another key, for which the old one vouches ---
must "$BIN/postern-ms" enrol --set key-unencrypted=yes --set address=/O=a/ADMD=net/C=FR/ \
	--name CN=four,O=a --key next.key --old-key four/key.pem --out next.pem
expect_waits "who has a key asks for another" issue next.pem --rekey --proof next.pem.proof
rm next.pem next.pem.proof
must approve carol $number
expect "what his old key has signed is a part of it" approve bob $number --out next-cert.pem
check "he has it" "$(count)" = 5

expect_waits "all that end soon wait as one" renew --expiring 31d
must approve carol $number
expect_output "until two agree" "^1 renewed" approve bob $number --out renewed
check "then each has another" "$(count)" = 6

# --- what else matters, and what does not ---
expect "a certificate of a person is revoked at once" ca revoke --yes two.pem
expect_waits "unless it is said that an authority was compromised" \
	 revoke --yes one.pem --reason ca-compromise
check "which waits" "$(ca --json show | jq '[.[] | select(.state == "revoked")] | length')" = 1
must ca reject $number
"$BIN/postern-ca" --config /dev/null --ca b offer --out b.offer >/dev/null
words=$(ca --json inspect b.offer | jq -r .authority.words)
expect_waits "an answer to an offer waits" answer b.offer --words "$words" --path-length 0
must approve carol $number
expect "and is carried out" approve alice $number --out a.answer
expect_output "as it was asked for" '"path-length": *"?0|"path_length": *0' ca --json inspect a.answer
cross=$(ca --json show | jq -r '.[] | select(.subject == "O=b") | .serial')
expect_waits "revoking an authority's certificate waits" revoke --yes "$cross"
must ca reject $number
expect "suspending it does not" ca suspend "$cross"
expect_waits "releasing it does" release "$cross"
must approve alice $number
expect "until two agree" approve bob $number
expect_waits "a new key waits" rollover --yes --no-passphrase
check "and is not made" ! -e a/ca-2.key
must approve alice $number
expect "it is made when two agree" approve bob $number --no-passphrase
check "there it is" -e a/ca-2.key
expect_output "the journal verifies over it all" "follow one another" ca journal verify

# --- a death at any instant of the second approval ---
mkdir more
for who in six seven; do
	request $who
	cp $who/request.pem more/$who.pem
done
printf '# new here,\n  from today on\n\ndn: CN=six,O=a\nscope: ms\n\ndn: CN=seven,O=a\nscope: ms\n' >people.ldif
expect_waits "two more are asked for, in LDIF" enrol-batch --requests more people.ldif
must approve alice $number
rm -rf whole
cp -r a whole
sweep() {
	local at status issued=0
	for ((at = 1; at < 60; at++)); do
		again
		status=0
		POSTERN_CRASH_NOW=1 POSTERN_CRASH_AT=$at LD_PRELOAD=$B/tests/crash.so \
			"$BIN/postern-ca" --config ca.conf approve --yes --key bob.key --out enrolled $number \
			>/dev/null 2>&1 || status=$?
		[ $status -eq 0 ] || [ $status -eq 137 ] || { echo "exit $status at $at"; return 1; }
		issued=$(ca --json show | jq '[.[] | select(.subject | test("CN=(six|seven),O=a"))] | length')
		waiting=$(ca --json pending | jq length)
		[ $((issued / 2 + waiting)) = 1 ] && [ "$issued" != 1 ] || { echo "$issued issued, $waiting wait at $at"; return 1; }
		[ $status -ne 0 ] || break
	done
	echo "$at instants"
	[ "$issued" = 2 ]
}
if [ -e "$B/tests/crash.so" ]; then	# it is not built for sanitizers
	expect_output "killed at any instant, it was approved and done, or neither" "^[0-9]+ instants" sweep
fi
done_testing
