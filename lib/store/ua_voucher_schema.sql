-- SPDX-License-Identifier: Apache-2.0
-- What vouched for a message when it was checked: certificates and revocation lists.  They are
-- kept, as they may be gone from the directory when somebody asks years later.
CREATE TABLE voucher (
	id INTEGER PRIMARY KEY,
	kind INTEGER NOT NULL,		-- enum voucher_kind
	octets BLOB NOT NULL,
	digest BLOB NOT NULL UNIQUE	-- SHA-256 of the octets
) STRICT;

CREATE TABLE message_voucher (
	message INTEGER NOT NULL REFERENCES message ON DELETE CASCADE,
	voucher INTEGER NOT NULL REFERENCES voucher,
	at INTEGER NOT NULL,		-- when it last vouched
	PRIMARY KEY (message, voucher)
) STRICT, WITHOUT ROWID;

CREATE INDEX message_voucher_voucher ON message_voucher (voucher);

CREATE TRIGGER voucher_unused AFTER DELETE ON message_voucher
WHEN NOT EXISTS (SELECT 1 FROM message_voucher WHERE voucher = OLD.voucher)
BEGIN
	DELETE FROM voucher WHERE id = OLD.voucher;
END;
