import type { OnlineUser } from './protocol';
import { type Action, type ClientState, initialClientState, reduce, snapshotOf } from './state';
import type { PresenceEvents, PresenceSnapshot } from './types';

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
    if (before.everyone && next.everyone) emitChanges(before, next, ids);
  }

  /** Between two known states of everyone, who came and who went. The first snapshot is no news. */
  function emitChanges(before: ClientState, next: ClientState, ids: Iterable<string> | null): void {
    if (!callbacks.get('status-changed')?.size) return;
    const old = before.everyone?.byId ?? new Map();
    const now = next.everyone?.byId ?? new Map();
    for (const id of new Set(ids ?? [...old.keys(), ...now.keys()])) {
      const isOnline = now.get(id)?.is_online ?? false;
      if (isOnline !== (old.get(id)?.is_online ?? false)) {
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
