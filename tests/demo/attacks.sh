# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Seven attacks on the two domains of site.sh, each tried for real between the separate
# processes with the programs of tests/attack.  Each function does one; what the victim then
# finds is for the caller to look at.  "run COMMAND..." is the caller's, who stands in $SITE: the
# demo shows what is typed and answered, a test keeps it for itself.

PATH=$BIN:$BIN/tests/attack:$PATH

# The next message stays in the queue of Ministry's MTA, which is then stopped and its operator's.
hold() {
	server_stop rescue-mta
}

held() {
	wait_until waits_at ministry-mta && server_stop ministry-mta
}

release() {
	server_start rescue-mta && server_start ministry-mta && wait_until settled
}

# letter FROM SUBJECT OPTIONS...: to bob; its text is standard input's.
letter() {
	local from=$1 subject=$2
	shift 2
	run postern-ua --home "$from" send --to "${USER_NAME[bob]}" --subject "$subject" "$@" &&
		run postern-ua --home "$from" sync
}

# 1. An octet of the sealed content is changed in the queue of an MTA on the way.
attack_change() {
	hold && letter alice "Meeting at nine" --seal <<<"We meet at nine." && held &&
		run change ministry/mta/queue.db && release
}

# 2. The same message is delivered again, under another MTS-identifier.
attack_repeat() {
	hold && letter alice "Pay Mr Jones" --seal <<<"Pay Mr Jones 100 francs." && held &&
		run repeat ministry/mta/queue.db && release
}

# 3. Mallory, a certified user, claims alice's sealed message as his own.
attack_retoken() {
	hold && letter alice "My invention" --seal <<<"A bicycle that folds." && held &&
		run retoken ministry/mta/queue.db mallory/key.pem "${ADDRESS[mallory]}" && release
}

# forged KEY FROM SEQUENCE [SUITE]: a message signed with that key waits at Ministry's MTA, and goes.
forged() {
	server_stop ministry-mta &&
		run forge ministry/mta/queue.db mta-rescue "$1" "$2" "${ADDRESS[bob]}" "$3" "${4:-modern}" \
			<<<"Send all you have to Mallory." && release_one
}

release_one() {
	server_start ministry-mta && wait_until settled
}

# 4. The operator of alice's message store writes in her name, with the store's key.
attack_store_key() {
	forged ministry/ms/key.pem "/DN=CN=ms-ministry,O=Ministry,C=FR${ADDRESS[alice]}" 1
}

# 5. Carol's certificate is revoked while her message is on its way.
attack_revoked() {
	letter carol "Trust me" --sign <<<"I am still one of you." && wait_until settled &&
		run postern-ca --config ca/ministry.conf revoke --yes carol/cert.pem --reason key-compromise &&
		run postern-ca --config ca/ministry.conf publish
}

# 6. What alice's user agent says to her store is recorded, with a proxy in between ...
attack_record() {
	local port
	port=$(tap_start)
	run postern-ua --home alice --set "ms=$port" sync && wait_until test -s "$SITE/recorded"
}

# Prints where it listens, closes its output, and ends with the connection that it hears.
tap_start() {
	record "127.0.0.1:${PORT[ministry-ms]}" "$SITE/recorded" 2>>"$SITE/tap.log" </dev/null &
}

# ... and said to the store again.
attack_replay() {
	run replay "127.0.0.1:${PORT[ministry-ms]}" recorded
}

# 7. A forger makes an authority with the name of Ministry's, and certifies a key of his own for
# alice; his letter lies in bob's store ...
attack_forge_ca() {
	printf '%s\n' "authority = $SITE/ca/forger" "directory = $LDAPI" \
		"directory-bind = external" >"$SITE/ca/forger.conf"
	mkdir -p "$SITE/forger"
	run postern-ca --config ca/forger.conf init --no-passphrase --name "${CA_NAME[ministry]}" &&
		run postern-ca request forger/alice --no-passphrase --name "${USER_NAME[alice]}" --scope ua \
			--or-address "${ADDRESS[alice]}" &&
		run postern-ca --config ca/forger.conf issue forger/alice/request.pem \
			--out forger/alice/cert.pem &&
		forged forger/alice/key.pem "${ADDRESS[alice]}" 100
}

# ... when he puts his certificates and his revocation list where the true ones were.
attack_directory() {
	run postern-ca --config ca/forger.conf publish
}
