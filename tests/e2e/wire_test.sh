#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A whole session of the real programs is captured on the loopback interface, and judged by
# tshark, which nobody here wrote.
. "$(dirname "$0")/../support/lib.sh"
PATH=$PATH:/usr/sbin type -P slapd >/dev/null || skip_all "slapd is not installed"
type -P dumpcap >/dev/null || skip_all "dumpcap is not installed"
SITE=$WORK/site
. "$TOP/tests/demo/site.sh"
. "$TOP/tests/demo/attacks.sh"
at_exit site_stop
# Not with "must", which runs in a subshell: the ports are remembered here.
{ site_make && collector_make dora rescue "CN=Dora Berg,O=Rescue,C=NO" \
	/G=Dora/S=Berg/O=Field/PRMD=Rescue/ADMD=Boreal/C=NO/; } >"$WORK/site.log" 2>&1 ||
	{ not_ok "a site" "$(tail "$WORK/site.log")"; done_testing; }
cd "$SITE" || exit 1

ldap=${LDAP##*:}
filter=$(printf 'tcp port %s or ' "${PORT[@]}" "$ldap")
capture=$WORK/session.pcapng
dumpcap -q -i lo -f "$filter tcp port 9" -w "$capture" >"$WORK/dumpcap.log" 2>&1 &
started[dumpcap]=$!
wait_for ready_or_gone dumpcap '^File: '
grep -q '^File: ' "$WORK/dumpcap.log" ||
	skip_all "nothing can be captured: $(tail -n 1 "$WORK/dumpcap.log")"

run() {
	output=$("$@" 2>&1)
}

# Dora, who has no store, takes it from the MTA.
collected() {
	run as alice send --to "${ADDRESS[dora]}" --proof <<<"Come and get it." && run as alice sync &&
		wait_until waits_at rescue-mta && run as dora sync && run as dora reply 1 <<<"I have it." &&
		run as dora sync && wait_until settled && run as alice sync
}

# Everything that the programs do with one another, and each association released; but for probes
# and proofs of submission: where it expands the types of X.411 in those of X.413, which are
# IMPLICIT, the decoder takes the tags of a probe's submission and of all results for EXPLICIT.
session() {
	site_start &&
		letter alice "Sealed" --seal <<<"Read this alone." &&
		letter alice "Proved" --sign --proof <<<"Read this." &&
		letter alice "Everything" --proof --origin-check --integrity-check --certificate \
			<<<"Read this." &&
		letter alice "For bob alone" --seal --confidential-check <<<"Read this alone." &&
		letter alice "Plain" --report --attach "$TOP/LICENSE" <<<"Read the attachment." &&
		run as alice send --to /S=Nobody/O=Rescue/PRMD=Rescue/ADMD=Boreal/C=NO/ <<<"Who?" &&
		run as alice sync && wait_until settled && run as bob sync &&
		run as bob reply "$(newest bob)" <<<"Thank you." && run as bob delete "$(newest bob)" &&
		run as bob sync && wait_until settled && run as alice sync && collected && site_stop
}
if session; then ok "a session"; else not_ok "a session" "$output"; done_testing; fi

# When a last segment, to a port that nobody listens on, is on disk, so is all that came before.
captured() {
	tshark -r "$capture" -Y 'tcp.port == 9' 2>/dev/null | grep -q .
}
(exec 3<>/dev/tcp/127.0.0.1/9) 2>/dev/null
wait_for captured
stop dumpcap
expect "tshark names every PDU of it, and finds nothing wrong" \
	"$TOP/tests/wire/judge" "$capture" "${PORT[@]}"
sed 's/^/# /' <<<"$output"

editcap -E 0.01 --seed 1 "$capture" "$WORK/damaged.pcapng" 2>/dev/null
expect_fail "a damaged one is found to be so" "WRONG: [0-9]+ (malformed|unknown|undecoded)" \
	"$TOP/tests/wire/judge" "$WORK/damaged.pcapng" "${PORT[@]}"
expect_fail "so is what is no TPKT, such as LDAP" "WRONG: [0-9]+ segments are no TPKT" \
	"$TOP/tests/wire/judge" "$capture" "${PORT[@]}" "$ldap"
done_testing
