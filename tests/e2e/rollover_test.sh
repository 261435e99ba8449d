#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Keys follow on each other: a user's, a store's and an MTA's new key beside the old one.  What was
# signed and sealed with the old one stays of use while its certificate is good, and is of none when it
# was revoked.  And whoever signs with a key that nothing can be sealed for gets one that it can.
. "$(dirname "$0")/../support/lib.sh"
PATH=$PATH:/usr/sbin type -P slapd >/dev/null || skip_all "slapd is not installed"
SITE=$WORK/site
. "$TOP/tests/demo/site.sh"
. "$TOP/tests/demo/attacks.sh"
KEY_TYPE=([bob]=rsa [carol]=ed25519)
at_exit site_stop
site_make >"$WORK/site.log" 2>&1 || { not_ok "a site" "$(tail "$WORK/site.log")"; done_testing; }
for name in ministry-ms rescue-ms ministry-mta; do
	echo "keys = $(folder_of $name)/keys" >>"$(settings_of $name)"
done
# Bob's MTA judges origins, and remembers what the directory says for longer than this test lasts.
sed -i 's/^directory-cache = .*/directory-cache = 1h/' "$(settings_of rescue-mta)"
echo "check-origin = refuse" >>"$(settings_of rescue-mta)"
must site_start
cd "$SITE" || exit 1

run() {
	output=$("$@" 2>&1)
}
did() {
	local words=$1
	shift
	if "$@"; then ok "$words"; else not_ok "$words" "$output"; fi
}
# writes FROM TO SUBJECT [OPTIONS...]
writes() {
	local from=$1 to=$2 subject=$3
	shift 3
	run as "$from" send --to "${ADDRESS[$to]}" --subject "$subject" "$@" <<<"This is $subject." &&
		run as "$from" sync && run wait_until settled
}
# finds WORDS USER PATTERN: in his newest finding after an exchange.
finds() {
	local synced found
	synced=$(as "$2" sync 2>&1)
	found=$(as "$2" list | sed -n 2p)
	if grep -qE -- "$3" <<<"$found"; then ok "$1"; else
		not_ok "$1" "$(printf 'wanted /%s/ in: %s\n%s' "$3" "$found" "$synced")"
	fi
}
reads() {
	expect_output "$1" "This is $3\." as "$2" read "$(newest "$2")"
}
serial() {
	openssl x509 -in "$1" -noout -serial
}
published() {
	ca ministry publish && ca rescue publish
}
alice="Signed by CN=Alice Martin,.*unchanged"
bob="Signed by CN=Bob Nilsen,.*unchanged"
carol="Signed by CN=Carol Petit,.*unchanged"

# --- before ---
did "alice writes to bob" writes alice bob Before --seal --origin-check
finds "he reads it" bob "$alice.*sealed for you"
did "he writes to her twice" writes bob alice First --seal
finds "she reads it" alice "$bob.*sealed for you"
did "and what she does not fetch yet" writes bob alice Unread --seal

# --- a new key beside the old, killed at each step ---
next_second
enrols_beside() {
	as alice --json enrol --beside --out "$SITE/next.pem" >"$SITE/next.json"
}
# The home as it was at a kill serves as before, and the same command goes on.
killed_while() {
	local at before after
	before=$(serial alice/cert.pem)
	for at in $(seq 1 40); do
		(LD_PRELOAD=$B/tests/crash.so POSTERN_CRASH_NOW=1 POSTERN_CRASH_AT=$at "$@" >"$WORK/killed" 2>&1) \
			2>/dev/null && return 0
		as alice sync >"$WORK/killed" 2>&1 || return 1
		after=$(serial alice/cert.pem)
		[ "$before" = "$after" ] || return 1
	done
	return 1
}
if [ -e "$B/tests/crash.so" ]; then	# it is not built for sanitizers
	did "killed at any step of asking, alice goes on as before" killed_while enrols_beside
