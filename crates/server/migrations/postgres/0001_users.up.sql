-- People. Names and slugs need not be unique: in the directory `token` other systems give them.
CREATE TABLE users (
    id                uuid        NOT NULL PRIMARY KEY,
    username          text        NOT NULL,
    slug              text        NOT NULL,
    profile_image_url text,
    created_at        timestamptz NOT NULL
);

CREATE INDEX users_username ON users (username);
CREATE INDEX users_slug ON users (slug);
