#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Two domains: alice writes to bob, signed and sealed, with and without proof of delivery; what bob
# reads, without a network, and what alice learns.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../support/domains.sh"
domains_start
cd "$WORK" || exit 1

# --- signed and sealed ---
echo "The bridge at Hamar is closed." >letter.txt
expect "alice writes, signed and sealed" ua alice send --to "$BOB" --subject "The bridge" --sign --seal letter.txt
expect_output "sync sends it" "sent 1 message" ua alice sync
wait_sync "bob fetches it" bob "received 1 message"
expect_output "it is good" "1 signed and unchanged" cat sync.out
expect_output "bob reads it without a network" "The bridge at Hamar is closed" ua bob --set ms=unix:/nowhere read 1
expect_output "who wrote it, that it is unchanged and sealed, first of its number" \
	"Signed by CN=Alice Martin,O=Ministry,C=FR on .*; unchanged; sealed for you; message 1 from this sender" \
	ua bob read 1
expect_output "and how its certificate was verified" "uthority" ua bob read 1 --verbose

# --- proof of delivery ---
expect "alice asks for proof, of two" ua alice send --to "$BOB" --cc "$CAROL_DN" --subject "Roads" --proof letter.txt
expect_output "and writes to somebody who is not there" "outbox" \
	ua alice send --to /S=Nobody/O=Rescue/PRMD=South/ADMD=400net/C=DE/ --subject "Anybody" letter.txt
expect_output "both leave" "sent 2 messages" ua alice sync
receipts_show() {
	ua alice sync >>sync-alice.log 2>&1
	ua alice receipts >receipts.out 2>&1 && tr '\n' ' ' <receipts.out | grep -qE -- "$1"
}
receipts() {
	if wait_for receipts_show "$2"; then ok "$1"; else not_ok "$1" "$(cat receipts.out)"; fi
}
receipts "bob's store proves that it was delivered to him" \
	"$BOB: +delivered on [^;]*; proved by CN=ms-south,O=Servers"
receipts "and carol's, found by her directory name" \
	"$CAROL: +delivered on [^;]*; proved by CN=ms-south,O=Servers"
receipts "nobody is reported" "S=Nobody/[^:]*: +not delivered: .*(unrecognised|OR-name)"
expect_output "in JSON, too" '"proof": "proved"' ua alice receipts --json
wait_sync "bob has the one that asks for proof" bob "received 1 message"
expect_output "it is not sealed, and asked for proof" "not sealed; message 2 from this sender, none missing; proof" \
	ua bob list
wait_sync "carol has her copy" carol "1 signed and unchanged"

# --- replies, attachments ---
head -c 200000 /dev/urandom >photo.jpg
expect "bob replies to the sealed one, with a photo" ua bob reply 1 --attach photo.jpg letter.txt
expect_output "sync sends it" "sent 1 message" ua bob sync
wait_sync "alice has it" alice "1 signed and unchanged"
answer=$(ua alice list --json | python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["id"])')
expect_output "it is sealed as the first was" "Signed by $BOB_DN .* sealed for you" ua alice read "$answer"
expect_output "and is about it" "Re: The bridge" ua alice read "$answer"
expect "the photo is saved" ua alice read "$answer" --save-attachments saved
expect "octet by octet" cmp photo.jpg saved/photo.jpg

# --- not signed ---
expect "alice writes without a signature" ua alice send --to "$BOB" --subject "Plain" letter.txt
expect "and sends it" ua alice sync
wait_sync "bob has it" bob "1 not signed"
expect_output "and is told" "Not signed: nothing proves who wrote it" ua bob list

# --- attacks ---
# sql DATABASE STATEMENT
sql() {
	python3 -c 'import sqlite3,sys
db = sqlite3.connect(sys.argv[1], timeout=10)
changed = db.execute(sys.argv[2]).rowcount
db.commit()
sys.exit(0 if changed == 1 else "changed %d rows" % changed)' "$@"
}
must sql alice/mail.db "UPDATE message SET folder = 1, state = 1 WHERE subject = 'The bridge' AND folder = 2"
expect_output "the same message is submitted again" "sent 1 message" ua alice sync
wait_sync "bob refuses it" bob "1 REFUSED"
expect_output "and knows why" "REFUSED: number 1 was accepted before: this is a repeat" ua bob list
repeat=$(ua bob list --json | python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["id"])')
expect_fail "it is kept apart" "was refused; --anyway shows its content" ua bob read "$repeat"
expect_fail "nobody replies to it by mistake" "was refused" ua bob reply "$repeat" letter.txt

stop ms-south
expect "alice writes while the store is away" ua alice send --to "$BOB" --subject "Altered" --sign letter.txt
expect "and sends it" ua alice sync
status=0
ua bob sync >out 2>&1 || status=$?
check "bob cannot sync, and may try later" $status = 75
start ms-south "started" "$BIN/postern-ms" --config "$WORK/ms-south.conf"

