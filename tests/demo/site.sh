# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Two domains on this machine, for the demo, for "make up" and for tests: a directory, two
# authorities that certify each other, an MTA and a message store each, and users.
#
#	SITE=$B/demo BIN=$B; . tests/demo/site.sh
#	site_make		# keys, certificates, settings; everything lies below $SITE
#	site_start		# the directory and the servers; all of them listen on loopback
#	as alice send ...	# postern-ua with alice's home
#	site_stop
#
# Functions fail with a line on standard error; a caller with "set -e" stops there.
# The servers are found again by their pid files: "make down" stops what "make up" started.

SITE_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export LC_ALL=C.UTF-8 TZ=UTC HOME=$SITE	# no settings of the user who runs this
SERVERS="ministry-mta ministry-ms rescue-mta rescue-ms"

# What there is to know of each domain.
declare -A DOMAIN=([ministry]=/PRMD=Ministry/ADMD=Atlas/C=FR/ [rescue]=/PRMD=Rescue/ADMD=Boreal/C=NO/)
declare -A ABOVE=([ministry]="O=Ministry,C=FR" [rescue]="O=Rescue,C=NO")
declare -A CA_NAME=([ministry]="CN=Ministry CA,O=Ministry,C=FR" [rescue]="CN=Rescue CA,O=Rescue,C=NO")
declare -A NEIGHBOUR=([ministry]=rescue [rescue]=ministry)

# And of each user.
declare -A HOME_OF=([alice]=ministry [carol]=ministry [mallory]=ministry [bob]=rescue)
declare -A USER_NAME=(
	[alice]="CN=Alice Martin,O=Ministry,C=FR" [carol]="CN=Carol Petit,O=Ministry,C=FR"
	[mallory]="CN=Mallory Noir,O=Ministry,C=FR" [bob]="CN=Bob Nilsen,O=Rescue,C=NO")
declare -A ADDRESS=(
	[alice]=/G=Alice/S=Martin/O=Ministry/PRMD=Ministry/ADMD=Atlas/C=FR/
	[carol]=/G=Carol/S=Petit/O=Ministry/PRMD=Ministry/ADMD=Atlas/C=FR/
	[mallory]=/G=Mallory/S=Noir/O=Ministry/PRMD=Ministry/ADMD=Atlas/C=FR/
	[bob]=/G=Bob/S=Nilsen/O=Rescue/PRMD=Rescue/ADMD=Boreal/C=NO/)
declare -A KEY_TYPE=()	# of users and servers who have another key than P-256
declare -A PORT=()

die() {
	echo "$(basename "$0"): $*" >&2
	return 1
}

# wait_until COMMAND...: until it succeeds; fails after 20 seconds.
wait_until() {
	local deadline=$((SECONDS + 20))
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $deadline ] || die "gave up waiting for: $*" || return
		sleep 0.02
	done
}

# --- one server ---

# folder_of ministry-mta: where its settings, keys and logs lie.
folder_of() {
	echo "$SITE/${1/-//}"
}

settings_of() {
	echo "$(folder_of "$1")/${1#*-}.conf"
}

# The process, only if it is this server: a process number may have been given to another.
server_pid() {
	local pid
	pid=$(cat "$(folder_of "$1")/pid" 2>/dev/null) &&
		tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF -- "--config $(settings_of "$1")" &&
		echo "$pid"
}

