-- People. Names and slugs need not be unique: in the directory `token` other systems give them.
CREATE TABLE users (
    id                TEXT NOT NULL PRIMARY KEY, -- UUID, hyphenated, lower case
    username          TEXT NOT NULL,
    slug              TEXT NOT NULL,
    profile_image_url TEXT,
    created_at        TEXT NOT NULL              -- RFC 3339, UTC, fixed width: sorts like time
) WITHOUT ROWID;

CREATE INDEX users_username ON users (username);
CREATE INDEX users_slug ON users (slug);