else
	must enrols_beside
fi
check "one key was made by all of that" "$(ls alice/keys)" = "2.key"
check "it is encrypted or not as the first one is, and hers alone" "$(stat -c %a alice/keys/2.key)" = 600
expect_output "what waits is told" "keys/2.key waits for its certificate" as alice status
expect_fail "nobody gets a key for her who does not prove it" "by his words, or by a proof" \
	ca ministry issue next.pem --rekey --out no.pem
must as mallory enrol --beside --out m.pem
expect_fail "mallory's key vouches for nobody but him" "made by no key for which CN=Alice" \
	ca ministry issue next.pem --rekey --proof m.pem.proof --out no.pem
expect "her old key does" ca ministry issue next.pem --rekey --proof next.pem.proof --out next-cert.pem
installs() {
	as alice init --certificate next-cert.pem
}
if [ -e "$B/tests/crash.so" ]; then
	did "killed at any step of installing, she has the one key or both" killed_while installs
else
	must installs
fi
check "both are there" -s alice/keys/2.key -a -s alice/keys/2.pem
expect_output "and told" "Another certificate, for your P-256 key" as alice status
current() {
	as alice --json status | jq -e '(.certificates | length == 2) and (.certificates[0].current) and
		(.certificates[0].from > .certificates[1].from) and .keys_waiting == 0'
}
expect "the new one signs" current

# --- old and new ---
finds "what was sealed for the old key opens" alice "$bob.*sealed for you"
reads "and is read" alice Unread
did "she signs with the new key, which the directory does not know yet" writes alice bob Early --sign
finds "bob knows whose it is" bob "$alice"
reads "and reads it" bob Early
must published
in_directory() {
	ldapsearch -LLL -o ldif-wrap=no -x -H "$LDAP" -b "$1" -s base 'userCertificate;binary' |
		grep -c '^userCertificate;binary::'
}
check "old and new are in the directory" "$(in_directory "${USER_NAME[alice]}")" = 2
origins_allowed() {
	grep -cE "Alice.* origin of a message allowed$" rescue/mta/audit.log
}
check "bob's MTA has judged her by the old one" "$(origins_allowed)" = 1
# Without the certificate that her message brings along: it is taken out while bob's MTA is stopped
# for a while (and has no association), and with its memory of the old one goes on.
without_hint() {
	local pid
	pid=$(server_pid rescue-mta) && kill -STOP "$pid" &&
		server_stop ministry-mta KILL && server_start ministry-mta && run as alice send --to "${ADDRESS[bob]}" --subject Bare --sign --origin-check <<<"This is Bare." &&
		run as alice sync && wait_until waits_at ministry-mta && server_stop ministry-mta KILL &&
		run tweak ministry/mta/queue.db strip 15
	local done=$? said=$output
	kill -CONT "$pid" && server_start ministry-mta && run wait_until settled || return
	output=$said
	return $done
}
did "she writes, and the certificate that she sends along is taken out" without_hint
check "bob's MTA, which remembers the old one, has fetched the new one" "$(origins_allowed)" = 2
finds "and so has he" bob "$alice"
reads "who reads it" bob Bare
did "bob seals for her" writes bob alice Renewed --seal
# What she had before does not open it.
cp -r alice old-alice && rm -r old-alice/keys
finds "with the new key" alice "$bob.*sealed for you"
old_alice() {
	"$BIN/postern-ua" --home "$SITE/old-alice" "$@"
}
old_alice sync >/dev/null 2>&1
expect_output "the old key alone does not open it" "REFUSED: cannot open the seal" old_alice list
old=$(as bob list | awk '$0 ~ /Before/ { print $1 }')
expect "what she wrote before is still evidence" as bob evidence export "$old" --out before.evidence
expect_output "which a judge believes" "CN=Alice Martin" as bob evidence verify before.evidence --trust ca/rescue/ca.pem
did "forged with the old key, for which there is a certificate" forged alice/key.pem "${ADDRESS[alice]}" 900
finds "a letter is hers" bob "$alice"

