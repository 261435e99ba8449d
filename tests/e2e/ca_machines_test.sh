#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The ceremony on two machines: each has a network of its own, with nobody else on it, a directory
# of its own, and does not see the files of the other.  Two files are carried by hand, and nothing
# else.  Then the directories are joined, as they have to be for anybody to find the other side's
# people: each refers to the other.  Both publish the whole pair, and each side's people trust the
# other's.
. "$(dirname "$0")/../support/lib.sh"
[ "$(id -u)" = 0 ] || skip_all "network namespaces are made by root"
type -P ip unshare nsenter slapd >/dev/null || skip_all "ip, unshare or slapd is not installed"
declare -A other=([north]=south [south]=north)
declare -A address=([north]=192.0.2.1 [south]=192.0.2.2)

# A machine is a process that holds its network and its view of the files.
machine() {
	local name=$1
	mkdir -p "$WORK/$name"
	start "$name" "up" unshare --net --mount sh -c "
		ip link set lo up && ip address add ${address[$name]}/32 dev lo &&
		mount -t tmpfs none '$WORK/${other[$name]}' && echo up && exec sleep 600"
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
	must on $name openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
		-subj "/CN=$name" -addext "subjectAltName=IP:${address[$name]}" -keyout tls.key -out tls.pem
	at_exit on $name "$TOP/directory/slapd-private" stop "$WORK/$name/slapd"
	must on $name "$TOP/directory/slapd-private" start "$WORK/$name/slapd" \
		--listen "${address[$name]}" --tls tls.pem tls.key tls.pem
done

# --- nothing is shared ---
links() {
	on "$1" ip -o link | grep -v ' lo:'
}
uri() {	# MACHINE [KIND]
	sed -n "s/^${2-LDAP}=//p" "$WORK/$1/slapd/env"
}
reach() {	# FROM TO
	local uri
	uri=$(uri "$2")
	uri=${uri#ldap://}
	on "$1" bash -c "exec 3<>/dev/tcp/${uri%:*}/${uri##*:}"
}
for name in north south; do
	expect_fail "the $name has no network but its own loop" "^$" links $name
	expect "on which its directory answers" reach $name $name
	expect_fail "not the other's" "unreachable" reach $name ${other[$name]}
	check "it does not see the other's files" -z "$(on $name ls "$WORK/${other[$name]}")"
done

# --- each side on its own ---
ca() {
	local name=$1
	shift
	on "$name" "$BIN/postern-ca" --config /dev/null --ca ca --set "directory=$(uri "$name" LDAPI)" \
		--set directory-bind=external "$@"
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
carry() {	# FROM TO FILE: by a hand that leaves no copy where both could look
	echo "$3 from $1 to $2" >>"$WORK/carried.log"
	on "$1" cat "$3" | on "$2" sh -c "cat >'$3'"
}
aloud() {	# MACHINE: reads its own certificate's words
	ca "$1" --json inspect "$2" | jq -r .authority.words
}
expect "the north offers" ca north offer --path-length 0 --permit-name C=NO --out offer.pem
north=$(aloud north offer.pem)
expect "which is carried to the south" carry north south offer.pem
expect_output "that hears whose it is" "in words +$north" ca south inspect offer.pem
must ca south --ca posing init --no-passphrase --name "O=North,C=NO"
must ca south --ca posing offer --out posing.pem
expect_fail "an offer that was put in its place has other words than those that are heard" "not who was spoken to" \
	ca south answer posing.pem --words "$north" --out answer.pem
expect_fail "and without words there is no answer" "say so with --fingerprint or --words" \
	ca south answer offer.pem --out answer.pem
check "nothing was answered" ! -e "$WORK/south/answer.pem"
expect "and answers" ca south answer offer.pem --words "$north" --out answer.pem
south=$(aloud south answer.pem)
expect "which is carried back" carry south north answer.pem
expect_output "The north hears whose that is" "in words +$south" ca north inspect answer.pem
expect_output "and accepts" "from there, the other authority's .complete. has its own" \
	ca north accept answer.pem --words "$south" --permit-name C=IT
must ca north publish
must ca south publish

# --- what is published ---
pair() {	# MACHINE NAME: the tags of its halves
	on "$1" ldapsearch -LLL -x -o ldif-wrap=no -H "$(uri "$1")" -b "$2" -s base 'crossCertificatePair;binary' |
		sed -n 's/^crossCertificatePair;binary:: //p' | base64 -d |
		openssl asn1parse -inform DER | sed -n 's/.*d=1 .*cont \[ \([01]\) \].*/\1/p' | xargs
}
expect_output "the north's directory has the whole pair" "^0 1$" pair north "O=North,C=NO"
expect_output "the south's has the half that the south has made" "^1$" pair south "O=South,C=IT"

# --- the directories are joined; nobody's word is needed any more ---
refer() {	# MACHINE COUNTRY: what its directory says of the other's country
	on "$1" ldapadd -x -H "$(uri "$1")" -D cn=admin -y slapd/password <<LDIF
dn: $2
objectClass: referral
objectClass: extensibleObject
c: ${2#C=}
ref: $(uri "${other[$1]}")/$2
LDIF
}
must refer north C=IT
must refer south C=NO
expect_fail "without a way to the north its certificate for the south is not known" \
	"Not complete: .*refers to ldap://192.0.2.1" ca south complete
join() {
	on north ip link add wire type veth peer name wire netns "$(pid_of south)" || return
	for name in north south; do
		on $name ip link set wire up && on $name ip route add "${address[${other[$name]}]}/32" dev wire \
			src "${address[$name]}" || return
	done
}
expect "a wire joins the two machines" join
expect "their directories see each other" wait_for reach south north
expect_output "the south completes its pair from what the north has published" \
	"O=North,C=NO certifies this authority until .*held to" ca south complete
expect_output "which it says, with what the north holds it to" "permit-name +C=IT" cat <(echo "$output")
expect_output "and publishes it whole" "^0 1$" pair south "O=South,C=IT"
expect_output "once" "0 of 1 pairs were completed" ca south complete
check "Two files were carried, and no third" "$(wc -l <"$WORK/carried.log")" = 2

way() {	# MACHINE NAME
	on "$1" "$BIN/postern-dir" --config /dev/null --set "directory=$(uri "$1")" path --authority ca/ca.pem "$2"
}
expect_output "Nora's side trusts Sofia" "CN=Sofia,C=IT is certified as UA by O=South" way north CN=Sofia,C=IT
expect_output "Sofia's side trusts Nora" "CN=Nora,C=NO is certified as UA by O=North" way south CN=Nora,C=NO
for name in north south; do
	expect_output "the $name can prove what was done" "follow one another" ca $name journal verify
done
done_testing
