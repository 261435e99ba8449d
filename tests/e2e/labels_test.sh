#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Security labels between two domains: what links and users are cleared for, and who is refused.  Each
# attack has a twin that passes.
. "$(dirname "$0")/../support/lib.sh"
PATH=$PATH:/usr/sbin type -P slapd >/dev/null || skip_all "slapd is not installed"
SITE=$WORK/site
. "$TOP/tests/demo/site.sh"
at_exit site_stop
# Not with "must", which runs in a subshell: the ports are remembered here.
site_make >"$WORK/site.log" 2>&1 || { not_ok "a site" "$(tail "$WORK/site.log")"; done_testing; }
cd "$SITE" || exit 1
bob=${ADDRESS[bob]} carol=${ADDRESS[carol]}

# --- the policy: all know it; the link between the domains is for less than either ---
policy="security-policy = 1.3.6.1.4.1.99999.1 name=mil categories=nato:1.3.6.1.4.1.99999.2.1"
for file in {ministry,rescue}/{mta/mta,ms/ms}.conf {alice,bob,carol}/ua.conf; do
	echo "$policy" >>"$file"
done
for file in {ministry,rescue}/{mta/mta,ms/ms}.conf; do
	echo "security-context = mil:secret+nato" >>"$file"
done
# link_carries LABEL: what mta-ministry has for the link.
link_carries() {
	sed -i -E "/^mta = mta-rescue/ { s/ context=.*//; s/\$/ context=$1/ }" ministry/mta/mta.conf
}
link_carries mil:confidential
sed -i '/^mta = mta-ministry/ s/$/ context=mil:confidential/' rescue/mta/mta.conf
must site_start

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
# send LABEL TO SUBJECT: alice does, and it leaves.
send() {
	must as alice send --to "$2" --subject "$3" ${1:+--label "$1"} letter.txt
	expect_output "alice sends $3" "sent 1 message" as alice sync
}
receipts_show() {
	as alice sync >/dev/null 2>&1
	as alice receipts >receipts.out 2>&1 && tr '\n' ' ' <receipts.out | grep -qE -- "$1"
}
receipts() {
	if wait_for receipts_show "$2"; then ok "$1"; else not_ok "$1" "$(cat receipts.out)"; fi
}
echo "The bridge at Hamar is closed." >letter.txt

# --- over the link: up to what it is for ---
expect_fail "a label that no policy has is not written" '"cosmic" is no level' \
	as alice send --to "$bob" --label cosmic letter.txt
send mil:restricted/NOT-FOR-THE-PRESS "$bob" Low
wait_sync "what the link may carry arrives" bob "1 signed and unchanged"
expect_output "with its label, which was signed" "labelled mil:restricted/NOT-FOR-THE-PRESS" as bob list
expect_output "read shows it" "^Label +mil:restricted/NOT-FOR-THE-PRESS" as bob read 1
expect_output "so does JSON" '"label": "mil:restricted/NOT-FOR-THE-PRESS"' as bob read 1 --json
expect_output "and the audit log" "verify allowed label=\"?mil:restricted" cat bob/audit.log
expect_fail "a reply is not labelled lower" "a reply keeps the label, or has a higher one" \
	as bob reply 1 --label unclassified letter.txt
expect "it has the label by itself" as bob reply 1 letter.txt
expect "and is sent" as bob sync
wait_sync "alice has it" alice "1 signed and unchanged"
expect_output "with the label" "labelled mil:restricted/NOT-FOR-THE-PRESS" as alice list

send mil:secret "$bob" High
receipts "what the link may not carry is returned, and why" \
	"High[^/]*$bob: +not delivered: .*secure-messaging-error.*"
expect_output "the MTA that kept it has it in its audit log" \
	"forward refused label=mil:secret .*the link is for messages within mil:confidential" \
	cat ministry/mta/audit.log
