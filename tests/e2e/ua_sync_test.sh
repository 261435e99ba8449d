#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Two domains: alice writes to bob, signed and sealed, with and without proof of delivery; what bob
# reads, without a network, and what alice learns.
. "$(dirname "$0")/../support/lib.sh"
PATH=$PATH:/usr/sbin type -P slapd >/dev/null || skip_all "slapd is not installed"
SITE=$WORK/site
. "$TOP/tests/demo/site.sh"
at_exit site_stop
# Not with "must", which runs in a subshell: the ports are remembered here.
site_make >"$WORK/site.log" 2>&1 || { not_ok "a site" "$(tail "$WORK/site.log")"; done_testing; }
must site_start
cd "$SITE" || exit 1
alice=${ADDRESS[alice]} bob=${ADDRESS[bob]} carol=${ADDRESS[carol]}

sync_shows() {
	as "$1" sync >sync.out 2>&1
	grep -qE -- "$2" sync.out
}
# wait_sync WORDS USER PATTERN: exchanges until one says so.
wait_sync() {
	if wait_for sync_shows "$2" "$3"; then
		ok "$1"
	else
		not_ok "$1" "wanted /$3/, the last one said: $(cat sync.out)"
	fi
}

# --- signed and sealed ---
echo "The bridge at Hamar is closed." >letter.txt
expect "alice writes, signed and sealed" as alice send --to "$bob" --subject "The bridge" --sign --seal letter.txt
expect_output "sync sends it" "sent 1 message" as alice sync
wait_sync "bob fetches it" bob "received 1 message"
expect_output "it is good" "1 signed and unchanged" cat sync.out
expect_output "bob reads it without a network" "The bridge at Hamar is closed" as bob --set ms=unix:/nowhere read 1
expect_output "who wrote it, that it is unchanged and sealed, first of its number" \
	"Signed by CN=Alice Martin,O=Ministry,C=FR on .*; unchanged; sealed for you; message 1 from this sender" \
	as bob read 1
expect_output "and how its certificate was verified" "is certified as UA by CN=Ministry CA" as bob read 1 --verbose

# --- proof of delivery ---
expect "alice asks for proof, of two" as alice send --to "$bob" --cc "${USER_NAME[carol]}" --subject "Roads" --proof letter.txt
expect_output "and writes to somebody who is not there" "outbox" \
	as alice send --to "/S=Nobody/O=Rescue${DOMAIN[rescue]}" --subject "Anybody" letter.txt
expect_output "both leave" "sent 2 messages" as alice sync
receipts_show() {
	as alice sync >/dev/null 2>&1
	as alice receipts >receipts.out 2>&1 && tr '\n' ' ' <receipts.out | grep -qE -- "$1"
}
receipts() {
	if wait_for receipts_show "$2"; then ok "$1"; else not_ok "$1" "$(cat receipts.out)"; fi
}
receipts "bob's store proves that it was delivered to him" \
	"$bob: +delivered on [^;]*; proved by CN=ms-rescue,O=Rescue,C=NO"
receipts "and carol's, found by her directory name" \
	"$carol: +delivered on [^;]*; proved by CN=ms-ministry,O=Ministry,C=FR"
receipts "nobody is reported" "S=Nobody/[^:]*: +not delivered: .*(unrecognised|OR-name)"
expect_output "in JSON, too" '"proof": "proved"' as alice receipts --json
wait_sync "bob has the one that asks for proof" bob "received 1 message"
expect_output "it is not sealed, and asked for proof" "not sealed; message 2 from this sender, none missing; proof" \
	as bob list
wait_sync "carol has her copy" carol "1 signed and unchanged"

# --- replies, attachments ---
head -c 200000 /dev/urandom >photo.jpg
expect "bob replies to the sealed one, with a photo" as bob reply 1 --attach photo.jpg letter.txt
expect_output "sync sends it" "sent 1 message" as bob sync
wait_sync "alice has it" alice "1 signed and unchanged"
answer=$(as alice list --json | python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["id"])')
expect_output "it is sealed as the first was" "Signed by ${USER_NAME[bob]} .* sealed for you" as alice read "$answer"
expect_output "and is about it" "Re: The bridge" as alice read "$answer"
expect "the photo is saved" as alice read "$answer" --save-attachments saved
expect "octet by octet" cmp photo.jpg saved/photo.jpg

