-- SPDX-License-Identifier: Apache-2.0
-- What the MTS answered to a submission that asked for a proof of it, as it came.
CREATE TABLE submission (
	message INTEGER PRIMARY KEY REFERENCES message ON DELETE CASCADE,
	result BLOB NOT NULL,
	proof TEXT			-- what checking it said, JSON; NULL: not checked yet
) STRICT;
