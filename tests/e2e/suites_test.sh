#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Suites between the real programs: what the profile of aviation refuses is reported to its
# sender, for that recipient alone; a suite is used only where it is accepted; what is broken is
# used only where a setting insists, and is marked.
. "$(dirname "$0")/../support/lib.sh"
PATH=$PATH:/usr/sbin type -P slapd >/dev/null || skip_all "slapd is not installed"
SITE=$WORK/site
. "$TOP/tests/demo/site.sh"
HOME_OF[dave]=ministry
KEY_TYPE[dave]=rsa
USER_NAME[dave]="CN=Dave Dupont,O=Ministry,C=FR"
ADDRESS[dave]=/G=Dave/S=Dupont/O=Ministry/PRMD=Ministry/ADMD=Atlas/C=FR/
at_exit site_stop
# Not with "must", which runs in a subshell: the ports are remembered here.
site_make >"$WORK/site.log" 2>&1 || { not_ok "a site" "$(tail "$WORK/site.log")"; done_testing; }
echo "policy = ${ADDRESS[bob]} verify=amhs unsigned=refuse" >>"$(settings_of rescue-ms)"
echo "policy = ${ADDRESS[alice]} verify=amhs unsigned=pass" >>"$(settings_of ministry-ms)"
echo "accept-suites = modern, amhs" >>"$SITE/bob/ua.conf"
must site_start

run() {
	output=$("$@" 2>&1)
}

# written USER OPTION...: puts a letter into the outbox; its number is left in $id.
written() {
	local user=$1
	shift
	run as "$user" send "$@" <<<"Cleared to land." &&
		id=$(sed -n 's/^Message \([0-9]*\) is in the outbox.*/\1/p' <<<"$output") && [ -n "$id" ]
}

# exchanged USER: what waits is sent, has arrived, and the reports are back.
exchanged() {
	run as "$1" sync && wait_until settled && run as "$1" sync
}

# finds USER WORDS PATTERN [LINE]: in that line of his list, after an exchange.
finds() {
	local found
	run as "$1" sync
	found=$(as "$1" list | sed -n "${4:-2}p")
	if grep -qE -- "$3" <<<"$found"; then
		ok "$2"
	else
		not_ok "$2" "$(printf 'wanted /%s/ in: %s\n%s\n%s' "$3" "$found" "$(as "$1" list)" "$output")"
	fi
}

# evidence_of USER NAME: of the newest that he has.
evidence_of() {
	run as "$1" evidence export "$(newest "$1")" --out "$WORK/$2.evidence"
}
# token_of NAME: the extension [16] up to its value, in hexadecimal; it begins with its number.
token_of() {
	sed -n '/^-----BEGIN X411 MESSAGE DELIVERY/,/^-----END/p' "$WORK/$1.evidence" | grep -v '^-' |
		base64 -d | xxd -p | tr -d '\n' | grep -oE '800110(8102[0-9a-f]{4})?a2'
}
judge() {	# judge NAME OPTION...: with no settings of anybody
	HOME=/nowhere "$BIN/postern-ua" evidence verify "$WORK/$1.evidence" --trust "$SITE/ca/ministry/ca.pem" "${@:2}"
}

# --- the eleven rules: a message for bob, whose store checks, and for carol, whose does not ---
declare -A number=() words=(
	[not-asymmetric]="its type 2\.6\.3\.6\.9 is not known here"
	[absent]="there is no message token"
	[algorithm]="the algorithm 1\.2\.840\.10045\.4\.3\.2 of the signature is not the one agreed on"
	[no-time]="the time is missing"
	[no-signed-data]="the token has no signed data"
	[no-cic]="the token has no content integrity check"
	[confidentiality-algorithm]="the suite amhs forbids sealed content"
	[encrypted]="the suite amhs forbids encrypted data in the token"
	[signature]="was not signed by CN=Alice Martin.*, or was changed; because: the signature is wrong"
	[altered]="the content is not the one that was signed"
	[repeated]="the message of CN=Alice Martin.* is repeated"
	[mixed]="was made with the suite modern, which is not accepted here")

