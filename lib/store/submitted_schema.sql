-- SPDX-License-Identifier: Apache-2.0
-- What was submitted on associations that have not been released: those who submitted it may not
-- know that it was accepted.
CREATE TABLE submitted (
	digest BLOB NOT NULL PRIMARY KEY,	-- of who submitted, and the octets
	session INTEGER NOT NULL,		-- the association; 0: it broke
	mts_id TEXT NOT NULL,
	at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX submitted_session ON submitted (session);
CREATE INDEX submitted_at ON submitted (at);
