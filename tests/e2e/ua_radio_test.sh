#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Both ends on links that break every 700 KB: a message of 5 MiB is submitted within one "sync", and
# fetched within one; nothing is lost, nothing comes twice, and little is sent again.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/domains.sh"
domains_start
cd "$WORK" || exit 1

SIZE=$((5 << 20))
start radio-north "ready" "$B/tests/attack/cut" "unix:$WORK/radio-north.sock" "unix:$WORK/ms-north.sock" 700000
start radio-south "ready" "$B/tests/attack/cut" "unix:$WORK/radio-south.sock" "unix:$WORK/ms-south.sock" 700000

# over_radio DOMAIN USER COMMAND...
over_radio() {
	local domain=$1 user=$2
	shift 2
	ua "$user" --set "ms=unix:$WORK/radio-$domain.sock" --set reliable=yes "$@"
}

# little_was_sent_again WORDS DOMAIN
little_was_sent_again() {
	local passed cuts
	stop "radio-$2"
	passed=$(sed -n 's/^passed=\([0-9]*\) .*/\1/p' "$WORK/radio-$2.log")
	cuts=$(sed -n 's/.*cuts=//p' "$WORK/radio-$2.log")
	echo "# $passed octets for $SIZE, cut $cuts times"
	check "$1: the link broke" "$cuts" -ge 7
	check "$1: less than 1.3 times its size was sent" "$passed" -lt $((SIZE * 13 / 10))
}

head -c $SIZE /dev/urandom >map.tiff
echo "The map." >letter.txt
expect "alice writes, with a large map" ua alice send --to "$BOB" --subject "Map" --sign --attach map.tiff letter.txt
expect_output "one sync sends it" "sent 1 message" over_radio north alice sync
check "and told that the link broke" "$(grep -c "need not be sent again. Binding again" <<<"$output")" -ge 7
little_was_sent_again "submission" north
expect_output "it left once" "sent no messages" ua alice sync

bob_has_it() {
	over_radio south bob sync >sync.out 2>&1
	cat sync.out >>sync-bob.log
	grep -q "received 1 message" sync.out
}
if wait_for bob_has_it; then ok "one sync fetches it"; else not_ok "one sync fetches it" "$(cat sync-bob.log)"; fi
little_was_sent_again "fetch" south
expect_output "it is signed and unchanged" "Signed by CN=Alice Martin,O=Ministry,C=FR on .*; unchanged" ua bob read 1
expect "bob saves the map" ua bob read 1 --save-attachments saved
expect "octet by octet" cmp map.tiff saved/map.tiff
expect_output "and nothing comes twice" "received no messages" ua bob sync
done_testing
