#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# docs/SECURITY.md is true in what a machine can see: each file that it names is there and has the
# function named with it, each test is there under these words and runs, no cell is empty, and no
# attack is without a line.
# shellcheck disable=SC2016
. "$(dirname "$0")/../support/lib.sh"
cd "$TOP" || exit 1
page=docs/SECURITY.md
quoted() {
	grep -oE '`[^`]+`' "$page" | tr -d '`' | sort -u
}

wrong=
while IFS= read -r reference; do
	file=${reference%%: *} function=${reference#*: }
	[ -e "$file" ] || wrong+="there is no $file"$'\n'
	[ "$function" = "$reference" ] || grep -qE "^[A-Za-z][^;]*\b$function\([^;]*$" "$file" ||
		wrong+="$function is not in $file"$'\n'
done < <(quoted | grep -E '^[a-z]+/')
check "every file and function is there" "$wrong" = ""

# runs TEST WORDS: the test program has a test of that name, or the script says so.
runs() {
	local file
	for file in tests/e2e/"$1".sh $(find tests/unit tests/scenario -name "$1.c"); do
		case $file in
		*.c) grep -qE "\b[A-Za-z_]+\($2\b" <(grep -vE "^static void" "$file") && return ;;
		*.sh) [ -e "$file" ] && grep -qF -- "\"$2\"" "$file" && return ;;
		esac
	done
	return 1
}
wrong=
count=0
while IFS= read -r reference; do
	count=$((count + 1))
	runs "${reference%%: *}" "${reference#*: }" || wrong+="no such test: $reference"$'\n'
done < <(quoted | grep -E '^[a-z0-9_]+_test: ')
check "every test is there" "$wrong" = ""
check "there are many" $count -gt 50
check "no cell is empty" -z "$(grep -nE '^\|.*\|[[:space:]]*\|' "$page")"
for suite in $(awk '/^const struct suite suite_/ { getline; print $3 }' lib/sec/suite_*.c | tr -d '",'); do
	check "$suite has its lines" "$(grep -cE "^\|[^|]*\|[^|]*$suite" "$page")" -gt 5
done
wrong=
for attack in tests/attack/*.c; do
	grep -qF "\`$attack\`" "$page" || wrong+="nothing is said of $attack"$'\n'
done
check "every program that attacks is named" "$wrong" = ""
done_testing
