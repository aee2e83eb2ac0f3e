-- What people decide about themselves and each other, and what was public of their coming and going.

-- One row per person who ever changed something; without one, the defaults hold.
CREATE TABLE choices (
    user_id             uuid    NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
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

-- Two rows per friendship, one for each to read.
CREATE TABLE friendships (
    user_id   uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    friend_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    since     timestamptz NOT NULL,
    PRIMARY KEY (user_id, friend_id)
);

CREATE INDEX friendships_friend_id ON friendships (friend_id);

-- Requests that nobody has answered. One that is muted was sent to somebody who blocks its sender: the sender sees it as
-- any other, whom it is for never does.
CREATE TABLE friend_requests (
    id         uuid    NOT NULL PRIMARY KEY, -- random
    from_id    uuid    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    to_id      uuid    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    is_muted   boolean NOT NULL DEFAULT false,
    created_at timestamptz    NOT NULL,
    UNIQUE (from_id, to_id)
);

CREATE INDEX friend_requests_to_id ON friend_requests (to_id);

-- A block that ended is kept as long as activity is: what happened while it was in force stays hidden.
CREATE TABLE blocks (
    blocker_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    blocked_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    ended_at   timestamptz,          -- NULL: in force
    PRIMARY KEY (blocker_id, blocked_id, created_at)
);

CREATE UNIQUE INDEX blocks_in_force ON blocks (blocker_id, blocked_id) WHERE ended_at IS NULL;
CREATE INDEX blocks_blocked_id ON blocks (blocked_id);

-- Tell watcher_id when user_id comes online.
CREATE TABLE watches (
    watcher_id uuid    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    user_id    uuid    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    is_repeat  boolean NOT NULL,
    created_at timestamptz    NOT NULL,
    PRIMARY KEY (watcher_id, user_id)
);

CREATE INDEX watches_user_id ON watches (user_id);

-- Changes of public states. A person has one public state at a time, so the moment names the change: what is written
-- twice is there once.
CREATE TABLE activity (
    id         uuid    NOT NULL PRIMARY KEY, -- random: tells nobody when, or how many there are
    user_id    uuid    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind       text    NOT NULL, -- joined, left, changed
    status     text    NOT NULL, -- the public status after it
    at         timestamptz    NOT NULL,
    version    bigint NOT NULL, -- the person's public version after it; counts anew when the server starts
    session_id uuid,             -- the session that brought it about
    audience   jsonb,             -- who was allowed to see it then; NULL: nobody else
    UNIQUE (user_id, at)
);

CREATE INDEX activity_at ON activity (at);
