// The wire of Hereabouts, generated from crates/protocol by `cargo xtask codegen`. Do not edit.

/** The WebSocket subprotocol of these frames. */
export const SUBPROTOCOL_V1 = "hereabouts.v1";

/**
 * Who is present. Comes from the token (`user_id`, or `sub` where that is missing).
 */
export type UserId = string;

/**
 * One connection of a user, as the server calls it to them. Tells nothing, and is not used again.
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
export type Scope = "everyone" | "window" | "friends" | "users";

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
 * Whom, for `users`: at most 1,000. Subscribing again replaces them; those who do not exist are left out.
 */
ids?: Array<UserId>, 
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
idle: boolean, } | { "type": "status.set" } & SetStatus | { "type": "ping" } | { "type": "bye" };

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
expires_in_ms: number, } | { "type": "watch.online", 
/**
 * Who, as the watcher sees them.
 */
user: Presence, } | { "type": "presence.degraded", 
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

/**
 * A choice. It never makes anybody present: without a connection everybody is offline.
 */
export type Mode = "auto" | "away" | "dnd" | "invisible";

/**
 * A line somebody wrote about themselves, as they see it.
 */
export type OwnCustomStatus = { 
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
until: Timestamp | null, 
/**
 * Others see it also while they see its writer offline.
 */
show_offline: boolean, };

/**
 * A custom status as it is asked for, before it is checked.
 */
export type SetCustomStatus = { 
/**
 * One emoji.
 */
emoji?: string, 
/**
 * Up to 100 graphemes.
 */
text?: string, 
/**
 * When it ends by itself; never, if it is missing.
 */
until?: Timestamp, 
/**
 * Whether others see it also while they see its writer offline.
 */
show_offline?: boolean, };

/**
 * The body of `PUT /api/me/status/` and of `status.set`. What is not there stays as it is.
 */
export type SetStatus = { 
/**
 * The mode from now on.
 */
mode?: Mode, 
/**
 * When the mode ends and the one before it holds again. Missing: after 24 h for `dnd`, after 7 days for `away`,
 * never for the others. `null`: never.
 */
until?: Timestamp | null, 
/**
 * The custom status; `null` clears it.
 */
custom?: SetCustomStatus | null, };

/**
 * `GET /api/me/status/`: what I chose, and what comes of it.
 */
export type MyStatus = { 
/**
 * The choice that holds now.
 */
mode: Mode, 
/**
 * When it ends by itself.
 */
until: Timestamp | null, 
/**
 * The custom status, live.
 */
custom: OwnCustomStatus | null, 
/**
 * What is true: offline without a connection, else by the mode, else by activity. Somebody who hides sees here what
 * they would be without hiding.
 */
status: Status, 
/**
 * What people get whom none of my rules keeps out.
 */
as_others_see: Presence, };

/**
 * Who is meant, exceptions apart. Ordered from few to many.
 */
export type Audience = "nobody" | "friends" | "everyone";

/**
 * Who may: a denial beats an allowance, and that beats the audience.
 */
export type AudienceRule = { 
/**
 * Who, in general.
 */
audience: Audience, 
/**
 * These too.
 */
allow: Array<UserId>, 
/**
 * But not these.
 */
deny: Array<UserId>, };

/**
 * How exact the time is at which others see that somebody was last here.
 */
export type Precision = "exact" | "minute" | "bucket";

/**
 * Everything a person decided about who sees what of them.
 */
export type Privacy = { 
/**
 * Who sees that they are here; all others see them offline.
 */
online: AudienceRule, 
/**
 * Who sees when they were last here. Nobody who does not see that they are here.
 */
last_seen: AudienceRule, 
/**
 * Who is told when they come online, if they asked to be.
 */
alerts: AudienceRule, 
/**
 * Who reads when they came and went.
 */
activity: AudienceRule, 
/**
 * How exact `last_seen` is to others.
 */
precision: Precision, };

/**
 * One friend request. Random: it tells nothing of how many there are.
 */
export type RequestId = string;

/**
 * One page of a list, as the original's pages are.
 */
export type Page<T> = { 
/**
 * How many there are in all.
 */
count: number, 
/**
 * Address of the page after this one.
 */
next: string | null, 
/**
 * Address of the page before this one.
 */
previous: string | null, 
/**
 * The rows of this page.
 */
results: Array<T>, };

/**
 * Somebody, without a word about their presence.
 */
export type Person = { 
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
profile_image_url: string | null, };

/**
 * A friend, with what the viewer may see: the original's form, field for field.
 */
export type Friend = { 
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
 * Whether the viewer sees them here.
 */
is_online: boolean, 
/**
 * When they were last here; `null` while online, or hidden.
 */
last_seen: Timestamp | null, };

/**
 * One row of `GET /api/auth/friends/`.
 */
export type FriendRow = { 
/**
 * The friend.
 */
friend: Friend, };

/**
 * One row of `GET /api/auth/friend-requests/`: nobody has answered it yet.
 */
export type FriendRequest = { 
/**
 * Which.
 */
id: RequestId, 
/**
 * Who asks.
 */
from_user: Person, 
/**
 * Who is asked.
 */
to_user: Person, 
/**
 * When.
 */
created_at: Timestamp, };

/**
 * One row of `GET /api/auth/blocks/`: somebody I blocked. Who blocked me, nobody tells me.
 */
export type Block = { 
/**
 * Whom.
 */
user: Person, 
/**
 * Since when.
 */
created_at: Timestamp, };

/**
 * The body of `POST /api/me/watches/`.
 */
export type NewWatch = { 
/**
 * Tell me when this person comes online.
 */
user_id: UserId, 
/**
 * Every time; otherwise once.
 */
repeat?: boolean, };

/**
 * One row of `GET /api/me/watches/`.
 */
export type Watch = { 
/**
 * Whose coming I want to be told of.
 */
user: Person, 
/**
 * Every time; otherwise once.
 */
repeat: boolean, 
/**
 * Since when.
 */
created_at: Timestamp, };

/**
 * One activity row. Random: it tells nothing of when, or of how many there are.
 */
export type ActivityId = string;

/**
 * What happened to a person's public state.
 */
export type ActivityKind = "joined" | "left" | "changed";

/**
 * One row of `GET /api/activity/`.
 */
export type ActivityRow = { 
/**
 * Which.
 */
id: ActivityId, 
/**
 * Who.
 */
user_id: UserId, 
/**
 * Their name.
 */
username: string, 
/**
 * What happened.
 */
kind: ActivityKind, 
/**
 * The public status after it.
 */
status: Status, 
/**
 * When; of others, as exact as they allow.
 */
at: Timestamp, 
/**
 * The session that brought it about; only in rows about oneself.
 */
session_id?: SessionId, };

/**
 * `GET /api/activity/`: newest first.
 */
export type ActivityPage = { 
/**
 * The rows of this page.
 */
results: Array<ActivityRow>, 
/**
 * Address of the page after this one.
 */
next: string | null, };

/**
 * The body of `POST /api/users/status/`: up to 1,000 ids.
 */
export type UserIds = { 
/**
 * Whom.
 */
ids: Array<UserId>, };

/**
 * The answer to it: whom this server knows of those, in the order they were asked for.
 */
export type Users = { 
/**
 * As the viewer may see them.
 */
users: Array<Presence>, };

/**
 * `GET /api/me/as/{viewer_id}/`: what that person gets of me, as far as it is my doing.
 */
export type AsViewer = { 
/**
 * Who looks.
 */
viewer_id: UserId, 
/**
 * The row of the decision table that won (docs/ALGORITHM.md).
 */
row: number, 
/**
 * The same in words.
 */
because: string, 
/**
 * What they get.
 */
presence: Presence, };

/**
 * One of my connections.
 */
export type MySession = { 
/**
 * Which: what its ack said.
 */
id: SessionId, 
/**
 * It stands on the same sign-in as this request.
 */
is_current: boolean, 
/**
 * When its last frame came.
 */
last_frame_at: Timestamp, };

/**
 * `GET /api/me/sessions/`.
 */
export type MySessions = { 
/**
 * Those that are open, the one heard of last first.
 */
sessions: Array<MySession>, };
