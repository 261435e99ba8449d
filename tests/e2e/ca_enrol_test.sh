#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# An administrator's day: a hundred people are enrolled from a list, a phone is stolen, a key is
# renewed; slapd and openssl agree with what the authority says.  And those who would like to be
# somebody else.
. "$(dirname "$0")/../support/lib.sh"
slapd
cd "$WORK" || exit 1
printf '%s\n' "authority = $WORK/ca" "directory = $LDAPI" "directory-bind = external" >ca.conf
ca() {
	"$BIN/postern-ca" --config ca.conf "$@"
}
from_directory() {
	ldapsearch -LLL -o ldif-wrap=no -Q -Y EXTERNAL -H "$LDAPI" -b "$1" -s base "$2" |
		sed -n "s/^$2:: //p" | base64 -d
}
must ca init --no-passphrase --name "O=Ministry,C=FR"

# request FOLDER NAME ADDRESS [OPTIONS...]: prints the words.
request() {
	local folder=$1 name=$2 address=$3
	shift 3
	ca request "$folder" --no-passphrase --scope ua --name "$name" --or-address "$address" "$@" |
		sed -n 's/^  \([A-Z ]*\)$/\1/p'
}
name_of() { echo "CN=Person $1,O=Ministry,C=FR"; }
address_of() { echo "/G=Person/S=$1/O=Ministry/PRMD=Gov/ADMD=400net/C=FR/"; }

# --- a hundred people make their requests, and read their words to the administrator ---
mkdir inbox
echo 'name,or-address,words' >people.csv
for i in $(seq -w 100); do
	words=$(request "p$i" "$(name_of "$i")" "$(address_of "$i")")
	cp "p$i/request.pem" "inbox/p$i.pem"
	echo "\"$(name_of "$i")\",$(address_of "$i"),$words" >>people.csv
done
check "each has a request with words" "$(grep -cE '([A-Z]+ ){11}[A-Z]+$' people.csv)" = 100
check "no two have the same" "$(sed 's/.*,//' people.csv | sort -u | wc -l)" = 101
expect_output "inspect shows the same words" "words +$(sed -n '2s/.*,//p' people.csv)" \
	ca inspect inbox/p001.pem
expect_output "and who asks" "$(name_of 001), as UA, with a P-256 key" ca inspect inbox/p001.pem

# --- a list with mistakes: all are named, nothing is issued ---
batch() {
	ca enrol-batch "$@" --requests inbox --out certs
}
none_issued() {
	ca --json show | jq -e '[.[] | select(.scope == "UA")] | length == 0' >/dev/null && [ ! -e certs ]
}
{
	cat people.csv
	echo "\"$(name_of 001)\",$(address_of 002),"
	echo "\"CN=Nobody,C=FR\",,"
	echo "\"$(name_of 003)\",,ABLE ABLE ABLE ABLE ABLE ABLE ABLE ABLE ABLE ABLE ABLE ABLE"
	echo "\"$(name_of 004)\",,$(sed -n '2s/.*,//p' people.csv)"
	echo "\"$(name_of 005)\" or so,,"
	echo "$(name_of 006)"
	printf '"CN=N\0ul",,\n'
	echo "\"CN=$(printf 'x%.0s' $(seq 5000)),C=FR\",,"
	echo "\"CN=\"\"Quo;te\",,"
	echo '"open'
} >wrong.csv
expect_fail "a list with mistakes is refused as a whole" "nothing was issued: there are 10 mistakes" \
	batch wrong.csv
said() {
	if grep -qE -- "$2" <<<"$output"; then ok "$1"; else not_ok "$1" "$output"; fi
}
said "another's address" "^wrong.csv:102: the request is for the O/R address .*S=001"
said "no request" "^wrong.csv:103: there is no request of CN=Nobody,C=FR in inbox"
said "words that do not fit together" "^wrong.csv:104: .*do not fit together"
said "words of another request" "^wrong.csv:105: this is not the request that the holder made"
said "something behind a quote" "^wrong.csv:106: there is something between"
said "fields that are missing" "^wrong.csv:107: the line has 3 fields|^wrong.csv:107: "
said "a NUL" "^wrong.csv:108: .*control character \(0\)"
said "a very long field" "^wrong.csv:109: .*more than 4096 octets"
said "a name that is none" "^wrong.csv:110: the name CN=\"Quo;te"
said "a quote that is not closed" "^wrong.csv:111: a quote is opened and not closed"
expect "nothing was issued" none_issued
problems_json() {
	ca --json enrol-batch wrong.csv --requests inbox --out certs | jq -e '.problems | length == 10'
}
expect "programs see the same mistakes" problems_json
echo name,telephone >columns.csv
expect_fail "a column that is none" "\"telephone\" is no column" batch columns.csv
expect_fail "a list that is no file" "is not a file|cannot open" batch /dev/null

