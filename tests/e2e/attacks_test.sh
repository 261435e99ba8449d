#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Seven attacks on two domains, between the real processes; beside each its twin without the
# attack, which is accepted: so it is the attack that was refused, and nothing else.
. "$(dirname "$0")/../support/lib.sh"
. "$TOP/tests/support/two_domains.sh"

# --- 1: an octet is changed ---
no_change() {
	hold && letter alice "Held" --seal <<<"Held for a while." && held && release
}
attack "a sealed letter is held in the queue of an MTA, and let go" no_change
bob_finds "it is accepted" "$(good "Alice Martin").*sealed"
attack "an octet of the next one is changed there" attack_change
bob_finds "it is refused, and why" "REFUSED: the sealed content was changed"

# --- 2: a repeat ---
attack "a letter is sent twice, under two MTS-identifiers" attack_repeat
bob_finds "the second is refused" "REFUSED: message [0-9]+ from this sender was accepted before: this is a repeat"
bob_finds "the first is accepted" "$(good "Alice Martin")" 4

# --- 3: somebody else's message ---
honest_mallory() {
	letter mallory "Mine" --seal <<<"I am a user, too." && wait_until settled
}
attack "mallory writes a letter of his own" honest_mallory
bob_finds "it is accepted" "$(good "Mallory Noir")"
attack "mallory claims alice's sealed letter" attack_retoken
bob_finds "it is refused" "REFUSED: the content integrity check was made by someone else"
bob_finds "hers is accepted" "$(good "Alice Martin")" 4

# --- 4: the key of a message store ---
own_key() {
	forged alice/key.pem "${ADDRESS[alice]}" 50
}
store_key_for_her() {
	forged ministry/ms/key.pem "${ADDRESS[alice]}" 51
}
attack "a letter is made with alice's own key" own_key
bob_finds "it is accepted" "$(good "Alice Martin")"
attack "one is signed with her store's key, and names the store's certificate" attack_store_key
bob_finds "it is refused" "REFUSED: .*certificate of CN=ms-ministry.* is for MS, not for UA"
attack "one is signed with the store's key, and names hers" store_key_for_her
bob_finds "it is refused" "REFUSED: the token was not signed by CN=Alice Martin"

# --- 5: a revoked certificate ---
honest_carol() {
	letter carol "Hello" --sign <<<"I am new here." && wait_until settled
}
attack "carol writes to bob" honest_carol
bob_finds "it is accepted" "$(good "Carol Petit")"
attack "she writes again, and is revoked before bob looks" attack_revoked
bob_finds "it is refused" "REFUSED: .*certificate of CN=Carol Petit.* was revoked on 20"
carol_is_out() {
	! as carol sync >/dev/null 2>&1 &&
		grep -qE "Carol.*bind refused.*was revoked on" "$SITE/ministry/ms/audit.log"
}
if wait_until carol_is_out; then
	ok "her store does not let her in any more"
else
	not_ok "her store does not let her in any more" "$(tail -n 3 "$SITE/ministry/ms/audit.log")"
fi

# --- 6: a recorded bind ---
expect_refusal() {
	expect_fail "$1" "the answer is RF SPDU" replay "127.0.0.1:${PORT[ministry-ms]}" recorded
	expect_output "and the store says why" "Alice.*bind refused.*was used before" \
		tail -n 1 "$SITE/ministry/ms/audit.log"
}
attack "alice binds to her store while somebody listens" attack_record
expect_refusal "what she said is refused when he says it"
must server_stop ministry-ms
must server_start ministry-ms
expect_refusal "and when the store was started again"

# --- 7: a wrong authority in the directory ---
letter_of_alice() {
	letter alice "True" --sign <<<"This is from me." && wait_until settled
}
attack "alice writes, and a forger's authority certifies a key for her" letter_of_alice
attack "with which he writes in her name" attack_forge_ca
attack "and puts his authority where hers was in the directory" attack_directory
bob_finds "his is refused" \
	"REFUSED: .*no path from CN=Rescue CA.* to CN=Alice Martin.*CN=Ministry CA.* is certified with another key than the one that signed"
bob_finds "hers cannot be verified either" "REFUSED" 4
must publish
as bob sync --again >/dev/null 2>&1
bob_finds "when the directory is mended his is still refused" \
	"REFUSED: the token was not signed by CN=Alice Martin"
bob_finds "and hers is accepted" "$(good "Alice Martin")" 4

# --- the servers ---
must site_stop
check "the servers ended without a complaint" "$(cat "$SITE"/*/*/output)" = ""
done_testing