# --- the old certificate is revoked ---
must ca ministry revoke --yes alice/cert.pem --reason superseded
must published
did "it is used once more" forged alice/key.pem "${ADDRESS[alice]}" 901
finds "and refused" bob "REFUSED: .*the certificate of CN=Alice Martin.* was revoked on"
did "she writes with the new one" writes alice bob After --seal
finds "which is good" bob "$alice.*sealed"
# Whoever writes to the directory puts the old one back, alone.
put_back() {
	"$BIN/postern-dir" --set "directory=$LDAPI" --set directory-bind=external publish \
		"${USER_NAME[alice]}" --certificate alice/cert.pem
}
must put_back
check "the old certificate alone is in the directory" "$(in_directory "${USER_NAME[alice]}")" = 1
# fails_to_seal WORDS FROM TO PATTERN
fails_to_seal() {
	run as "$2" send --to "${ADDRESS[$3]}" --subject Trap --seal <<<"This is Trap."
	run as "$2" sync
	expect_output "$1" "$4" as "$2" receipts "$(as "$2" list --outbox | awk '/Trap/ { print $1; exit }')"
}
fails_to_seal "bob does not seal for it" bob alice "cannot seal for .*Alice.* was revoked on"
must published
did "with the new one in place he does" writes bob alice Again --seal
finds "and she opens it" alice "$bob.*sealed for you"

# --- a store and an MTA ---
next_second
# rolls: a server gets a new key beside the old.
rolls() {	# NAME DOMAIN [DAYS]
	local folder
	folder=$(folder_of "$1")
	"$BIN/postern-${1#*-}" enrol --config "$(settings_of "$1")" --beside --out "$1.pem" &&
		ca "$2" issue "$1.pem" --rekey --proof "$1.pem.proof" --out "$folder/keys/2.pem" \
			${3:+--days "$3"} &&
		published && server_stop "$1" && server_start "$1"
}
did "bob's store gets a new key" run rolls rescue-ms rescue
did "alice's MTA gets one, for a week" run rolls ministry-mta ministry 7
expect_output "which it warns of, at once" "mta warn .*the certificate ends soon until=" cat ministry/mta/log
check "the store has nothing to warn of" "$(grep -c 'ends soon' rescue/ms/log)" = 0
check "each key has a process of its own" "$(grep -c 'the key has its own process' \
	<<<"$(tail -n 20 rescue/ms/log)")" -ge 2
did "their peers believe them, and her store its MTA" writes alice bob Proved --proof --proof-of-submission
finds "the letter arrives" bob "$alice.*proof of delivery"
told() {
	as alice sync >/dev/null 2>&1
	as alice receipts
}
wait_until settled
expect_output "the store proves with its new key" "proved by CN=ms-rescue" told
expect_output "and the MTA" "submission: proved by CN=mta-ministry" told
proved_with() {	# FILE: that certificate is among what vouches for the newest that alice sent
	local id
	id=$(as alice list --sent | awk '$0 ~ /Proved/ { print $1; exit }')
	rm -f proved.evidence
	as alice evidence export "$id" --out proved.evidence &&
		grep -qF "$(sed -n '3p' "$1")" proved.evidence
}
expect "it is the store's new certificate" proved_with rescue/ms/keys/2.pem
expect "and the MTA's" proved_with ministry/mta/keys/2.pem
must ca rescue revoke --yes rescue/ms/cert.pem --reason superseded
must ca ministry revoke --yes ministry/mta/cert.pem --reason superseded
must published
did "the old ones are not needed any more" writes alice bob Onward --sign
finds "the letter arrives" bob "$alice"

# --- who signs with Ed25519 ---
fails_to_seal "for an Ed25519 key nothing is sealed, which is said" alice carol "nothing can be sealed for it"
next_second
expect_fail "an X25519 key comes beside one that signs" "made beside one that does" \
	as carol enrol --key other.pem --key-type x25519 --out no.pem
