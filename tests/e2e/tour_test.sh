#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# docs/TOUR.md is true in what a machine can see: each file that it names is there, each function
# is defined, and in the file that is named with it.
# shellcheck disable=SC2016
. "$(dirname "$0")/../support/lib.sh"
cd "$TOP" || exit 1
text=$(tr -s ' \n' '  ' <docs/TOUR.md)

# defined FUNCTION FILE...: its definition begins a line in one of them.
defined() {
	local function=$1
	shift
	grep -qE "^[A-Za-z][^;]*\b$function\([^;]*$" "$@"
}

wrong=
while read -r file; do
	[ -e "$file" ] || wrong+="there is no $file"$'\n'
done < <(grep -oE '`[a-z]+/[A-Za-z0-9_./]+`' <<<"$text" | tr -d '`' | sort -u)
check "every file is there" "$wrong" = ""

sources=$(find lib asn1 directory ua ms mta ca -name '*.c')
wrong=
while read -r function; do
	# shellcheck disable=SC2086
	defined "$function" $sources || wrong+="$function is defined nowhere"$'\n'
done < <(grep -oE '`[a-z0-9_]+`' <<<"$text" | tr -d '`' | sort -u)
while read -r function file; do
	defined "$function" "$file" || wrong+="$function is not in $file"$'\n'
done < <(grep -oE '`[a-z0-9_]+`(,| \() ?`[a-z0-9_/]+\.c`' <<<"$text" | tr -d '`(,' | sort -u)
check "every function is where it is said to be" "$wrong" = ""
done_testing
