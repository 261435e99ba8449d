# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the tests of attacks on two domains begin with, behind lib.sh: both are running, and the test
# stands in $SITE.
PATH=$PATH:/usr/sbin type -P slapd >/dev/null || skip_all "slapd is not installed"
SITE=$WORK/site
. "$TOP/tests/demo/site.sh"
. "$TOP/tests/demo/attacks.sh"
at_exit site_stop
# Not with "must", which runs in a subshell: the ports are remembered here.
site_make >"$WORK/site.log" 2>&1 || { not_ok "a site" "$(tail "$WORK/site.log")"; done_testing; }
must site_start
cd "$SITE" || exit 1

run() {
	output=$("$@" 2>&1)
}

# attack WORDS COMMAND...: it is carried out to its end.
attack() {
	local words=$1
	shift
	if "$@"; then ok "$words"; else not_ok "$words" "$output"; fi
}

# finds USER WORDS PATTERN [LINE]: after the next exchange, in his list's newest finding, or in that
# LINE of the list.
finds() {
	local found synced
	synced=$(as "$1" sync 2>&1)
	found=$(as "$1" list | sed -n "${4:-2}p")
	if grep -qE -- "$3" <<<"$found"; then
		ok "$2"
	else
		not_ok "$2" "$(printf 'wanted /%s/ in: %s\n%s\n%s' "$3" "$found" "$synced" "$(as "$1" list)")"
	fi
}

bob_finds() {
	finds bob "$@"
}

# good NAME: of a message that was signed by this user.
good() {
	echo "Signed by CN=$1,.*unchanged"
}
