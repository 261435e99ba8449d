#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Authorities that come to certify each other: with offers and answers that are carried by hand, by
# way of a bridge, one way only; what each is held to; what a carrier can do to the files; and how it
# ends.  openssl reads what is carried, and judges what is issued.
. "$(dirname "$0")/../support/lib.sh"
slapd
cd "$WORK" || exit 1

ca() {
	local which=$1
	shift
	"$BIN/postern-ca" --config /dev/null --ca "$WORK/$which" --set "directory=$LDAPI" \
		--set directory-bind=external "$@"
}
words() {	# FILE: as its owner reads them aloud
	ca - --json inspect "$1" | jq -r .authority.words
}
authority() {
	must ca "$1" init --no-passphrase --name "$2"
}
member() {	# AUTHORITY NAME SUBJECT ADDRESS
	must ca "$1" request "$2" --no-passphrase --name "$3" --scope ua --or-address "$4"
	must ca "$1" issue "$2/request.pem" --out "$2/cert.pem"
}
way() {
	"$BIN/postern-dir" --config /dev/null --set "directory=$LDAPI" path --authority "$@"
}
from_directory() {
	ldapsearch -LLL -o ldif-wrap=no -Q -Y EXTERNAL -H "$LDAPI" -b "$1" -s base "$2" |
		sed -n "s/^$2:: //p"
}
authority a "O=Authority A,C=FR"
authority b "O=Authority B,C=DE"
member a alice "CN=Alice,O=Ministry,C=FR" "/S=Alice/PRMD=Gov/ADMD=400net/C=FR/"
member b bob "CN=Bob,O=Firma,C=DE" "/S=Bob/PRMD=Firma/ADMD=400net/C=DE/"
member b kurt "CN=Kurt,O=Geheim,C=DE" "/S=Kurt/PRMD=Firma/ADMD=400net/C=DE/"
member b eva "CN=Eva,O=Firma,C=DE" "/S=Eva/PRMD=Gov/ADMD=400net/C=FR/"

must ca b request paul --no-passphrase --name "CN=Paul,O=Firma,C=DE" --scope ua \
	--or-address "/S=Paul/PRMD=Firma/ADMD=400net/C=DE/"
expect "b certifies one under a policy of its own" \
	ca b --set "profile=ua policies=2.25.8" issue paul/request.pem --out paul/cert.pem

# --- the offer ---
expect_output "b makes an offer, and has words to read aloud" "in words +([A-Z]+ ){11}[A-Z]+" \
	ca b offer --path-length 0 --permit-or-address "/ADMD=400net/C=DE/" --permit-name "C=DE" \
	--exclude-name "O=Geheim,C=DE" --description "Firma's authority; Herr Bob, +49 1" --out b.offer
expect_output "openssl finds the request in it good, and signed with the authority's key" "verify OK" \
	openssl req -in b.offer -verify -noout
expect_output "and reads what it asks for" "CA:TRUE, pathlen:0" openssl req -in b.offer -noout -text
expect_output "inspect says whose it is" "Offer of O=Authority B,C=DE" ca - inspect b.offer
expect_output "what for" "says +Firma's authority; Herr Bob" ca - inspect b.offer
expect_output "and what it is willing to be held to" "exclude-name +O=Geheim,C=DE" ca - inspect b.offer
fingerprint() {
	[ "$(ca - --json inspect b.offer | jq -r .authority.fingerprint)" = \
		"$(openssl x509 -in b/ca.pem -noout -fingerprint -sha256 | sed 's/.*=//; s/://g' | tr A-F a-f)" ]
}
expect "its fingerprint is the one that openssl finds" fingerprint

# --- what a carrier can do to it ---
authority eve "O=Authority B,C=DE"
must ca eve offer --out eve.offer
expect_fail "an offer of another authority of the same name has other words" "not who was spoken to" \
	ca a answer eve.offer --words "$(words b.offer)"
