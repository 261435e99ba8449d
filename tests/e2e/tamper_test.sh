#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the operator of an MTA can do to messages and reports that lie in his queue, with the key of
# his MTA; beside each its twin, which passes through the same hands untouched or nearly so.
. "$(dirname "$0")/../support/lib.sh"
. "$TOP/tests/support/two_domains.sh"
queue=ministry/mta/queue.db
bob=${USER_NAME[bob]} carol=${USER_NAME[carol]}

# waiting KIND SERVER: how many wait there.
waiting() {
	waits_at "$2" 2>/dev/null | grep -c "^$1 "
}
more_wait() {
	[ "$(waiting message ministry-mta)" -gt "$1" ]
}
# write SUBJECT OPTIONS...: by alice to bob, and it waits at her MTA.
write() {
	local subject=$1 before
	shift
	before=$(waiting message ministry-mta)
	run as alice send --to "$bob" --subject "$subject" "$@" <<<"This is about $subject." &&
		run as alice sync && wait_until more_wait "$before"
}
# tamper COMMAND...: with the queue of the stopped MTA; then the messages go.
tamper() {
	held && run "$@" && release
}
untouched() {
	hold && write "$@" && held && release
}

# --- a series ---
missing() {
	hold && write First --sign && held && run take $queue taken && release &&
		letter alice Second --sign <<<"The second of two." && wait_until settled
}
late() {
	server_stop ministry-mta && run put $queue mta-rescue taken - - && release_one
}
at_once() {
	hold && write Only --sign && held && run take $queue taken &&
		run put $queue mta-rescue taken - - && release
}
attack "a message is taken out of the queue and put back at once" at_once
bob_finds "it is the first, and none is missing" "$(good "Alice Martin"); .*, the first"
attack "one of a series is taken away" missing
bob_finds "bob is told with the next one how many are missing" "$(good "Alice Martin").* 1 before it missing so far"
attack "it is put back behind that: the order is another" late
bob_finds "he is told that it is late" "$(good "Alice Martin").*late but new"
attack "and put back once more" late
bob_finds "that is a repeat" "REFUSED: message [0-9]+ from this sender was accepted before: this is a repeat"

# --- the token ---
token_changed() {
	hold && write Token "$@" && tamper tweak $queue flip 16
}
attack "a message is held, and let go" untouched Untouched --sign
bob_finds "it is accepted" "$(good "Alice Martin")"
attack "an octet of the token is changed" token_changed --sign
bob_finds "it is refused" "REFUSED: the token was not signed by CN=Alice Martin"
origin_changed() {
	hold && write Origin --sign --origin-check && tamper tweak $queue flip 19
}
attack "an octet of the origin authentication check is changed" origin_changed
bob_finds "it is refused, though the token is good" "REFUSED: .*origin authentication check is not for this message"

# --- the label ---
labelled() {
	hold && write Label --sign --label restricted && tamper tweak $queue "$1" 20
}
labelled_untouched() {
	untouched Labelled --sign --label restricted
}
attack "a message with a label is held, and let go" labelled_untouched
bob_finds "it is accepted" "$(good "Alice Martin")"
attack "the label is changed" labelled flip
bob_finds "it is refused" "REFUSED: the security label .* is not the one that its originator signed"
attack "the label is taken off" labelled strip
bob_finds "it is refused, too" "REFUSED: the security label .* was taken off"

# --- sent back to its maker ---
reflect() {
	server_stop ministry-mta && run put $queue ms-ministry taken "$1" "${ADDRESS[alice]}" && release_one
}
attack "alice's message to bob is sent back to her, as from her" reflect -
finds alice "it is refused" "REFUSED: the token of CN=Alice Martin.* is for another recipient"
attack "and as from bob" reflect "${ADDRESS[bob]}"
finds alice "it is refused" "REFUSED: the token was not signed by CN=Bob Nilsen"

# --- two recipients, two messages ---
both() {
	hold && write "$1" --sign --to "$carol"
}
both_untouched() {
	both "To both" && held && release
}
tokens_swapped() {
	both "Swapped" && tamper swap $queue tokens
}
attack "a message to bob and carol is held, and let go" both_untouched
bob_finds "bob accepts it" "$(good "Alice Martin")"
finds carol "carol accepts hers" "$(good "Alice Martin")"
attack "the tokens of two recipients are exchanged" tokens_swapped
bob_finds "his is refused" "REFUSED: the token of CN=Alice Martin.* is for another recipient"
contents_swapped() {
	hold && write "Yes" --sign && write "No" "$@" && tamper swap $queue contents
}
attack "the contents of two messages are exchanged" contents_swapped --sign
bob_finds "one is refused" "REFUSED: .*the content is not the one that was signed"
bob_finds "and the other" "REFUSED: .*the content is not the one that was signed" 4
sealed_swapped() {
	hold && write "Sealed one" --seal && write "Sealed two" --seal && tamper swap $queue contents
}
attack "the contents of two sealed messages are exchanged" sealed_swapped
bob_finds "they do not open" "REFUSED: the sealed content was changed"

# --- proofs of delivery, at the MTA that reports ---
two_reports_wait() {
	[ "$(waiting report rescue-mta)" -eq 2 ]
}
# Two deliveries are proved, and the reports wait at Rescue's MTA, which is then its operator's.
proved() {
	local subject
	server_stop rescue-ms
	for subject in "$@"; do
		run as alice send --to "$bob" --subject "$subject" --proof <<<"This is about $subject." &&
			run as alice sync || return
	done
	wait_until settled_at ministry-mta && server_stop ministry-mta && server_start rescue-ms &&
		wait_until two_reports_wait && server_stop rescue-mta
}
settled_at() {
	! waits_at "$1"
}
reported() {
	server_start ministry-mta && server_start rescue-mta && wait_until settled && run as alice sync
}
proofs_untouched() {
	proved "Three" "Four" && reported
}
proofs_swapped() {
	proved "Five" "Six" &&
		run reprove rescue/mta/queue.db rescue/mta/key.pem rescue/mta/cert.pem && reported
}
# told WORDS SUBJECT PATTERN: what alice learns of a message.
told() {
	expect_output "$1" "$3" as alice receipts "$(as alice list --sent --json |
		jq ".[] | select(.subject == \"$2\") | .id")"
}
attack "the reports of two deliveries are held, and let go" proofs_untouched
told "one is proved" "Three" "delivered on .*; proved by CN=ms-rescue"
told "and the other" "Four" "delivered on .*; proved by CN=ms-rescue"
attack "the proofs of two deliveries are exchanged" proofs_swapped
told "neither proves the other's" "Five" \
	"NOT proved: the proof of delivery does not prove this delivery.*reported by CN=mta-rescue"
told "though their MTA has signed both reports" "Six" \
	"NOT proved: the proof of delivery does not prove this delivery.*reported by CN=mta-rescue"

must site_stop
check "the servers ended without a complaint" "$(cat "$SITE"/*/*/output)" = ""
done_testing
