-- SPDX-License-Identifier: Apache-2.0
-- When the newest revocation list of an authority was made: for those without a number.  What was
-- seen before now was made before now.

ALTER TABLE newest_list ADD COLUMN made INTEGER NOT NULL DEFAULT 0;
UPDATE newest_list SET made = unixepoch();
