import type { Change, OnlineUser, Presence, Scope } from './protocol';
import {
  applyDiff,
  applyRows,
  applySnapshot,
  EMPTY_ROSTER,
  enrich,
  forgetDeparted,
  fromRow,
  type Roster,
  sameItems,
} from './reducer';

import type { ConnectionStatus, ListState, PresenceError, PresenceSnapshot, PresenceUser } from './types';

/** What the client knows. Plain values only: a leader hands it to another tab as it is. */
export interface ClientState {
  connectionStatus: ConnectionStatus;
  userId: string | null;
  window: Roster | null;
  /** Size of the window the server keeps for us; 0 when the list was read over REST. */
  windowLimit: number;
  everyone: Roster | null;
  friends: Roster | null;
  /** The single people that are followed, here or not. */
  users: Roster | null;
  /** What the server said it can do beyond the basics. */
  features: readonly string[];
  /** The window comes from the socket and is current. */
  isLive: boolean;
  recent: readonly PresenceUser[] | null;
  listState: ListState;
  error: PresenceError | null;
  updatedAt: number | null;
  clockOffsetMs: number;
  /** Where the socket stands, for a resume; null before the first `pong`. */
  cursor: string | null;
}

/** All that can happen to it. The leader sends these to the other tabs, which apply the same function. */
export type Action = { at: number } & News;

/** The same, before the clock was looked at. */
export type News =
  | { type: 'status'; status: ConnectionStatus; error: PresenceError | null }
  | { type: 'ack'; userId: string; clockOffsetMs: number; features: readonly string[] }
  | { type: 'snapshot'; scope: Scope; users: readonly Presence[]; total: number; limit: number }
  | { type: 'diff'; scope: Scope; changes: readonly Change[]; total: number; limit: number }
  | { type: 'cursor'; cursor: string }
  | { type: 'list'; rows: readonly OnlineUser[]; total: number; friends: readonly OnlineUser[] | null }
  | { type: 'list-failed'; error: PresenceError }
  | { type: 'recent'; rows: readonly OnlineUser[] }
  /** Somebody came whose coming this person wants to be told of. No part of the state. */
  | { type: 'watch'; presence: Presence }
  | { type: 'interrupted' }
  | { type: 'unsubscribed'; scope: Scope }
  | { type: 'forget'; error: PresenceError | null };

export function initialClientState(
  initialUsers: readonly OnlineUser[] | undefined,
  pictures: string,
): ClientState {
  return {
    connectionStatus: 'initial',
    userId: null,
    window: initialUsers ? applyRows(EMPTY_ROSTER, initialUsers, initialUsers.length, pictures) : null,
    windowLimit: 0,
    everyone: null,
    friends: null,
    users: null,
    features: [],
    isLive: false,
    recent: null,
    listState: initialUsers ? 'ready' : 'loading',
    error: null,
    updatedAt: null,
    clockOffsetMs: 0,
    cursor: null,
  };
}

/** Applies an action. `keep` says whose entry stays when they go offline: the followed people's. */
export function reduce(
  state: ClientState,
  action: Action,
  pictures: string,
  keep: (id: string) => boolean,
): ClientState {
  switch (action.type) {
    case 'status':
      return withStatus(state, action.status, action.error);
    case 'ack': {
      const { userId, clockOffsetMs, features } = action;
      return { ...state, userId, clockOffsetMs, features };
    }
    case 'snapshot':
    case 'diff':
      return withRoster(state, action, pictures, keep);
    case 'cursor':
      return {
        ...state,
        cursor: action.cursor,
        window: state.window && forgetDeparted(state.window),
        everyone: state.everyone && forgetDeparted(state.everyone),
        friends: state.friends && forgetDeparted(state.friends),
      };
    case 'list':
      return withList(state, action, pictures);
    case 'list-failed':
      if (state.isLive) return state;
      return { ...state, listState: lastKnown(state), error: state.error ?? action.error };
    case 'recent': {
      const known = new Map(state.recent?.map((user) => [user.id, user]));
      return { ...state, recent: action.rows.map((row) => fromRow(row, known.get(row.id), pictures)) };
    }
    case 'watch':
      return state;
    case 'interrupted':
      return state.isLive || state.listState !== 'ready' ? state : { ...state, listState: 'stale' };
    case 'unsubscribed':
      return action.scope === 'window' ? { ...state, isLive: false } : { ...state, [action.scope]: null };
    case 'forget':
      return {
        ...initialClientState(undefined, pictures),
        connectionStatus: 'disconnected',
        listState: 'error',
        error: action.error,
      };
  }
}