sed '/BEGIN CERTIFICATE REQUEST/,$d' b.offer >mixed.offer
sed -n '/BEGIN CERTIFICATE REQUEST/,$p' eve.offer >>mixed.offer
expect_fail "his request behind her certificate is noticed" "another key" ca a inspect mixed.offer
openssl req -in b.offer -outform DER -out request.der
size=$(stat -c %s request.der)
{
	sed '/BEGIN CERTIFICATE REQUEST/,$d' b.offer
	{
		head -c $((size - 1)) request.der
		tail -c 1 request.der | tr '\000-\377' '\001-\377\000'
	} | openssl base64 | sed '1i-----BEGIN CERTIFICATE REQUEST-----
$a-----END CERTIFICATE REQUEST-----'
} >changed.offer
expect_fail "a request that was changed is refused" "signature is wrong|not a certificate request" \
	ca a inspect changed.offer
expect_fail "so is what is no offer" "no offer" ca a answer alice/request.pem
expect_fail "nobody is certified without his words" "say so with --fingerprint or --words" \
	ca a answer b.offer
expect_fail "words that were misheard are known as such" "misheard|do not fit|dictionary|not who" \
	ca a answer b.offer --words "$(words b.offer | sed 's/^[A-Z]* /ABE /')"

# --- the answer ---
expect_output "a rehearses its answer" "dry run" ca a answer b.offer --words "$(words b.offer)" \
	--dry-run --out dry.answer
check "which leaves nothing" ! -e dry.answer
expect "a answers: b is held to what it asked for, and to a policy" ca a answer b.offer \
	--words "$(words b.offer)" --policy 2.25.7 --map-policy 2.25.7=2.25.8 --description "Ministry" --out a.answer
expect_output "the answer says what it grants" "certifies O=Authority B,C=DE until" ca - inspect a.answer
expect_output "with every constraint" "exclude-name +O=Geheim,C=DE" ca - inspect a.answer
expect_output "and policy" "map-policy +2.25.7=2.25.8" ca - inspect a.answer
issued() {	# FILE: the second certificate in it
	awk '/BEGIN CERTIFICATE-----/ { n++ } n == 2; /END CERTIFICATE-----/ && n == 2 { exit }' "$1"
}
issued a.answer >a-to-b.pem
expect_output "openssl reads them too" "DirName:C ?= ?DE" openssl x509 -in a-to-b.pem -noout -ext nameConstraints
expect_output "and the policy" "Policy: 2.25.7" openssl x509 -in a-to-b.pem -noout -ext certificatePolicies
expect_fail "an answer is not answered" "is for it" ca b answer a.answer --words "$(words a.answer)"
expect_fail "an offer is not accepted" "is for it" ca a accept b.offer --words "$(words b.offer)"
authority c "O=Authority C,C=IT"
expect_fail "an answer to somebody else is not accepted" "with another key than" \
	ca c accept a.answer --words "$(words a.answer)"
authority mallory "O=Authority A,C=FR"
must ca mallory answer b.offer --words "$(words b.offer)" --out eve.answer
expect_fail "nor one from somebody else" "not who was spoken to" ca b accept eve.answer \
	--words "$(words a.answer)"
expect_output "b accepts, and certifies a in turn" "from there, the other authority's" \
	ca b accept a.answer --words "$(words a.answer)" --permit-or-address "/ADMD=400net/C=FR/"
check "two files were enough: there is no third" ! -e answer.pem
must ca a publish

# --- a completes its pair from the directory, which anybody may have written ---
publish() {	# NAME CERTIFICATE: as the certificate that b has issued
	"$BIN/postern-dir" --config /dev/null --set "directory=$LDAPI" --set directory-bind=external \
		publish "$1" --kind authority --issued-by "$2"
}
expect_fail "whoever publishes nothing leaves the pair as it is" "Not complete: .*No such object" ca a complete
eve_certifies() {	# AUTHORITY: and the directory says that b does
	must ca "$1" offer --out "$1.offer"
	must ca eve answer "$1.offer" --words "$(words "$1.offer")" --out eve.answer
	issued eve.answer >eve-to-a.pem
	must publish "O=Authority B,C=DE" eve-to-a.pem
}
eve_certifies mallory
expect_fail "a certificate for another key of a's name is none for a" "publishes no certificate for O=Authority A" \
	ca a complete
