-- SPDX-License-Identifier: Apache-2.0
-- The MTA's queue.  Times are seconds since 1970; what enums mean is in queue.h.

-- Every copy of a message that was ever accepted, to recognise it when it comes again.
CREATE TABLE seen (
	mts_id TEXT NOT NULL,
	copy TEXT NOT NULL,
	message INTEGER NOT NULL,	-- which may have been removed since
	at INTEGER NOT NULL,
	PRIMARY KEY (mts_id, copy)
) STRICT, WITHOUT ROWID;

CREATE INDEX seen_at ON seen (at);

CREATE TABLE message (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	mts_id TEXT NOT NULL,
	kind INTEGER NOT NULL,
	priority INTEGER NOT NULL,
	originator TEXT,
	arrived INTEGER NOT NULL,
	expires INTEGER,		-- NULL: never
	octets INTEGER NOT NULL,	-- of its content
	open INTEGER NOT NULL,		-- recipients that wait
	finished INTEGER		-- when the last of them did not wait any more
) STRICT;

CREATE INDEX message_expires ON message (expires) WHERE open > 0 AND expires IS NOT NULL;
CREATE INDEX message_finished ON message (finished) WHERE finished IS NOT NULL;
CREATE INDEX message_arrived ON message (arrived);

-- Apart from the rest, so that what changes often is small.
CREATE TABLE octets (
	message INTEGER PRIMARY KEY REFERENCES message,
	envelope BLOB NOT NULL,
	content BLOB NOT NULL
) STRICT;

CREATE TABLE recipient (
	message INTEGER NOT NULL REFERENCES message,
	number INTEGER NOT NULL,
	address TEXT NOT NULL,
	state INTEGER NOT NULL,
	priority INTEGER NOT NULL,	-- the message's
	next_hop TEXT,
	due INTEGER NOT NULL,
	attempts INTEGER NOT NULL,
	reason INTEGER NOT NULL,
	diagnostic INTEGER NOT NULL,
	words TEXT,
	PRIMARY KEY (message, number)
) STRICT, WITHOUT ROWID;

-- State 0 is waiting.
CREATE INDEX recipient_due ON recipient (next_hop, priority, due) WHERE state = 0;
CREATE INDEX recipient_address ON recipient (address);

CREATE TABLE event (
	message INTEGER NOT NULL REFERENCES message,
	id INTEGER NOT NULL,		-- in the order of happening
	at INTEGER NOT NULL,
	number INTEGER NOT NULL,	-- of the recipient, 0: the message
	what TEXT NOT NULL,
	words TEXT,
	PRIMARY KEY (message, id)
) STRICT, WITHOUT ROWID;