function withStatus(state: ClientState, status: ConnectionStatus, error: PresenceError | null): ClientState {
  const isLive = state.isLive && status === 'connected';
  const isOver = status === 'disconnected';
  const listState: ListState = isOver ? lastKnown(state) : startedAnew(state, status);
  return {
    ...state,
    connectionStatus: status,
    isLive,
    listState,
    error: isOver ? error : status === 'connected' ? null : state.error,
  };
}

/** What a list is that cannot be had now. */
function lastKnown({ window, friends }: ClientState): ListState {
  return window || friends ? 'stale' : 'error';
}

/** A list that failed is "loading" again once a new try begins. */
function startedAnew(state: ClientState, status: ConnectionStatus): ListState {
  const wasOver = state.connectionStatus === 'disconnected' && status !== 'initial';
  return wasOver && !state.window ? 'loading' : state.listState;
}

function withRoster(
  state: ClientState,
  action: Extract<Action, { type: 'snapshot' | 'diff' }>,
  pictures: string,
  keep: (id: string) => boolean,
): ClientState {
  const { scope } = action;
  const before = state[scope] ?? EMPTY_ROSTER;
  const kept = { window: { limit: action.limit }, everyone: { keep }, friends: {}, users: { keep: always } };
  const roster =
    action.type === 'snapshot'
      ? applySnapshot(before, action.users, action.total, pictures)
      : applyDiff(before, action.changes, action.total, pictures, kept[scope]);
  if (scope === 'everyone' || scope === 'users') return { ...state, [scope]: roster };
  const current = { listState: 'ready', error: null, updatedAt: action.at } as const;
  if (scope === 'friends') return { ...state, friends: roster, ...current };
  return {
    ...state,
    window: roster,
    windowLimit: action.limit,
    isLive: true,
    ...current,
  };
}

function always(): boolean {
  return true;
}

/** With a live socket the list only adds what the socket leaves out; without one it is what we show. */
function withList(
  state: ClientState,
  { rows, total, friends, at }: Extract<Action, { type: 'list' }>,
  pictures: string,
): ClientState {
  if (state.isLive && state.window) {
    const everyone = state.everyone && enrich(state.everyone, rows);
    return { ...state, window: enrich(state.window, rows), everyone, updatedAt: at };
  }
  const window = applyRows(state.window ?? EMPTY_ROSTER, rows, total, pictures);
  const known = friends
    ? applyRows(state.friends ?? EMPTY_ROSTER, friends, friends.length, pictures)
    : state.friends;
  return { ...state, window, friends: known, windowLimit: 0, listState: 'ready', error: null, updatedAt: at };
}

/** The view of a state. The parts that did not change are the same objects as in `before`. */
export function snapshotOf(state: ClientState, before: PresenceSnapshot | null): PresenceSnapshot {
  const { window, windowLimit: _, everyone, friends, users, isLive: __, cursor: ___, ...shown } = state;
  const roster = window ?? everyone ?? EMPTY_ROSTER;
  const next: PresenceSnapshot = {
    ...shown,
    isConnected: state.connectionStatus === 'connected',
    users: roster.ordered,
    friends: friends?.ordered ?? null,
    byId: lookup([(everyone ?? roster).byId, friends?.byId, users?.byId]),
    total: roster.total,
  };
  const isSame =
    before && (Object.keys(next) as (keyof PresenceSnapshot)[]).every((key) => next[key] === before[key]);
  return isSame ? before : next;
}

type People = ReadonlyMap<string, PresenceUser>;

const lookups = new WeakMap<People, { parts: (People | undefined)[]; all: People }>();

/** One map of several; the same one as long as its parts are. Of two entries for a person the later part's counts. */
function lookup(parts: [People, ...(People | undefined)[]]): People {
  const [first, ...rest] = parts;
  if (!rest.some((part) => part?.size)) return first;
  const known = lookups.get(first);
  if (known && sameItems(known.parts, rest)) return known.all;
  const all = new Map([first, ...rest].flatMap((part) => [...(part ?? [])]));
  lookups.set(first, { parts: rest, all });
  return all;
}