# --- and without them ---
expect_output "a dry run says what would be done" "100 issued" batch people.csv --dry-run
expect "and does nothing" none_issued
"$BIN/postern-ca" --config ca.conf enrol-batch people.csv --requests inbox --out certs >batch.log 2>&1 &
victim=$!
some_written() { [ "$(find certs -name '*.pem' | wc -l)" -ge 5 ]; }
wait_for some_written
kill -KILL $victim
wait $victim 2>/dev/null
both_at_once() {
	batch people.csv &
	batch people.csv && wait $!
}
expect_output "killed at any instant, the same command goes on, also twice at once" "were there already" \
	both_at_once
check "everybody has a certificate" "$(find certs -name 'p*.pem' | wc -l)" = 100
once_each() {
	ca --json show | jq -e '[.[] | select(.scope == "UA")] |
		length == 100 and (map(.subject) | unique | length == 100) and
		(map(.serial) | unique | length == 100)'
}
expect "nobody has two" once_each
expect_output "a third time nothing happens" "^0 issued, 100 were there" batch people.csv
expect "the journal knows of each" test "$(ca --json journal | jq '[.. | objects | select(.act? == "issue")] | length')" = 100
must ca publish
in_directory() {
	ldapsearch -LLL -Q -Y EXTERNAL -H "$LDAPI" -b "O=Ministry,C=FR" '(userCertificate;binary=*)' dn | grep -c '^dn:'
}
check "all of them are in the directory" "$(in_directory)" = 100
expect "with the octets that were issued" cmp <(openssl x509 -in certs/p042.pem -outform DER) \
	<(from_directory "$(name_of 042)" 'userCertificate;binary')

# --- from LDIF ---
request ldif "CN=Lena Dif,O=Ministry,C=FR" "/S=Dif/ADMD=400net/C=FR/" >/dev/null
mkdir in2 && cp ldif/request.pem in2/lena.pem
printf '%s\n' 'version: 1' '' '# new here' 'dn: CN=Lena Dif,O=Ministry,C=FR' 'objectClass: person' \
	'mhsORAddresses: /S=Di' ' f/ADMD=400net/C=FR/' >people.ldif
expect_output "a list in LDIF" "^1 issued" \
	ca enrol-batch people.ldif --requests in2 --out certs
printf '%s\n' 'dn: CN=Lena Dif,O=Ministry,C=FR' 'mhsORAddresses:< file:///etc/passwd' >evil.ldif
expect_fail "which reads no other files" "from another file" ca enrol-batch evil.ldif --requests in2 --out x
printf '%s\n' 'include: file:///etc/passwd' >evil.ldif
expect_fail "by no means" "includes another file" ca enrol-batch evil.ldif --requests in2 --out x

# --- a phone is mislaid, found, and stolen ---
verify() {
	from_directory "O=Ministry,C=FR" 'certificateRevocationList;binary' >crl.der
	openssl crl -inform DER -in crl.der -out crl.pem &&
		openssl verify -ignore_critical -crl_check -CRLfile crl.pem -CAfile ca/ca.pem "certs/$1.pem"
}
list_text() {
	verify "$1"
	openssl crl -in crl.pem -noout -text
}
expect_output "openssl trusts her" "OK" verify p007
expect_output "her certificate is suspended, and the directory knows at once" "in the directory" \
	ca suspend certs/p007.pem
