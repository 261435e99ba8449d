#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What "make install" leaves below DESTDIR and PREFIX runs from there and finds its own files.
. "$(dirname "$0")/../support/lib.sh"

cd "$TOP" || exit 1
root=$WORK/root
prefix=/opt/postern
expect "make install" make -s install DESTDIR="$root" PREFIX=$prefix
check "writes below PREFIX alone" "$(cd "$root" && find . -type f -not -path ".$prefix/*" | wc -l)" = 0

# Moved to another place, it is as a package would be that was unpacked there.
mv "$root$prefix" "$WORK/moved"
bin=$WORK/moved/bin
for program in ua ms mta ca dir; do
	expect_output "postern-$program runs" "^postern-$program [0-9]" \
		"$bin/postern-$program" --version
done

for page in */*.[158]; do
	check "the page $page is where man looks" \
		-s "$WORK/moved/share/man/man${page##*.}/$(basename "$page")"
done

# What the units of systemd run is there, with the options that they give it.
units=$WORK/moved/lib/systemd/system
for unit in */*.service */*.timer; do
	check "the unit $unit is where systemd looks" -s "$units/$(basename "$unit")"
done
starts() {	# each line's command is known, with what it is given
	local line
	sed -n "s|^ExecStart=$prefix/bin|$bin|p" "$units"/*.service >"$WORK/starts"
	[ "$(wc -l <"$WORK/starts")" = "$(cat "$units"/*.service | grep -c ^ExecStart=)" ] || return
	while read -r line; do
		# shellcheck disable=SC2086
		"${line%% *}" ${line#* } --help || return
	done <"$WORK/starts"
}
expect "their commands are those of the programs" starts
if type -P systemd-analyze >/dev/null; then
	mkdir -p "$WORK/verified"
	for unit in "$units"/*; do
		sed "s|$prefix|$WORK/moved|" "$unit" >"$WORK/verified/$(basename "$unit")"
	done
	expect_output "systemd has nothing to say against them" "^$" systemd-analyze verify \
		--man=no --recursive-errors=no "$WORK"/verified/*
fi

PATH=$PATH:/usr/sbin type -P slapd >/dev/null || { echo "# slapd is not installed"; done_testing; }
at_exit "$bin/slapd-private" stop "$WORK/slapd"
expect "slapd-private finds its schema" "$bin/slapd-private" start "$WORK/slapd"
. "$WORK/slapd/env"
dir() {
	"$bin/postern-dir" --config /dev/null --set "directory=$LDAPI" --set directory-bind=external "$@"
}
expect "postern-dir publishes an O/R address there" dir publish "CN=Alice,O=Ministry,C=FR" \
	--or-address "/S=Alice/O=Ministry/ADMD=400net/C=FR/"
expect_output "and finds it" "^cn=Alice" dir find --or-address "/S=Alice/O=Ministry/ADMD=400net/C=FR/"
expect "slapd-private stops it" "$bin/slapd-private" stop "$WORK/slapd"
done_testing
