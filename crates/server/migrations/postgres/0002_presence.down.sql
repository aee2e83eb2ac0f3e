DROP INDEX users_last_seen_minute;
DROP INDEX users_is_online;
ALTER TABLE users DROP COLUMN last_activity;
ALTER TABLE users DROP COLUMN last_seen;
ALTER TABLE users DROP COLUMN is_online;
