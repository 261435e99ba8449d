#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The administrator's day with postern-dir: a directory is served, entries of every kind are made,
# found and taken away, what is wrong is found and repaired by the very command that check names;
# servers die, refer to one another, and are asked in turn.
. "$(dirname "$0")/../support/lib.sh"

PATH=$B:$PATH	# so that what check tells to type can be typed

signed() {	# signed NAME SUBJECT ISSUER [EXTENSIONS [DAYS]]
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "$2" \
		-keyout "$WORK/$1.key" -out "$WORK/$1.csr" &&
		openssl x509 -req -in "$WORK/$1.csr" -days "${5-90}" -CA "$WORK/$3.pem" \
			-CAkey "$WORK/$3.key" -out "$WORK/$1.pem" -extfile <(echo "${4-}")
}
authority() {	# authority NAME SUBJECT
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 \
		-subj "$2" -keyout "$WORK/$1.key" -out "$WORK/$1.pem"
}
must authority ca "/C=FR/O=Authority"
must authority other "/C=NO/O=Other"
must signed server "/C=FR/CN=directory" ca "subjectAltName=IP:127.0.0.1"
must signed client "/C=FR/O=Ministry/CN=Writer" ca
must signed stranger "/C=FR/O=Ministry/CN=Stranger" other

# --- serve ---
at_exit postern-dir serve stop "$WORK/served"
expect_fail "it serves others only over TLS" "not served without TLS" \
	postern-dir serve start "$WORK/served" --listen 0.0.0.0
expect_output "a directory is served" "directory = ldapi://" postern-dir serve start "$WORK/served" \
	--tls-certificate "$WORK/server.pem" --tls-key "$WORK/server.key" --tls-ca "$WORK/ca.pem" \
	--writer "cn=Writer,o=Ministry,c=FR"
expect "and says that it runs" postern-dir serve status "$WORK/served"
PATH=$PATH:/usr/sbin type -P slapd >/dev/null || skip_all "slapd is not installed"
. "$WORK/served/env"
printf 'directory = %s\ndirectory-bind = external\n' "$LDAPI" >"$WORK/dir.conf"
dir() {
	postern-dir --config "$WORK/dir.conf" "$@"
}
over() {	# over URI ARGUMENTS...
	postern-dir --config /dev/null --set "directory=$1" "${@:2}"
}
tls() {	# tls CA CERTIFICATE ARGUMENTS...
	over "$LDAPS" --set directory-ca="$WORK/$1.pem" --set directory-bind=external \
		--set directory-certificate="$WORK/$2.pem" --set directory-key="$WORK/$2.key" "${@:3}"
}

# --- entries of every kind ---
address="/G=Alice/S=Smith/O=Ministry/PRMD=Gov/ADMD=400net/C=FR/"
expect "a store" dir publish "CN=Store,O=Ministry,C=FR" --kind store --organization Ministry
expect "an MTA" dir publish "CN=MTA,O=Ministry,C=FR" --kind mta --content-length 1000000
expect "a user with his store" dir publish "CN=Alice Smith,O=Ministry,C=FR" --or-address "$address" \
	--mail alice@gov.example --message-store "CN=Store,O=Ministry,C=FR" --content-type 2.6.1.10.1
expect "another" dir publish "CN=Alan Smythe,O=Ministry,C=FR" \
	--or-address "/G=Alan/S=Smythe/O=Ministry/PRMD=Gov/ADMD=400net/C=FR/"
expect "a distribution list" dir publish "CN=Roads,O=Ministry,C=FR" --kind list \
	--or-address "/CN=Roads/O=Ministry/PRMD=Gov/ADMD=400net/C=FR/" --member "$address" \
	--may-send "individual:$address" --may-send "group_member:CN=Road Office,O=Ministry,C=FR"
expect_fail "who may send is said as RFC 1778 does" "begins with individual" \
	dir publish "CN=Roads,O=Ministry,C=FR" --kind list --may-send everybody
classes() {
	ldapsearch -LLL -Q -Y EXTERNAL -H "$LDAPI" -b "O=Ministry,C=FR" "(objectClass=$1)" dn |
		sed -n 's/^dn: //p'
}
check "X.402's classes by their identifiers: mhs-distribution-list" "$(classes 2.6.5.1.0)" = "cn=Roads,o=Ministry,c=FR"
check "mhs-message-store" "$(classes 2.6.5.1.1)" = "cn=Store,o=Ministry,c=FR"
check "mhs-message-transfer-agent" "$(classes 2.6.5.1.2)" = "cn=MTA,o=Ministry,c=FR"
check "mhs-user" "$(classes 2.6.5.1.3 | wc -l)" -eq 2
expect_fail "a list without senders says what is missing" "has to have an O/R address, and to say who may" \
	dir publish "CN=Bridges,O=Ministry,C=FR" --kind list --or-address "/CN=Bridges/O=Ministry/ADMD=400net/C=FR/"