# mts_id USER SUBJECT: of what the user sent.
mts_id() {
	ua "$1" receipts --json | python3 -c 'import json,sys
print([m["mts_id"] for m in json.load(sys.stdin) if m["subject"] == sys.argv[1]][0])' "$2"
}
# in_store MTS-ID: the store of the south has it.
in_store() {
	python3 -c 'import sqlite3,sys
db = sqlite3.connect("ms-south/store.db", timeout=10)
sys.exit(not db.execute("SELECT 1 FROM entry WHERE mts_id = ?", sys.argv[1:]).fetchone())' "$1"
}
# arrives WORDS USER SUBJECT
arrives() {
	if wait_for in_store "$(mts_id "$2" "$3")"; then ok "$1"; else not_ok "$1"; fi
}
arrives "it arrives" alice "Altered"
must python3 - "$(mts_id alice "Altered")" <<'PYTHON'
import sqlite3, sys
db = sqlite3.connect("ms-south/store.db", timeout=10)
row, content = db.execute("SELECT id, content FROM octets JOIN entry USING (id) WHERE mts_id = ?",
                          sys.argv[1:]).fetchone()
db.execute("UPDATE octets SET content = ? WHERE id = ?", (content.replace(b"closed", b"opened"), row))
db.commit()
PYTHON
wait_sync "a content that was changed in the store is refused" bob "1 REFUSED"
expect_output "and bob knows why" "REFUSED: .*content" ua bob list
altered=$(ua bob list --json | python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["id"])')
expect_fail "its text is not shown" "was refused" ua bob read "$altered"
check "not a word of it" -z "$(grep -o opened <<<"$output")"
expect_output "unless he insists" "is opened" ua bob read "$altered" --anyway

# --- what cannot be checked yet ---
dir() {
	"$BIN/postern-dir" --config /dev/null --set "directory=$LDAPI" --set directory-bind=external "$@"
}
expect "alice writes once more" ua alice send --to "$BOB" --subject "Early" --sign --seal letter.txt
expect "and sends it" ua alice sync
arrives "it arrives" alice "Early"
must dir publish "$ALICE_DN" --remove --certificate "$WORK/alice.pem"
wait_sync "while her certificate is not in the directory" bob "1 not checked yet"
expect_output "bob is told what is missing" "Not checked yet: .*certificate" ua bob list
early=$(ua bob list --json | python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["id"])')
expect_output "and cannot open it" "is sealed and was not opened" ua bob read "$early"
must ca north publish
wait_sync "once it is there, the next sync checks it" bob "1 signed and unchanged"
expect_output "and opens it" "sealed for you" ua bob read "$early"

# --- watching ---
start watch "With CN=ms-south" "$BIN/postern-ua" --home "$WORK/bob" sync --watch
expect "alice writes to bob, who is bound" ua alice send --to "$BOB" --subject "Now" --sign letter.txt
expect "and sends it" ua alice sync
watched() {
	grep -q "received 1 message" watch.log
}
check "he has it at once" -n "$(wait_for watched && echo yes)"
stop watch
check "and ends in order when he is told to" $? = 0

# --- deleting ---
entries() {
	python3 -c 'import sqlite3; db = sqlite3.connect("ms-south/store.db", timeout=10)
print(db.execute("SELECT count(*) FROM entry WHERE id >> 32 = (SELECT id >> 32 FROM entry WHERE mts_id = ?)", ("'"$1"'",)).fetchone()[0])'
}
early_id=$(mts_id alice "Early")
before=$(entries "$early_id")
expect_output "bob deletes two" "deletes in the message store, too" ua bob delete 1 "$repeat"
expect "and syncs" ua bob sync
check "the store has two less" "$(entries "$early_id")" = $((before - 2))
check "they do not come again" "$(ua bob list --json | python3 -c 'import json,sys
print(len([m for m in json.load(sys.stdin) if m["subject"] == "The bridge"]))')" = 0

# --- revocation ---
expect "alice writes a last time" ua alice send --to "$BOB" --subject "Revoked" --sign letter.txt
expect "and sends it" ua alice sync
arrives "it arrives" alice "Revoked"
must ca north revoke "$WORK/alice.pem" --reason key-compromise
publish north
wait_sync "bob refuses it once she is revoked" bob "1 REFUSED"
expect_output "and knows why" "REFUSED: .*was revoked on" ua bob list
expect "alice writes all the same" ua alice send --to "$BOB" --sign letter.txt
expect_fail "but is not let in" "cannot bind" ua alice sync
expect_output "bob's log says what was decided" "verify refused" cat bob/audit.log
done_testing
