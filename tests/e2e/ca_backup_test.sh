#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# An authority that lost its database is restored from an older backup: nobody who was revoked since is
# trusted again, and no number of a list comes twice.  A newer authority is not overwritten, a changed
# backup is not believed, and a death at any instant leaves the one or the other.
. "$(dirname "$0")/../support/lib.sh"
slapd
cd "$WORK" || exit 1

ca() {
	"$BIN/postern-ca" --config /dev/null --ca "$WORK/a" --set "directory=$LDAPI" \
		--set directory-bind=external "$@"
}
member() {
	must ca request "$1" --no-passphrase --name "CN=$1,O=a" --scope ms
	must ca issue "$1/request.pem" --out "$1/cert.pem"
}
number() {	# of the published list
	ldapsearch -LLL -o ldif-wrap=no -Q -Y EXTERNAL -H "$LDAPI" -b O=a -s base certificateRevocationList |
		sed -n 's/^certificateRevocationList;binary:: //p' | base64 -d >published.crl
	echo $(($(openssl crl -inform DER -in published.crl -noout -crlnumber | sed 's/.*=//')))
}
must ca init --no-passphrase --name "O=a"
member before
member kept
must ca publish

# --- the backup ---
expect_output "a backup is made, while the authority works, and says what it has not" \
	"Keys that are NOT in it: 1" ca backup saved
check "nobody else may read it" "$(stat -c %a saved/ca.db)" = 600
check "the key is not in it" ! -e saved/ca.key
expect_fail "a key that is not encrypted does not go into one" "is not encrypted" ca backup other --with-key
expect_fail "which a rehearsal tells as well" "is not encrypted" ca backup third --with-key --dry-run
expect_fail "a backup is not overwritten" "cannot make the folder" ca backup saved

# --- what happens after it ---
member after
must ca revoke --yes before/cert.pem --reason key-compromise
must ca revoke --yes after/cert.pem
for _ in 1 2 3; do must ca publish; done
head=$(ca --json journal | jq -r .head)
last=$(number)

# --- what must not be restored ---
expect_fail "a whole authority that knows more is not given up" "is whole, and its journal has" \
	ca restore saved
expect_output "it knows everything" "revoked .*CN=before,O=a" ca show
mv a/ca.db a/lost.db
rm -f a/ca.db-*
expect_fail "an authority without its database does not begin anew" "has lost its ca.db: .restore" ca crl
check "nor makes one" ! -e a/ca.db
cp -r saved changed
sqlite3 changed/ca.db "DROP TRIGGER journal_grows; DELETE FROM journal WHERE number = 3"
expect_fail "a backup that was changed is not believed" "is not what was saved" ca restore changed
check "and leaves nothing behind" -z "$(ls a | grep restoring)"
quiet() {	# the directory cannot be asked
	"$BIN/postern-ca" --config /dev/null --ca "$WORK/a" "$@"
}
expect_fail "what was revoked since has to be asked" "which directory" quiet restore saved
expect_fail "of one that answers" "what was revoked since the backup is not known" \
	quiet --set "directory=ldap://127.0.0.1:1" restore saved
expect_fail "or given up knowingly" "add --yes" quiet restore saved --without-directory
check "nothing was put in place by all that" ! -e a/ca.db

# Beside the real list lies one that the authority did not sign: it revokes Kept, and has a number
# behind which there are few.
serial_of() {
	openssl x509 -in "$1/cert.pem" -noout -serial | sed 's/.*=//'
}
forger() {
	"$BIN/postern-ca" --config /dev/null --ca forger "$@"
}
must forger init --no-passphrase --name "O=a"
sqlite3 forger/ca.db "INSERT INTO lost VALUES (x'$(serial_of kept)', 1, 1);
	INSERT INTO crl (number, this_update, next_update, der) VALUES (1000000, 1, 2, x'00')"
must forger crl --out forged.crl
ldapmodify -Q -Y EXTERNAL -H "$LDAPI" >/dev/null <<LDIF
dn: O=a
changetype: modify
replace: certificateRevocationList;binary
certificateRevocationList;binary:: $(openssl crl -in forged.crl -outform DER | base64 -w 0)
certificateRevocationList;binary:: $(base64 -w 0 published.crl)
LDIF

# --- restored ---
expect_output "it is rehearsed" "dry run" ca restore saved --dry-run
check "which restores nothing" ! -e a/ca.db
expect_output "the backup is restored, and two revocations are taken from what was published" \
	"2 revocations are taken" ca restore saved --head "$head"
expect_output "the one whose certificate is in the backup is revoked" "revoked .*CN=before,O=a" ca show
expect_output "the other stays valid" "valid .*CN=kept,O=a" ca show
must ca publish
check "the next list has the next number, whatever the forger's has" "$(number)" = $((last + 1))
expect_output "it has the certificate that the backup does not know" "$(serial_of after)" \
	openssl crl -inform DER -in published.crl -noout -text
expect_output "and the one that it does" "$(serial_of before)" \
	openssl crl -inform DER -in published.crl -noout -text
reason() {
	openssl crl -inform DER -in published.crl -noout -text | grep -A4 "$(serial_of before)"
}
expect_output "with its reason" "Key Compromise" reason
expect_output "the journal says what was done" '"restore"' ca --json journal
expect_output "and verifies" "follow one another" ca journal verify
expect_fail "whoever remembers the old head sees that something was lost" "written anew|cut off" \
	ca journal verify --head "$head"