expect "carol asks for one" as carol enrol --beside --key-type x25519 --out x.pem
check "without a proof beside it: the request says it all" ! -e x.pem.proof
expect_output "it was signed with the key of her certificate" "an X25519 key|X25519 key that does not sign" \
	ca ministry inspect x.pem
x_of_mallory() {
	as mallory enrol --beside --key-type x25519 --out mx.pem >/dev/null &&
		ca ministry issue mx.pem --name "${USER_NAME[carol]}" --out no.pem
}
expect_fail "mallory gets none in her name" "the request is from CN=Mallory" x_of_mallory
altered() {
	openssl req -in mx.pem -outform DER | sed 's/Mallory Noir/Mallory Noix/' | openssl req -inform DER -out mx2.pem
	ca ministry issue mx2.pem --out no.pem
}
expect_fail "not by changing his own" "for somebody else|signature is wrong" altered
expect_fail "nor for an MS" "is for a key of a UA" ca ministry issue x.pem --scope ms --out no.pem
expect_fail "a profile may not want it" "X25519 is not certified as UA here" \
	ca ministry --set "profile=ua keys=p256,ed25519" issue x.pem --out no.pem
expect "she gets it" ca ministry issue x.pem --out x-cert.pem
expect_output "for agreement on keys alone" "^ *Key Agreement$" openssl x509 -in x-cert.pem -noout -ext keyUsage
expect_output "openssl verifies it" "OK" openssl verify -ignore_critical -CAfile ca/ministry/ca.pem x-cert.pem
must as carol init --certificate x-cert.pem
must published
people=(alice bob carol)
matrix() {
	local from to
	for from in "${people[@]}"; do
		for to in "${people[@]}"; do
			run as "$from" send --to "${ADDRESS[$to]}" --subject "From $from" --seal <<<"This is $from." &&
				run as "$from" sync || return
		done
	done
	run wait_until settled
}
did "P-256, RSA and Ed25519 with X25519: everybody writes to everybody" matrix
for to in "${people[@]}"; do
	as "$to" sync >/dev/null 2>&1
	found=$(as "$to" list)
	for from in "${people[@]}"; do
		expect_output "$to opens what $from sealed" "Signed by ${USER_NAME[$from]}.*unchanged; sealed for you" \
			grep -A1 "From $from" <<<"$found"
	done
done
check "carol's letters are signed with the other key" "$(grep -c "$carol" <<<"$(as bob list)")" -ge 1

# --- passphrases are those of all keys ---
secret() {
	(umask 077 && printf '%s\n' "$2" >"$1")
}
secret words "carol has quite many words"
encrypted() {
	grep -lc "ENCRYPTED" carol/key.pem carol/keys/2.key | wc -l
}
if [ -e "$B/tests/crash.so" ]; then	# killed between the first key and the second
	for at in $(seq 1 40); do
		(LD_PRELOAD=$B/tests/crash.so POSTERN_CRASH_NOW=1 POSTERN_CRASH_AT=$at as carol passphrase \
			--passphrase-file words >/dev/null 2>&1) 2>/dev/null
		[ "$(encrypted)" = 0 ] || break
	done
	check "the passphrase changes, and that is cut off in between" "$(encrypted)" = 1
fi
expect_output "the same goes on, and it is that of all keys" "keys/2.key has the new passphrase" \
	as carol passphrase --passphrase-file words
check "all are encrypted" "$(encrypted)" = 2
opens_with_words() {
	as carol --set "key-passphrase-file=$SITE/words" --set key-unencrypted=no sync
}
expect "with it both open" opens_with_words
secret others "carol has other words as well"
expect_fail "with another they do not" "does not open the private key" \
	as carol --set "key-passphrase-file=$SITE/others" --set key-unencrypted=no sync
done_testing