eve_certifies a
expect_fail "one for a that another key of b's name has made is refused" \
	"key of O=Authority B,C=DE that is certified here did not make the certificate" ca a complete
check "as an attack, not as something for later" "$(ca a complete >/dev/null 2>&1; echo $?)" = 77
must ca b publish
expect_output "it can be rehearsed" "dry run" ca a complete --dry-run
expect_output "what b has issued is kept, and what it holds a to is said" "permit-or-address +/ADMD=400net" \
	ca a complete
expect_output "a certificate that is there already is not kept twice" "0 of 1 pairs" ca a complete
expect_fail "somebody whom a does not certify is not looked for" "does not certify O=Nobody" \
	ca a complete O=Nobody
acts() {
	ca "$1" --json journal | jq -rc '[.entries[].act] | join(" ")'
}
expect_output "all of that is in a's journal" "^init issue cross-certify crl publish offer receive crl publish$" acts a
expect_output "and in b's" "offer receive cross-certify crl publish$" acts b

# --- what came of it ---
halves() {
	from_directory "$1" 'crossCertificatePair;binary' | base64 -d >pair.der
	openssl asn1parse -inform DER -in pair.der | grep -c 'd=1 .*cont \[ [01] \]'
}
expect_output "a's entry has a pair with two halves" "^2$" halves "O=Authority A,C=FR"
expect_output "so has b's" "^2$" halves "O=Authority B,C=DE"
expect_output "a's people trust bob" "CN=Bob,O=Firma,C=DE is certified as UA by O=Authority B" \
	way a/ca.pem "CN=Bob,O=Firma,C=DE"
expect_output "b's people trust alice" "CN=Alice" way b/ca.pem "CN=Alice,O=Ministry,C=FR"
expect_fail "not Kurt, whose name is excluded" "excluded subtree" way a/ca.pem "CN=Kurt,O=Geheim,C=DE"
expect_fail "nor Eva, whose address is another domain's" "outside the domain" \
	way a/ca.pem "CN=Eva,O=Firma,C=DE"
# --- policies that whoever verifies demands ---
demands() {	# POLICY AUTHORITY NAME
	"$BIN/postern-dir" --config /dev/null --set "directory=$LDAPI" --set "require-policy=$1" path \
		--authority "$2" "$3"
}
expect_output "where a policy is demanded, a's people trust Paul, by what a says it is worth" \
	"all of it is under the policy 2.25.7" demands 2.25.7 a/ca.pem "CN=Paul,O=Firma,C=DE"
expect_output "b's own people by its own" "under the policy 2.25.8" demands 2.25.8 b/ca.pem "CN=Paul,O=Firma,C=DE"
expect_fail "nobody knows it elsewhere" "no policy that is required runs through the whole path to CN=Paul" \
	demands 2.25.8 a/ca.pem "CN=Paul,O=Firma,C=DE"
expect_fail "Bob was certified under none" "no policy that is required runs through the whole path to CN=Bob" \
	demands 2.25.7 a/ca.pem "CN=Bob,O=Firma,C=DE"