expect_fail "openssl refuses her" "certificate revoked" verify p007
expect_output "the list says why" "Certificate Hold" list_text p007
expect_output "show says so" "held +UA" ca show
expect_fail "twice is once" "suspended already" ca suspend certs/p007.pem
expect_fail "what is suspended is not renewed" "is suspended" ca renew certs/p007.pem --out no.pem
expect_output "it is released" "Released" ca release certs/p007.pem
expect_output "openssl trusts her again" "OK" verify p007
expect_fail "once" "not suspended" ca release certs/p007.pem
expect_fail "a revocation is for good, and asks first" "yes" ca revoke certs/p007.pem </dev/null
expect_output "so nothing was done" "OK" verify p007
expect_output "a dry run neither" "dry run" ca revoke certs/p007.pem --dry-run
expect_output "openssl still trusts her" "OK" verify p007
expect_output "the phone is stolen" "enrols again, with a new key" ca revoke --yes certs/p007.pem \
	--reason key-compromise --since 2026-01-02T03:04:05Z
expect_fail "openssl refuses her again" "certificate revoked" verify p007
expect_output "with the reason" "Key Compromise" list_text p007
expect_output "and since when" "Jan  2 03:04:05 2026 GMT" list_text p007
expect_fail "for good" "revoked for good" ca release certs/p007.pem
expect_output "nobody else is touched" "OK" verify p008
expect_fail "a reason is one of X.509's" "no reason" ca revoke --yes certs/p008.pem --reason lost
expect_fail "the time is not to come" "still to come" \
	ca revoke --yes certs/p008.pem --since 2999-01-01T00:00:00Z
expect_fail "the stolen key is never certified again" "revoked as compromised" \
	ca issue inbox/p007.pem --out no.pem
down() {
	ca --set directory=ldap://127.0.0.1:9 revoke --yes certs/p009.pem
}
expect_fail "where the directory cannot be reached, he is told what stands" \
	"is revoked, but the directory does not know yet" down
expect_output "it stands" "revoked +UA" ca show

# --- lists on schedule ---
expect_output "a revocation makes the next list due" "good until" ca crl --if-due --out due.pem
expect_output "then none is" "No list is due" ca crl --if-due --out due2.pem
check "and none is written" ! -e due2.pem
expect_output "the directory does not know yet of what could not be told" "OK" verify p009
expect_fail "a list for no directory" "which directory" ca --set directory= crl --publish
expect_fail "nor in a directory that does not answer" "cannot publish" \
	ca --set directory=ldap://127.0.0.1:9 --set directory-bind=anonymous crl --if-due --publish
expect_output "a timer tells it, once it answers" "in the directory" ca crl --if-due --publish
expect_fail "openssl hears of it" "certificate revoked" verify p009
expect_output "and once is enough" "No list is due" ca crl --if-due --publish
numbers_grow() {
	[ "$(ca --json crl --out n1.pem | jq .number)" -lt "$(ca --json crl --out n2.pem | jq .number)" ]
}
expect "numbers grow" numbers_grow

# --- renewal, and another key ---
expect_output "nothing ends soon" "" ca expiring
expect_fail "all end within two years" "99 certificates end" ca expiring --within 730d
expect_output "a certificate is renewed" "Issued to $(name_of 010)" ca renew certs/p010.pem \
	--days 800 --out renewed.pem
same_key() {
	cmp <(openssl x509 -in certs/p010.pem -noout -pubkey) <(openssl x509 -in renewed.pem -noout -pubkey)
}
expect "for the same key" same_key
expect_fail "it has a successor" "98 certificates end" ca expiring --within 730d
ends_json() {
	ca --json expiring --within 730d | jq -e 'length == 98'
}
expect "programs see it too" ends_json
words=$(request new "$(name_of 010)" "$(address_of 010)")
expect_fail "another key is another's, unless" "say so with --rekey" ca issue new/request.pem
expect_fail "its holder is known by his words" "by his words" ca issue new/request.pem --rekey
expect_output "then it is issued, and the old ones asked about" "Issued to" ca issue --yes new/request.pem \
	--rekey --supersede --words "$words" --out rekeyed.pem
superseded() {
	ca --json show | jq -e --arg name "$(name_of 010)" '[.[] | select(.subject == $name) |
		[.state, .reason]] | sort == [["revoked", "superseded"], ["valid", null], ["valid", null]]'
}
expect "the newest for the old key is superseded" superseded

