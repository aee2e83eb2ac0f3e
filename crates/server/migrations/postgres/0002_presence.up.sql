-- The original's three columns. Written behind the live state, with public values only.
ALTER TABLE users ADD COLUMN is_online boolean NOT NULL DEFAULT false;
ALTER TABLE users ADD COLUMN last_seen timestamptz;
ALTER TABLE users ADD COLUMN last_activity timestamptz;

CREATE INDEX users_is_online ON users (is_online);
-- "Recently active" is sorted by the minute, so that the order tells no more than the times shown.
CREATE INDEX users_last_seen_minute ON users (date_trunc('minute', last_seen AT TIME ZONE 'UTC') DESC, id);