for kind in store:Store mta:MTA list:Roads; do
	expect_output "a ${kind%:*} is found as that, alone" "^cn=${kind#*:},o=Ministry,c=FR" dir find --kind "${kind%:*}"
	check "and is shown as that" "$(grep -cE "^  kind +${kind%:*}$" <<<"$output")" -eq 1
done
expect_output "users are found as that" "^cn=Alice Smith,.* user " dir find --kind user --organization ministry
check "there are two of them" "$(grep -c ' user ' <<<"$output")" -eq 2
expect_fail "there is no agent" "no entry" dir find --kind agent
expect_output "a member as RFC 1778 writes it" "member +X400:$address" dir get "CN=Roads,O=Ministry,C=FR"
expect "publishing can be tried dry" dir publish "CN=Nobody,O=Ministry,C=FR" --mail a@b --dry-run
expect_fail "and then nothing is there" "No such object" dir get "CN=Nobody,O=Ministry,C=FR"

# --- find ---
must dir publish "CN=Renée Dupré,O=Ministry,C=FR" --mail renee@gov.example
columns() {	# where the second and third columns of the table begin, each once
	dir find --mail gov.example --part | sed -E 's,^([^/-]*[ ])([/-].*  )[^ ]+@.*,\1|\2|,' |
		grep '|' | sed 's/[^|]/./g' | sort -u | wc -l
}
check "a table has straight columns, whatever the letters" "$(columns)" -eq 1
expect_output "several are a table" "^NAME +KIND +O/R ADDRESS +MAIL" dir find --cn "al" --part
check "with a line for each" "$(grep -c '^cn=Al' <<<"$output")" -eq 2
expect_output "by organization, which the name says" "cn=Roads" dir find --organization ministry
expect_output "by two things at once" "^cn=Alice" dir find --organization ministry --cn "alice smith"
expect_fail "which have to be so both" "all else that was asked for" \
	dir find --organization other --cn "alice smith"
expect_output "by part of an O/R address" "^cn=Alan" dir find --or-address "G=Alan" --part
two() {
	[ "$(dir --json find --cn al --part | jq length)" -eq 2 ]
}
expect "as JSON" two

# --- who may write ---
expect "a client's certificate may write, by EXTERNAL over ldaps" tls ca client \
	publish "CN=Alice Smith,O=Ministry,C=FR" --mail alice@gov.example
expect_fail "another certificate of the same authority may not" "nsufficient access" \
	tls ca server publish "CN=Alice Smith,O=Ministry,C=FR" --mail mallory@example
expect_fail "a certificate of another authority is not even heard" "TLS|lost|contact|EXTERNAL" \
	tls ca stranger get "CN=Alice Smith,O=Ministry,C=FR"
expect_fail "a server of another authority is not spoken to" "TLS failed" \
	tls other client get "CN=Alice Smith,O=Ministry,C=FR"

# --- check, and the commands it names ---
expect_output "where all is well check says so" "0 things are to be repaired" dir check
alice="CN=Alice Smith,O=Ministry,C=FR"
must signed alice "/C=FR/O=Ministry/CN=Alice Smith" ca
must signed alan "/C=FR/O=Ministry/CN=Alan Smythe" ca
must signed old "/C=FR/O=Ministry/CN=Alice Smith" ca "" -1
must signed soon "/C=FR/O=Ministry/CN=Alice Smith" ca "" 3
must signed gone "/C=FR/O=Ministry/CN=Alice Smith" ca
crl() {	# crl OUT DAYS [openssl ca options]
	(cd "$WORK" && touch index.txt && { [ -s number ] || echo 01 >number; } &&
		printf '[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha256\n' >ca.conf &&
		openssl ca -config ca.conf -gencrl -keyfile ca.key -cert ca.pem -crldays "$2" -out "$1.pem")
}
revoke() {
	(cd "$WORK" && openssl ca -config ca.conf -keyfile ca.key -cert ca.pem -revoke "$1.pem")
}
must crl empty 30
must revoke gone
must crl list 30
must dir publish "CN=Authority,O=Ministry,C=FR" --kind authority --crl "$WORK/empty.pem"
expect_output "an authority is found as that, and as nothing else" "^cn=Authority" dir find --kind authority
expect_fail "though it has the class of agents" "no entry of kind agent" dir find --kind agent
must dir unpublish "CN=Authority,O=Ministry,C=FR" --yes
must dir publish "O=Authority,C=FR" --kind authority --ca-certificate "$WORK/ca.pem" --crl "$WORK/list.pem"
must dir publish "$alice" --certificate "$WORK/alice.pem" --certificate "$WORK/alan.pem" \
	--certificate "$WORK/old.pem" --certificate "$WORK/soon.pem" --certificate "$WORK/gone.pem"
