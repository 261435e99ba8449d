#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Whoever gets to see the memory of a process (a core file, a debugger) finds in that of a server
# neither its private key nor the passphrase: they were never there, but in the key's own process,
# which leaves no core file and lets nobody look.  Nor is there what users write to each other: what
# is sealed never is, and what was not is gone when the message is.  All that a process has in memory
# is searched, what it has given back too, which is more than its core file would have; and the
# search itself is tried on what is there.
. "$(dirname "$0")/../support/lib.sh"
PATH=$PATH:/usr/sbin type -P slapd >/dev/null || skip_all "slapd is not installed"
[ "$(id -u)" -eq 0 ] || skip_all "only root may look into the memory of hidden processes"
! grep -qF __asan_init "$BIN/postern-mta" || skip_all "a sanitizer keeps what was freed"
SITE=$WORK/site
. "$TOP/tests/demo/site.sh"
at_exit site_stop
words=quite-many-planted-words
plain="what everybody on the way may read: $RANDOM$RANDOM$RANDOM"
sealed="what nobody on the way may read: $RANDOM$RANDOM$RANDOM"

secret() {
	(umask 077 && printf '%s\n' "$2" >"$1")
}
key_settings() {
	secret "$(folder_of "$1")/passphrase" "$words"
	echo "key = $(folder_of "$1")/key.pem"
	echo "key-passphrase-file = $(folder_of "$1")/passphrase"
}
site_make >"$WORK/site.log" 2>&1 || { not_ok "a site" "$(tail "$WORK/site.log")"; done_testing; }
for name in $SERVERS; do
	# It binds to the directory with a password, too.
	sed -i "s|^directory = .*|directory = $LDAPI|" "$(settings_of "$name")"
	printf '%s\n' "directory-bind = simple" "directory-bind-name = $LDAP_DN" \
		"directory-password-file = $SITE/slapd/password" "log-level = octets" \
		>>"$(settings_of "$name")"
done
# So is bob's.
secret "$SITE/bob/passphrase" "$words"
must openssl pkcs8 -topk8 -scrypt -in "$SITE/bob/key.pem" -passout "pass:$words" -out "$WORK/key.pem"
must install -m 600 "$WORK/key.pem" "$SITE/bob/key.pem"
sed -i "s|^key-unencrypted = .*|key-passphrase-file = $SITE/bob/passphrase|" "$SITE/bob/ua.conf"
must site_start
cd "$SITE" || exit 1

memory() {
	"$B/tests/attack/memory" "$@"
}
# needle NAME OCTETS: to look for in memory.
needle() {
	printf '%s' "$2" >"$WORK/needle.$1"
}
needle words "$words"
needle plain "$plain"
needle sealed "$sealed"
needle directory "$(head -n 1 "$SITE/slapd/password")"
key_pid() {
	sed -nE 's/.*the key has its own process pid=([0-9]+).*/\1/p' "$(folder_of "$1")/log" | tail -n 1
}
# number FOLDER NAME: the private number of the key as the 32 octets that it is, and the other way,
# little-endian, as OpenSSL's numbers lie in memory.
number() {
	openssl pkey -in "$1/key.pem" -passin "pass:$words" -noout -text |
		sed -n '/^priv:/,/^pub:/s/^ //p' | tr -d ' :\n' | tail -c 64 | xxd -r -p >"$WORK/needle.$2"
	xxd -p -c 1 "$WORK/needle.$2" | tac | xxd -r -p >"$WORK/needle.$2.native"
	check "the key of $2 is known to this test" "$(stat -c %s "$WORK/needle.$2")" = 32
}

# --- contents ---

# Work for all of the keys, too: binds, and a proof.
echo "$plain" | must as alice send --to "${ADDRESS[bob]}" --subject Roads --proof
echo "$sealed" | must as alice send --to "${ADDRESS[bob]}" --subject Bridges --seal
must as alice sync
must wait_until settled
must as bob sync
must as alice sync
expect_output "the keys were used" "proved by CN=ms-rescue" as alice receipts
# When the messages are gone, and some others have passed.
must as bob delete "$(newest bob)" && must as bob delete "$(newest bob)" && must as bob sync
for subject in Rivers Fields; do
	head -c 1500 "$TOP/LICENSE" | must as alice send --to "${ADDRESS[bob]}" --subject $subject
done
must as alice sync
must wait_until settled
must as bob sync

for name in $SERVERS; do
	pid=$(server_pid "$name")
	for p in "$pid" "$(key_pid "$name")"; do
		expect "what was sealed is not in memory of $name ($p)" memory "$p" "$WORK/needle.sealed"
		wait_for memory "$p" "$WORK/needle.plain"	# it gives back pages after a second
		expect "nor what was not, when it is gone" memory "$p" "$WORK/needle.plain"
	done
done
in_files() {
	grep -rlaF -e "$1" . | sort | tr '\n' ' '
}
check "what was sealed is in no file but its author's own" "$(in_files "$sealed")" = "./alice/mail.db "
check "what was not is in no log" -z "$(in_files "$plain" | tr ' ' '\n' | grep log)"

# --- keys and passphrases ---

for name in $SERVERS; do
	folder=$(folder_of "$name")
	number "$folder" "$name"
	pid=$(server_pid "$name")
	expect "$name has not the private key in memory" memory "$pid" "$WORK/needle.$name"
	expect "nor as a number" memory "$pid" "$WORK/needle.$name.native"
	expect "nor the passphrase" memory "$pid" "$WORK/needle.words"
	expect "nor the password for the directory" memory "$pid" "$WORK/needle.directory"
	needle path "$folder/passphrase"
	expect_fail "the search finds what is there" "found in" memory "$pid" "$WORK/needle.path"
	expect_fail "and the key where it is" "found in" memory "$(key_pid "$name")" "$WORK/needle.$name.native"
	expect "where the passphrase was wiped" memory "$(key_pid "$name")" "$WORK/needle.words"
	for p in $pid $(key_pid "$name"); do
		check "process $p leaves no core file" \
			"$(awk '/^Max core file size/ { print $5, $6 }' "/proc/$p/limits")" = "0 0"
	done
	check "and nobody of the same user looks inside" "$(stat -c %U "/proc/$pid/mem")" = root
done

# A user agent that is held up by its store while it binds has its key, and no passphrase.
number bob bob
kill -STOP "$(server_pid rescue-ms)"
"$BIN/postern-ua" --home bob sync >"$WORK/sync" 2>&1 &
agent=$!
has_key() {
	! memory $agent "$WORK/needle.bob.native"
}
wait_for has_key
expect_fail "a user agent has its user's key" "found in" memory $agent "$WORK/needle.bob.native"
expect "and the passphrase no more" memory $agent "$WORK/needle.words"
check "nor does it leave a core file" \
	"$(awk '/^Max core file size/ { print $5, $6 }' /proc/$agent/limits)" = "0 0"
kill -CONT "$(server_pid rescue-ms)"
wait $agent
check "and it goes on" $? = 0
check "no passphrase is in any file but its own" \
	-z "$(grep -rlaF -e "$words" --exclude=passphrase . )"
done_testing
