import type { Socket, SocketHandlers } from '../src/core/environment';
import type {
  Change,
  ClientMessage,
  OnlineUser,
  Presence,
  Reason,
  Scope,
  ServerMessage,
} from '../src/core/protocol';

import { FakeAccounts } from './fake-accounts';
import type { FakeBrowser, FakeTab } from './fake-browser';
import { FakeSocial } from './fake-social';

/** How the server treats a new socket. */
export type Behaviour =
  /** Answers as the real one does. */
  | 'normal'
  /** Nothing listens there. */
  | 'refuses'
  /** The connection hangs, no event ever comes. */
  | 'hangs'
  /** Accepts, then closes with 4401. */
  | 'rejects-token'
  /** Accepts and acknowledges, then never says anything again. */
  | 'goes-silent'
  /** Accepts, acknowledges, and closes at once. */
  | 'throws-out';

/** How a socket ended. `leave` is a clean close, `loss` what the server's grace covers. */
export type Ending = 'leave' | 'loss' | 'server';

export class FakeConnection {
  readonly received: ClientMessage[] = [];
  isAcknowledged = false;
  ending: Ending | null = null;
  isSilent = false;

  constructor(
    readonly tab: FakeTab,
    readonly url: string,
    readonly protocol: string,
    readonly handlers: SocketHandlers,
  ) {}

  get isOpen(): boolean {
    return this.ending === null;
  }

  say(message: ServerMessage | { type: string }): void {
    if (this.isOpen && !this.tab.isFrozen) this.handlers.onMessage(JSON.stringify(message));
  }

  /** The server closes, or the network does (1006). */
  close(code: number, reason = ''): void {
    if (!this.isOpen) return;
    this.ending = 'server';
    this.handlers.onClose(code, reason);
  }

  types(): string[] {
    return this.received.map((message) => message.type);
  }
}

export class FakeServer {
  behaviour: Behaviour = 'normal';
  readonly connections: FakeConnection[] = [];
  readonly accounts = new FakeAccounts();
  readonly social: FakeSocial;
  people: Presence[] = [];
  /** People who are not here, as a follower of theirs sees them. */
  absent: Presence[] = [];
  friends: string[] = [];
  features: string[] = [];
  rows: OnlineUser[] | null = null;
  recent: OnlineUser[] = [];
  restStatus = 200;
  restFails = false;
  /** False for a server of before tickets: 404. */
  hasTickets = true;
  ticketsFail = false;
  ticketStatus = 200;
  ticketHeaders: Record<string, string> = {};
  private readonly tickets = new Set<string>();
  /** The tokens that asked for one. */
  readonly ticketsFor: string[] = [];
  acceptsTokens: (token: string) => boolean = () => true;
  /** The same for the API alone. */
  apiAccepts: (token: string) => boolean = () => true;
  cursor = 1;
  viewer = 'me';

  constructor(private readonly browser: FakeBrowser) {
    this.social = new FakeSocial(() => browser.nowMs);
  }

  get open(): FakeConnection[] {
    return this.connections.filter((connection) => connection.isOpen);
  }

  get last(): FakeConnection {
    const last = this.connections.at(-1);
    if (!last) throw new Error('no socket was opened');
    return last;
  }

  accept(tab: FakeTab, url: string, protocol: string, handlers: SocketHandlers): Socket {
    const connection = new FakeConnection(tab, url, protocol, handlers);
    this.connections.push(connection);
    const { behaviour } = this;
    queueMicrotask(() => {
      if (!connection.isOpen) return;
      if (behaviour === 'refuses') connection.close(1006);
      else if (behaviour !== 'hangs') {
        handlers.onOpen();
        const { searchParams } = new URL(url);
        const token = searchParams.get('token');
        const ticket = searchParams.get('ticket');
        if (token !== null) this.reply(connection, { type: 'auth', token }, behaviour);
        else if (ticket !== null && !this.tickets.delete(ticket)) connection.close(4401);
        else if (ticket !== null) this.acknowledge(connection, behaviour);
      }
    });
    return {
      send: (text) => {
        if (!connection.isOpen) return;
        const message = JSON.parse(text) as ClientMessage;
        connection.received.push(message);
        queueMicrotask(() => this.reply(connection, message, behaviour));
      },
      close: () => {
        connection.ending ??= 'leave';
      },
      letGo: () => {
        connection.ending ??= 'loss';
      },
    };
  }

  tabDied(tab: FakeTab): void {
    for (const connection of this.open) if (connection.tab === tab) connection.ending = 'loss';
  }

  /** Somebody comes, goes or changes: to every subscription they are in. */
  change(person: Presence, reason: Reason): void {
    this.people = this.people.filter((each) => each.user_id !== person.user_id);
    this.absent = this.absent.filter((each) => each.user_id !== person.user_id);
    (person.is_online ? this.people : this.absent).push(person);
    const change: Change = { ...person, reason };
    for (const connection of this.open) {
      for (const [scope, ids] of subscriptionsOf(connection)) {
        if (scope === 'users' && !ids.includes(person.user_id)) continue;
        if (scope === 'friends' && !this.friends.includes(person.user_id)) continue;
        connection.say({ type: 'presence.diff', scope, changes: [change], total: this.people.length });
      }
    }
  }

