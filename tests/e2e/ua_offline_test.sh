#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# postern-ua without any server: a home is made, messages are written, and what makes no sense is
# refused in a sentence.
. "$(dirname "$0")/../support/lib.sh"
cd "$WORK" || exit 1
export POSTERN_HOME=$WORK/alice

ca() {
	"$BIN/postern-ca" --config /dev/null --ca "$WORK/ca" "$@"
}
ua() {
	"$BIN/postern-ua" "$@"
}
# json WORDS EXPRESSION COMMAND...: the output is JSON, and Python finds the expression true of it.
json() {
	local words=$1 expression=$2
	shift 2
	"$@" >json.out 2>json.err
	expect "$words" python3 -c 'import json,sys
d = json.load(open("json.out"))
sys.exit(0 if eval(sys.argv[1]) else repr(d))' "$expression"
}
exit_code() {
	local words=$1 code=$2 status=0
	shift 2
	"$@" >out 2>&1 || status=$?
	check "$words (exit $code)" "$status" = "$code"
}
alice=/G=Alice/S=Martin/O=Ministry/PRMD=North/ADMD=400net/C=FR/
bob=/G=Bob/S=Berg/O=Rescue/PRMD=South/ADMD=400net/C=DE/
dn="CN=Alice Martin,O=Ministry,C=FR"
must ca init --no-passphrase --name "O=Authority,C=FR"
printf 'Grüße aus Köln.\n' >letter.txt
printf 'Gr\374\337e\n' >latin1.txt
head -c 3000 /dev/urandom >photo.jpg
head -c 2000 photo.jpg >half.jpg

# --- a home ---
exit_code "without a home nothing works, and it says why" 64 ua list
expect_output "it says how to make one" "postern-ua init" cat out
expect_fail "init needs to know who you are" "init needs --name" ua init
expect_fail "a name has to be one" "--name" ua init --no-passphrase --name "Alice" --or-address "$alice" --authority ca/ca.pem
expect_fail "an address has to be whole" "country-name" ua init --no-passphrase --name "$dn" --or-address "/S=Martin/" \
	--authority ca/ca.pem
expect_fail "an authority has to be one" "authority" ua init --no-passphrase --name "$dn" --or-address "$alice" \
	--authority /dev/null
check "nothing was made so far" ! -e alice
expect_output "a key and a request are made" "request.pem certified" ua init --no-passphrase --name "$dn" \
	--or-address "$alice" --authority ca/ca.pem --ms localhost:1 --directory ldap://127.0.0.1:1
check "the folder is its owner's" "$(stat -c %a alice)" = 700
check "the key is its owner's" "$(stat -c %a alice/key.pem)" = 600
check "the messages are" "$(stat -c %a alice/mail.db)" = 600
expect_fail "not twice" "is there already" ua init --no-passphrase --name "$dn" --or-address "$alice" --authority ca/ca.pem
expect_output "status says what is missing" "no certificate yet" ua status
expect_fail "without a certificate nothing is signed" "no certificate yet" ua send --to "$bob" --sign letter.txt
expect_fail "nor exchanged" "no certificate yet" ua sync
must ca issue alice/request.pem --out cert.pem
words=$(ca request other --no-passphrase --name "$dn" --scope ua --or-address "$alice" |
	sed -n 's/^  \([A-Z ]*\)$/\1/p')
must ca issue other/request.pem --rekey --words "$words" --out other.pem
expect_fail "a certificate for another key is refused" "not for your key" ua init --certificate other.pem
expect_output "the right one completes it" "is ready" ua init --certificate cert.pem
expect_output "status knows until when" "certificate ends on 20" ua status
json "status in JSON" 'd["or_address"] == "'$alice'" and d["queued"] == 0 and d["last_sync"] is None' \
	ua status --json
expect_output "the next certificate is asked for" "these words" ua enrol
same_request_key() {
	cmp <(openssl req -in alice/request.pem -noout -pubkey) <(openssl x509 -in cert.pem -noout -pubkey)
}
expect "for the same key" same_request_key
expect_output "or for another key" "key is in next.pem" ua enrol --key next.pem --key-type rsa --out next-request.pem
check "which is her own" "$(stat -c %a next.pem)" = 600
expect_output "which the authority sees" "as UA, with a RSA key" ca inspect next-request.pem
must ca issue --rekey --words "$(ca inspect next-request.pem --json | jq -r .words)" next-request.pem --days 3 --out next-cert.pem
next() {
	ua --set "key=$PWD/next.pem" --set "certificate=$PWD/next-cert.pem" "$@"
}
expect_output "status warns of what ends soon" "postern-ua enrol" next status
json "in JSON as well" 'd["certificate_ends_soon"]' next status --json
json "a longer one does not" 'not d["certificate_ends_soon"]' ua status --json
expect_output "settings can be shown" "or-address = /G=Alice" ua --show-settings

# --- writing ---
expect_output "a message waits in the outbox" "Message 1 is in the outbox" \
	ua send --to "$bob" --subject "Hello" --sign --seal letter.txt
