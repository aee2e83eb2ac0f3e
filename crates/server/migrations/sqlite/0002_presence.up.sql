-- The original's three columns. Written behind the live state, with public values only.
ALTER TABLE users ADD COLUMN is_online BOOLEAN NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN last_seen TEXT;     -- RFC 3339, UTC, fixed width
ALTER TABLE users ADD COLUMN last_activity TEXT; -- RFC 3339, UTC, fixed width

CREATE INDEX users_is_online ON users (is_online);
-- "Recently active" is sorted by the minute, so that the order tells no more than the times shown.
CREATE INDEX users_last_seen_minute ON users (substr(last_seen, 1, 16) DESC, id);