# forged CASE [EARLIER]
forged() {
	written alice --to "${ADDRESS[bob]}" --to "${ADDRESS[carol]}" --subject "$1" --report &&
		number[$1]=$id && run "$B/tests/attack/amhs" "$SITE/alice" "${ADDRESS[alice]}" "$id" "$@"
}
forged_all() {
	local case earlier
	for case in "${!words[@]}"; do
		earlier=
		[ "$case" != repeated ] || earlier=${number[good]}
		forged "$case" ${earlier:+"$earlier"} || return
	done
}
sent() {
	if "$2" && exchanged alice; then ok "$1"; else not_ok "$1" "$output"; fi
}
forged_good() {
	forged good
}
sent "a good message is sent" forged_good
sent "so are bad ones" forged_all

# told CASE NAME: what the report says of one recipient
told() {
	as alice receipts "${number[$1]}" | grep -A1 "/G=$2/" | tail -n 1
}
told_of() {
	if grep -qE -- "$3" <<<"$(told "$1" "$2")"; then
		ok "$1: $2: $4"
	else
		not_ok "$1: $2: $4" "$(as alice receipts "${number[$1]}"; tail -n 3 "$SITE/rescue/ms/audit.log")"
	fi
}
told_of good Bob "delivered on" "is delivered"
told_of good Carol "delivered on" "is delivered"
for case in "${!words[@]}"; do
	told_of "$case" Bob "unable-to-transfer.*secure-messaging-error" "is reported"
	told_of "$case" Carol "delivered on" "is not concerned"
	expect "$case: the audit log says why" \
		grep -qE "delivery refused diag=secure-messaging-error why=.*(${words[$case]})" \
		"$SITE/rescue/ms/audit.log"
done
finds bob "bob has the good one alone" "^ +Signed by CN=Alice Martin.*unchanged.*no repeat"
check "and nothing else" "$(as bob list | grep -c Alice)" -eq 2

# --- a suite is used where it is accepted ---
written alice --to "${ADDRESS[bob]}" --sign --suite amhs --subject "By the profile" && exchanged alice
finds bob "what postern-ua makes with amhs is accepted" "Signed by CN=Alice Martin.*unchanged"
written alice --to "${ADDRESS[bob]}" --sign --report --subject "Modern" && number[modern]=$id && exchanged alice
told_of modern Bob "unable-to-transfer.*secure-messaging-error" "is not accepted by the profile"

written alice --to "${ADDRESS[bob]}" --report --subject "Plain" && number[plain]=$id && exchanged alice
told_of plain Bob "unable-to-transfer.*secure-messaging-error" "nobody signed it, and such mail is refused"

# --- something else is agreed on with one; and what nobody signed is marked ---
server_stop rescue-ms
sed -i 's/unsigned=refuse/unsigned=mark/' "$(settings_of rescue-ms)"
for file in "$(settings_of rescue-ms)" "$SITE/bob/ua.conf"; do
	echo "amhs-peer = ${DOMAIN[ministry]} hash=sha256 cic=joined" >>"$file"
done
must server_start rescue-ms
written alice --to "${ADDRESS[bob]}" --subject "Marked" && exchanged alice
finds bob "unsigned mail is delivered where it is only marked" "Marked" 1
expect "the audit log has the mark" \
	grep -q 'delivery allowed why=.*nobody signed it' "$SITE/rescue/ms/audit.log"
written bob --to "${ADDRESS[alice]}" --subject "Passed" && exchanged bob
finds alice "and where it passes" "Passed" 1
check "without a mark" -z "$(grep "nobody signed it" "$SITE/ministry/ms/audit.log")"
written alice --to "${ADDRESS[bob]}" --sign --suite amhs --report --subject "Before" && number[before]=$id &&
	exchanged alice
told_of before Bob "unable-to-transfer.*secure-messaging-error" "what was not agreed on is refused by the store"
expect "and the audit log says why" grep -q "of the signature is not the one agreed on" \
	"$SITE/rescue/ms/audit.log"
echo "amhs-peer = ${ADDRESS[bob]} hash=sha256 cic=joined" >>"$SITE/alice/ua.conf"
cp "$SITE/carol/ua.conf" "$WORK/carol.conf"
echo "accept-suites = modern, amhs" >>"$SITE/carol/ua.conf"
written alice --to "${ADDRESS[bob]}" --to "${ADDRESS[carol]}" --sign --suite amhs --subject "Agreed" &&
	exchanged alice
finds bob "what was agreed on with him is accepted" "Signed by CN=Alice Martin.*unchanged"
evidence_of bob agreed
expect_output "a judge need not know what was agreed on" \
	"Written by CN=Alice Martin,O=Ministry,C=FR to .*G=Bob.*; unchanged" judge agreed
