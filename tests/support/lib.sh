# SPDX-License-Identifier: Apache-2.0
# What every end-to-end test sources: TAP, a work directory, processes that end with the test.
#
#	. "$(dirname "$0")/../support/lib.sh"
#	start mta "ready" "$BIN/postern-mta" --config "$WORK/mta.conf"
#	expect "a letter is accepted" "$BIN/postern-ua" send --to bob letter.txt
#	expect_fail "junk is refused, and why" "not a letter" "$BIN/postern-ua" send junk
#	done_testing
#
# TOP   the source tree          B     the build directory, absolute
# BIN   the programs             WORK  an empty directory of this test's own, under B
set -u

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
B=$(cd "${B:-$TOP/build}" && pwd)
BIN=$B
WORK=$B/tests/e2e/$(basename "$0" .sh)
rm -rf "$WORK"
mkdir -p "$WORK"
export LC_ALL=C.UTF-8 TZ=UTC

tap_count=0
tap_failed=0
cleanups=()
declare -A started=()

# --- TAP ---

ok() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1"
}

# not_ok WORDS [DETAILS]
not_ok() {
	tap_count=$((tap_count + 1))
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_count - $1"
	[ -z "${2-}" ] || printf '%s\n' "$2" | sed 's/^/# /'
}

# check WORDS CONDITION...: as test(1).
check() {
	local words=$1
	shift
	if test "$@"; then ok "$words"; else not_ok "$words" "not so: $*"; fi
}

# expect WORDS COMMAND...: it succeeds.  Its output is left in $output, also below.
expect() {
	local words=$1 status=0
	shift
	output=$("$@" 2>&1) || status=$?
	if [ $status -eq 0 ]; then
		ok "$words"
	else
		not_ok "$words" "$(printf 'exit %d: %s\n%s' $status "$*" "$output")"
	fi
}

# expect_output WORDS PATTERN COMMAND...: it succeeds, and its output matches (grep -E).
expect_output() {
	local words=$1 pattern=$2 status=0
	shift 2
	output=$("$@" 2>&1) || status=$?
	if [ $status -eq 0 ] && grep -qE -- "$pattern" <<<"$output"; then
		ok "$words"
	else
		not_ok "$words" "$(printf 'exit %d, wanted 0 and /%s/: %s\n%s' \
			$status "$pattern" "$*" "$output")"
	fi
}

# expect_fail WORDS PATTERN COMMAND...: it fails, and says so in words that match (grep -E).
# Ending by a signal or a sanitizer's finding is not failing.
expect_fail() {
	local words=$1 pattern=$2 status=0
	shift 2
	output=$("$@" 2>&1) || status=$?
	if [ $status -gt 0 ] && [ $status -lt 124 ] && grep -qE -- "$pattern" <<<"$output" &&
		! grep -qE 'Sanitizer|runtime error:' <<<"$output"; then
		ok "$words"
	else
		not_ok "$words" "$(printf 'exit %d, wanted a failure and /%s/: %s\n%s' \
			$status "$pattern" "$*" "$output")"
	fi
}

skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

# The last line of a test.
done_testing() {
	echo "1..$tap_count"
	[ $tap_failed -eq 0 ]
	exit
}

# A step without which the rest makes no sense.
must() {
	local out status=0
	out=$("$@" 2>&1) || status=$?
	[ $status -eq 0 ] && return
	not_ok "preparing: $*" "$(printf 'exit %d\n%s' $status "$out")"
	done_testing
}

# --- waiting and processes ---

# wait_for COMMAND...: until it succeeds; fails after 20 seconds.
wait_for() {
	local deadline=$((SECONDS + 20))
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $deadline ] || return 1
		sleep 0.02
	done
}

# What is made from now on is not of the same second as what was made before.
next_second() {
	local now=$EPOCHSECONDS
	until [ "$EPOCHSECONDS" -gt "$now" ]; do sleep 0.02; done
}

ready_or_gone() {
	grep -qE -- "$2" "$WORK/$1.log" || ! kill -0 "${started[$1]}" 2>/dev/null
}

# start NAME PATTERN COMMAND...: in the background, output in $WORK/NAME.log; returns when the
# log matches the pattern.  The test ends here where the command ends or stays silent.
start() {
	local name=$1 pattern=$2
	shift 2
	"$@" >"$WORK/$name.log" 2>&1 </dev/null &
	started[$name]=$!
	if ! wait_for ready_or_gone "$name" "$pattern" ||
		! grep -qE -- "$pattern" "$WORK/$name.log"; then
		not_ok "start $name" "$(tail -n 40 "$WORK/$name.log")"
		done_testing
	fi
}

# pid_of NAME
pid_of() {
	echo "${started[$1]}"
}

# stop NAME [SIGNAL]: ends it, and returns its exit status.
stop() {
	local pid=${started[$1]} status=0
	kill -"${2:-TERM}" "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null || status=$?
	unset "started[$1]"
	return $status
}

# crash NAME: as a power failure would.
crash() {
	stop "$1" KILL
	true
}

# at_exit COMMAND...: runs when the test ends, however it ends; the last one first.
at_exit() {
	cleanups+=("$(printf '%q ' "$@")")
}

gone() {
	! kill -0 "$1" 2>/dev/null
}

cleanup() {
	local status=$? i pid
	trap - EXIT
	trap '' INT TERM HUP
	for ((i = ${#cleanups[@]} - 1; i >= 0; i--)); do
		eval "${cleanups[i]}" >/dev/null 2>&1
	done
	for pid in $(jobs -p); do
		kill -TERM "$pid" 2>/dev/null
	done
	for pid in $(jobs -p); do
		wait_for gone "$pid" || kill -KILL "$pid" 2>/dev/null
	done
	exit $status
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# slapd [OPTIONS...]: a directory of the test's own.  Sets LDAPI, LDAP, LDAP_DN, LDAP_PASSWORD_FILE.
slapd() {
	PATH=$PATH:/usr/sbin type -P slapd >/dev/null || skip_all "slapd is not installed"
	at_exit "$TOP/directory/slapd-private" stop "$WORK/slapd"
	must "$TOP/directory/slapd-private" start "$WORK/slapd" "$@"
	. "$WORK/slapd/env"
	LDAP_PASSWORD_FILE=$WORK/slapd/password
}