expect_fail "and what is none is said so" "require-policy = policy.*|object identifier" demands policy a/ca.pem CN=Bob
way_json() {
	"$BIN/postern-dir" --config /dev/null --set "directory=$LDAPI" --json path --authority a/ca.pem \
		"CN=Paul,O=Firma,C=DE" | jq -r '.policies[]'
}
check "programs see the policy without demanding it" "$(way_json)" = 2.25.7
lists() {
	for which in a b c d hub; do
		[ ! -e $which ] || ca $which crl --out $which.crl
	done >/dev/null
	cat ./*.crl >all.crl
}
lists
expect_fail "openssl has nothing against bob but that it cannot compare O/R addresses" \
	"error 51 at 0 depth" openssl verify -ignore_critical -crl_check_all \
	-CRLfile all.crl -CAfile a/ca.pem -untrusted a-to-b.pem bob/cert.pem

openssl_demands() {	# POLICY: constraints on O/R addresses, which it cannot compare, aside
	openssl verify -verbose -ignore_critical -policy_check -explicit_policy -policy "$1" -CAfile b/ca.pem paul/cert.pem
}
expect_output "and finds the policy as we do" "OK" openssl_demands 2.25.8
expect_fail "or not" "no explicit policy" openssl_demands 2.25.7

# --- a bridge, and one way ---
authority hub "O=Bridge,C=XX"
meet() {	# OFFERER ANSWERER [OPTIONS OF ACCEPTING...]
	local from=$1 to=$2
	shift 2
	ca "$from" offer --out "$from.offer" && ca "$to" answer "$from.offer" --words "$(words "$from.offer")" \
		--out "$to.answer" && ca "$from" accept "$to.answer" --words "$(words "$to.answer")" "$@"
}
authority d "O=Authority D,C=ES"
member c carla "CN=Carla,C=IT" "/S=Carla/ADMD=400net/C=IT/"
member d diego "CN=Diego,C=ES" "/S=Diego/ADMD=400net/C=ES/"
expect "c and the bridge certify each other" meet c hub --out c.answer
expect "so do d and the bridge" meet d hub --out d.answer
for which in hub c d; do must ca $which publish; done
expect "with a third file the bridge has one pair at once" ca hub accept c.answer --one-way \
	--words "$(words c.answer)"
expect_output "and the other from the directory" "1 of 2 pairs were completed" ca hub complete
expect_output "both are published" "^4$" halves O=Bridge,C=XX
expect_output "c's people trust d's by way of the bridge" "O=Bridge,C=XX is certified as CA by O=Authority C" \
	way c/ca.pem "CN=Diego,C=ES"
lists
for file in c.answer hub.answer; do issued $file; done >between.pem
expect_output "openssl agrees" "OK" openssl verify -ignore_critical -crl_check_all -CRLfile all.crl \
	-CAfile c/ca.pem -untrusted between.pem diego/cert.pem
expect_output "and the other way round" "O=Bridge,C=XX is certified as CA by O=Authority D" \
	way d/ca.pem "CN=Carla,C=IT"
expect_fail "a knows nothing of them" "no path from" way a/ca.pem "CN=Diego,C=ES"
expect "the bridge certifies a, and a does not certify it" meet a hub --one-way
must ca hub publish
must ca a publish
expect_output "d's people trust a's then" "CN=Alice" way d/ca.pem "CN=Alice,O=Ministry,C=FR"
expect_fail "but not the reverse" "no path from" way a/ca.pem "CN=Diego,C=ES"

# --- the end of it ---
expect_fail "withdrawing is not done by mistake" "add --yes" ca a withdraw "O=Authority B,C=DE"
expect_output "it can be rehearsed" "dry run" ca a withdraw "O=Authority B,C=DE" --dry-run
expect_output "after which nothing has changed" "^3$" halves "O=Authority A,C=FR"
expect_output "a withdraws: one certificate is revoked" "not certified any more: 1 certificates revoked" \
	ca a withdraw --yes "o=authority b, c=de"
expect_output "the pair is gone from the directory, the bridge's half is not" "^1$" \
	halves "O=Authority A,C=FR"
expect_fail "and no more" "do not certify each other" ca a withdraw --yes "O=Authority B,C=DE"
expect_fail "a's people do not trust bob, although b's pair still says so" \
	"certificate of O=Authority B,C=DE was revoked on" way a/ca.pem "CN=Bob,O=Firma,C=DE"
lists
expect_fail "openssl agrees" "certificate revoked" openssl verify -ignore_critical -crl_check_all \
	-CRLfile all.crl -CAfile a/ca.pem a-to-b.pem
expect_output "it is in the journal" "revoke withdraw crl publish crl$" acts a
expect_output "which verifies" "follow one another" ca a journal verify
done_testing
