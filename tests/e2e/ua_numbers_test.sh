#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# No number is used twice: not by an agent that is killed at any instant, not by one that was
# restored from a backup, not by two devices of one user, not by a store; and bob is told what happened.
. "$(dirname "$0")/../support/lib.sh"
PATH=$PATH:/usr/sbin type -P slapd >/dev/null || skip_all "slapd is not installed"
SITE=$WORK/site
. "$TOP/tests/demo/site.sh"
at_exit site_stop
site_make >"$WORK/site.log" 2>&1 || { not_ok "a site" "$(tail "$WORK/site.log")"; done_testing; }
must site_start
cd "$SITE" || exit 1
bob=${ADDRESS[bob]}

# write HOME WORDS
write() {
	echo "$2" | as "$1" send --to "$bob" --subject "$2" --sign
}
# What bob has of a subject, a line each.
bob_has() {
	as bob sync >/dev/null 2>&1
	as bob list --json | jq -r --arg subject "$1" '.[] | select(.subject == $subject) | .id'
}
bob_has_it() {
	[ -n "$(bob_has "$1")" ]
}
# bob_reads WORDS SUBJECT PATTERN
bob_reads() {
	wait_for bob_has_it "$2"
	expect_output "$1" "$3" as bob read "$(bob_has "$2")"
}

# --- killed at any instant ---
# The n-th thing that others could see of it: a write, a sync, octets into a socket.
killed_sync() {
	LD_PRELOAD=$B/tests/crash.so ASAN_OPTIONS=verify_asan_link_order=0 \
		POSTERN_CRASH_COUNT=connect POSTERN_CRASH_AT=$1 as alice sync >/dev/null 2>&1
}
deaths=0
for ((n = 1; n < 1000; n += ${CRASH_STEP:-2})); do
	write alice "crash $n" >/dev/null
	{ killed_sync "$n"; } 2>/dev/null
	status=$?
	[ $status -ne 0 ] || break
	deaths=$((deaths + 1))
	as alice sync >/dev/null 2>&1 || not_ok "after instant $n, sync goes on"
done
check "alice's agent was killed at many instants" $deaths -gt 5
check "until it came through" "$status" -eq 0
write alice "the last" >/dev/null
must as alice sync
wait_for bob_has_it "the last"
as bob list --json >bob.json
check "bob has each of her messages once" "$(jq length bob.json)" -eq $((deaths + 2))
check "all are good" "$(jq '[.[] | select(.checks.verdict != "good")] | length' bob.json)" -eq 0
bob_reads "and none is missing" "the last" "message $((deaths + 2)) from this sender, none missing"

# --- restored from a backup ---
must cp -a alice alice.backup
write alice "after the backup" >/dev/null
must as alice sync
bob_reads "the next one is in order" "after the backup" "message $((deaths + 3)) from this sender, none missing"
mv alice alice.lost
mv alice.backup alice
# A backup is older than a second.
next_second
write alice "restored" >/dev/null
must as alice sync
bob_reads "one from a restored agent has a new number, and bob learns that the count went back" "restored" \
	"Signed by CN=Alice Martin.*message $((deaths + 3)) from this sender, whose count went back"
write alice "and on" >/dev/null
must as alice sync
bob_reads "the count goes on from there" "and on" "message $((deaths + 4)) from this sender, none missing"

# --- two devices ---
must cp -a alice alice-mobile
echo "device = 2" >>alice-mobile/ua.conf
write alice-mobile "from the mobile" >/dev/null
write alice "from the desk" >/dev/null
must as alice-mobile sync
must as alice sync
bob_reads "the other device counts by itself" "from the mobile" \
	"message $((deaths + 5)) from this sender's device 2, $((deaths + 4)) before it missing so far"
bob_reads "and the first is not disturbed" "from the desk" "message $((deaths + 5)) from this sender, none missing"
expect_fail "there is no device 32" "device" as alice --set device=32 status

# --- a receiver restored from a backup gets what he has lost, once ---
must cp -a bob/mail.db bob.mail
write alice "to be lost" >/dev/null
must as alice sync
bob_reads "bob has another" "to be lost" "none missing"
rm -f bob/mail.db bob/mail.db-*
mv bob.mail bob/mail.db
bob_reads "restored, he gets it again, as new" "to be lost" "message $((deaths + 6)) from this sender, none missing"
must as bob sync
check "and once" "$(bob_has "to be lost" | wc -l)" -eq 1

# --- a store that was restored from an old copy gives no entry a number that was there before ---
alice_gets() {
	echo "$1" | as bob send --to "${ADDRESS[alice]}" --subject "$1" --sign && as bob sync &&
		wait_for alice_has "$1"
}
alice_has() {
	as alice sync >/dev/null 2>&1
	as alice list | grep -qF "$1"
}
expect "alice gets a message" alice_gets "First of all"
must server_stop ministry-ms
# Her mailbox is not of today.
must sqlite3 ministry/ms/store.db "UPDATE user SET began = began - 86400"
mkdir store.old && must cp ministry/ms/store.db* store.old
must server_start ministry-ms
expect "and another" alice_gets "After the copy"
must server_stop ministry-ms
rm -f ministry/ms/store.db*
must cp store.old/* ministry/ms
must server_start ministry-ms
expect "what comes when the old copy is in its place, she gets, too" alice_gets "Into the old copy"
done_testing
