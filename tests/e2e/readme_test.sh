#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The first session of the README, and the administrator's day, work word by word: their commands are typed here, but for "make
# up", which would take the place of a session that the user has open.
. "$(dirname "$0")/../support/lib.sh"
PATH=$PATH:/usr/sbin type -P slapd >/dev/null || skip_all "slapd is not installed"
SITE=$WORK/site
. "$TOP/tests/demo/site.sh"
at_exit site_stop
# Not with "must", which runs in a subshell: what the site knows is needed here.
site_make >"$WORK/site.log" 2>&1 || { not_ok "a site" "$(tail "$WORK/site.log")"; done_testing; }
must site_start
cd "$SITE" || exit 1
PATH=$BIN:$PATH

answers=
typed() {
	sed -n '/^## A first session/,/^## Building/s/^    //p' "$TOP/README.md" |
		grep -E '^(postern-|echo |mkdir |cp )'
}

while read -r line; do
	expect "$line" bash -c "$line"
	answers+=$output$'\n'
	wait_until settled
done < <(typed)
check "there were some" "$tap_count" -gt 8

# answered WORDS PATTERN
answered() {
	if grep -qE -- "$2" <<<"$answers"; then ok "$1"; else not_ok "$1" "$answers"; fi
}
answered "bob reads what alice sealed" "^The bridge is closed\."
answered "and who wrote it" \
	"Signed by CN=Alice Martin.*unchanged; sealed for you; message 1 from this sender, the first"
answered "alice reads his answer" "^Thank you\."
answered "and has the proof" "delivered on .*proved by CN=ms-rescue"
answered "a judge learns who wrote it" "Written by CN=Alice Martin.*unchanged"
answered "dora reads words to the administrator" "read these words"
answered "he sees who asks" "A request of CN=Dora Blanc,O=Ministry,C=FR, as UA"
answered "she is enrolled" "^1 issued"
answered "her phone is stolen" "Revoked [0-9a-f]{32} of CN=Dora Blanc"
answered "no list is due: it was issued at once" "No list is due"
answered "whose certificate is trusted, and why" "^CN=Ministry CA.* is certified as CA by CN=Rescue CA"
answered "a list is found" "may send +pattern:X400:/PRMD=Ministry"
answered "the directory is in order" "0 things are to be repaired"
answered "a small site's directory says where it is" "directory = ldapi://.*site-directory"
answered "the journal is whole" "entries follow one another and are signed by"

# What is done by hand is one session of the shell.
by_hand() {
	sed -n "/^## Evidence, also by hand/,/^## The administrator's day/s/^    //p" "$TOP/README.md" |
		grep -v '^postern-'
}
expect "the evidence is checked by hand" bash -e -c "$(by_hand)"
answers=$output
answered "the certificate" "^alice.pem: OK"
answered "the signature" "^Verified OK"
check "the integrity check" "$(tail -n 2 <<<"$output" | sort -u | grep -cE '^[0-9a-f]{64}$')" -eq 1
done_testing