# process_is_over PID: it has ended, and so has all of it: what is killed loses its command line with
# its memory, and its locks after that, a thread at a time.
process_is_over() {
	local threads=("/proc/$1/task/"*)
	[ ! -d "/proc/$1" ] ||
		{ [ ${#threads[@]} -eq 1 ] && grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null; }
}

# Returns when it listens: until then it holds the pipe that is read here.
server_start() {
	local folder ready
	folder=$(folder_of "$1")
	ready=$("$BIN/postern-${1#*-}" --config "$(settings_of "$1")" --pid-file "$folder/pid" \
		--ready-fd 9 9>&1 >>"$folder/output" 2>&1 </dev/null &)
	[ -n "$ready" ] || die "$1 did not start: $(tail -n 5 "$folder/output" "$folder/log" 2>&1)"
}

# server_stop NAME [SIGNAL]
server_stop() {
	local pid
	pid=$(server_pid "$1") || return 0
	kill -s "${2:-TERM}" "$pid"
	wait_until process_is_over "$pid"
}

# --- certificates ---

ca() {
	local which=$1
	shift
	"$BIN/postern-ca" --config "$SITE/ca/$which.conf" "$@"
}

fingerprint() {
	openssl x509 -in "$1" -noout -fingerprint -sha256 | sed 's/.*=//'
}

authority_make() {
	printf '%s\n' "authority = $SITE/ca/$1" "directory = $LDAPI" "directory-bind = external" \
		>"$SITE/ca/$1.conf"
	ca "$1" init --no-passphrase --name "${CA_NAME[$1]}"
}

# server_enrol NAME DIRECTORY_NAME: it makes its key and asks; whoever runs it reads the words of the
# request to the authority, which issues the certificate that its settings name.
server_enrol() {
	local folder words
	folder=$(folder_of "$1")
	words=$("$BIN/postern-${1#*-}" enrol --config "$(settings_of "$1")" --name "$2" \
		${KEY_TYPE[$1]:+--key-type "${KEY_TYPE[$1]}"} --out "$folder/request.pem" | sed -n 's/^  //p') &&
		ca "${1%-*}" issue "$folder/request.pem" --scope "${1#*-}" --name "$2" --words "$words" \
			--out "$folder/cert.pem"
}

authorities_certify_each_other() {
	local of other
	for of in ministry rescue; do
		other=${NEIGHBOUR[$of]}
		ca "$of" cross-certify "$SITE/ca/$other/ca.pem" --out "$SITE/ca/$of-to-$other.pem" \
			--fingerprint "$(fingerprint "$SITE/ca/$other/ca.pem")" || return
	done
	for of in ministry rescue; do
		ca "$of" cross-certify --received "$SITE/ca/${NEIGHBOUR[$of]}-to-$of.pem" || return
	done
}

# --- settings ---

# Ports below those that the system gives to outgoing connections, which nobody listens on.
choose_ports() {
	local name port
	for name in $SERVERS; do
		while :; do
			port=$((12000 + RANDOM % 18000))
			[[ " ${PORT[*]} " != *" $port "* ]] || continue
			(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
		done
		PORT[$name]=$port
	done
}

# Where a server's key is, and how it is opened.
key_settings() {
	echo "key = $(folder_of "$1")/key.pem"
	echo "key-unencrypted = yes"
}

# What every server's settings begin with.
server_settings() {
	local folder
	folder=$(folder_of "$1")
	cat <<-SETTINGS
		listen = 127.0.0.1:${PORT[$1]}
		log = $folder/log
		audit-log = $folder/audit.log
		$(key_settings "$1")
		certificate = $folder/cert.pem
		authority = $SITE/ca/${1%-*}/ca.pem
		directory = $LDAP
		directory-cache = 0
	SETTINGS
}

mta_settings() {
	local other=${NEIGHBOUR[$1]}
	server_settings "$1-mta"
	cat <<-SETTINGS
		name = mta-$1
		domain = ${DOMAIN[$1]}
		queue = $SITE/$1/mta/queue.db
		mta = mta-$other 127.0.0.1:${PORT[$other-mta]} domain=${DOMAIN[$other]} dn="CN=mta-$other,${ABOVE[$other]}"
		store = ms-$1 127.0.0.1:${PORT[$1-ms]} address=${DOMAIN[$1]} dn="CN=ms-$1,${ABOVE[$1]}"
		route = ${DOMAIN[$1]} ms-$1
		route = ${DOMAIN[$other]} mta-$other
		retry-first = 1s
	SETTINGS
}

ms_settings() {
	local user
	server_settings "$1-ms"
	cat <<-SETTINGS
		address = ${DOMAIN[$1]}
		store = $SITE/$1/ms/store.db
		mta = mta-$1 127.0.0.1:${PORT[$1-mta]} domain=${DOMAIN[$1]} dn="CN=mta-$1,${ABOVE[$1]}"
	SETTINGS
	for user in "${!HOME_OF[@]}"; do
		[ "${HOME_OF[$user]}" != "$1" ] || echo "mailbox = ${ADDRESS[$user]} dn=\"${USER_NAME[$user]}\""
	done
}

servers_make() {
	local name of
	for name in $SERVERS; do
		of=${name%-*}
		mkdir -p "$(folder_of "$name")"
		"${name#*-}_settings" "$of" >"$(settings_of "$name")"
		server_enrol "$name" "CN=${name#*-}-$of,${ABOVE[$of]}" || return
	done
}

# --- users ---

# A user's home; the key is made there and never leaves it.
user_make() {
	local of=${HOME_OF[$1]} home=$SITE/$1
	as "$1" init --no-passphrase --name "${USER_NAME[$1]}" --or-address "${ADDRESS[$1]}" \
		--ms "127.0.0.1:${PORT[$of-ms]}" --authority "$SITE/ca/$of/ca.pem" \
		--directory "$LDAP" ${KEY_TYPE[$1]:+--key-type "${KEY_TYPE[$1]}"} &&
		ca "$of" issue "$home/request.pem" --out "$home/issued.pem" &&
		as "$1" init --certificate "$home/issued.pem"
}

# --- a user without a message store, where a test wants one; before the servers start ---

# mta_at DOMAIN ADDRESS: that domain's MTA, as a user's settings name it.
mta_at() {
	echo "mta-$1 $2 domain=${DOMAIN[$1]} dn=\"CN=mta-$1,${ABOVE[$1]}\""
}

# collector_make USER DOMAIN NAME ADDRESS
collector_make() {
	USER_NAME[$1]=$3 ADDRESS[$1]=$4
	as "$1" init --no-passphrase --name "$3" --or-address "$4" --directory "$LDAP" \
		--mta "$(mta_at "$2" "127.0.0.1:${PORT[$2-mta]}")" --authority "$SITE/ca/$2/ca.pem" &&
		ca "$2" issue "$SITE/$1/request.pem" --out "$SITE/$1/issued.pem" &&
		as "$1" init --certificate "$SITE/$1/issued.pem" && ca "$2" publish &&
		echo "collector = $4 dn=\"$3\"" >>"$(settings_of "$2-mta")"
}

# as USER COMMAND...: postern-ua as this user.
as() {
	local user=$1
	shift
	"$BIN/postern-ua" --home "$SITE/$user" "$@"
}

# The newest message of a user's inbox.
newest() {
	as "$1" list | awk 'NR == 1 { print $1 }'
}

# Whether no message waits in a queue.  Each is asked twice: reports come back while we look.
settled() {
	local name
	for name in ministry-mta rescue-mta ministry-mta rescue-mta; do
		! waits_at "$name" || return
	done
}

waits_at() {
	"$BIN/postern-mta" where --config "$(settings_of "$1")" --state waiting
}

# --- all of it ---

directory_start() {
	PATH=$PATH:/usr/sbin type -P slapd >/dev/null || die "slapd is not installed" || return
	"$SITE_TOP/directory/slapd-private" start "$SITE/slapd" >/dev/null || return
	# shellcheck disable=SC1091
	. "$SITE/slapd/env"
	printf '%s\n' "directory = $LDAPI" "directory-bind = external" "authority = $SITE/ca/rescue/ca.pem" \
		>"$SITE/dir.conf"
}

publish() {
	ca ministry publish && ca rescue publish
}

site_make() {
	local user
	rm -rf "$SITE"
	mkdir -p "$SITE/ca"
	directory_start && choose_ports &&
		authority_make ministry && authority_make rescue && authorities_certify_each_other &&
		servers_make || return
	for user in "${!HOME_OF[@]}"; do
		user_make "$user" || return
	done
	publish
}

site_start() {
	local name
	for name in $SERVERS; do
		server_start "$name" || return
	done
}

site_stop() {
	local name
	for name in $SERVERS; do
		server_stop "$name"
	done
	"$SITE_TOP/directory/slapd-private" stop "$SITE/slapd" 2>/dev/null
	return 0
}
