-- SPDX-License-Identifier: Apache-2.0
-- What an MTA itself delivered, and whose confirmation it may not have got.
CREATE TABLE delivery (
	identity TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
