# SPDX-License-Identifier: Apache-2.0
# Two domains for end-to-end tests, after lib.sh: north (alice) and south (bob, carol), each with an
# authority, an MTA and a message store; one directory.  Everything talks over Unix sockets in $WORK.
#
#	domains_start		makes and starts it all
#	ua USER COMMAND...	runs postern-ua in the user's home
#	wait_sync USER PATTERN	exchanges until the output matches

NORTH=/PRMD=North/ADMD=400net/C=FR/
SOUTH=/PRMD=South/ADMD=400net/C=DE/
ALICE=/G=Alice/S=Martin/O=Ministry/PRMD=North/ADMD=400net/C=FR/
BOB=/G=Bob/S=Berg/O=Rescue/PRMD=South/ADMD=400net/C=DE/
CAROL=/G=Carol/S=Berg/O=Rescue/PRMD=South/ADMD=400net/C=DE/
ALICE_DN="CN=Alice Martin,O=Ministry,C=FR"
BOB_DN="CN=Bob Berg,O=Rescue,C=DE"
CAROL_DN="CN=Carol Berg,O=Rescue,C=DE"

# ca NORTH|SOUTH COMMAND...
ca() {
	local which=$1
	shift
	"$BIN/postern-ca" --config /dev/null --ca "$WORK/ca-$which" \
		--set "directory=$LDAPI" --set directory-bind=external "$@"
}

ca_fingerprint() {
	openssl x509 -in "$WORK/ca-$1/ca.pem" -noout -fingerprint -sha256 | sed 's/.*=//'
}

# cross_certify FROM TO
cross_certify() {
	must ca "$1" cross-certify "$WORK/ca-$2/ca.pem" --fingerprint "$(ca_fingerprint "$2")" \
		--out "$WORK/$1-to-$2.pem"
	must ca "$2" cross-certify --received "$WORK/$1-to-$2.pem"
}

# publish DOMAIN: a new revocation list, and everything into the directory.
publish() {
	must ca "$1" crl --out "$WORK/$1.crl"
	must ca "$1" publish
}

# certify_agent DOMAIN NAME DN SCOPE [ADDRESS]
certify_agent() {
	must ca "$1" request "$WORK/$2" --name "$3" --scope "$4" ${5:+--or-address "$5"}
	must ca "$1" issue "$WORK/$2/request.pem" --out "$WORK/$2/cert.pem"
}

site_settings() {
	echo "key = $WORK/$1/key.pem"
	echo "certificate = $WORK/$1/cert.pem"
	echo "authority = $WORK/ca-$2/ca.pem"
	echo "directory = $LDAP"
	echo "directory-cache = 1s"
}

# mta_conf DOMAIN PEER
mta_conf() {
	local own=${1^^} peer=${2^^}
	cat <<-CONF
		$(site_settings "mta-$1" "$1")
		listen = unix:$WORK/mta-$1.sock
		name = mta-$1
		domain = ${!own}
		queue = $WORK/mta-$1/queue.db
		mta = mta-$2 unix:$WORK/mta-$2.sock domain=${!peer} dn="CN=mta-$2,O=Servers"
		store = ms-$1 unix:$WORK/ms-$1.sock address=${!own} dn="CN=ms-$1,O=Servers"
		route = ${!own} ms-$1
		route = ${!peer} mta-$2
		retry-first = 1s
	CONF
}

# ms_conf DOMAIN MAILBOXES
ms_conf() {
	local own=${1^^}
	cat <<-CONF
		$(site_settings "ms-$1" "$1")
		listen = unix:$WORK/ms-$1.sock
		address = ${!own}
		store = $WORK/ms-$1/store.db
		$2
		mta = mta-$1 unix:$WORK/mta-$1.sock domain=${!own} dn="CN=mta-$1,O=Servers"
	CONF
}

# make_user DOMAIN USER DN ADDRESS
make_user() {
	must ua "$2" init --name "$3" --or-address "$4" --authority "$WORK/ca-$1/ca.pem" \
		--ms "unix:$WORK/ms-$1.sock" --ms-name "CN=ms-$1,O=Servers" --directory "$LDAP"
	echo "directory-cache = 1s" >>"$WORK/$2/ua.conf"
	must ca "$1" issue "$WORK/$2/request.pem" --out "$WORK/$2.pem"
	must ua "$2" init --certificate "$WORK/$2.pem"
}

ua() {
	local user=$1
	shift
	"$BIN/postern-ua" --home "$WORK/$user" "$@"
}

start_servers() {
	local domain
	for domain in north south; do
		start "mta-$domain" "started" "$BIN/postern-mta" --config "$WORK/mta-$domain.conf"
		start "ms-$domain" "started" "$BIN/postern-ms" --config "$WORK/ms-$domain.conf"
	done
}

domains_start() {
	local domain
	slapd
	for domain in north south; do
		must ca "$domain" init --name "O=Authority $domain"
		certify_agent "$domain" "mta-$domain" "CN=mta-$domain,O=Servers" mta
	done
	certify_agent north ms-north "CN=ms-north,O=Servers" ms "$NORTH"
	certify_agent south ms-south "CN=ms-south,O=Servers" ms "$SOUTH"
	cross_certify north south
	cross_certify south north
	make_user north alice "$ALICE_DN" "$ALICE"
	make_user south bob "$BOB_DN" "$BOB"
	make_user south carol "$CAROL_DN" "$CAROL"
	publish north
	publish south
	mta_conf north south >"$WORK/mta-north.conf"
	mta_conf south north >"$WORK/mta-south.conf"
	ms_conf north "mailbox = $ALICE dn=\"$ALICE_DN\"" >"$WORK/ms-north.conf"
	ms_conf south "$(printf 'mailbox = %s dn="%s"\n' "$BOB" "$BOB_DN" "$CAROL" "$CAROL_DN")" \
		>"$WORK/ms-south.conf"
	start_servers
}

sync_shows() {
	ua "$1" sync >"$WORK/sync.out" 2>&1
	cat "$WORK/sync.out" >>"$WORK/sync-$1.log"
	grep -qE -- "$2" "$WORK/sync.out"
}

# wait_sync WORDS USER PATTERN
wait_sync() {
	if wait_for sync_shows "$2" "$3"; then
		ok "$1"
	else
		not_ok "$1" "wanted /$3/, the last one said: $(cat "$WORK/sync.out")"
	fi
}
