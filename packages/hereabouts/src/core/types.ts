import type { CustomStatus, Mode, MyStatus, OnlineUser, SetCustomStatus, Status } from './protocol';

/** What a person chooses for themselves. Others only ever see what comes of it. */
export type PresenceMode = Mode;

/** What others can ever see of a person. */
export type PresenceStatus = Status;

/** Where this browser's one connection stands. */
export type ConnectionStatus = 'initial' | 'connecting' | 'connected' | 'reconnecting' | 'disconnected';

/** One person, in the field names of the original feature plus ours. Unchanged people keep their object. */
export interface PresenceUser {
  readonly id: string;
  readonly username: string;
  readonly profile_image_url: string | null;
  readonly is_online: boolean;
  readonly status: PresenceStatus;
  /** Since when they are here; null while offline, or when only the list was read. */
  readonly since: string | null;
  /** When they were last here; null when hidden. */
  readonly last_seen: string | null;
  readonly last_activity: string | null;
  /** Name for addresses; empty until the list was read once. */
  readonly slug: string;
  readonly custom_status: CustomStatus | null;
  /** Counts this person's public changes; 0 when only the list was read. */
  readonly version: number;
}

/** What the original's clients receive when somebody comes or goes. */
export interface StatusChange {
  type: 'user.status.changed';
  user_id: string;
  is_online: boolean;
}

/** The lists of people in which changes are told of. */
export type FollowedScope = 'everyone' | 'friends' | 'users';

/** Somebody came, went or changed. */
export interface PresenceChange {
  /** Among whom it was seen: who is in several of them is told of in each. */
  scope: FollowedScope;
  user: PresenceUser;
  wasOnline: boolean;
}

/** How far the shown list can be trusted: four states, and a reconnect never empties it. */
export type ListState = 'loading' | 'ready' | 'stale' | 'error';

/** A stable code for programs; `message` is for the console, never for the page. */
export interface PresenceError {
  readonly code: 'unauthorized' | 'signed_out' | 'blocked' | 'unreachable' | 'refused';
  readonly message: string;
}

/** Everything a view needs, immutable: a new object when anything changed, the same one otherwise. */
export interface PresenceSnapshot {
  readonly connectionStatus: ConnectionStatus;
  readonly isConnected: boolean;
  /** Who this client is, once known. */
  readonly userId: string | null;
  /** The first people online, in order, the viewer included. */
  readonly users: readonly PresenceUser[];
  /** The viewer's friends who are online; null until known, and while nobody follows them. */
  readonly friends: readonly PresenceUser[] | null;
  /** What this server can do beyond the basics, by its names of them. */
  readonly features: readonly string[];
  /** Everybody known by id: listed or followed. */
  readonly byId: ReadonlyMap<string, PresenceUser>;
  /** How many are online in all, the viewer included. */
  readonly total: number;
  /** People who were here lately, for the time when nobody is; null until read. */
  readonly recent: readonly PresenceUser[] | null;
  readonly listState: ListState;
  readonly error: PresenceError | null;
  /** When the list was last known to be right, in milliseconds of this machine's clock. */
  readonly updatedAt: number | null;
  /** Server clock minus this machine's clock, in milliseconds. */
  readonly clockOffsetMs: number;
}

/** Why a token is asked for. */
export type TokenReason = 'initial' | 'reconnect' | 'rejected' | 'expiring';

/** Gives the access token, null when nobody is signed in. Throw `UnauthorizedError` to stop and ask to sign in. */
export type GetToken = (request: { reason: TokenReason; signal: AbortSignal }) => Promise<string | null>;

/** Receives what goes wrong, for the console. */
export interface Logger {
  debug?(message: string, ...details: unknown[]): void;
  warn(message: string, ...details: unknown[]): void;
}

