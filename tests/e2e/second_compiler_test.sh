#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The compiler of ASN.1 that comes with Erlang, which nobody here wrote, compiles our modules, and
# reads the same values as we do: of the vectors, of other makers' captures, and of what our programs
# have just said to one another.  Two things of the modules are put otherwise for it: it gives numbers
# and bits their names where they have some, and loses the tag of a type within itself.
. "$(dirname "$0")/../support/lib.sh"
type -P erl >/dev/null || skip_all "erlang-asn1 is not installed"
second=$TOP/tests/second

# compile FOLDER: the modules in it.
compile() {
	(cd "$1" && erlc "$second/values.erl" && erl -noshell -s values compile)
}
modules() {
	local file
	mkdir -p "$1"
	for file in "$TOP"/asn1/*.asn; do
		sed -Ez 's/\b(INTEGER|BIT STRING)\s*\{[^}]*\}/\1/g
			s/(\sdata\s+)(IPM\s)/\1[UNIVERSAL 16] IMPLICIT \2/' "$file" \
			>"$1/$(sed -nE 's/^([A-Z][A-Za-z0-9-]*)( \{.*)?$/\1/p' "$file" | head -n 1).asn1"
	done
}
judge() {
	python3 "$second/judge.py" "$B/tests/second/values" "$@"
}
modules "$WORK/modules"
compile "$WORK/modules" >"$WORK/compile.log" 2>&1 &
compiler=$!

# A message that waits at an MTA, and others in a store and at home.
. "$TOP/tests/support/two_domains.sh"
session() {
	letter alice "Everything" --sign --proof --origin-check --integrity-check --certificate \
		<<<"Read this." && wait_until settled && run as bob sync && run as alice sync &&
		hold && letter alice "Sealed" --seal <<<"Read this alone." && held
}
attack "a session" session

if wait $compiler; then
	ok "Erlang compiles our modules"
else
	not_ok "Erlang compiles our modules" "$(cat "$WORK/compile.log")"
	done_testing
fi
expect_output "and reads the same values as we do" "^[0-9]+ values of [0-9]+ types" \
	judge "$WORK/modules" ministry/mta/queue.db {ministry,rescue}/ms/store.db {alice,bob}/mail.db
echo "FIGURE: $output"

# One tag is another there.
sed -i 's/\(message-sequence-number\s*\)\[4\]/\1[5]/' "$WORK/modules/MTSSecurity.asn1"
rm "$WORK/modules/MTSSecurity.beam"
must compile "$WORK/modules"
expect_fail "where it has other modules, that is seen" \
	"^MessageTokenSignedData of modern.txt token, .* is read by us: True, by the other: False" \
	judge "$WORK/modules"
done_testing
