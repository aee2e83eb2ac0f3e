-- Accounts of the directory `builtin`: names, passwords, sign-ins, and what was taken back.
ALTER TABLE users ADD COLUMN disabled_at timestamptz; -- NULL: may come in

-- Who holds a name. Names that look alike have the same key, so a key has one holder; a person holds up to two
-- (the name as it is shown, and in small letters).
CREATE TABLE names (
    name_key text NOT NULL PRIMARY KEY,
    user_id  uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE
);

CREATE INDEX names_user_id ON names (user_id);

CREATE TABLE passwords (
    user_id    uuid        NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    hash       text        NOT NULL, -- Argon2id, as a PHC string
    changed_at timestamptz NOT NULL
);

-- One row per sign-in that still holds: the family of tokens that began with one register or login.
CREATE TABLE sign_ins (
    sid            uuid        NOT NULL PRIMARY KEY, -- the claim `sid` of all its tokens
    user_id        uuid        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    refresh_hash   text        NOT NULL,             -- SHA-256 of the one refresh token that is good
    refreshed_at   timestamptz NOT NULL,
    access_ends_at timestamptz NOT NULL,             -- end of its newest access token
    ends_at        timestamptz NOT NULL              -- end of its refresh token
);

CREATE INDEX sign_ins_user_id ON sign_ins (user_id, refreshed_at);
CREATE INDEX sign_ins_ends_at ON sign_ins (ends_at);

-- A log, read from the last number on by every process that serves: tokens that no longer count although they are
-- well signed. Without foreign keys: it is also about people who were removed.
CREATE TABLE revocations (
    seq     bigint      NOT NULL PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    user_id uuid        NOT NULL,
    sid     uuid,                 -- NULL: all of this person
    kind    text        NOT NULL, -- signed_out, disabled, enabled, removed
    ends_at timestamptz NOT NULL  -- no token that it is about lives longer
);

CREATE INDEX revocations_ends_at ON revocations (ends_at);