/** Settings of `createPresenceClient`. */
export interface PresenceClientOptions {
  /** Base of the API, as in `NEXT_PUBLIC_API_BASE_URL`: `https://example.com/api`, or a path on this site. */
  url: string;
  /** Base of the socket, as in `NEXT_PUBLIC_WS_BASE_URL`. Default: `url` without `/api`, http → ws. */
  wsUrl?: string;
  getToken?: GetToken;
  /**
   * How the socket learns who this is. `ticket` (the default): a ticket for one use, so that the token itself stands
   * in no address; a server without tickets gets it in the first message, as with `message`. `address`: the token in
   * the address, where proxies and logs can read it: only for servers that know nothing else.
   */
  credentials?: 'ticket' | 'message' | 'address';
  /** Without input for this long in any tab, the person is away. Milliseconds. */
  idleAfter?: number;
  /** One socket for all tabs of a browser, or one for each tab. */
  multiTab?: 'shared' | 'per-tab';
  /** Full jitter up to a bound that doubles from `minDelay` to `maxDelay`; it never gives up. Milliseconds. */
  reconnect?: { minDelay?: number; maxDelay?: number };
  /** A connection missing for longer is reported as lost. Milliseconds. */
  lostConnectionAfter?: number;
  /** People to show before the first answer, as a server-rendered page has them. */
  initialUsers?: readonly OnlineUser[];
  logger?: Logger;
}

/** What `on('lost-connection', …)` reports. */
export type LostConnection = 'lost' | 'restored' | 'failed';

export interface PresenceEvents {
  /** Somebody came or went. Needs `follow('everyone')` or followed ids. */
  'status-changed': StatusChange;
  /** Anything about somebody who is followed changed. */
  'presence-changed': PresenceChange;
  /** Somebody came whom this person asked to be told of (`watch`). */
  'watch-online': PresenceUser;
  'lost-connection': LostConnection;
  /** Nobody is signed in any more, or the sign-in has ended. */
  unauthorized: PresenceError;
}

/** A presence connection and what it knows. Nothing happens before `connect`. */
export interface PresenceClient {
  connect(): void;
  /**
   * Leaves. A sign-out is `everyTab` (every tab of this person in this browser leaves too) and `forget` (what was
   * known of others is dropped); `everyTab` forgets by itself.
   */
  disconnect(options?: { everyTab?: boolean; forget?: boolean }): void;
  subscribe(listener: () => void): () => void;
  getSnapshot(): PresenceSnapshot;
  /** What a server-rendered page shows: the initial people, or "loading". Never a guess. */
  getServerSnapshot(): PresenceSnapshot;
  /** Watches the first `limit` people online and the total. */
  watchOnline(limit: number): () => void;
  /** Reads who was here lately, now and every 30 s. */
  watchRecent(limit: number): () => void;
  /** Watches these people, the viewer's friends, or everyone, wherever they stand in the list. */
  follow(whom: readonly string[] | 'everyone' | 'friends'): () => void;
  on<Name extends keyof PresenceEvents>(
    event: Name,
    callback: (event: PresenceEvents[Name]) => void,
  ): () => void;
  /** Calls the API as this person: `request('GET', '/me/privacy/')`. Throws `RequestError` with the server's sentence. */
  request<Answer>(method: string, path: string, body?: unknown): Promise<Answer>;
  /** From now on: `auto` follows what this person does. Without `until` the server's default for the mode holds. */
  setMode(mode: PresenceMode, until?: string | null): Promise<MyStatus>;
  /** What this person says about themselves; null clears it. */
  setCustomStatus(custom: SetCustomStatus | null): Promise<MyStatus>;
  /** Be told when this person comes online (`on('watch-online')`): once, or each time. Gives what ends it. */
  watch(id: string, options?: { repeat?: boolean }): Promise<() => Promise<void>>;
  /** Says "still here" now rather than at the next beat. */
  sendPing(): void;
  /** Asks for a token and gives it to the running connection: for a new sign-in of the same person. */
  renewToken(): void;
  /** Reads the list again now. */
  refetch(): Promise<void>;
}