expect_output "the outbox has it" "Hello" ua list --outbox
expect_output "it can be read before it is sent" "Grüße aus Köln" ua read 1
expect_output "text comes from standard input, too" "Message 2" bash -c "echo hi | '$BIN/postern-ua' send --to '$bob'"
expect_output "with an attachment" "Message 3" ua send --to "$bob" --cc "$alice" --attach photo.jpg --proof
expect_output "the attachment is named" "Attachment 1: photo.jpg \(3000 octets\)" ua read 3
expect "and saved" ua read 3 --save-attachments saved
expect "octet by octet" cmp photo.jpg saved/photo.jpg
expect_output "saved once more it has another name" "saved/1-photo.jpg" ua read 3 --save-attachments saved
json "send in JSON" 'd["id"] == 4 and d["state"] == "queued"' ua send --json --to "$bob" letter.txt
json "list in JSON" '[m["id"] for m in d] == [1, 2, 3, 4] and all(m["state"] == "queued" for m in d)' \
	ua list --outbox --json
json "read in JSON" 'd["body"][0]["text"] == "Grüße aus Köln.\n" and d["to"] == ["'$bob'"]' ua read 1 --json
json "receipts in JSON" 'd[0]["recipients"][0]["state"] == "queued"' ua receipts 1 --json
json "an empty inbox is an empty list" 'd == []' ua list --json
expect_output "and in words" "no messages here" ua list

# --- names ---
expect "a nickname for an address" ua nickname bob "$bob"
expect_fail "nor by two lines" "stands in one line" ua nickname "$(printf 'b\nob')" "$bob"
expect_fail "nobody is called nothing" "at least one character" ua nickname "" "$bob"
expect "and one for a directory name" ua nickname rescue "CN=Bob Berg,O=Rescue,C=DE"
expect_output "they are listed" "bob  .*/G=Bob" ua nickname
expect_output "a nickname is a recipient" "Message 5" ua send --to bob letter.txt
expect_output "the address is what is written to" "/G=Bob/S=Berg" ua read 5
expect_output "a directory name waits for the directory" "Message 6" ua send --to rescue letter.txt
expect_fail "nobody of that name" "neither an O/R address .* nor a nickname" ua send --to eve letter.txt
expect "a nickname is forgotten" ua nickname bob --delete
expect_fail "and then unknown" "nor a nickname" ua send --to bob letter.txt
expect_fail "an address without a country" "country-name" ua send --to /S=Berg/ letter.txt
expect_output "is named, among others" "^postern-ua: --to /S=Berg/$" cat <<<"$output"
expect_output "who is named twice gets it once" "Message 7" ua send --to "$bob" --to "$bob" letter.txt
json "once" 'len(d["to"]) == 1' ua read 7 --json

# --- what is refused ---
exit_code "sealed and proved exclude each other" 64 ua send --to "$bob" --seal --proof letter.txt
expect_output "in a sentence" "cannot read what is sealed; leave out one of the two" cat out
expect_fail "to nobody" "to whom" ua send letter.txt
expect_fail "no such file" "cannot read the text" ua send --to "$bob" nowhere.txt
expect_fail "no such attachment" "cannot attach nowhere.jpg" ua send --to "$bob" --attach nowhere.jpg
expect_fail "text that is not UTF-8" "not UTF-8" ua send --to "$bob" latin1.txt
expect_fail "nor is this text" "zero octet" ua send --to "$bob" photo.jpg
expect_fail "a content over the limit" "longer than 2048 octets|most that one may have" \
	ua --set content-max=2K send --to "$bob" --attach photo.jpg
expect_fail "also where only all of it is" "2048 are the most that one may have" \
	ua --set content-max=2K send --to "$bob" --attach half.jpg letter.txt
expect_fail "a subject that is too long" "more than 128 characters" \
	ua send --to "$bob" --subject "$(printf '%0200d' 0)" letter.txt
exit_code "no such message" 66 ua read 99
exit_code "no such number" 64 ua read nine
expect_fail "nobody to reply to" "was not received" ua reply 1 letter.txt
exit_code "no such command" 64 ua fly
exit_code "a store that is not there" 75 ua sync
expect_output "is named" "cannot bind to the message store at localhost:1" cat out
recipients() {
	local i
	for ((i = 1; i <= $1; i++)); do
		printf -- '--to\n/S=User%d/O=Rescue/PRMD=South/ADMD=400net/C=DE/\n' "$i"
	done
}
mapfile -t many < <(recipients 512)
expect_output "512 recipients pass" "Message 8" ua send "${many[@]}" letter.txt
mapfile -t many < <(recipients 513)
expect_fail "513 do not" "513 recipients: a message may have 512 at most" ua send "${many[@]}" letter.txt

# --- deleting ---
expect "messages are deleted" ua delete 2 7
exit_code "and gone" 66 ua read 2
exit_code "all of them or none" 66 ua delete 3 99
expect "the first is still there" ua read 3

# --- a terminal is not moved by what others wrote ---
expect "a subject with an escape" ua send --to "$bob" --subject "$(printf 'a\033[2Jb')" letter.txt
expect_output "is shown without it" "a\?\[2Jb" ua read 9
done_testing
