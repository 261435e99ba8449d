-- SPDX-License-Identifier: Apache-2.0
-- More times: by when an entry's revocation lists have to be replaced (0: it has none), and when
-- the newest list of an authority was made, for those without a number.  What was seen before now
-- was made before now.

ALTER TABLE item ADD COLUMN ends INTEGER NOT NULL DEFAULT 0;

ALTER TABLE newest_list ADD COLUMN made INTEGER NOT NULL DEFAULT 0;
UPDATE newest_list SET made = unixepoch();
