#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# An authority's key is followed by another.  Whoever trusts either certificate trusts what both keys
# have signed, also by way of another authority; openssl agrees; what is revoked stays so under both;
# and a death at any instant leaves an authority that works.
. "$(dirname "$0")/../support/lib.sh"
slapd
cd "$WORK" || exit 1

ca() {
	local which=$1
	shift
	"$BIN/postern-ca" --config /dev/null --ca "$WORK/$which" --set "directory=$LDAPI" \
		--set directory-bind=external "$@"
}
member() {	# AUTHORITY NAME [POLICY]
	must ca "$1" request "$2" --no-passphrase --name "CN=$2,O=$1" --scope ua --or-address "/S=$2/ADMD=net/C=FR/"
	must ca "$1" ${3:+--set "profile=ua policies=$3"} issue "$2/request.pem" --out "$2/cert.pem"
}
way() {
	"$BIN/postern-dir" --config /dev/null --set "directory=$LDAPI" path --authority "$@"
}
from_directory() {	# NAME ATTRIBUTE: each value as PEM of what it is
	ldapsearch -LLL -o ldif-wrap=no -Q -Y EXTERNAL -H "$LDAPI" -b "$1" -s base "$2" |
		sed -n "s/^$2:: //p" | while read -r value; do
			printf -- '-----BEGIN %s-----\n' "$3"
			fold -w 64 <<<"$value"
			printf -- '-----END %s-----\n' "$3"
		done
}
must ca a init --no-passphrase --name "O=a"
must ca b init --no-passphrase --name "O=b"
member a Alice
member a Adam
member b Bob
must ca b offer --out b.offer
must ca a answer b.offer --words "$(ca b --json inspect b.offer | jq -r .authority.words)" --out a.answer
must ca b accept a.answer --words "$(ca a --json inspect a.answer | jq -r .authority.words)" --out b.answer
must ca a accept b.answer --one-way --words "$(ca b --json inspect b.answer | jq -r .authority.words)"
cp a/ca.pem old.pem

# --- the new key ---
expect_fail "nobody goes over to a new key by mistake" "add --yes" ca a rollover --no-passphrase
expect_output "it can be rehearsed" "dry run" ca a rollover --no-passphrase --dry-run
check "which leaves the certificate" "$(cmp old.pem a/ca.pem && echo same)" = same
check "and no key" ! -e a/ca-2.key
expect_fail "the profile of authorities says which keys" "key of type Ed25519 is not certified as CA" \
	ca a --set "profile=ca keys=p256,rsa" rollover --yes --no-passphrase --key ed25519
expect_fail "and for how long at most" "valid for at most 90 days" \
	ca a --set "profile=ca days=30 days-max=90" rollover --yes --no-passphrase --days 91
expect_output "the pairs are in order" "O=b" ca a pairs
expect_output "the authority gets a new key, of another kind, and b is to certify it" \
	"TO DO: it certifies a former key: make it a new offer" ca a rollover --yes --no-passphrase --key ed25519
cp a/ca.pem new.pem
expect_fail "its certificate is another" "differ" cmp old.pem new.pem
check "the new key is its own" "$(stat -c %a a/ca-2.key)" = 600
check "the old one is kept" -e a/ca.key
member a Zoe 2.25.7
must ca a publish
must ca b publish

# --- what is published ---
from_directory O=a 'cACertificate;binary' CERTIFICATE >published.pem
check "three certificates are published: the new one, and one each way" \
	"$(grep -c BEGIN published.pem)" = 3
csplit -sz -f published- published.pem '/BEGIN/' '{*}'
from_directory O=a 'certificateRevocationList;binary' 'X509 CRL' >published.crl
check "and a list by each key" "$(grep -c BEGIN published.crl)" = 2
links() {	# FILE ANCHOR: which of the published lead on from it
	for file in published-*; do
		openssl verify -partial_chain -trusted "$1" "$file" 2>/dev/null
	done | grep -c OK
}
expect_output "openssl goes from the old certificate to the new key" "^1$" links old.pem
expect_output "and from the new one to the old key" "^2$" links new.pem
# Without what vouches for itself, which leads openssl astray.
for file in published-*; do
	cmp -s <(openssl x509 -in "$file" -outform DER) <(openssl x509 -in new.pem -outform DER) || cat "$file"
done >links.pem
openssl_trusts() {	# ANCHOR CERTIFICATE
	openssl verify -ignore_critical -crl_check_all -CRLfile published.crl -untrusted links.pem \
		-CAfile "$1" "$2"
}
for anchor in old new; do
	for who in Alice Zoe; do
		expect_output "openssl, trusting the $anchor certificate, trusts $who" OK openssl_trusts $anchor.pem $who/cert.pem
		expect_output "so do we" "CN=$who,O=a is certified as UA" way $anchor.pem "CN=$who,O=a"
	done
done
expect_output "b's people, who certified the old key, trust Zoe" "CN=Zoe" way b/ca.pem "CN=Zoe,O=a"
expect_output "Bob is trusted by who has the new certificate" "CN=Bob" way new.pem "CN=Bob,O=b"
expect_output "and the old" "CN=Bob" way old.pem "CN=Bob,O=b"

demands() {
	"$BIN/postern-dir" --config /dev/null --set "directory=$LDAPI" --set require-policy=2.25.7 path --authority "$@"
}
expect_output "a policy that is required runs on from one key to the other" "under the policy 2.25.7" \
	demands old.pem "CN=Zoe,O=a"
expect_fail "not to those who have none" "no policy that is required" demands new.pem "CN=Alice,O=a"

