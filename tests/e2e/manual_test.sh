#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The settings that a program has are those that its manual page explains: the same names in the
# same order, and the same defaults.
. "$(dirname "$0")/../support/lib.sh"

# page_settings PAGE: "name default" for each, as the page says it; the default is a ".Cm" that
# stands behind "Default:".
page_settings() {
	awk '
		/^\.Sh SETTINGS/ { inside = 1; next }
		/^\.Sh / { inside = 0 }
		!inside { next }
		/^\.It Cm / { if (name != "") print name, value; name = $3; value = ""; next }
		/^Default:$/ { wanted = 1; next }
		wanted && /^\.Cm / { value = $2; sub(/^\\&/, "", value); wanted = 0 }
		END { if (name != "") print name, value }' "$1"
}

# own_settings PROGRAM: the same as the program says it.
own_settings() {
	"$BIN/$1" --config /dev/null --show-settings |
		sed -nE 's/^#?([a-z][a-z0-9-]*) =( (.*))?$/\1 \3/p'
}

compare() {	# compare PROGRAM PAGE
	own_settings "$1" >"$WORK/$1.own"
	page_settings "$TOP/$2" >"$WORK/$1.page"
	check "$1 has settings" -s "$WORK/$1.own"
	expect "$2 explains the settings of $1 and no others, with their defaults" \
		diff -u "$WORK/$1.own" "$WORK/$1.page"
}

compare postern-mta mta/mta.conf.5
compare postern-ms ms/ms.conf.5
compare postern-ua ua/ua.conf.5
compare postern-ca ca/ca.conf.5
compare postern-dir directory/dir.conf.5
done_testing
