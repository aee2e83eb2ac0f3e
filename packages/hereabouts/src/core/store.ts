import type { OnlineUser } from './protocol';
import { fromPresence, type Roster } from './reducer';
import { type Action, type ClientState, initialClientState, reduce, snapshotOf } from './state';
import type { FollowedScope, PresenceEvents, PresenceSnapshot } from './types';

/** Holds the state of one tab, tells its views of changes, and says who came and went. */
export interface Store {
  readonly state: ClientState;
  readonly snapshot: PresenceSnapshot;
  readonly serverSnapshot: PresenceSnapshot;
  apply(action: Action): void;
  /** Takes over what a leader knows. */
  replace(state: ClientState): void;
  subscribe(listener: () => void): () => void;
  on<Name extends keyof PresenceEvents>(
    event: Name,
    callback: (event: PresenceEvents[Name]) => void,
  ): () => void;
  emit<Name extends keyof PresenceEvents>(event: Name, payload: PresenceEvents[Name]): void;
}

export function createStore(
  initialUsers: readonly OnlineUser[] | undefined,
  pictures: string,
  keep: (id: string) => boolean,
): Store {
  type Callback = (event: never) => void;
  const listeners = new Set<() => void>();
  const callbacks = new Map<keyof PresenceEvents, Set<Callback>>();
  let state = initialClientState(initialUsers, pictures);
  const serverSnapshot = snapshotOf(state, null);
  let snapshot = serverSnapshot;

  function become(next: ClientState, ids: Iterable<string> | null): void {
    const before = state;
    if (next === before) return;
    state = next;
    const shown = snapshotOf(state, snapshot);
    const isNew = shown !== snapshot;
    snapshot = shown;
    if (isNew) for (const listener of [...listeners]) listener();
    for (const scope of ['everyone', 'friends', 'users'] as const) {
      if (before[scope] && next[scope] && before[scope] !== next[scope]) {
        emitChanges(scope, before[scope], next[scope], ids);
      }
    }
  }

  /**
   * Between two known states of the same people, who came, went and changed. The first snapshot is no news; nor is,
   * among single people, somebody who was not in the one before: they were not followed.
   */
  function emitChanges(
    scope: FollowedScope,
    before: Roster,
    next: Roster,
    ids: Iterable<string> | null,
  ): void {
    if (!callbacks.get('status-changed')?.size && !callbacks.get('presence-changed')?.size) return;
    // Who is in two of them is told of once.
    const isMain = scope === (state.everyone ? 'everyone' : 'users');
    for (const id of new Set(ids ?? [...before.byId.keys(), ...next.byId.keys()])) {
      const old = before.byId.get(id);
      const now = next.byId.get(id);
      if (old === now || (scope === 'users' && !ids && !(old && now))) continue;
      const user = now ?? (old && { ...old, is_online: false, status: 'offline' as const, since: null });
      if (user) emit('presence-changed', { scope, user, wasOnline: old?.is_online ?? false });
      const isOnline = now?.is_online ?? false;
      if (isMain && isOnline !== (old?.is_online ?? false)) {
        emit('status-changed', { type: 'user.status.changed', user_id: id, is_online: isOnline });
      }
    }
  }

  function emit<Name extends keyof PresenceEvents>(event: Name, payload: PresenceEvents[Name]): void {
    for (const callback of [...(callbacks.get(event) ?? [])])
      (callback as (event: PresenceEvents[Name]) => void)(payload);
  }

  return {
    get state() {
      return state;
    },
    get snapshot() {
      return snapshot;
    },
    serverSnapshot,
    apply(action) {
      if (action.type === 'watch') {
        const { presence } = action;
        const known = snapshot.byId.get(presence.user_id);
        emit('watch-online', fromPresence(presence, known, pictures));
      }
      const ids = action.type === 'diff' ? action.changes.map((change) => change.user_id) : null;
      become(reduce(state, action, pictures, keep), ids);
    },
    replace: (next) => become(next, null),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    on(event, callback) {
      const set = callbacks.get(event) ?? new Set();
      callbacks.set(event, set.add(callback as Callback));
      return () => set.delete(callback as Callback);
    },
    emit,
  };
}
