-- SPDX-License-Identifier: Apache-2.0
-- The message store.  Times are seconds since 1970; what enums mean is in mailbox.h.

CREATE TABLE user (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE,
	last_number INTEGER NOT NULL DEFAULT 0	-- the sequence-number given last
) STRICT;

-- id is user << 32 | sequence-number: a user's entries lie together and in order.
CREATE TABLE entry (
	id INTEGER PRIMARY KEY,
	kind INTEGER NOT NULL,
	status INTEGER NOT NULL,
	priority INTEGER NOT NULL,
	created INTEGER NOT NULL,
	mts_id TEXT NOT NULL,
	originator TEXT,
	content_type TEXT,
	content_length INTEGER NOT NULL,
	attributes BLOB NOT NULL
) STRICT;

CREATE INDEX entry_status ON entry (status);
CREATE INDEX entry_mts_id ON entry (mts_id);

CREATE TABLE octets (
	id INTEGER PRIMARY KEY REFERENCES entry,
	envelope BLOB NOT NULL,
	content BLOB NOT NULL
) STRICT;

-- What was stored for a user, to recognise it when it is delivered again.
CREATE TABLE identity (
	user INTEGER NOT NULL REFERENCES user,
	identity TEXT NOT NULL,
	number INTEGER NOT NULL,
	at INTEGER NOT NULL,
	PRIMARY KEY (user, identity)
) STRICT, WITHOUT ROWID;

CREATE INDEX identity_at ON identity (at);

-- How many entries there are of each sort; kept by the triggers.
CREATE TABLE tally (
	user INTEGER NOT NULL,
	kind INTEGER NOT NULL,
	status INTEGER NOT NULL,
	priority INTEGER NOT NULL,
	content_type TEXT NOT NULL,	-- empty: none
	entries INTEGER NOT NULL,
	PRIMARY KEY (user, kind, status, priority, content_type)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER entry_added AFTER INSERT ON entry BEGIN
	INSERT INTO tally VALUES (new.id >> 32, new.kind, new.status, new.priority,
				  coalesce(new.content_type, ''), 1)
		ON CONFLICT DO UPDATE SET entries = entries + 1;
END;

CREATE TRIGGER entry_removed AFTER DELETE ON entry BEGIN
	UPDATE tally SET entries = entries - 1
		WHERE user = old.id >> 32 AND kind = old.kind AND status = old.status
		AND priority = old.priority AND content_type = coalesce(old.content_type, '');
END;

CREATE TRIGGER entry_raised AFTER UPDATE OF status ON entry BEGIN
	UPDATE tally SET entries = entries - 1
		WHERE user = old.id >> 32 AND kind = old.kind AND status = old.status
		AND priority = old.priority AND content_type = coalesce(old.content_type, '');
	INSERT INTO tally VALUES (new.id >> 32, new.kind, new.status, new.priority,
				  coalesce(new.content_type, ''), 1)
		ON CONFLICT DO UPDATE SET entries = entries + 1;
END;

CREATE TABLE registration (
	user INTEGER NOT NULL REFERENCES user,
	name TEXT NOT NULL,
	octets BLOB NOT NULL,
	PRIMARY KEY (user, name)
) STRICT, WITHOUT ROWID;

-- Who submitted what through the store: a report says of which message it is, not for whom.
CREATE TABLE submission (
	mts_id TEXT PRIMARY KEY,
	user INTEGER NOT NULL REFERENCES user,
	at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX submission_at ON submission (at);
