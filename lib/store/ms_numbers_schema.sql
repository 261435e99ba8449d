-- SPDX-License-Identifier: Apache-2.0
-- Numbers of a user never stay behind the seconds since then, so that a store that is restored from
-- an old copy gives none again.
ALTER TABLE user ADD COLUMN began INTEGER;
