-- SPDX-License-Identifier: Apache-2.0
-- What those who bind here have registered, and the passwords that they changed; NULL: nothing.
CREATE TABLE registered (
	name TEXT NOT NULL PRIMARY KEY,		-- whose it is: "store north", "user /S=.../"
	password BLOB,				-- as lib/sec/password.h stores one
	labels BLOB,				-- a SecurityContext; empty: taken back
	content_types BLOB,			-- the same: ContentTypes, one behind the other
	content_max INTEGER
) STRICT, WITHOUT ROWID;