send mil:confidential+nato "$bob" Category
receipts "a category is not carried either" "Category[^/]*$bob: +not delivered: .*secure-messaging-error"
send mil:secret+nato "$carol" Home
wait_sync "within the domain it is" carol "1 signed and unchanged"

# --- who binds with what ---
echo "security-context = mil:top-secret" >>bob/ua.conf
expect_fail "bob cannot bind with more than he is cleared for" "does not accept the security context" \
	as bob sync
expect_output "and the store knows why" "bind refused diag=unacceptable-security-context .*mil:top-secret is not within mil:secret" \
	cat rescue/ms/audit.log
sed -i '$d' bob/ua.conf
send mil:confidential "$bob" Middle
in_store() {
	python3 -c 'import sqlite3,sys
db = sqlite3.connect("rescue/ms/store.db", timeout=10)
sys.exit(db.execute("SELECT count(*) FROM entry").fetchone()[0] < int(sys.argv[1]))' "$1"
}
if wait_for in_store 2; then ok "it is in his store"; else not_ok "it is in his store"; fi
echo "security-context = mil:restricted" >>bob/ua.conf
expect_output "bound with less he does not see it" "received no messages" as bob sync
expect_fail "nor writes what is higher" "the setting security-context does not allow it" \
	as bob send --to "$carol" --label secret letter.txt
sed -i '$d' bob/ua.conf
wait_sync "bound with all he has, he does" bob "1 signed and unchanged"

# --- what bob registers ---
expect_fail "bob cannot register more than he is cleared for" "forbidden-user-security-label-register" \
	as bob register --label mil:top-secret
expect_fail "nor nothing at all" "needs --label LABEL or --all-labels" as bob register
expect_output "he registers less" "takes for you what is within mil:restricted" \
	as bob register --label mil:restricted
send mil:confidential "$bob" Unwanted
receipts "what is above it is returned, and why" "Unwanted[^/]*$bob: +not delivered: .*secure-messaging-error"
expect_output "the store has it in its audit log" "deliver refused label=mil:confidential|is not cleared for it" \
	cat rescue/ms/audit.log
must server_stop rescue-ms
must server_start rescue-ms
echo "security-context = mil:confidential" >>bob/ua.conf
expect_fail "he cannot bind with more either, also after a restart" "does not accept the security context" \
	as bob sync
sed -i '$d' bob/ua.conf
expect_output "he takes it back" '"labels": null' as bob register --all-labels --json
send mil:confidential "$bob" Wanted
wait_sync "what he is cleared for arrives again" bob "1 signed and unchanged"

# --- the label is lowered between the MTAs ---
server_stop rescue-mta
send mil:confidential "$bob" Lowered
waits_for_link() {
	waits_at ministry-mta
}
if wait_for waits_for_link; then ok "it waits for the next MTA"; else not_ok "it waits"; fi
server_stop ministry-mta
# SET { 1, the policy }: what is confidential, lowered to unclassified.
lowered=310e02010106092b06010401868d1f01
expect "its label is exchanged" "$B/tests/attack/tweak" ministry/mta/queue.db put "20=$lowered"
must server_start rescue-mta
must server_start ministry-mta
wait_sync "bob refuses it" bob "1 REFUSED"
expect_output "and knows why" "REFUSED: .*it was changed on its way" as bob list

# --- an MTA proposes more than the next one allows ---
server_stop ministry-mta
link_carries mil:top-secret
must server_start ministry-mta
send mil:restricted "$bob" Waiting
refused_bind() {
	grep -q "user=mta-ministry bind refused diag=unacceptable-security-context" rescue/mta/audit.log
}
if wait_for refused_bind; then ok "its bind is refused"; else not_ok "its bind is refused" "$(tail -3 rescue/mta/audit.log)"; fi
server_stop ministry-mta
link_carries mil:confidential
must server_start ministry-mta
wait_sync "with what is allowed, the message goes on" bob "1 signed and unchanged"
done_testing
