#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Simple credentials between real programs: a user, his store and its MTA bind with passwords, each of
# which is changed by who knows it, there and in its file; who does not know it, or was never given one
# by a setting, is refused.  What a store registers with its MTA is heeded.
. "$(dirname "$0")/../support/lib.sh"
PATH=$PATH:/usr/sbin type -P slapd >/dev/null || skip_all "slapd is not installed"
SITE=$WORK/site
. "$TOP/tests/demo/site.sh"
at_exit site_stop
# Not with "must", which runs in a subshell: the ports are remembered here.
site_make >"$WORK/site.log" 2>&1 || { not_ok "a site" "$(tail "$WORK/site.log")"; done_testing; }
cd "$SITE" || exit 1
mta=ministry/mta/mta.conf ms=ministry/ms/ms.conf

# password FILE WORDS
password() {
	(umask 077 && echo "$2" >"$1")
}
restart() {
	must server_stop "$1"
	must server_start "$1"
}
refused="does not accept our credentials"

# --- a user: by default nobody binds with a password ---
password alice/password "alice's first"
password alice/store "the store's to alice"
sed -i '1i password-file = password\nms-password-file = store' alice/ua.conf
must site_start
expect_fail "no setting allows alice a password" "$refused" as alice sync
cp alice/password alice/store ministry/
sed -i "/^mailbox = .*Alice/ s|\$| password-file=$SITE/ministry/password own-password-file=$SITE/ministry/store|" $ms
restart ministry-ms
expect "with the setting she binds with it" as alice sync
cp alice/password first
password alice/password "a guess at it"
expect_fail "not with another" "$refused" as alice sync
check "why is said to the store's log alone" -n "$(grep "the password is wrong" ministry/ms/log)"
cp first alice/password
password alice/store "another's"
expect_fail "nor does she take a store for hers that answers with another's" \
	"did not prove who it is" as alice sync
cp ministry/store alice/store

# --- she changes it ---
password second "alice's second"
password short "seven.."
password guess "not the old one"
echo "read by all" >open
chmod 644 open
expect_fail "not to one that is too short" "8 to 62 octets" as alice password --new-file short
expect_fail "not by a wrong old one" "old credentials are wrong" \
	as alice password --old-file guess --new-file second
expect_fail "nor to what others may read" "open to others" \
	as alice password --new-file open
expect_fail "nor to what nobody says" "no terminal.*" setsid "$BIN/postern-ua" --home alice password
check "nothing of these is left" ! -e alice/password.new
expect_output "she changes it" "has the new password" as alice password --new-file second
expect "her file has it" cmp alice/password second
expect "she binds with it" as alice sync
cp first alice/password
expect_fail "the first is refused" "$refused" as alice sync
cp second alice/password
restart ministry-ms
expect "the second is not, also by a store that was started again" as alice sync

# --- cut off: the store has the third, and she was not told ---
password third "alice's third"
expect "where she binds with her key, she gives both" \
	as alice --set password-file= password --old-file second --new-file third
cp third alice/password.new
expect_output "said again, the command finds out that it had been changed" "had been cut off" \
	as alice password --new-file third
expect "her file has it" cmp alice/password third
check "and no other is there" ! -e alice/password.new
password alice/password.new "one that never arrived"
password fourth "alice's fourth"
expect_output "or that it had not, and makes the change" '"was-cut-off": false' \
	as alice --json password --new-file fourth
expect "her file has that one" cmp alice/password fourth

# --- a store and its MTA: passwords, both ways, in place of certificates ---
password ministry/ms-gives "ms to mta, first"
password ministry/mta-gives "mta to ms, first"
cp ministry/ms-gives ministry/mta-wants
cp ministry/mta-gives ministry/ms-wants
sed -i "/^mta = / s|\$| password-file=$SITE/ministry/ms-wants own-password-file=$SITE/ministry/ms-gives|" $ms
sed -i "/^store = / s|\$| password-file=$SITE/ministry/mta-wants own-password-file=$SITE/ministry/mta-gives|" $mta
restart ministry-ms
restart ministry-mta
ask_ms() {
	"$BIN/postern-ms" "$1" --config $ms "${@:2}"
}
ask_mta() {
	"$BIN/postern-mta" "$1" --config $mta "${@:2}"
}
echo "The bridge at Hamar is closed." >letter.txt
delivered() {
	as alice sync >/dev/null 2>&1
	as alice receipts >receipts.out 2>&1 && [ "$(grep -c "delivered" receipts.out)" -ge "$1" ]
}
letters=0
# A letter from alice to carol, both of the ministry: submitted and delivered over the links.
letter_passes() {
	letters=$((letters + 1))
	must as alice send --report --to "${ADDRESS[carol]}" --subject "Letter $letters" letter.txt
	if wait_for delivered $letters; then ok "$1"; else
		not_ok "$1" "$(cat receipts.out; tail -n 5 ministry/ms/log ministry/mta/log)"
	fi
}
letter_passes "a letter passes"
password other "ms to mta, second"
expect_output "the store changes its password" "mta-ministry has the new password" \
	ask_ms password --new-file other
expect "its file has it" cmp ministry/ms-gives other
password more "mta to ms, second"
expect_fail "an MTA has no way to change that of another" "is an MTA" \
	ask_mta password mta-rescue --new-file more
expect_output "the MTA changes its own" "ms-ministry has the new password" \
	ask_mta password ms-ministry --new-file more
expect "its file has it" cmp ministry/mta-gives more
letter_passes "a letter passes"
restart ministry-mta
restart ministry-ms
letter_passes "a letter passes when both were started again"
cp ministry/mta-wants ministry/ms-gives
expect_fail "the store's first password is refused by its MTA" "$refused" \
	ask_ms password --new-file more
cp ministry/ms-wants ministry/mta-gives
expect_fail "and the MTA's by the store" "$refused" ask_mta password ms-ministry --new-file other
cp other ministry/ms-gives
cp more ministry/mta-gives
check "nothing is left of these" -z "$(ls ministry/*.new 2>/dev/null)"
check "no password is in any log" -z "$(grep -rlE "first|second|third|fourth" --include=log --include='*.log' .)"

# --- what the store wants delivered ---
expect_fail "nothing is no registration" "what is to be registered" ask_ms register
expect_fail "what is no type is none" "no content type" ask_ms register --content-type letters
expect_fail "a label of no policy is none" "\-\-label" ask_ms register --label cosmic
expect_output "no content over 2 KB" "now delivers what was registered" \
	ask_ms register --content-max 2K --content-type p22
letter_passes "a short letter is delivered"
head -c 3000 /dev/zero | tr '\0' x | fold >long.txt
must as alice send --to "${ADDRESS[carol]}" --subject "A long one" long.txt
too_long() {
	as alice sync >/dev/null 2>&1
	as alice receipts >receipts.out 2>&1 && grep -qiE "too.long" receipts.out
}
if wait_for too_long; then ok "a long one goes back"; else not_ok "a long one goes back" "$(cat receipts.out)"; fi
expect "what was registered is taken back" ask_ms register --content-max 1G --all-content-types
letter_passes "letters are delivered"
check "the MTA's audit log has it" "$(grep -c "store ms-ministry.*register allowed" ministry/mta/audit.log)" = 2
done_testing