# --- not signed ---
expect "alice writes without a signature" as alice send --to "$bob" --subject "Plain" letter.txt
expect "and sends it" as alice sync
wait_sync "bob has it" bob "1 not signed"
expect_output "and is told" "Not signed: nothing proves who wrote it" as bob list

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
expect_output "the same message is submitted again" "sent 1 message" as alice sync
wait_sync "bob refuses it" bob "1 REFUSED"
expect_output "and knows why" "REFUSED: message 1 from this sender was accepted before: this is a repeat" as bob list
repeat=$(as bob list --json | python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["id"])')
expect_fail "it is kept apart" "was refused; --anyway shows its content" as bob read "$repeat"
expect_fail "nobody replies to it by mistake" "was refused" as bob reply "$repeat" letter.txt

server_stop rescue-ms
expect "alice writes while the store is away" as alice send --to "$bob" --subject "Altered" --sign letter.txt
expect "and sends it" as alice sync
status=0
as bob sync >out 2>&1 || status=$?
check "bob cannot sync, and may try later" $status = 75
must server_start rescue-ms

# mts_id USER SUBJECT: of what the user sent.
mts_id() {
	as "$1" receipts --json | python3 -c 'import json,sys
print([m["mts_id"] for m in json.load(sys.stdin) if m["subject"] == sys.argv[1]][0])' "$2"
}
# in_store MTS-ID: bob's store has it.
in_store() {
	python3 -c 'import sqlite3,sys
db = sqlite3.connect("rescue/ms/store.db", timeout=10)
sys.exit(not db.execute("SELECT 1 FROM entry WHERE mts_id = ?", sys.argv[1:]).fetchone())' "$1"
}
# arrives WORDS USER SUBJECT
arrives() {
	if wait_for in_store "$(mts_id "$2" "$3")"; then ok "$1"; else not_ok "$1"; fi
}
arrives "it arrives" alice "Altered"
must python3 - "$(mts_id alice "Altered")" <<'PYTHON'
import sqlite3, sys
db = sqlite3.connect("rescue/ms/store.db", timeout=10)
row, content = db.execute("SELECT id, content FROM octets JOIN entry USING (id) WHERE mts_id = ?",
                          sys.argv[1:]).fetchone()
db.execute("UPDATE octets SET content = ? WHERE id = ?", (content.replace(b"closed", b"opened"), row))
db.commit()
PYTHON
wait_sync "a content that was changed in the store is refused" bob "1 REFUSED"
expect_output "and bob knows why" "REFUSED: .*content" as bob list
altered=$(as bob list --json | python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["id"])')
expect_fail "its text is not shown" "was refused" as bob read "$altered"
check "not a word of it" -z "$(grep -o opened <<<"$output")"
expect_output "unless he insists" "is opened" as bob read "$altered" --anyway

# --- what cannot be checked yet ---
dir() {
	"$BIN/postern-dir" --config /dev/null --set "directory=$LDAPI" --set directory-bind=external "$@"
}
expect "alice writes once more" as alice send --to "$bob" --subject "Early" --sign --seal letter.txt
expect "and sends it" as alice sync
arrives "it arrives" alice "Early"
must dir publish "${USER_NAME[alice]}" --remove --certificate alice/cert.pem
wait_sync "while her certificate is not in the directory" bob "1 not checked yet"
expect_output "bob is told what is missing" "Not checked yet: .*certificate" as bob list
early=$(as bob list --json | python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["id"])')
expect_output "and cannot open it" "is sealed and was not opened" as bob read "$early"
must ca ministry publish
wait_sync "once it is there, the next sync checks it" bob "1 signed and unchanged"
expect_output "and opens it" "sealed for you" as bob read "$early"

# --- watching ---
start watch "With CN=ms-rescue" "$BIN/postern-ua" --home "$SITE/bob" sync --watch
expect "alice writes to bob, who is bound" as alice send --to "$bob" --subject "Now" --sign letter.txt
expect "and sends it" as alice sync
watched() {
	grep -q "received 1 message" "$WORK/watch.log"
}
check "he has it at once" -n "$(wait_for watched && echo yes)"
stop watch
check "and ends in order when he is told to" $? = 0

# --- a store that is silent ---
must kill -STOP "$(server_pid rescue-ms)"
status=0
timeout --preserve-status -k 5 0.5 "$BIN/postern-ua" --home "$SITE/bob" sync >out 2>&1 || status=$?
must kill -CONT "$(server_pid rescue-ms)"
check "who is told to stop does not wait for its answer" $status = 75
expect_output "and says so" "because: stopped by a signal" cat out