finds carol "and with another recipient nothing else was" "Signed by CN=Alice Martin.*unchanged"
evidence_of carol profile
check "its token is not critical, as the profile has it" "$(token_of profile)" = 800110a2
expect_output "who judges what is as the profile has it likewise" '"suite": *"amhs"' judge profile --json
cp "$WORK/carol.conf" "$SITE/carol/ua.conf"

written alice --to "${ADDRESS[carol]}" --sign --suite amhs && exchanged alice
finds carol "another suite than the accepted ones is refused by its name" \
	"REFUSED: the message was made with the suite amhs, which is not accepted here"
written alice --to "${ADDRESS[dave]}" --seal && exchanged alice
finds dave "a letter is sealed for an RSA key" "Signed by CN=Alice Martin.*sealed for you"
expect_fail "amhs seals nothing" "the suite amhs does not seal content" \
	as alice send --to "${ADDRESS[bob]}" --seal --suite amhs /dev/null
echo "unsigned = refuse" >>"$SITE/carol/ua.conf"
written alice --to "${ADDRESS[carol]}" && exchanged alice
finds carol "unsigned mail is kept apart where the user wants it" "REFUSED: nobody signed it"

# --- what is broken ---
broken="only the setting allow-broken-1989 = yes would allow it"
warning="WARNING: the suite locator-1989 proves nothing any more: its hash and its cipher are broken"
expect_fail "locator-1989 is not made unless a setting insists" "$broken" \
	as dave send --to "${ADDRESS[carol]}" --sign --suite locator-1989 /dev/null
echo "allow-broken-1989 = yes" >>"$SITE/dave/ua.conf"
echo "accept-suites = modern, locator-1989" >>"$SITE/carol/ua.conf"
written dave --to "${ADDRESS[carol]}" --sign --suite locator-1989 --subject "Of 1989"
expect "with it, it is: send warns" grep -q "$warning" <<<"$output"
exchanged dave
expect_output "so does the list of what was sent" "$warning" as dave list --sent
expect "and the audit log" grep -q "broken-suite allowed why=.*locator-1989" "$SITE/dave/audit.log"
finds carol "it is not accepted either" "REFUSED: .*$broken"
echo "allow-broken-1989 = yes" >>"$SITE/carol/ua.conf"
written dave --to "${ADDRESS[carol]}" --sign --suite locator-1989 --subject "Of 1989" && exchanged dave
finds carol "with the setting it is, and the list warns" "$warning"
check "so does the exchange" "$output" != "${output/WARNING: 1 of them with a suite that proves nothing any more}"
finds carol "it was checked" "Signed by CN=Dave Dupont" 3
expect_output "so does what is read" "$warning" as carol read "$(newest carol)"
expect_output "and a program learns of it" '"broken": *"its hash' as carol --json read "$(newest carol)"
expect "and the audit log" grep -q "broken-suite allowed why=.*locator-1989" "$SITE/carol/audit.log"
evidence_of carol broken
expect "whoever exports it is warned" grep -q "$warning" <<<"$output"
check "a token of another suite is critical for delivery, as X.411 recommends" \
	"$(token_of broken)" = 80011081020520a2
expect_fail "a judge refuses it" "NOT proved: .*$broken" judge broken
judge broken --set allow-broken-1989=yes >"$WORK/judgement" 2>&1
expect "unless he has the setting, too" grep -q "^Written by CN=Dave Dupont.*; unchanged" "$WORK/judgement"
expect "and reads the warning first" grep -q "$warning" <(sed -n 2p "$WORK/judgement")
expect_output "a program learns of it" '"broken": *"its hash' judge broken --json --set allow-broken-1989=yes
must "$BIN/postern-ca" --config /dev/null --ca "$WORK/old" --set allow-broken-1989=yes \
	init --v1-1989 --key rsa --no-passphrase --name "O=Old,C=FR"
must openssl x509 -in "$WORK/old/ca.pem" -outform DER -out "$WORK/old.der"
must sqlite3 "$SITE/carol/mail.db" "UPDATE voucher SET octets = readfile('$WORK/old.der') WHERE kind = 0"
expect_fail "what a certificate of 1988 vouches for is not exported" \
	"the certificate of O=Old,C=FR is one of 1988: it names no O/R address" \
	as carol evidence export "$(newest carol)"
done_testing