  answer(url: string, headers: Record<string, string>, sent = '', method = 'GET'): Response {
    const token = headers?.Authorization?.replace('Bearer ', '') ?? '';
    if (!this.apiAccepts(token)) return new Response('{"detail":"no"}', { status: 401 });
    const social = this.restFails ? null : this.social.answer(method, url, sent);
    if (social) return social;
    if (url.endsWith('/auth/ws-ticket/')) return this.ticket(headers);
    if (url.includes('/auth/')) return this.accounts.answer(url, sent);
    if (this.restFails) throw new TypeError('Failed to fetch');
    if (this.restStatus !== 200) return new Response('{"detail":"no"}', { status: this.restStatus });
    const isRecent = url.includes('/users/recent/');
    const listed = url.includes('scope=friends') ? this.inScope('friends', undefined) : this.people;
    const rows = isRecent ? this.recent : (this.rows ?? listed.map(rowOf));
    const body = JSON.stringify(rows);
    const etag = `"${body.length}-${rows.map((each) => each.id).join()}"`;
    const common = { ETag: etag, 'X-Total-Count': String(rows.length) };
    if (headers['If-None-Match'] === etag) return new Response(null, { status: 304, headers: common });
    return new Response(body, { status: 200, headers: common });
  }

  private ticket(headers: Record<string, string>): Response {
    const refuse = (status: number) =>
      new Response('{"detail":"no"}', { status, headers: this.ticketHeaders });
    if (this.ticketsFail) throw new TypeError('Failed to fetch');
    if (!this.hasTickets) return refuse(404);
    if (this.ticketStatus !== 200) return refuse(this.ticketStatus);
    const token = headers.Authorization?.replace('Bearer ', '') ?? '';
    this.ticketsFor.push(token);
    if (this.behaviour === 'rejects-token' || !this.acceptsTokens(token)) return refuse(401);
    const ticket = `ticket+${this.ticketsFor.length}`;
    this.tickets.add(ticket);
    return new Response(JSON.stringify({ ticket, expires_in: 30 }));
  }

  private inScope(scope: Scope, limit: number | undefined, ids: readonly string[] = []): Presence[] {
    switch (scope) {
      case 'everyone':
        return this.people;
      case 'window':
        return this.people.slice(0, limit);
      case 'friends':
        return this.people.filter((each) => this.friends.includes(each.user_id));
      case 'users':
        return [...this.people, ...this.absent].filter((each) => ids.includes(each.user_id));
    }
  }

  private acknowledge(connection: FakeConnection, behaviour: Behaviour): void {
    connection.isAcknowledged = true;
    connection.say({
      type: 'connection.ack',
      user_id: this.viewer,
      session_id: 's',
      ping_interval_ms: 30_000,
      grace_ms: 15_000,
      server_now: new Date(this.browser.nowMs).toISOString(),
      features: this.features,
    });
    connection.isSilent = behaviour === 'goes-silent';
    if (behaviour === 'throws-out') connection.close(1011);
  }

  private reply(connection: FakeConnection, message: ClientMessage, behaviour: Behaviour): void {
    if (!connection.isOpen || connection.isSilent) return;
    switch (message.type) {
      case 'auth':
        if (behaviour === 'rejects-token' || !this.acceptsTokens(message.token)) {
          connection.close(4401);
          return;
        }
        if (!connection.isAcknowledged) this.acknowledge(connection, behaviour);
        return;
      case 'subscribe': {
        const users = this.inScope(message.scope, message.limit, message.ids);
        connection.say({ type: 'presence.snapshot', scope: message.scope, users, total: this.people.length });
        return;
      }
      case 'ping':
        connection.say({ type: 'pong', cursor: `c${this.cursor++}` });
    }
  }
}

function subscriptionsOf(connection: FakeConnection): Map<Scope, readonly string[]> {
  const scopes = new Map<Scope, readonly string[]>();
  for (const message of connection.received) {
    if (message.type === 'subscribe') scopes.set(message.scope, message.ids ?? []);
    if (message.type === 'unsubscribe') scopes.delete(message.scope);
  }
  return scopes;
}

function rowOf(person: Presence): OnlineUser {
  return {
    id: person.user_id,
    username: person.username,
    profile_image_url: person.profile_image_url,
    is_online: person.is_online,
    last_seen: '2026-11-24T01:02:00.000000Z',
    last_activity: '2026-11-24T01:02:00.000000Z',
    slug: person.username,
  };
}

let minute = 0;

/** Somebody online; each later than the one before. */
export function person(id: string, extra: Partial<Presence> = {}): Presence {
  minute += 1;
  const hour = String(Math.floor(minute / 60) % 24).padStart(2, '0');
  return {
    user_id: id,
    username: id,
    profile_image_url: null,
    status: 'online',
    is_online: true,
    since: `2026-11-${String(1 + Math.floor(minute / 1440)).padStart(2, '0')}T${hour}:${String(minute % 60).padStart(2, '0')}:00.000000Z`,
    last_seen: null,
    version: 1,
    ...extra,
  };
}

export function gone(of: Presence, extra: Partial<Presence> = {}): Presence {
  return {
    ...of,
    status: 'offline',
    is_online: false,
    since: null,
    last_seen: '2026-11-24T01:00:00.000000Z',
    version: of.version + 1,
    ...extra,
  };
}
