-- Accounts of the directory `builtin`: names, passwords, sign-ins, and what was taken back.
ALTER TABLE users ADD COLUMN disabled_at TEXT; -- RFC 3339, UTC, fixed width; NULL: may come in

-- Who holds a name. Names that look alike have the same key, so a key has one holder; a person holds up to two
-- (the name as it is shown, and in small letters).
CREATE TABLE names (
    name_key TEXT NOT NULL PRIMARY KEY,
    user_id  TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE INDEX names_user_id ON names (user_id);

CREATE TABLE passwords (
    user_id    TEXT NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    hash       TEXT NOT NULL, -- Argon2id, as a PHC string
    changed_at TEXT NOT NULL  -- RFC 3339, UTC, fixed width
) WITHOUT ROWID;

-- One row per sign-in that still holds: the family of tokens that began with one register or login.
CREATE TABLE sign_ins (
    sid            TEXT NOT NULL PRIMARY KEY, -- UUID, the claim `sid` of all its tokens
    user_id        TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    refresh_hash   TEXT NOT NULL,             -- SHA-256 of the one refresh token that is good
    refreshed_at   TEXT NOT NULL,             -- RFC 3339, UTC, fixed width, as all times here
    access_ends_at TEXT NOT NULL,             -- end of its newest access token
    ends_at        TEXT NOT NULL              -- end of its refresh token
) WITHOUT ROWID;

CREATE INDEX sign_ins_user_id ON sign_ins (user_id, refreshed_at);
CREATE INDEX sign_ins_ends_at ON sign_ins (ends_at);

-- A log, read from the last number on by every process that serves: tokens that no longer count although they are
-- well signed. Without foreign keys: it is also about people who were removed.
CREATE TABLE revocations (
    seq     INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    user_id TEXT NOT NULL,
    sid     TEXT,          -- NULL: all of this person
    kind    TEXT NOT NULL, -- signed_out, disabled, enabled, removed
    ends_at TEXT NOT NULL  -- no token that it is about lives longer
);

CREATE INDEX revocations_ends_at ON revocations (ends_at);
