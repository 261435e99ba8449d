#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The ceremony on two machines: each has a network of its own, with nobody else on it, a directory
# of its own, and does not see the files of the other.  Two files are carried by hand.  Then each
# side's people trust the other's.
. "$(dirname "$0")/../support/lib.sh"
[ "$(id -u)" = 0 ] || skip_all "network namespaces are made by root"
type -P ip unshare nsenter slapd >/dev/null || skip_all "ip, unshare or slapd is not installed"
declare -A other=([north]=south [south]=north)

# A machine is a process that holds its network and its view of the files.
machine() {
	local name=$1
	mkdir -p "$WORK/$name"
	start "$name" "up" unshare --net --mount sh -c "
		ip link set lo up && mount -t tmpfs none '$WORK/${other[$name]}' && echo up && exec sleep 600"
}
on() {	# MACHINE COMMAND...
	local name=$1
	shift
	nsenter --net --mount --target "$(pid_of "$name")" --wd="$WORK/$name" "$@"
}
mkdir -p "$WORK/north" "$WORK/south"
unshare --net true 2>/dev/null || skip_all "network namespaces cannot be made here"
machine north
machine south
for name in north south; do
	at_exit on $name "$TOP/directory/slapd-private" stop "$WORK/$name/slapd"
	must on $name "$TOP/directory/slapd-private" start "$WORK/$name/slapd"
done

# --- nothing is shared ---
links() {
	on "$1" ip -o link | grep -v ' lo:'
}
port() {
	sed -n 's/^LDAP=.*://p' "$WORK/$1/slapd/env"
}
reach() {	# FROM TO
	on "$1" bash -c "exec 3<>/dev/tcp/127.0.0.1/$(port "$2")"
}
for name in north south; do
	expect_fail "the $name has no network but its own loop" "^$" links $name
	expect "on which its directory answers" reach $name $name
	expect_fail "not the other's" "refused" reach $name ${other[$name]}
	check "it does not see the other's files" -z "$(on $name ls "$WORK/${other[$name]}")"
done

# --- each side on its own ---
ca() {
	local name=$1
	shift
	on "$name" "$BIN/postern-ca" --config /dev/null --ca ca \
		--set "directory=$(sed -n 's/^LDAPI=//p' "$WORK/$name/slapd/env")" --set directory-bind=external "$@"
}
must ca north init --no-passphrase --name "O=North,C=NO"
must ca south init --no-passphrase --name "O=South,C=IT"
member() {	# MACHINE NAME SUBJECT ADDRESS
	must ca "$1" request "$2" --no-passphrase --name "$3" --scope ua --or-address "$4"
	must ca "$1" issue "$2/request.pem" --out "$2/cert.pem"
	must ca "$1" publish
}
member north nora "CN=Nora,C=NO" "/S=Nora/ADMD=net/C=NO/"
member south sofia "CN=Sofia,C=IT" "/S=Sofia/ADMD=net/C=IT/"

# --- the ceremony: two files, and words that are read aloud ---
carry() {	# FROM TO FILE
	echo "$3 from $1 to $2" >>"$WORK/carried.log"
	cp "$WORK/$1/$3" "$WORK/carried" && on "$2" sh -c "cat >'$3'" <"$WORK/carried"
}
aloud() {	# MACHINE: reads its own certificate's words
	ca "$1" --json inspect "$2" | jq -r .authority.words
}
expect "the north offers" ca north offer --path-length 0 --permit-name C=NO --out offer.pem
north=$(aloud north offer.pem)
expect "which is carried to the south" carry north south offer.pem
expect_output "that hears whose it is" "in words +$north" ca south inspect offer.pem
expect "and answers" ca south answer offer.pem --words "$north" --out answer.pem
south=$(aloud south answer.pem)
expect "which is carried back" carry south north answer.pem
expect_output "The north hears whose that is" "in words +$south" ca north inspect answer.pem
expect "and accepts" ca north accept answer.pem --words "$south" --permit-name C=IT --out complete.pem
check "Two files were carried" "$(wc -l <"$WORK/carried.log")" = 2
must ca north publish
must ca south publish

# --- what is published ---
search() {	# MACHINE ARGUMENTS...
	local name=$1
	shift
	on "$name" ldapsearch -LLL -x -o ldif-wrap=no -H "ldap://127.0.0.1:$(port "$name")" "$@"
}
pair() {	# MACHINE NAME: the tags of its halves
	search "$1" -b "$2" -s base 'crossCertificatePair;binary' |
		sed -n 's/^crossCertificatePair;binary:: //p' | base64 -d |
		openssl asn1parse -inform DER | sed -n 's/.*d=1 .*cont \[ \([01]\) \].*/\1/p' | xargs
}
expect_output "the north's directory has the whole pair" "^0 1$" pair north "O=North,C=NO"
expect_output "the south's has what it issued" "^1$" pair south "O=South,C=IT"

# What the other side publishes comes over later, as its own people see it: nothing is believed
# that is not signed.
shadow() {	# FROM TO
	search "$1" -b "$2" -s base '*' >"$WORK/ldif"
	on "$3" ldapadd -c -x -H "ldap://127.0.0.1:$(port "$3")" -D cn=admin -y "$WORK/$3/slapd/password" <"$WORK/ldif"
}
must shadow south C=IT north
must shadow south O=South,C=IT north
must shadow south CN=Sofia,C=IT north
must shadow north C=NO south
must shadow north O=North,C=NO south
must shadow north CN=Nora,C=NO south
way() {	# MACHINE NAME
	on "$1" "$BIN/postern-dir" --config /dev/null --set "directory=ldap://127.0.0.1:$(port "$1")" \
		path --authority ca/ca.pem "$2"
}
expect_output "Nora's side trusts Sofia" "CN=Sofia,C=IT is certified as UA by O=South" way north CN=Sofia,C=IT
expect_output "Sofia's side trusts Nora" "CN=Nora,C=NO is certified as UA by O=North" way south CN=Nora,C=NO

# --- a third file completes the other pair ---
expect "what completes the south's pair is carried too" carry north south complete.pem
expect "and accepted" ca south accept complete.pem --words "$north" --one-way
must ca south publish
expect_output "after which its directory has the whole pair" "^0 1$" pair south "O=South,C=IT"
for name in north south; do
	expect_output "the $name can prove what was done" "follow one another" ca $name journal verify
done
done_testing
