-- SPDX-License-Identifier: Apache-2.0
-- A user agent's own store.  Times are seconds since 1970; what enums mean is in uastore.h.

CREATE TABLE message (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	folder INTEGER NOT NULL,
	kind INTEGER NOT NULL,
	state INTEGER NOT NULL,
	read INTEGER NOT NULL,
	ms_number INTEGER UNIQUE,	-- NULL: it never was in the message store
	date INTEGER NOT NULL,
	submitted INTEGER NOT NULL,
	octets INTEGER NOT NULL,	-- of its content
	mts_id TEXT,
	ipm_id TEXT,
	originator TEXT,
	recipients TEXT,
	subject TEXT,
	verdict TEXT,
	facts TEXT
) STRICT;

CREATE INDEX message_folder ON message (folder);
CREATE INDEX message_mts_id ON message (mts_id);
CREATE INDEX message_ipm_id ON message (ipm_id);

CREATE TABLE octets (
	message INTEGER PRIMARY KEY REFERENCES message ON DELETE CASCADE,
	envelope BLOB NOT NULL,
	content BLOB NOT NULL
) STRICT;

CREATE TABLE recipient (
	message INTEGER NOT NULL REFERENCES message ON DELETE CASCADE,
	number INTEGER NOT NULL,
	address TEXT NOT NULL,
	directory_name TEXT,
	state INTEGER NOT NULL,
	at INTEGER NOT NULL,
	read_at INTEGER NOT NULL,
	reason INTEGER NOT NULL,
	diagnostic INTEGER NOT NULL,
	words TEXT,
	proof TEXT,
	PRIMARY KEY (message, number)
) STRICT, WITHOUT ROWID;

-- What was deleted here and is still in the message store.
CREATE TABLE deletion (
	ms_number INTEGER PRIMARY KEY
) STRICT;

CREATE TABLE name (
	nickname TEXT PRIMARY KEY COLLATE NOCASE,
	address TEXT,
	directory_name TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE number (
	name TEXT PRIMARY KEY,
	value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Message sequence numbers are unsigned 64 bit numbers, kept as signed ones.
CREATE TABLE sequence_sent (
	own TEXT NOT NULL,
	peer TEXT NOT NULL,
	last INTEGER NOT NULL,
	PRIMARY KEY (own, peer)
) STRICT, WITHOUT ROWID;

CREATE TABLE sequence_received (
	own TEXT NOT NULL,
	peer TEXT NOT NULL,
	device INTEGER NOT NULL,
	state BLOB NOT NULL,	-- its form belongs to the security library
	PRIMARY KEY (own, peer, device)
) STRICT, WITHOUT ROWID;