words=$(request beside "$(name_of 020)" "$(address_of 020)")
must ca issue beside/request.pem --rekey --words "$words" --out beside.pem
expect_output "who has two keys that are good has the certificate of either renewed" "Issued to $(name_of 020)" \
	ca renew certs/p020.pem --out renewed.pem

# --- another key, vouched for by the old one ---
own() {	# REQUEST KEY OLD-KEY: as the server makes it
	"$BIN/postern-ms" enrol --config ms.conf --name "CN=Store,O=Ministry,C=FR" --key "$2" \
		--old-key "$3" --out "$1"
}
printf "%s\n" "address = /CN=Store/O=Ministry/PRMD=Gov/ADMD=400net/C=FR/" "key-unencrypted = yes" >ms.conf
must "$BIN/postern-ms" enrol --config ms.conf --name "CN=Store,O=Ministry,C=FR" --key store.key --out store.pem
must ca issue store.pem --out store-cert.pem
expect "a server asks for another key, and signs with the one it has" own next.pem next.key store.key
must own stranger.pem stranger.key stranger.key
expect_fail "a stranger's key vouches for nobody" "made by no key for which CN=Store" \
	ca issue stranger.pem --rekey --proof stranger.pem.proof
expect_fail "the old key vouches for that request only" "the proof is for another request" \
	ca issue stranger.pem --rekey --proof next.pem.proof
tr A-Za-z N-ZA-Mn-za-m <next.pem.proof >broken.proof
expect_fail "what is no proof is none" "proof|line" ca issue next.pem --rekey --proof broken.proof
expect_fail "a proof without --rekey is asked about" "goes with --rekey" \
	ca issue next.pem --proof next.pem.proof
expect "with it no words are needed" ca issue next.pem --rekey --proof next.pem.proof --out next-cert.pem
must ca suspend store-cert.pem
must own third.pem third.key store.key
expect_fail "a key that is suspended vouches for nothing" "made by no key for which CN=Store" \
	ca issue third.pem --rekey --proof third.pem.proof
ca request quiet --no-passphrase --scope ms --name "CN=Quiet" --dry-run >/dev/null
check "a rehearsed request makes nothing" ! -e quiet

# --- people in LDIF, with what a column says ---
mkdir -p ldif-inbox
words=$(request lp "$(name_of L)" "$(address_of L)")
cp lp/request.pem ldif-inbox/lp.pem
printf 'dn: %s\nmhsORAddresses: %s\nrequest: lp.pem\nscope: ua\ndays: 9\nwords: %s\n' "$(name_of L)" \
	"$(address_of L)" "$(sed -n '2s/.*,//p' people.csv)" >lp.ldif
expect_fail "words in LDIF are compared as well" "not the request that the holder made|nothing was issued" \
	ca enrol-batch lp.ldif --requests ldif-inbox --out ldif-certs
sed -i "s/^words: .*/words: $words/" lp.ldif
expect_output "and the right ones are" "1 issued" ca enrol-batch lp.ldif --requests ldif-inbox --out ldif-certs
expect "for as long as is said there" openssl x509 -in ldif-certs/lp.pem -noout -checkend $((8 * 86400))
expect_fail "and no longer" "will expire" openssl x509 -in ldif-certs/lp.pem -noout -checkend $((10 * 86400))

# --- the profile of authorities holds for others as well ---
must "$BIN/postern-ca" --config /dev/null --ca other-ca init --no-passphrase --name "O=Other" --key ed25519
print=$(openssl x509 -in other-ca/ca.pem -noout -fingerprint -sha256 | sed 's/.*=//')
expect_fail "a key that the profile does not allow is not cross-certified" "is not certified as CA here" \
	ca --set "profile=ca keys=p256,rsa" cross-certify other-ca/ca.pem --fingerprint "$print"
expect_fail "nor for longer than it allows" "at most 100 days" \
	ca --set "profile=ca days=90 days-max=100" cross-certify other-ca/ca.pem --fingerprint "$print" --days 101

