-- SPDX-License-Identifier: Apache-2.0
-- What the directory said, as octets that nobody has verified, and when.

CREATE TABLE item (
	kind INTEGER NOT NULL,		-- enum dircache_kind
	key BLOB NOT NULL,
	fetched INTEGER NOT NULL,
	used INTEGER NOT NULL,		-- within a day
	absent INTEGER NOT NULL,	-- the directory had nothing
	octets BLOB NOT NULL,
	PRIMARY KEY (kind, key)
) STRICT;

CREATE INDEX item_fetched ON item (fetched);

-- The number of the newest revocation list of an authority that was ever trusted: never forgotten.
CREATE TABLE newest_list (
	issuer BLOB PRIMARY KEY,
	number INTEGER NOT NULL		-- 64 bits without a sign
) STRICT, WITHOUT ROWID;
