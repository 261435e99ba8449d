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
done_testing