# --- those who would like to be somebody else ---
try_as() {	# NAME [ADDRESS]
	rm -rf eve
	request eve "$1" "${2-/S=Eve/ADMD=400net/C=FR/}" >/dev/null
	ca issue eve/request.pem --out no.pem
}
reuse_key() {
	openssl req -new -key eve/key.pem -subj "/C=FR/O=Ministry/CN=Mallory" -out mallory.pem 2>/dev/null
	ca issue mallory.pem --scope ua --or-address /S=Mallory/ADMD=400net/C=FR/ --out no.pem
}
expect_fail "nobody has the authority's own name" "name of this authority itself" try_as "O=Ministry,C=FR"
expect_fail "in any spelling" "name of this authority itself" try_as "o=MINISTRY, c=fr"
expect_fail "nobody has another's address" "is that of $(name_of 011)" \
	try_as "CN=Eve,O=Ministry,C=FR" "/g=PERSON/s=011/o=ministry/prmd=gov/admd=400NET/c=fr/"
expect_fail "nor another's name" "for another key" try_as "cn=person  011,o=ministry,c=fr"
expect_output "with her own she gets one" "Issued to CN=Eve" try_as "CN=Eve,O=Ministry,C=FR"
expect_fail "for one name" "certified already, for CN=Eve" reuse_key
altered() {
	openssl req -in inbox/p012.pem -outform DER -out altered.der
	sed 's/Person 012/Person 013/' altered.der | openssl req -inform DER -out altered.pem
	ca issue altered.pem --out no.pem
}
expect_fail "a request that was altered on its way is refused" "signature is wrong" altered
expect_fail "so is one that was exchanged" "this is not the request that the holder made" \
	ca issue inbox/p014.pem --words "$(sed -n '2s/.*,//p' people.csv)" --out no.pem
expect_fail "words may be required" "nobody has read the words" \
	ca --set require-words=yes issue inbox/p014.pem --out no.pem
expect_output "and are shown by who is right" "Issued to $(name_of 014)" \
	ca --set require-words=yes issue inbox/p014.pem --words "$(sed -n '15s/.*,//p' people.csv)" --out again.pem
expect_fail "a profile says which keys" "key of type P-256 is not certified as UA" \
	ca --set "profile=ua keys=ed25519,rsa" issue inbox/p014.pem --out no.pem
expect_fail "and for how long at most" "at most 30 days" \
	ca --set "profile=ua days=30 days-max=30" issue inbox/p014.pem --days 31 --out no.pem
expect "it may say that nothing is sealed for a key" \
	ca --set "profile=ua usage=sign" issue inbox/p014.pem --out signs.pem
usage() {
	openssl x509 -in "$1" -noout -ext keyUsage
}
expect_output "as usual it is" "Key Agreement" usage again.pem
check "then it is not" "$(usage signs.pem | grep -c 'Key Agreement')" = 0
expect_fail "a profile has to make sense" "says nothing" ca --set "profile=ua colour=red" issue inbox/p014.pem

# --- a year later ---
ending() {
	ca --json expiring --within 730d 2>/dev/null | jq length
}
count=$(ending)
check "everybody's certificate ends" "$count" -gt 100
expect_fail "who must not have another is named" "Not renewed: .* of CN=Store,O=Ministry,C=FR: .* is suspended" \
	ca renew --expiring 730d --dry-run
said "the others have theirs" "^$((count - 1)) renewed"
must ca revoke --yes store-cert.pem
expect_fail "so is whose key the profile does not allow any more" \
	"Not renewed: [0-9a-f]+ of $(name_of 011): a key of type P-256 is not certified as UA" \
	ca --set "profile=ua keys=ed25519" renew --expiring 730d --dry-run
expect_fail "one or all, and it is said which" "which certificate is to be renewed" ca renew --expiring 30d certs/p011.pem
expect_output "all that end are renewed at once" "^$count renewed" ca renew --expiring 730d --days 800 --out next-year
check "each is written" "$(find next-year -name '*.pem' | wc -l)" = "$count"
check "and nothing ends" "$(ending)" = 0
expect_output "nobody is renewed twice" "^0 renewed" ca renew --expiring 730d
expect_output "the journal was not touched" "entries follow one another and are signed" ca journal verify
done_testing
