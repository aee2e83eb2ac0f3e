-- What we keep beside an app that has the people (--directory adopt): the tables of the other migrations without those
-- that the app has. No table here refers to one of the app's, so that the app can change and delete what is its own.
CREATE TABLE sign_ins (
    sid            uuid        NOT NULL PRIMARY KEY,
    user_id        uuid        NOT NULL,
    refresh_hash   text        NOT NULL,
    refreshed_at   timestamptz NOT NULL,
    access_ends_at timestamptz NOT NULL,
    ends_at        timestamptz NOT NULL
);

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

-- One row per person who ever changed something; without one, the defaults hold.
CREATE TABLE choices (
    user_id             uuid    NOT NULL PRIMARY KEY,
    mode                text    NOT NULL DEFAULT 'auto', -- auto, away, dnd, invisible: without an end
    override_mode       text,                            -- holds instead until override_until
    override_until      timestamptz,
    custom_emoji        text,
    custom_text         text,
    custom_until        timestamptz,
    custom_show_offline boolean NOT NULL DEFAULT false,
    privacy             jsonb,                            -- NULL: the defaults
    epoch               bigint NOT NULL DEFAULT 0,      -- counts changes: of two states the higher is the newer
    CHECK ((override_mode IS NULL) = (override_until IS NULL))
);

CREATE TABLE watches (
    watcher_id uuid    NOT NULL,
    user_id    uuid    NOT NULL,
    is_repeat  boolean NOT NULL,
    created_at timestamptz    NOT NULL,
    PRIMARY KEY (watcher_id, user_id)
);

CREATE INDEX watches_user_id ON watches (user_id);

-- Changes of public states. A person has one public state at a time, so the moment names the change: what is written
-- twice is there once.
CREATE TABLE activity (
    id         uuid    NOT NULL PRIMARY KEY, -- random: tells nobody when, or how many there are
    user_id    uuid    NOT NULL,
    kind       text    NOT NULL, -- joined, left, changed
    status     text    NOT NULL, -- the public status after it
    at         timestamptz    NOT NULL,
    version    bigint NOT NULL, -- the person's public version after it; counts anew when the server starts
    session_id uuid,             -- the session that brought it about
    audience   jsonb,             -- who was allowed to see it then; NULL: nobody else
    UNIQUE (user_id, at)
);

CREATE INDEX activity_at ON activity (at);

-- Always empty: people ask each other in the app. What reads requests finds none.
CREATE TABLE friend_requests (
    id         uuid        NOT NULL PRIMARY KEY,
    from_id    uuid        NOT NULL,
    to_id      uuid        NOT NULL,
    is_muted   boolean     NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    UNIQUE (from_id, to_id)
);

-- What was made to attach to the app's tables; no row while nothing is attached.
CREATE TABLE attachment (
    definition text NOT NULL
);

-- Columns that `hereabouts migrate up --adopt` added to the app's table, so that `migrate down` takes back no others.
CREATE TABLE added_columns (
    table_name  text NOT NULL,
    column_name text NOT NULL,
    PRIMARY KEY (table_name, column_name)
);
