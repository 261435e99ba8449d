#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Whoever gets to see the memory of a server (a core file, a debugger) finds neither its private key
# nor the passphrase: they were never there, but in the key's own process, which leaves no core file
# and lets nobody look.  The search itself is tried on what is there.
. "$(dirname "$0")/../support/lib.sh"
PATH=$PATH:/usr/sbin type -P slapd >/dev/null || skip_all "slapd is not installed"
[ "$(id -u)" -eq 0 ] || skip_all "only root may look into the memory of hidden processes"
SITE=$WORK/site
. "$TOP/tests/demo/site.sh"
at_exit site_stop
words=quite-many-planted-words

secret() {
	(umask 077 && printf '%s\n' "$2" >"$1")
}
certify() {
	mkdir -p "$2" && secret "$2/passphrase" "$words" &&
		ca "$1" request "$2" --passphrase-file "$2/passphrase" --name "$3" --scope "$4" \
			${5:+--or-address "$5"} &&
		ca "$1" issue "$2/request.pem" --out "$2/cert.pem"
}
site_make >"$WORK/site.log" 2>&1 || { not_ok "a site" "$(tail "$WORK/site.log")"; done_testing; }
for name in $SERVERS; do
	sed -i "s|^key-unencrypted = .*|key-passphrase-file = $(folder_of "$name")/passphrase|" \
		"$(settings_of "$name")"
done
must site_start
cd "$SITE" || exit 1

# Work for all of the keys: binds, and a proof.
echo "Please confirm." | must as alice send --to "${ADDRESS[bob]}" --subject Roads --proof
must as alice sync
must wait_until settled
must as bob sync
must as alice sync
expect_output "the keys were used" "proved by CN=ms-rescue" as alice receipts

memory() {
	"$B/tests/attack/memory" "$@"
}
key_pid() {
	sed -nE 's/.*the key has its own process pid=([0-9]+).*/\1/p' "$(folder_of "$1")/log" | tail -n 1
}
printf '%s' "$words" >"$WORK/needle.words"
for name in $SERVERS; do
	folder=$(folder_of "$name")
	# The private number of the key as the 32 octets that it is.
	openssl pkey -in "$folder/key.pem" -passin "pass:$words" -noout -text |
		sed -n '/^priv:/,/^pub:/s/^ //p' | tr -d ' :\n' | tail -c 64 | xxd -r -p >"$WORK/needle.$name"
	check "the key of $name is known to this test" "$(stat -c %s "$WORK/needle.$name")" = 32
	pid=$(server_pid "$name")
	# The other way, little-endian, as OpenSSL's numbers lie in memory.
	xxd -p -c 1 "$WORK/needle.$name" | tac | xxd -r -p >"$WORK/needle.$name.native"
	expect "$name has not the private key in memory" memory "$pid" "$WORK/needle.$name"
	expect "nor as a number" memory "$pid" "$WORK/needle.$name.native"
	expect "nor the passphrase" memory "$pid" "$WORK/needle.words"
	printf '%s' "$folder/passphrase" >"$WORK/needle.path"
	expect_fail "the search finds what is there" "found in" memory "$pid" "$WORK/needle.path"
	expect_fail "and the key where it is" "found in" memory "$(key_pid "$name")" "$WORK/needle.$name.native"
	expect "where the passphrase was wiped" memory "$(key_pid "$name")" "$WORK/needle.words"
	for p in $pid $(key_pid "$name"); do
		check "process $p leaves no core file" \
			"$(awk '/^Max core file size/ { print $5, $6 }' "/proc/$p/limits")" = "0 0"
	done
	check "and nobody of the same user looks inside" "$(stat -c %U "/proc/$pid/mem")" = root
done
check "no passphrase is in any file but its own" \
	-z "$(grep -rlaF -e "$words" --exclude=passphrase . )"
done_testing