# --- authorities that certify the key before ---
expect_fail "which pairs are to be made anew is told" "1 of 1 pairs has to be made anew" ca a pairs
to_renew() {
	ca "$1" --json pairs | jq -r '.[] | "\(.authority) \(.received.key) \(.renew != null)"'
}
expect_fail "by what warns of ends as well" "from O=b: it certifies a former key" ca a expiring
check "also to programs" "$(to_renew a)" = "O=b former true"
check "b, which certified the old key, has nothing to do" "$(to_renew b)" = "O=a current false"
offers_anew() {	# AUTHORITY TO
	ca "$1" offer --out new.offer &&
		ca "$2" answer new.offer --words "$(ca "$1" --json inspect new.offer | jq -r .authority.words)" \
			--out new.answer &&
		ca "$1" accept new.answer --one-way \
			--words "$(ca "$2" --json inspect new.answer | jq -r .authority.words)"
}
expect "a offers, b answers, and a keeps it" offers_anew a b
check "then all is in order" "$(to_renew a)" = "O=b current false"
must ca a publish
must ca b publish
expect_output "b's people trust Zoe" "CN=Zoe" way b/ca.pem "CN=Zoe,O=a"
expect_output "and Alice, whom the old key certified" "CN=Alice" way b/ca.pem "CN=Alice,O=a"
# Who has certified nobody yet has signed nothing that could end; what others issued to him can.
must ca c init --no-passphrase --name "O=c"
expect "b certifies another authority, which certifies nobody yet" offers_anew c b
must ca c rollover --yes --no-passphrase
member c Carl
must ca c publish
must ca b publish
expect_output "after its first rollover b's people trust those whom it certifies" "CN=Carl" \
	way b/ca.pem "CN=Carl,O=c"

# --- revocation, under both keys ---
must ca a revoke --yes Adam/cert.pem
must ca a revoke --yes Zoe/cert.pem
must ca a publish
from_directory O=a 'certificateRevocationList;binary' 'X509 CRL' >published.crl
for anchor in old new; do
	for who in Adam Zoe; do
		expect_fail "trusting the $anchor certificate, $who is known to be revoked" \
			"CN=$who,O=a was revoked on" way $anchor.pem "CN=$who,O=a"
		expect_fail "openssl agrees" "certificate revoked" openssl_trusts $anchor.pem $who/cert.pem
	done
	expect_output "Alice goes on" "CN=Alice" way $anchor.pem "CN=Alice,O=a"
done
must ca a crl --out lists.pem
check "a file of lists has both" "$(grep -c 'BEGIN X509 CRL' lists.pem)" = 2

# --- the journal ---
verify() {
	"$BIN/postern-ca" --config /dev/null journal verify journal --certificate "$1"
}
ca a journal --export journal >/dev/null
for anchor in old new; do
	expect_output "the journal verifies with the $anchor certificate alone" "follow one another" \
		verify $anchor.pem
done
expect_fail "not with another's" "signed with another key" verify b/ca.pem
# The thief of the old key goes on writing behind its end: the entry that ended it names the new key.
sed -i '$d' journal
cp -r a thief
"$BIN/postern-ca" --config /dev/null --ca thief journal >/dev/null
sqlite3 thief/ca.db "DELETE FROM generation"
cp old.pem thief/ca.pem
must ca thief crl --out thief.crl
ca thief journal --export journal >/dev/null
expect_fail "the old key's later words do not count" "signed with another key" verify new.pem

# --- once more, and without the old key ---
expect_fail "whom it hurts if the old key is destroyed is said before" "which 1 other authorities certify" \
	ca a rollover --no-passphrase --destroy-old-key
expect_output "the key is followed by a third, and destroyed, and b is to be hurried" \
	"TO DO: it certifies a key that is destroyed: make it a new offer at once" \
	ca a rollover --yes --no-passphrase --destroy-old-key
check "so programs hear" "$(to_renew a)" = "O=b destroyed true"
check "it is gone" ! -e a/ca-2.key
member a Yves
must ca a publish
expect_output "who has the newest certificate trusts what the first key signed" "CN=Alice" \
	way a/ca.pem "CN=Alice,O=a"
expect_output "and what the third did" "CN=Yves" way a/ca.pem "CN=Yves,O=a"
expect_output "so does who has the first" "CN=Yves" way old.pem "CN=Yves,O=a"
expect "b certifies the third key" offers_anew a b
must ca a publish
must ca b publish
expect_output "and its people trust whom that has certified" "CN=Yves" way b/ca.pem "CN=Yves,O=a"
check "and nothing is left to do" "$(to_renew a)" = "O=b current false"
expect_output "three generations are in one journal" "follow one another" ca a journal verify

# --- a death at any instant ---
sweep() {
	local at status lived=0
	for ((at = 1; at < 60 && lived == 0; at++)); do
		rm -rf swept && cp -r b swept
		status=0
		POSTERN_CRASH_NOW=1 POSTERN_CRASH_AT=$at LD_PRELOAD=$B/tests/crash.so \
			"$BIN/postern-ca" --config /dev/null --ca swept rollover --yes --no-passphrase \
			>/dev/null 2>&1 || status=$?
		[ $status -ne 0 ] || lived=1
		[ $status -eq 0 ] || [ $status -eq 137 ] || { echo "exit $status at $at"; return 1; }
		"$BIN/postern-ca" --config /dev/null --ca swept crl --out swept.crl >/dev/null &&
			"$BIN/postern-ca" --config /dev/null --ca swept journal verify >/dev/null &&
			openssl crl -in swept.crl -noout -CAfile swept/ca.pem 2>&1 | grep -q OK ||
			{ echo "broken at $at"; return 1; }
	done
	echo "$((at - 1)) instants"
	[ $lived = 1 ]
}
if [ -e "$B/tests/crash.so" ]; then	# it is not built for sanitizers
	expect_output "killed at any of its instants, a rollover has happened or not" "^[0-9]{2} instants" sweep
fi
done_testing