# --- the same over RTSE ---
expect "alice writes over a reliable association" as alice send --to "$bob" --subject "Reliable" --seal letter.txt
expect_output "and sends it" "sent 1 message" as alice --set reliable=yes sync
arrives "it arrives" alice "Reliable"
expect_output "bob fetches it so, too" "1 signed and unchanged" as bob --set reliable=yes sync

# --- a link that breaks ---
# Passes on to the store, and cuts each connection after so many octets from there.
cutting_proxy() {
	exec python3 -u - "$1" "$2" <<'PYTHON'
import socket, sys, threading
target, limit = sys.argv[1].rsplit(":", 1), int(sys.argv[2])
listener = socket.create_server(("127.0.0.1", 0))
print("port", listener.getsockname()[1])
def upwards(near, far):
    try:
        while octets := near.recv(65536):
            far.sendall(octets)
    except OSError:
        pass
while True:
    near, _ = listener.accept()
    far, left = socket.create_connection(target), limit
    threading.Thread(target=upwards, args=(near, far), daemon=True).start()
    while left > 0 and (octets := far.recv(min(left, 4096))):
        near.sendall(octets)
        left -= len(octets)
    for end in near, far:
        end.shutdown(socket.SHUT_RDWR)
        end.close()
PYTHON
}
head -c 20000 photo.jpg >map.jpg
for i in 1 2 3 4 5; do
	must as alice send --to "$bob" --subject "Map $i" --sign --attach map.jpg letter.txt
done
# Three at once: whichever comes first sends them, and the others find nothing to do.
for i in 1 2 3; do
	as alice sync >"$WORK/sync.$i" 2>&1 &
	syncs[i]=$!
done
for i in 1 2 3; do
	wait "${syncs[i]}"
	check "sync $i of three at the same time ends in order" $? = 0
done
check "together they send five maps" \
	"$(cat "$WORK"/sync.[123] | sed -n 's/.*: sent \([0-9]*\) message.*/\1/p' | awk "{ n += \$1 } END { print n }")" = 5
for i in 1 2 3 4 5; do
	wait_for in_store "$(mts_id alice "Map $i")" || not_ok "map $i arrives"
done
maps() {
	as bob list --json | python3 -c 'import json,sys
print(len([m for m in json.load(sys.stdin)
           if (m["subject"] or "").startswith("Map ") and m["checks"]["verdict"] == "good"]))'
}
start proxy "^port" cutting_proxy "$(sed -n 's/^ms = //p' bob/ua.conf)" 60000
through=127.0.0.1:$(sed -n 's/^port //p' "$WORK/proxy.log")
status=0
as bob --set "ms=$through" sync >out 2>&1 || status=$?
check "the link breaks on the way" $status = 75
some=$(maps)
check "what had come is there, and checked" "$some" -gt 0 -a "$some" -lt 5
expect "the next links take the rest" wait_for as bob --set "ms=$through" sync
check "nothing is lost, nothing is there twice" "$(maps)" = 5
stop proxy

# --- deleting ---
entries() {
	python3 -c 'import sqlite3; db = sqlite3.connect("rescue/ms/store.db", timeout=10)
print(db.execute("SELECT count(*) FROM entry WHERE id >> 32 = (SELECT id >> 32 FROM entry WHERE mts_id = ?)", ("'"$1"'",)).fetchone()[0])'
}
early_id=$(mts_id alice "Early")
before=$(entries "$early_id")
expect_output "bob deletes two" "deletes in the message store, too" as bob delete 1 "$repeat"
expect "and syncs" as bob sync
check "the store has two less" "$(entries "$early_id")" = $((before - 2))
check "they do not come again" "$(as bob list --json | python3 -c 'import json,sys
print(len([m for m in json.load(sys.stdin) if m["subject"] == "The bridge"]))')" = 0

# --- revocation ---
expect "alice writes a last time" as alice send --to "$bob" --subject "Revoked" --sign letter.txt
expect "and sends it" as alice sync
arrives "it arrives" alice "Revoked"
must ca ministry revoke --yes alice/cert.pem --reason key-compromise
must ca ministry publish
wait_sync "bob refuses it once she is revoked" bob "1 REFUSED"
expect_output "and knows why" "REFUSED: .*was revoked on" as bob list
expect "alice writes all the same" as alice send --to "$bob" --sign letter.txt
expect_fail "but is not let in" "cannot bind" as alice sync
expect_output "bob's log says what was decided" "verify refused" cat bob/audit.log
done_testing
