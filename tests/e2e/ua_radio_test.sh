#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Both ends on links that break every 700 KB: a message of 5 MiB is submitted within one "sync", and
# fetched within one; nothing is lost, nothing comes twice, and little is sent again.
. "$(dirname "$0")/../support/lib.sh"
PATH=$PATH:/usr/sbin type -P slapd >/dev/null || skip_all "slapd is not installed"
SITE=$WORK/site
. "$TOP/tests/demo/site.sh"
at_exit site_stop
# Not with "must", which runs in a subshell: the ports are remembered here.
site_make >"$WORK/site.log" 2>&1 || { not_ok "a site" "$(tail "$WORK/site.log")"; done_testing; }
must site_start
cd "$SITE" || exit 1
bob=${ADDRESS[bob]}

SIZE=$((5 << 20))
# radio USER: on the way from him to his store.
radio() {
	local store
	store=$(sed -n 's/^ms *= *//p' "$SITE/$1/ua.conf")
	start "radio-$1" "ready" "$B/tests/attack/cut" "unix:$WORK/radio-$1.sock" "$store" 700000
}
radio alice
radio bob

# over_radio USER COMMAND...
over_radio() {
	local user=$1
	shift
	as "$user" --set "ms=unix:$WORK/radio-$user.sock" --set reliable=yes "$@"
}

# little_was_sent_again WORDS USER
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
expect "alice writes, with a large map" as alice send --to "$bob" --subject "Map" --sign --attach map.tiff letter.txt
expect_output "one sync sends it" "sent 1 message" over_radio alice sync
check "and told that the link broke" "$(grep -c "need not be sent again. Binding again" <<<"$output")" -ge 7
little_was_sent_again "submission" alice
expect_output "it left once" "sent no messages" as alice sync

bob_has_it() {
	over_radio bob sync >sync.out 2>&1
	cat sync.out >>sync-bob.log
	grep -q "received 1 message" sync.out
}
if wait_for bob_has_it; then ok "one sync fetches it"; else not_ok "one sync fetches it" "$(cat sync-bob.log)"; fi
little_was_sent_again "fetch" bob
expect_output "it is signed and unchanged" "Signed by CN=Alice Martin,O=Ministry,C=FR on .*; unchanged" as bob read 1
expect "bob saves the map" as bob read 1 --save-attachments saved
expect "octet by octet" cmp map.tiff saved/map.tiff
expect_output "and nothing comes twice" "received no messages" as bob sync
done_testing