octets() {
	ldapsearch -LLL -o ldif-wrap=no -Q -Y EXTERNAL -H "$LDAPI" -b "$1" -s base "$2" |
		sed -n "s/^$2:: //p" | base64 -d
}
ldif() {
	ldapmodify -Q -Y EXTERNAL -H "$LDAPI"
}
der() {
	openssl x509 -in "$WORK/$1.pem" -outform DER | base64 -w0
}
misplace() {
	printf 'dn: cn=Alan Smythe,o=Ministry,c=FR\nchangetype: modify\nadd: userSMIMECertificate\nuserSMIMECertificate:: %s\n' \
		"$(der alan)" | ldif
}
must misplace
junk() {
	ldif <<-LDIF
		dn: o=Authority,c=FR
		changetype: modify
		replace: crossCertificatePair;binary
		crossCertificatePair;binary:: $(octets "O=Authority,C=FR" 'crossCertificatePair;binary' | base64 -w0)
		crossCertificatePair;binary:: MAMCAQU=
	LDIF
}
must dir publish "O=Authority,C=FR" --issued-to "$WORK/other.pem" --issued-by "$WORK/ca.pem"
must junk
"$B/postern-dir" --config "$WORK/dir.conf" check >"$WORK/check.out" 2>&1
check "where something is wrong the exit code says so (EX_UNAVAILABLE)" $? -eq 69
for what in "ended on" "ends soon" "was revoked by O=Authority,C=FR" "is that of CN=Alan" \
	"in userSMIMECertificate" "forward half was issued to another" "no pair of certificates"; do
	check "check says: $what" "$(grep -c "$what" "$WORK/check.out")" -eq 1
done
json_found() {
	dir --json check "$@" | jq -r '.[].what' | sort | tr '\n' ' '
}
check "and so in JSON" "$(json_found 2>/dev/null)" = \
	"expired expires-soon junk-pair other-subject pair-mismatch revoked wrong-attribute "
sed -n 's/^    repair: \(postern-dir .* repair .*\)/\1 --yes/p' "$WORK/check.out" >"$WORK/repair.sh"
check "five of them name a command" "$(wc -l <"$WORK/repair.sh")" -eq 5
check "to what was revoked nothing is to be done" "$(dir --json check 2>/dev/null | jq -r '.[] | select(.what == "revoked").repair')" = null
expect_fail "a repair says of what" "repair what\?" dir repair "$alice"
expect_fail "without a terminal nothing is taken away unasked" "add --yes" \
	bash -c "$(sed -n 's/ --yes$//p' "$WORK/repair.sh" | head -n 1)"
expect "the commands are typed" bash -e "$WORK/repair.sh"
"$B/postern-dir" --config "$WORK/dir.conf" check --soon 0 >"$WORK/check.out" 2>&1
check "and then all is well" $? -eq 0
expect_output "the misplaced certificate is where it is looked for" "^  certificate$" \
	dir get "CN=Alan Smythe,O=Ministry,C=FR"
"$B/postern-dir" --config "$WORK/dir.conf" check --soon 3650 >"$WORK/check.out" 2>&1
check "with more foresight, all that is ahead" "$(grep -c "ends soon" "$WORK/check.out")" -eq 4
stale() {
	(cd "$WORK" && openssl ca -config ca.conf -gencrl -keyfile ca.key -cert ca.pem -out stale.pem \
		-crl_lastupdate 20200101000000Z -crl_nextupdate 20200201000000Z)
}
must stale
must dir publish "O=Authority,C=FR" --crl "$WORK/stale.pem"
expect_fail "a list that should have been replaced" "are to be repaired" dir check
check "is named" "$(grep -c "should have been replaced on 2020-02-01" <<<"$output")" -eq 1

must dir publish "O=Authority,C=FR" --crl "$WORK/list.pem"