member again
serials() {
	ca --json show | jq -e --arg after "$(serial_of after | tr A-F a-f)" \
		'[.[].serial] | (unique | length) == length and (index($after) | not)'
}
expect "serial numbers do not come again" serials

# --- a death at any instant ---
sweep() {
	local at status
	for ((at = 1; at < 80; at++)); do
		rm -rf a && mkdir a && cp whole/ca.key whole/ca.pem a
		status=0
		POSTERN_CRASH_NOW=1 POSTERN_CRASH_AT=$at LD_PRELOAD=$B/tests/crash.so \
			"$BIN/postern-ca" --config /dev/null --ca a --set "directory=$LDAPI" \
			--set directory-bind=external restore saved >/dev/null 2>&1 || status=$?
		[ $status -eq 0 ] || [ $status -eq 137 ] || { echo "exit $status at $at"; return 1; }
		[ -e a/ca.db ] || ca restore saved >/dev/null || { echo "not again at $at"; return 1; }
		ca show | grep -q "revoked .*CN=before,O=a" || { echo "forgotten at $at"; return 1; }
		[ $status -ne 0 ] || break
	done
	echo "$at instants"
}
cp -r a whole
if [ -e "$B/tests/crash.so" ]; then	# it is not built for sanitizers
	expect_output "killed at any instant, it is restored with all revocations, or not at all" \
		"^[0-9]{2} instants" sweep
fi

# --- a whole folder is lost, after a rollover ---
install -m 600 <(echo "correct horse battery") words
rolled() {
	"$BIN/postern-ca" --config /dev/null --ca "$WORK/rolled" --set "directory=$LDAPI" \
		--set directory-bind=external --set "key-passphrase-file=$WORK/words" "$@"
}
must rolled init --name "O=rolled" --passphrase-file words
must rolled request old --no-passphrase --name "CN=old,O=rolled" --scope ms
must rolled issue old/request.pem --out old/cert.pem
must rolled backup generation1 --with-key
install -m 600 <(echo "staple battery correct horse") other-words
expect_fail "a new key whose passphrase does not open the old one would make lists impossible" \
	"has to open those before it as well" rolled rollover --yes --passphrase-file other-words
check "and is not made" ! -e rolled/ca-2.key
must rolled rollover --yes --passphrase-file words
must rolled revoke --yes old/cert.pem
must rolled backup generation2 --with-key
check "a backup has both keys" -e generation2/ca.key -a -e generation2/ca-2.key
mv rolled lost
expect_output "the folder's restoring is rehearsed" "dry run" rolled restore generation2 --dry-run
check "and there is no folder after it" ! -e rolled
cp -r generation2 broken
sqlite3 broken/ca.db "DROP TRIGGER journal_grows; DELETE FROM journal WHERE number = 2"
expect_fail "a broken backup is refused" "is not what was saved" rolled restore broken
check "and leaves no key about" ! -e rolled
expect "the whole folder comes back from the backup" rolled restore generation2
check "with the newest certificate" "$(cmp rolled/ca.pem lost/ca.pem && echo same)" = same
check "and nothing besides" "$(ls rolled | tr '\n' ' ')" = "ca-2.key ca.db ca.key ca.pem "
check "its keys are its own" "$(stat -c %a rolled/ca.key rolled/ca-2.key | sort -u)" = 600
expect "it makes lists by both keys" rolled crl --out lists.pem
check "two of them" "$(grep -c 'BEGIN X509 CRL' lists.pem)" = 2
expect_output "the journal verifies, over both keys" "follow one another" rolled journal verify
cp -r rolled opened
expect "both keys may do without the passphrase" rolled --ca opened passphrase --no-passphrase
expect "so that lists by both are made without" "$BIN/postern-ca" --config /dev/null --ca opened crl --out lists.pem
check "two again" "$(grep -c 'BEGIN X509 CRL' lists.pem)" = 2
expect_output "who was revoked stays so" "revoked .*CN=old,O=rolled" rolled show
rm rolled/ca.db
expect_fail "a backup from before a rollover does not take the authority back to its old key" \
	"was made before .* new key" rolled restore generation1
check "and the newest certificate stays" "$(cmp rolled/ca.pem lost/ca.pem && echo same)" = same

# Its keys without their passphrase, which takes a moment to try, and is not what is asked about.
cp opened/ca.key opened/ca-2.key generation2
lost_sweep() {
	local at status
	for ((at = 1; at < 120; at++)); do
		rm -rf swept
		status=0
		POSTERN_CRASH_NOW=1 POSTERN_CRASH_AT=$at LD_PRELOAD=$B/tests/crash.so \
			"$BIN/postern-ca" --config /dev/null --ca swept --set "directory=$LDAPI" \
			--set directory-bind=external restore generation2 >/dev/null 2>&1 || status=$?
		[ $status -eq 0 ] || [ $status -eq 137 ] || { echo "exit $status at $at"; return 1; }
		[ -e swept/ca.db ] || swept restore generation2 >/dev/null || { echo "not again at $at"; return 1; }
		swept show | grep -q "revoked .*CN=old,O=rolled" || { echo "forgotten at $at"; return 1; }
		[ $status -ne 0 ] || break
	done
	echo "$at instants"
}
swept() {
	"$BIN/postern-ca" --config /dev/null --ca swept --set "directory=$LDAPI" \
		--set directory-bind=external "$@"
}
if [ -e "$B/tests/crash.so" ]; then
	expect_output "killed at any instant, a lost folder is restored, or can be" "^[0-9]{2} instants" lost_sweep
fi
done_testing
