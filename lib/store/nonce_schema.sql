-- SPDX-License-Identifier: Apache-2.0
-- Random numbers that were seen in bind tokens, until they are too old to be accepted anyway.
CREATE TABLE nonce (
	scope TEXT NOT NULL,
	value BLOB NOT NULL,
	until INTEGER NOT NULL,
	PRIMARY KEY (scope, value)
) STRICT, WITHOUT ROWID;

CREATE INDEX nonce_until ON nonce (until);