# --- pairs that match in their names alone, and that have ended ---
must signed forward "/C=FR/O=Authority" other
must authority twin "/C=FR/O=Authority"
must signed reverse "/C=NO/O=Other" twin
must signed ended "/C=FR/O=Authority" other "" -1
must dir publish "O=Authority,C=FR" --issued-to "$WORK/forward.pem" --issued-by "$WORK/reverse.pem" \
	--issued-to "$WORK/ended.pem"
check "they are told apart" "$(json_found --soon 0 2>/dev/null)" = "pair-ended pair-mismatch revoked "
expect_fail "and why they do not serve" "halves are of different keys" dir check
must dir publish "O=Authority,C=FR" --issued-to "$WORK/forward.pem"

# --- what certificates and names say is typed by a shell, and does nothing else there ---
issuer() {
	"$BIN/postern-ca" --set authority="$WORK/issuer" "$@"
}
obrien="CN=Ann O'Brien,O=Ministry,C=FR" home="/S=O'Brien/O=Ministry/PRMD=Gov/ADMD=400net/C=FR/"
must issuer init --no-passphrase --name "O=Issuer,C=FR"
must issuer request "$WORK/obrien" --no-passphrase --name "$obrien" --scope ua --or-address "$home"
must issuer issue "$WORK/obrien/request.pem" --out "$WORK/obrien.pem"
must dir publish "$obrien" --certificate "$WORK/obrien.pem"
expect_fail "an address that the entry does not have is found" "is for the O/R address $home, which the" \
	dir check --soon 0
expect "the command is typed" bash -e -c "$(sed -n 's/^    repair: //p' <<<"$output")"
expect_output "and does what it says" "O/R address +$home" dir get "$obrien"
expect "so that all is well" dir check --soon 0

# --- unpublish ---
expect_output "taking an entry out can be tried dry" "would be taken out" dir unpublish "$alice" --dry-run
expect_fail "is asked before" "add --yes" dir unpublish "$alice"
expect "and then it is out" dir unpublish "$alice" --yes
expect_fail "and gone" "No such object" dir get "$alice"
expect_fail "what has entries below it stays" "subordinate|non-leaf|Operation not allowed" \
	dir unpublish "O=Ministry,C=FR" --yes

# --- ldapsearch and openssl read what we published ---
expect "ldapsearch and we have the same octets of a list" \
	cmp <(octets "O=Authority,C=FR" 'certificateRevocationList;binary') \
	<(dir --json get "O=Authority,C=FR" | jq -r '.crls[0].der' | xxd -r -p)
expect "which openssl verifies" openssl crl -in <(octets "O=Authority,C=FR" 'certificateRevocationList;binary') \
	-inform DER -CAfile "$WORK/ca.pem" -noout
expect "and of an authority's certificate" \
	cmp <(octets "O=Authority,C=FR" 'cACertificate;binary') <(openssl x509 -in "$WORK/ca.pem" -outform DER)
must dir publish "O=Authority,C=FR" --issued-to "$WORK/ca.pem" --issued-by "$WORK/other.pem"
halves() {	# the pair as openssl sees it: two certificates behind explicit tags
	octets "O=Authority,C=FR" 'crossCertificatePair;binary' >"$WORK/pair.der"
	openssl asn1parse -inform DER -in "$WORK/pair.der" | grep -c "d=1 .*cont \[ [01] \]"
}
check "openssl sees the two halves of a pair" "$(halves)" -eq 2

# --- several servers ---
must "$TOP/directory/slapd-private" start "$WORK/second"
at_exit "$TOP/directory/slapd-private" stop "$WORK/second"
SECOND=$(sed -n 's/^LDAP=//p' "$WORK/second/env") SECOND_I=$(sed -n 's/^LDAPI=//p' "$WORK/second/env")
alan="CN=Alan Smythe,O=Ministry,C=FR"
must over "$SECOND_I" --set directory-bind=external publish "$alan" --mail second@example
expect_output "the first that can be asked answers" "Alan" over "$LDAP $SECOND" get "$alan"
check "and it was the first" -z "$(grep second@ <<<"$output")"
expect_output "where it is dead, the next does" "second@example" over "ldap://127.0.0.1:1 $SECOND" get "$alan"
expect_fail "where all are, both are named" "127.0.0.1:1.*|127.0.0.1:2" \
	over "ldap://127.0.0.1:1 ldap://127.0.0.1:2" get "$alan"
