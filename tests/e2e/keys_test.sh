#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Keys at rest: encrypted unless somebody said otherwise by name, opened by a passphrase that comes
# from a file of one's own or from the terminal, and by nothing else.
. "$(dirname "$0")/../support/lib.sh"
cd "$WORK" || exit 1
export POSTERN_HOME=$WORK/alice

ca() {
	"$BIN/postern-ca" --config /dev/null --ca "$WORK/ca" --set "key-passphrase-file=$WORK/words" "$@"
}
ua() {
	"$BIN/postern-ua" "$@"
}
# Without a terminal of its own.
alone() {
	setsid --wait "$@" </dev/null
}
secret() {
	(umask 077 && printf '%s\n' "$2" >"$1")
}
address=/G=Alice/S=Martin/O=Ministry/PRMD=North/ADMD=400net/C=FR/
secret words "an authority has many words"
secret hers "only alice knows these words"
secret others "nobody ever chose these words"

# --- an authority ---
expect_fail "without a terminal or a file no key is made" "or --no-passphrase" \
	alone "$BIN/postern-ca" --config /dev/null --ca "$WORK/ca" init --name "O=Authority,C=FR"
check "and nothing is left of it" ! -e ca
expect "an authority is made" ca init --passphrase-file words --name "O=Authority,C=FR"
check "its key is encrypted" "$(head -n 1 ca/ca.key)" = "-----BEGIN ENCRYPTED PRIVATE KEY-----"
expect_output "openssl reads it with the passphrase" "PUBLIC KEY" \
	openssl pkey -in ca/ca.key -passin file:words -pubout
expect_fail "and without it does not" "." openssl pkey -in ca/ca.key -passin file:others -noout
expect "it signs a revocation list" ca crl --out list.pem
expect_fail "with other words it does not" "does not open the private key" \
	ca --set "key-passphrase-file=$WORK/others" crl --out list.pem
chmod 640 words
expect_fail "nor with words that others may read" "make it 0600" ca crl --out list.pem
chmod 600 words
expect_fail "who has no words and no terminal is refused" "no terminal" \
	alone "$BIN/postern-ca" --config /dev/null --ca "$WORK/ca" crl --out list.pem
expect "its passphrase changes" ca passphrase --passphrase-file others
expect_fail "the old one is of no use then" "does not open" ca crl --out list.pem
expect "the new one is" ca --set "key-passphrase-file=$WORK/others" crl --out list.pem
expect "and back" ca --set "key-passphrase-file=$WORK/others" passphrase --passphrase-file words

# --- a user ---
who=(--name "CN=Alice Martin,O=Ministry,C=FR" --or-address "$address" --authority ca/ca.pem)
expect_fail "a user's key is not made unencrypted by accident" "or --no-passphrase" \
	alone "$BIN/postern-ua" init "${who[@]}"
expect_fail "one thing or the other" "exclude each other" \
	ua init "${who[@]}" --passphrase-file hers --no-passphrase
expect_output "a home is made" "certified" ua init "${who[@]}" --passphrase-file hers
check "the key is encrypted" "$(head -n 1 alice/key.pem)" = "-----BEGIN ENCRYPTED PRIVATE KEY-----"
must ca issue alice/request.pem --out alice/issued.pem
expect_output "the certificate is installed" "is ready" ua init --certificate alice/issued.pem
echo "Hello" >letter.txt
expect_output "she signs" "outbox" ua send --to "$address" --sign letter.txt
mv hers gone
expect_fail "without her words nobody does" "cannot read the passphrase" \
	ua send --to "$address" --sign letter.txt
mv gone hers
expect_output "she changes them" "has the new passphrase" ua passphrase --passphrase-file others
expect_fail "the settings have to follow" "does not open" ua send --to "$address" --sign letter.txt
expect_output "then she signs again" "outbox" \
	ua --set "key-passphrase-file=$WORK/others" send --to "$address" --sign letter.txt
expect_output "she may do without" "has the new passphrase" \
	ua --set "key-passphrase-file=$WORK/others" passphrase --no-passphrase
expect_fail "which the settings have to say by name" "key-unencrypted = yes" \
	ua send --to "$address" --sign letter.txt
expect_output "when they do, she signs" "outbox" \
	ua --set key-unencrypted=yes send --to "$address" --sign letter.txt
leaked() {
	grep -rlaF -e "only alice knows" -e "nobody ever chose" -e "an authority has" alice ca
}
check "no words are left in any file" -z "$(leaked)"
done_testing
