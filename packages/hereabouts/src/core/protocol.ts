// The wire of Hereabouts, generated from crates/protocol by `cargo xtask codegen`. Do not edit.

/** The WebSocket subprotocol of these frames. */
export const SUBPROTOCOL_V1 = "hereabouts.v1";

/**
 * Who is present. Comes from the token (`user_id`, or `sub` where that is missing).
 */
export type UserId = string;

/**
 * One device or tab group of a user. Time-ordered (UUID v7), made by the server, never reused.
 */
export type SessionId = string;

/**
 * A moment, in microseconds since 1970-01-01T00:00:00Z. Years 1970 to 9999.
 *
 * Always server time: no client clock ever becomes a `Timestamp`.
 */
export type Timestamp = string;

/**
 * What one person can see of another. There is no `invisible` here: who hides is `offline`.
 */
export type Status = "online" | "away" | "dnd" | "offline";

/**
 * Why a public state changed.
 */
export type Reason = "joined" | "closed" | "lost" | "idle" | "active" | "changed" | "node_lost";

/**
 * The audience a subscription watches.
 */
export type Scope = "everyone" | "window";

/**
 * A line somebody wrote about themselves.
 */
export type CustomStatus = { 
/**
 * One emoji.
 */
emoji: string | null, 
/**
 * Up to 100 graphemes.
 */
text: string | null, 
/**
 * When it ends by itself.
 */
until: Timestamp | null, };

/**
 * One person as one viewer may see them.
 */
export type Presence = { 
/**
 * Who.
 */
user_id: UserId, 
/**
 * Their name, for showing. Need not be unique.
 */
username: string, 
/**
 * An `https:` address or a path on this server; `null` without a picture.
 */
profile_image_url: string | null, 
/**
 * What the viewer may see.
 */
status: Status, 
/**
 * `status` is anything but offline.
 */
is_online: boolean, 
/**
 * Since when they are here; `null` while offline.
 */
since: Timestamp | null, 
/**
 * When they were last here; `null` while online, or hidden.
 */
last_seen: Timestamp | null, 
/**
 * What they wrote about themselves; absent without one.
 */
custom_status?: CustomStatus, 
/**
 * Counts this person's public changes. What is hidden never moves it.
 */
version: number, };

/**
 * One entry of a `presence.diff`: the new state, and why.
 */
export type Change = { 
/**
 * Why it changed.
 */
reason: Reason, 
/**
 * Who.
 */
user_id: UserId, 
/**
 * Their name, for showing. Need not be unique.
 */
username: string, 
/**
 * An `https:` address or a path on this server; `null` without a picture.
 */
profile_image_url: string | null, 
/**
 * What the viewer may see.
 */
status: Status, 
/**
 * `status` is anything but offline.
 */
is_online: boolean, 
/**
 * Since when they are here; `null` while offline.
 */
since: Timestamp | null, 
/**
 * When they were last here; `null` while online, or hidden.
 */
last_seen: Timestamp | null, 
/**
 * What they wrote about themselves; absent without one.
 */
custom_status?: CustomStatus, 
/**
 * Counts this person's public changes. What is hidden never moves it.
 */
version: number, };

/**
 * A frame from a client of `hereabouts.v1`. Original clients only ever send `ping`.
 *
 * Unknown fields are ignored; so are unknown types, as the original did ([`ClientMessage::Unknown`]).
 */
export type ClientMessage = { "type": "auth", 
/**
 * An access token.
 */
token: string, } | { "type": "subscribe", 
/**
 * Whom.
 */
scope: Scope, 
/**
 * How many people, for `window`: 1 to 200, default 9.
 */
limit?: number, 
/**
 * The cursor of the last `pong`, to get only what was missed.
 */
cursor?: string, } | { "type": "unsubscribe", 
/**
 * Whom.
 */
scope: Scope, } | { "type": "activity", 
/**
 * No input for the idle time.
 */
idle: boolean, } | { "type": "ping" } | { "type": "bye" };

/**
 * A frame to a client of `hereabouts.v1`.
 */
export type ServerMessage = { "type": "connection.ack", 
/**
 * Who the token said you are.
 */
user_id: UserId, 
/**
 * This connection's session.
 */
session_id: SessionId, 
/**
 * How often to send `ping`, in milliseconds.
 */
ping_interval_ms: number, 
/**
 * How long a lost connection is still shown as present, in milliseconds.
 */
grace_ms: number, 
/**
 * The server's clock, to show relative times by.
 */
server_now: Timestamp, 
/**
 * What this server can do beyond the basics.
 */
features: Array<string>, } | { "type": "presence.snapshot", 
/**
 * Which subscription.
 */
scope: Scope, 
/**
 * The people, ordered by `since`, then id.
 */
users: Array<Presence>, 
/**
 * How many are online in all.
 */
total: number, } | { "type": "presence.diff", 
/**
 * Which subscription.
 */
scope: Scope, 
/**
 * The changed people, each with the newest state.
 */
changes: Array<Change>, 
/**
 * How many are online in all.
 */
total: number, } | { "type": "pong", 
/**
 * Where this client stands: give it to `subscribe` after a reconnect. Opaque.
 */
cursor: string, } | { "type": "auth.expiring", 
/**
 * How long they are still good, in milliseconds.
 */
expires_in_ms: number, } | { "type": "presence.degraded", 
/**
 * How much of the view can be trusted.
 */
level: string, } | { "type": "error", 
/**
 * Stable, for programs.
 */
code: string, 
/**
 * For the person who reads the console.
 */
message: string, };

/**
 * A frame to an original client: these three, and nothing else, ever.
 */
export type OriginalMessage = { "type": "connection.ack", 
/**
 * Who the token said you are.
 */
user_id: UserId, } | { "type": "user.status.changed", 
/**
 * Who.
 */
user_id: UserId, 
/**
 * Whether they are here now.
 */
is_online: boolean, } | { "type": "pong" };

/**
 * One row of `GET /api/users/online/` and `/api/users/recent/`: the original's form, field for field.
 */
export type OnlineUser = { 
/**
 * Who.
 */
id: UserId, 
/**
 * Their name.
 */
username: string, 
/**
 * An `https:` address or a path on this server; `null` without a picture.
 */
profile_image_url: string | null, 
/**
 * True in the online list, false in the recent one.
 */
is_online: boolean, 
/**
 * Time of the last frame of somebody online; of somebody who is not, what the viewer may know.
 */
last_seen: Timestamp | null, 
/**
 * The same as `last_seen`: the original moves both on each ping.
 */
last_activity: Timestamp | null, 
/**
 * Name for addresses.
 */
slug: string, };

/**
 * The body of every error: what went wrong, in words a person can act on.
 */
export type Detail = { 
/**
 * The sentence.
 */
detail: string, };