check "in one story" "$(grep -c '127.0.0.1:[12]' <<<"$output")" -ge 2
expect_fail "a password goes to none of several in the clear" "not sent in the clear" \
	over "$LDAPI $SECOND" --set directory-bind=simple --set directory-bind-name=cn=admin \
	--set directory-password-file="$WORK/served/password" get "$alan"

# --- a server that hangs, wherever that is ---
in_time() {	# in_time URI [SETTINGS...]: asks for alan, and does not wait for ever
	timeout 20 postern-dir --config /dev/null --set "directory=$1" --set directory-timeout=1 "${@:2}" get "$alan"
}
trusting=(--set directory-ca="$WORK/ca.pem")
must kill -STOP "$(cat "$WORK/served/pid")"
expect_fail "in the TLS handshake" "no answer within 1 seconds" in_time "$LDAPS" "${trusting[@]}"
in_time "$LDAPS" "${trusting[@]}" 2>/dev/null
check "that is trouble which passes" $? -eq 75
expect_fail "before StartTLS" "no answer within 1 seconds" in_time "$LDAP" --set directory-start-tls=yes "${trusting[@]}"
expect_fail "in the bind" "no answer within 1 seconds" in_time "$LDAPI" --set directory-bind=external
expect_fail "in its answer" "no answer within 1 seconds" in_time "$LDAP"
expect_output "the next is asked" "second@example" in_time "$LDAPS $SECOND" "${trusting[@]}"
must kill -CONT "$(cat "$WORK/served/pid")"
expect_output "and it, when it goes on" "Alan" in_time "$LDAPS" "${trusting[@]}"
expect_output "it can be stopped" "^It is stopped; what it has stays in" postern-dir serve stop "$WORK/served"
expect_output "once" "^No directory was served from" postern-dir serve stop "$WORK/served"
expect_fail "and then it does not run" "no directory is served from" postern-dir serve status "$WORK/served"
expect_output "the real one stopped" "second@example" over "$LDAP $SECOND" get "$alan"
expect "it starts again with all it had" postern-dir serve start "$WORK/served" --port "${LDAP##*:}" \
	--tls-certificate "$WORK/server.pem" --tls-key "$WORK/server.key" --tls-ca "$WORK/ca.pem"
. "$WORK/served/env"
printf 'directory = %s\ndirectory-bind = external\n' "$LDAPI" >"$WORK/dir.conf"
expect_output "as before" "Alan" over "$LDAP" get "$alan"

# --- referrals ---
refer() {	# refer SOCKET NAME URL
	printf 'dn: %s\nobjectClass: referral\nobjectClass: extensibleObject\n%s\nref: %s\n' "$2" \
		"$(sed -E 's/^([^=]*)=([^,]*),.*/\1: \2/' <<<"$2")" "$3" |
		ldapadd -Q -Y EXTERNAL -M -H "$1"
}
must refer "$LDAPI" "CN=Far,O=Ministry,C=FR" "$SECOND/cn=Far,o=Ministry,c=FR"
must over "$SECOND_I" --set directory-bind=external publish "CN=Far,O=Ministry,C=FR" --mail far@example
expect_output "a referral is followed" "far@example" over "$LDAP" get "CN=Far,O=Ministry,C=FR"
expect_output "also where only part of an answer is elsewhere" "far@example" over "$LDAP" find --mail far@example
expect_fail "unless the settings say otherwise" "no referral may lead further" \
	over "$LDAP" --set directory-referrals=0 get "CN=Far,O=Ministry,C=FR"
expect_fail "what is published is not carried elsewhere" "another server holds it" \
	dir publish "CN=Far,O=Ministry,C=FR" --mail a@b
must refer "$LDAPI" "CN=Loop,O=Ministry,C=FR" "$SECOND/cn=Loop,o=Ministry,c=FR"
must refer "$SECOND_I" "CN=Loop,O=Ministry,C=FR" "$LDAP/cn=Loop,o=Ministry,c=FR"
expect_fail "a loop ends" "no referral may lead further" over "$LDAP" get "CN=Loop,O=Ministry,C=FR"
must refer "$LDAPI" "CN=Local,O=Ministry,C=FR" "ldapi://%2Ftmp%2Fsocket/cn=Local"
expect_fail "nobody is led to a socket of this machine" "server of a network" \
	over "$LDAP" get "CN=Local,O=Ministry,C=FR"
expect_fail "TLS is not given up on the way" "StartTLS|TLS" \
	over "$LDAPS" --set directory-ca="$WORK/ca.pem" get "CN=Far,O=Ministry,C=FR"
done_testing
